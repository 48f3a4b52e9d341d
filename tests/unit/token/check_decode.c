/* SPDX-License-Identifier: MIT */
/* Answers that are refused, and where in an answer the token is found. */
#include "config.h"

#include "unit.h"

#include "token_try.h"

START_TEST(the_token_is_in_token_or_else_in_access_token)
{
	static const char *const bodies[] = {
	    "{\"token\":\"good\"}",
	    "{\"access_token\":\"good\"}",
	    "{\"access_token\":\"bad\",\"token\":\"good\"}",
	    "{\"token\":null,\"access_token\":\"good\"}",
	    "{\"error\":null,\"token\":\"good\"}",
	    "{\"error\":false,\"token\":\"good\"}",
	    " \r\n\t{ \"token\" : \"good\" } \r\n\t",
	    "{\"token\":\"\\u0067ood\"}",
	    "{\"sub\":{\"token\":\"bad\"},\"token\":\"good\"}",
	    "\xef\xbb\xbf{\"token\":\"good\"}",
	    /* the first that can be used */
	    "{\"token\":\"\",\"access_token\":\"good\"}",
	    "{\"token\":\" \",\"access_token\":\"good\"}",
	    "{\"token\":{\"a\":1},\"access_token\":\"good\"}",
	    "{\"access_token\":\"good\",\"token\":[\"bad\"]}",
	    "{\"token\":7,\"access_token\":\"good\"}",
	    "{\"token\":true,\"access_token\":\"good\"}",
	    "{\"token\":\"null\",\"access_token\":\"good\"}",
	    "{\"token\":\"b d\",\"access_token\":\"good\"}",
	    "{\"token\":\"good\",\"access_token\":{}}",
	    /* without what is around it */
	    "{\"token\":\"Bearer good\"}",
	    "{\"token\":\"bearer  good\\n\"}",
	    "{\"token\":\"\\r\\n BEARER\\tgood\"}",
	    "{\"token\":\"good\\n\"}",
	    "{\"token\":\" \\tgood\\r\\n\"}",
	};
	size_t i;

	for (i = 0; i < COUNT(bodies); i++) {
		ck_assert_msg(decode(bodies[i], NULL) == 0, "%s: %s", bodies[i],
		    err.text);
		ck_assert_str_eq(answer.text, "good");
		ck_assert_uint_eq(answer.len, 4);
		ck_assert_int_eq(answer.life_ms, 1800000);
	}
}
END_TEST

START_TEST(member_names_differ_by_case)
{
	ck_refused("{\"Token\":\"x\"}", "no member token or access_token");
	ck_refused("{\"ACCESS_TOKEN\":\"x\"}",
	    "no member token or access_token");
}
END_TEST

START_TEST(of_duplicate_members_the_last_counts)
{
	ck_assert_int_eq(decode("{\"token\":\"a\",\"expires_in\":60,"
				"\"token\":\"b\",\"expires_in\":600}",
			     NULL),
	    0);
	ck_assert_str_eq(answer.text, "b");
	ck_assert_int_eq(answer.life_ms, 600000);
	ck_refused("{\"error\":null,\"token\":\"a\",\"error\":\"x\"}",
	    "member \"error\"");
}
END_TEST

START_TEST(who_looks_for_the_token_is_told_what_there_is)
{
	static const struct {
		const char *field, *body, *said;
	} rows[] = {
	    {NULL, "{\"id_token\":\"SECRET\",\"jwt\":\"SECRET\"}",
		"no member token or access_token; set token-field; it has "
		"id_token, jwt"},
	    {"id", "{\"jwt\":\"SECRET\"}",
		"no member id; check token-field; it has jwt"},
	    {"/a/b", "{\"a\":{\"c\":1},\"d\":2}",
		"no member /a/b; check token-field; it has c"},
	    {"/x/b", "{\"a\":{\"c\":1},\"d\":2}",
		"no member /x/b; check token-field; it has a, d"},
	    {NULL, "{\"a\":1,\"eyJhbGciOiJub25lIn0xyz\":2,\"a1b2c3d4\":3}",
		"it has a and 2 others"},
	    {NULL, "{\"b c\":1}", "it has 1 other"},
	    {NULL, "[]", "(it is no object)"},
	    {NULL,
		"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,"
		"\"g\":1,\"h\":1,\"i\":1,\"j\":1}",
		"it has a, b, c, d, e, f, g, h and 2 others"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(decode(rows[i].body, rows[i].field), -1);
		ck_assert_msg(strstr(err.text, rows[i].said) != NULL, "%s: %s",
		    rows[i].body, err.text);
		ck_assert_ptr_null(strstr(err.text, "SECRET"));
	}
}
END_TEST

START_TEST(answers_that_are_not_one_json_value_are_refused)
{
	static const char *const bodies[] = {"{", "}", "token",
	    "{\"token\":\"t\"", "{\"token\":\"t\",}", "{\"token\":\"t\"}x",
	    "{\"token\":\"t\"}{}", "{token:\"t\"}", "{'token':'t'}",
	    "{\"token\":\"t}", "{\"token\":\"\\ud800\"}",
	    "<html>{\"token\":\"t\"}", "{\"token\":\"t\",\"n\":+}", "{\"1\":1,",
	    "{\"a\":\"\\", "{\"a\":\"\\u00"};
	size_t i;

	for (i = 0; i < COUNT(bodies); i++)
		ck_refused(bodies[i], "not valid JSON");
	ck_refused("", "empty");
	ck_refused(" \r\n\t", "empty");
	ck_refused("\x1f\x8b\x08", "packed with gzip");
}
END_TEST

START_TEST(an_expired_token_is_told_from_one_that_lives_too_short)
{
	ck_refused("{\"token\":\"t\",\"expires_at\":1699999999}",
	    "has expired already (expires_at)");
	ck_refused("{\"token\":\"t\",\"expires_in\":1}",
	    "lives only 1000 ms (expires_in)");
}
END_TEST

START_TEST(every_prefix_of_an_answer_is_refused)
{
	static const char body[] =
	    "{\"token\":\"a\\u0041\\\"b\","
	    "\"expires_in\":3600,\"l\":[1,-2.5e3,true,false,null,{}]}";
	size_t len;

	for (len = 0; len < sizeof(body) - 1; len++)
		ck_assert_int_eq(decode_bytes(body, len, NULL, TOKEN_MAX), -1);
	ck_assert_int_eq(decode_bytes(body, len, NULL, TOKEN_MAX), 0);
	ck_assert_str_eq(answer.text, "aA\"b");
}
END_TEST

START_TEST(json_without_a_token_text_is_refused)
{
	static const struct {
		const char *body, *reason;
	} rows[] = {
	    {"{}", "no member"},
	    {"[]", "no member"},
	    {"\"token\"", "no member"},
	    {"null", "no member"},
	    {"7", "no member"},
	    {"[{\"token\":\"t\"}]", "no member"},
	    {"{\"token\":null}", "no string"},
	    {"{\"token\":null,\"access_token\":null}", "no string"},
	    {"{\"token\":7}", "no string"},
	    {"{\"token\":true}", "no string"},
	    {"{\"token\":{}}", "no string"},
	    {"{\"token\":[\"t\"]}", "no string"},
	    {"{\"token\":\"\"}", "empty"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_refused(rows[i].body, rows[i].reason);
}
END_TEST

START_TEST(a_text_that_could_break_a_header_is_refused)
{
	static const char *const texts[] = {"a b", "a\\r\\nX: y", "Bearer a b",
	    "Bearer Bearer a", "Basic a", "a\\nb", "a\\rb", "a\\tb", "a\nb",
	    "a\\u007f", "a\\u000b", "\\u00fc", "\xc3\xbc", "\\u2028", "\\uff0a",
	    "\\ud83d\\ude00", "a\x80", "a\xff"};
	char body[128];
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		snprintf(body, sizeof(body), "{\"token\":\"%s\"}", texts[i]);
		ck_refused(body, "cannot stand in a header");
	}
}
END_TEST

START_TEST(a_nul_never_cuts_a_token_short)
{
	static const char raw[] = "{\"token\":\"a\0b\"}";
	static const char end[] = "{\"token\":\"a\"}\0";

	ck_refused("{\"token\":\"a\\u0000b\"}", "NUL");
	ck_refused("{\"token\":\"\\u0000\"}", "NUL");
	ck_refused("{\"token\":\"a\\\\\\u0000\"}", "NUL");
	ck_refused("{\"token\\u0000x\":\"a\"}", "NUL");
	ck_assert_int_eq(decode_bytes(raw, sizeof(raw) - 1, NULL, 100), -1);
	ck_assert_int_eq(decode_bytes(end, sizeof(end) - 1, NULL, 100), -1);
	/* an escaped backslash before u0000 is no NUL */
	ck_assert_int_eq(decode("{\"token\":\"a\\\\u0000\"}", NULL), 0);
	ck_assert_str_eq(answer.text, "a\\u0000");
	ck_assert_int_eq(decode("{\"token\":\"a\",\"b\":\"\\u0001\"}", NULL),
	    0);
}
END_TEST

START_TEST(a_text_has_up_to_the_configured_number_of_bytes)
{
	static const size_t most[] = {256, 3500, TOKEN_MAX};
	static char body[TOKEN_MAX + 64];
	size_t i, len;
	int n;

	for (i = 0; i < COUNT(most); i++)
		for (len = most[i]; len <= most[i] + 1; len++) {
			n = snprintf(body, sizeof(body), "{\"token\":\"%*s\"}",
			    (int)len, "x");
			memset(body + 10, 'x', len);
			ck_assert_int_eq(decode_bytes(body, (size_t)n, NULL,
					     most[i]),
			    len == most[i] ? 0 : -1);
			if (len == most[i])
				ck_assert_uint_eq(strlen(answer.text), len);
			else
				ck_assert_ptr_nonnull(
				    strstr(err.text, "max-token-size"));
		}
}
END_TEST

START_TEST(deep_nesting_is_refused_not_followed)
{
	static char body[TOKEN_ANSWER_MAX];
	static const char start[] = "{\"token\":\"t\",\"d\":";
	size_t depth, n;

	for (depth = 10; depth <= 20000; depth += 19990) {
		n = sizeof(start) - 1;
		memcpy(body, start, n);
		memset(body + n, '[', depth);
		memset(body + n + depth, ']', depth);
		n += 2 * depth;
		body[n++] = '}';
		ck_assert_int_eq(decode_bytes(body, n, NULL, 100),
		    depth == 10 ? 0 : -1);
	}
}
END_TEST

START_TEST(a_named_field_or_a_json_pointer_leads_to_the_token)
{
	static const struct {
		const char *field, *body; /* finds "good" */
	} rows[] = {
	    {"id_token", "{\"token\":\"bad\",\"id_token\":\"good\"}"},
	    {"a.b", "{\"a\":{\"b\":\"bad\"},\"a.b\":\"good\"}"},
	    {"/id_token", "{\"id_token\":\"good\"}"},
	    {"/a/b", "{\"a\":{\"b\":\"good\"}}"},
	    {"/a~1b", "{\"a/b\":\"good\"}"},
	    {"/a~0b", "{\"a~b\":\"good\"}"},
	    {"/a~01b", "{\"a~1b\":\"good\"}"},
	    {"/", "{\"\":\"good\"}"},
	    {"/a/", "{\"a\":{\"\":\"good\"}}"},
	    {"/0", "[\"good\"]"},
	    {"/a/1/t", "{\"a\":[{\"t\":\"bad\"},{\"t\":\"good\"}]}"},
	    {"/a/10", "{\"a\":[0,1,2,3,4,5,6,7,8,9,\"good\"]}"},
	    {"/1", "{\"1\":\"good\"}"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(decode(rows[i].body, rows[i].field) == 0,
		    "%s: %s", rows[i].field, err.text);
		ck_assert_str_eq(answer.text, "good");
	}
}
END_TEST

START_TEST(a_pointer_that_leads_nowhere_is_refused_by_its_name)
{
	static const struct {
		const char *field, *body;
	} rows[] = {
	    {"/a/c", "{\"a\":{\"b\":\"x\"}}"},
	    {"/a/b/c", "{\"a\":{\"b\":\"x\"}}"},
	    {"/a", "[\"x\"]"},
	    {"/-", "[\"x\"]"},
	    {"/1", "[\"x\"]"},
	    {"/00", "[\"x\"]"},
	    {"/-0", "[\"x\"]"},
	    {"/4294967296", "[\"x\"]"},
	    {"/", "[\"x\"]"},
	    {"token", "[\"x\"]"},
	    {"id", "{\"token\":\"x\"}"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(decode(rows[i].body, rows[i].field) == -1, "%s",
		    rows[i].field);
		ck_assert_ptr_nonnull(strstr(err.text, rows[i].field));
	}
}
END_TEST

START_TEST(no_message_bears_a_piece_of_the_answer)
{
	static const char *const bodies[] = {"{\"token\":\"SECRET 1\"}",
	    "{\"token\":\"SECRET", "{\"token\":{\"SECRET\":\"SECRET\"}}",
	    "{\"error\":\"SECRET\",\"token\":\"SECRET\"}",
	    "{\"token\":\"SECRET\\u0000\"}",
	    "{\"token\":\"SECRET\",\"expires_at\":5}",
	    "{\"token\":\"SECRET\",\"expires_in\":1}",
	    "{\"token\":\"t\",\"token_type\":\"SECRET\"}",
	    "{\"SECRET 1\":\"SECRET\"}", "SECRET"};
	size_t i;

	for (i = 0; i < COUNT(bodies); i++) {
		ck_assert_int_eq(decode(bodies[i], NULL), -1);
		ck_assert_ptr_null(strstr(err.text, "SECRET"));
	}
}
END_TEST

/* A small generator, the same in every run. */
static uint32_t
next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

START_TEST(answers_with_random_damage_never_give_an_impossible_token)
{
	static const char good[] =
	    "{\"token\":\"abcdefghijklmnop\","
	    "\"expires_in\":3600,\"expires_at\":\"2023-11-14T23:13:20Z\"}";
	static const char bytes[] = "\"\\{}[]:,0e-+.u\n x~\0\xff";
	uint32_t state = 1;
	char body[sizeof(good)];
	int i, j;

	for (i = 0; i < 20000; i++) {
		memcpy(body, good, sizeof(good));
		for (j = 0; j <= i % 4; j++)
			body[next(&state) % (sizeof(good) - 1)] =
			    bytes[next(&state) % (sizeof(bytes) - 1)];
		if (decode_bytes(body, sizeof(good) - 1, NULL, 64) == -1)
			continue;
		ck_assert_ptr_null(
		    token_text_problem(answer.text, answer.len, 64));
		ck_assert_uint_eq(strlen(answer.text), answer.len);
		ck_assert(answer.life_ms > 1000 && answer.life_ms <= 86400000);
	}
}
END_TEST

UNIT_MAIN("token_decode", the_token_is_in_token_or_else_in_access_token,
    member_names_differ_by_case, of_duplicate_members_the_last_counts,
    who_looks_for_the_token_is_told_what_there_is,
    answers_that_are_not_one_json_value_are_refused,
    an_expired_token_is_told_from_one_that_lives_too_short,
    every_prefix_of_an_answer_is_refused, json_without_a_token_text_is_refused,
    a_text_that_could_break_a_header_is_refused, a_nul_never_cuts_a_token_short,
    a_text_has_up_to_the_configured_number_of_bytes,
    deep_nesting_is_refused_not_followed,
    a_named_field_or_a_json_pointer_leads_to_the_token,
    a_pointer_that_leads_nowhere_is_refused_by_its_name,
    no_message_bears_a_piece_of_the_answer,
    answers_with_random_damage_never_give_an_impossible_token)
