/* SPDX-License-Identifier: MIT */
/* Which values of other clients are no tokens, though they could be. */
#include "config.h"

#include "unit.h"

#include "store/foreign.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

START_TEST(what_is_serialized_is_nobodys_token)
{
	static const char *const rows[] = {
	    "\"tok-q\"",
	    "'tok-q'",
	    "`tok-q`",
	    "\"tok-q",
	    "\"\"",
	    "''",
	    "\\\"tok-q\\\"",
	    "b'tok-q'",
	    "b\"tok-q\"",
	    "B'x'",
	    "u'tok-q'",
	    "U\"x\"",
	    "r'x'",
	    "rb'x'",
	    "br'x'",
	    "@\"x\"",
	    "L\"x\"",
	    "{\"access_token\":\"tok-q\",\"expires_in\":300}",
	    "{}",
	    "[]",
	    "{'token':'x'}",
	    "{token:x}",
	    "[\"x\"]",
	    "[1]",
	    "(nil)",
	    "<nil>",
	    "('x',)",
	    "<null>",
	    "<Token:1>",
	    "s:5:\"tok-q\";",
	    "Some(\"x\")",
	    "null",
	    "NULL",
	    "Null",
	    "None",
	    "none",
	    "nil",
	    "Nil",
	    "NIL",
	    "undefined",
	    "Undefined",
	    "NaN",
	    "nan",
	    "true",
	    "True",
	    "false",
	    "FALSE",
	    "N;",
	    "\\N",
	    "%!s(<nil>)",
	    "%!v(PANIC=x)",
	    "nullptr",
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_msg(store_foreign(rows[i], strlen(rows[i])) != NULL,
		    "%s", rows[i]);
}
END_TEST

START_TEST(what_backends_issue_is_a_token)
{
	static const char *const rows[] = {
	    "tok-q",
	    "a",
	    "b",
	    "u",
	    "bb",
	    "x'y",
	    "nullable",
	    "nil0",
	    "none-1",
	    "trueblue",
	    "1234567890",
	    "eyJhbGciOiJub25lIn0.e30.",
	    "a.b.c",
	    "AbC-._~+/==",
	    "{abc",
	    "abc}",
	    "x{y}",
	    "a<b>c",
	    "bearer",
	    "rf",
	    "token:with:colons",
	    "a=b&c=d",
	    "%7B%7D",
	    "0",
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_msg(store_foreign(rows[i], strlen(rows[i])) == NULL,
		    "%s", rows[i]);
	ck_assert_ptr_null(store_foreign("", 0));
}
END_TEST

START_TEST(only_its_length_is_looked_at)
{
	ck_assert_ptr_null(store_foreign("tok\"", 3));
	ck_assert_ptr_null(store_foreign("nulls", 5));
	ck_assert_ptr_nonnull(store_foreign("nulls", 4));
	ck_assert_ptr_null(store_foreign("b'", 1));
}
END_TEST

UNIT_MAIN("store_foreign", what_is_serialized_is_nobodys_token,
    what_backends_issue_is_a_token, only_its_length_is_looked_at)
