/* SPDX-License-Identifier: MIT */
/* Further values of an answer, and texts that are none. */
#include "config.h"

#include "unit.h"

#include "token/private.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct token_answer answer;
static struct err err;

/* Find extras in an answer: 0 or -1. */
static int
find(const char *body, const char *const *extra, size_t count)
{
	const struct token_reply reply = {.body = body,
	    .len = strlen(body),
	    .fields = "X-A: head\nSet-Cookie: c=cook; Path=/\n"};
	const struct token_rules rules = {.extra = extra, .extra_count = count};

	return token_find_extras(&reply, &rules, &answer, &err);
}

START_TEST(values_stand_in_the_order_of_the_option)
{
	static const char *const extra[] = {"a=/x/y", "b=header:X-A",
	    "c=cookie:c", "d=match:<k>(.*)</k>"};
	size_t len;

	ck_assert_int_eq(find("{\"x\":{\"y\":\"<k>m</k>\"}}", extra, 4), 0);
	ck_assert_str_eq(answer.extra, "<k>m</k> head cook m");
	ck_assert(token_extra_is_valid(answer.extra, answer.extra_len, 4));
	ck_assert_int_eq(memcmp(token_extra_find(answer.extra, 2, &len),
			     "cook m", 6),
	    0);
	ck_assert_uint_eq(len, 4);
	token_extra_find(answer.extra, 3, &len);
	ck_assert_uint_eq(len, 1);
	token_extra_find(answer.extra, 9, &len);
	ck_assert_uint_le(len, 1);
	ck_assert_int_eq(find("{}", NULL, 0), 0);
	ck_assert_uint_eq(answer.extra_len, 0);
}
END_TEST

START_TEST(what_is_not_there_or_cannot_be_sent_is_an_error)
{
	static const struct {
		const char *body, *why;
	} rows[] = {
	    {"{}", "the answer has no value for extra = \"a=/x\""},
	    {"{\"x\":1}", "the answer has no value for extra = \"a=/x\""},
	    {"{\"x\":\"\"}", "the extra a in the answer "},
	    {"{\"x\":\"b c\"}", "the extra a in the answer "},
	    {"{\"x\":\"b\\r\\nC: d\"}", "the extra a in the answer "},
	    {"no JSON", "the answer has no value for extra = \"a=/x\""},
	};
	static const char *const extra[] = {"a=/x"};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(find(rows[i].body, extra, 1), -1);
		ck_assert_ptr_eq(strstr(err.text, rows[i].why), err.text);
		ck_assert_ptr_null(strstr(err.text, "b c"));
	}
}
END_TEST

START_TEST(all_of_them_have_a_bound)
{
	static const char *const extra[] = {"a=/x", "b=/x"};
	static char body[TOKEN_EXTRA_MAX + 16];
	size_t half = TOKEN_EXTRA_MAX / 2 - 1;

	memset(body, 'v', sizeof(body));
	memcpy(body, "{\"x\":\"", 6);
	strcpy(body + 6 + half, "\"}");
	ck_assert_int_eq(find(body, extra, 2), 0);
	ck_assert_uint_eq(answer.extra_len, 2 * half + 1);
	memset(body + 6, 'v', half + 2);
	strcpy(body + 6 + half + 2, "\"}");
	ck_assert_int_eq(find(body, extra, 2), -1);
}
END_TEST

START_TEST(only_so_many_values_with_one_space_between_are_valid)
{
	static const struct {
		const char *text;
		size_t count;
		bool valid;
	} rows[] = {{"", 0, true}, {"a", 1, true}, {"a b", 2, true},
	    {"a b", 1, false}, {"a  b", 2, false}, {" a", 1, false},
	    {"a ", 1, false}, {"a ", 2, false}, {"", 1, false},
	    {"a\tb", 1, false}, {"a\n b", 2, false}};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(token_extra_is_valid(rows[i].text,
				     strlen(rows[i].text), rows[i].count),
		    rows[i].valid);
}
END_TEST

UNIT_MAIN("extra", values_stand_in_the_order_of_the_option,
    what_is_not_there_or_cannot_be_sent_is_an_error, all_of_them_have_a_bound,
    only_so_many_values_with_one_space_between_are_valid)
