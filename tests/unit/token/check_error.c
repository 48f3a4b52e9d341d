/* SPDX-License-Identifier: MIT */
/* Answers that say no, or mean another kind of token. */
#include "config.h"

#include "unit.h"

#include "token_try.h"

START_TEST(an_error_member_is_an_error_even_beside_a_token)
{
	ck_refused("{\"error\":\"invalid_client\"}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":\"x\"}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":1}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":-1}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":true}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":\"1\"}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":[\"x\"]}", "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":[[],{\"a\":[1]}]}",
	    "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":{\"code\":7}}",
	    "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":{\"code\":\"E7\"}}",
	    "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":{\"message\":\"x\"}}",
	    "member \"error\"");
	ck_refused("{\"token\":\"t\",\"error\":{\"code\":null,"
		   "\"message\":\"x\"}}",
	    "member \"error\"");
}
END_TEST

START_TEST(an_error_that_says_success_is_none)
{
	static const char *const errors[] = {"null", "false", "0", "0.0", "-0",
	    "\"\"", "\"  \"", "\"0\"", "\" 00 \"", "\"none\"", "\"None\"",
	    "\"null\"", "\"false\"", "\"OK\"", "\"Success\"", "\"no error\"",
	    "[]", "{}", "[null]", "[\"\",{}]", "{\"code\":0}",
	    "{\"code\":\"0\"}", "{\"code\":0,\"message\":\"done\"}",
	    "{\"message\":\"\"}", "{\"message\":null,\"code\":null}"};
	char body[128];
	size_t i;

	for (i = 0; i < COUNT(errors); i++) {
		snprintf(body, sizeof(body), "{\"token\":\"t\",\"error\":%s}",
		    errors[i]);
		ck_assert_msg(decode(body, NULL) == 0, "%s: %s", body,
		    err.text);
		snprintf(body, sizeof(body), "{\"error\":%s}", errors[i]);
		ck_refused(body, "no member token");
	}
}
END_TEST

START_TEST(a_token_of_another_type_is_refused)
{
	static const char *const good[] = {"\"Bearer\"", "\"bearer\"",
	    "\"BEARER\"", "\" Bearer \"", "\"\"", "null"};
	static const char *const bad[] = {"\"DPoP\"", "\"MAC\"", "\"N_A\"",
	    "\"pop\"", "\"Bearer x\"", "\"Bear\"", "\"JWT\"", "7", "true", "[]",
	    "{}", "[\"Bearer\"]"};
	char body[128];
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		snprintf(body, sizeof(body),
		    "{\"access_token\":\"t\",\"token_type\":%s}", good[i]);
		ck_assert_msg(decode(body, NULL) == 0, "%s: %s", body,
		    err.text);
	}
	for (i = 0; i < COUNT(bad); i++) {
		snprintf(body, sizeof(body),
		    "{\"access_token\":\"t\",\"token_type\":%s}", bad[i]);
		ck_refused(body, "token_type");
		snprintf(body, sizeof(body),
		    "{\"d\":{\"t\":\"t\",\"token_type\":%s}}", bad[i]);
		ck_assert_int_eq(decode(body, "/d/t"), -1);
		ck_assert_ptr_nonnull(strstr(err.text, "token_type"));
	}
	ck_refused("{\"token\":\"t\",\"token_type\":\"dpop\"}",
	    "token_type is DPoP, not Bearer");
	ck_refused("{\"token\":\"t\",\"tokenType\":\"MAC\"}", "token_type");
	ck_refused("{\"token\":\"t\",\"Token-Type\":\"MAC\"}", "token_type");
	ck_assert_int_eq(decode("{\"token\":\"t\",\"tokenType\":\"bearer\"}",
			     NULL),
	    0);
}
END_TEST

START_TEST(what_languages_print_for_no_value_is_no_token)
{
	static const char *const words[] = {"null", "NULL", "None", "nil",
	    "undefined", "NaN", "(null)", "<nil>", "false", "{}", "[]",
	    " null\\n", "Bearer null"};
	char body[64];
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		snprintf(body, sizeof(body), "{\"token\":\"%s\"}", words[i]);
		ck_refused(body, "a word for no value");
	}
	ck_refused("{\"token\":\"Bearer \"}", "empty");
	ck_assert_int_eq(decode("{\"token\":\"nullable\"}", NULL), 0);
}
END_TEST

UNIT_MAIN("token_error", an_error_member_is_an_error_even_beside_a_token,
    an_error_that_says_success_is_none, a_token_of_another_type_is_refused,
    what_languages_print_for_no_value_is_no_token)
