/* SPDX-License-Identifier: MIT */
/* Where a token may be in an answer that brings none, and such an answer with
 * its secrets covered. */
#include "config.h"

#include "unit.h"

#include "token/guess.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define T "canary-0123456789abcdef"

static struct mask mask;

static struct token_reply
reply(const char *fields, const char *body)
{
	return (struct token_reply){.body = body,
	    .len = strlen(body),
	    .fields = fields};
}

/* The proposal; "": none. */
static const char *
guess(const char *from, const char *fields, const char *body)
{
	static char out[1024];
	struct token_reply r = reply(fields, body);
	struct token_rules rules = {.token_from = from};
	struct buf b;
	bool found;

	buf_init(&b, out, sizeof(out));
	found = token_guess(&r, &rules, &b);
	ck_assert_int_eq(found, b.len > 0);
	return buf_text(&b);
}

START_TEST(the_likeliest_place_is_proposed)
{
	static const struct {
		const char *fields, *body, *line;
	} rows[] = {
	    {"", "{\"data\":{\"accessToken\":\"" T "\"},\"status\":\"ok\"}",
		"token-field = /data/accessToken\n"},
	    {"", "{\"data\":[{\"x\":1},{\"session-key\":\"" T "\"}]}",
		"token-field = /data/1/session-key\n"},
	    {"", "{\"sid\":\"shortone\"}", "token-field = /sid\n"},
	    {"", "{\"result\":\"" T "\"}", "token-field = /result\n"},
	    {"", "{\"foo\":\"" T "\"}", "token-field = /foo\n"},
	    {"",
		"{\"refresh_token\":\"" T "\",\"a\":{\"access_token\":\"" T
		"\"}}",
		"token-field = /a/access_token\n"},
	    {"X-Request-Id: " T "\nX-Subject-Token: " T "\n",
		"{\"token\":{\"expires_at\":\"2030\"}}",
		"token-from = \"header:X-Subject-Token\"\n"},
	    {"X-Auth-Token: " T "\n", "",
		"token-from = \"header:X-Auth-Token\"\n"},
	    {"Authorization: Bearer " T "\n", "{}",
		"token-from = \"header:Authorization\"\n"},
	    {"Set-Cookie: lang=en\nSet-Cookie: session_id=" T "; Path=/\n",
		"{}", "token-from = \"cookie:session_id\"\n"},
	    {"Set-Cookie: APIC-cookie=" T "; Path=/\n", "{}",
		"token-from = \"cookie:APIC-cookie\"\n"},
	    {"", "\"" T "\"", "token-from = text\n"},
	    {"", T "\n", "token-from = text\n"},
	    {"",
		"<response status='success'><result><key>" T
		"</key></result></response>",
		"token-from = \"match:<key>([^<]+)<\"\n"},
	    {"", "<r><sessionKey>" T "</sessionKey></r>",
		"token-from = \"match:<sessionKey>([^<]+)<\"\n"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_str_eq(guess(NULL, rows[i].fields, rows[i].body),
		    rows[i].line);
	ck_assert_str_eq(guess("cookie:x", "", "{\"a\":{\"jwt\":\"" T "\"}}"),
	    "token-from = body\ntoken-field = /a/jwt\n");
}
END_TEST

START_TEST(what_is_no_token_is_not_proposed)
{
	static const struct {
		const char *fields, *body;
	} rows[] = {
	    {"", ""},
	    {"", "{}"},
	    {"", "{\"token\":\"\",\"status\":\"ok\"}"},
	    {"", "{\"token\":\"a b c d e f g h\"}"},
	    {"", "{\"token\":123456789}"},
	    {"", "{\"refresh_token\":\"" T "\"}"},
	    {"", "{\"token_type\":\"" T "\"}"},
	    {"", "{\"key\":\"value-of-it\"}"},
	    {"", "{\"a9b8c7d6e5\":{\"token\":\"" T "\"}}"},
	    {"", "{\"a/b\":{\"token\":\"" T "\"}}"},
	    {"X-Request-Id: " T "\nETag: " T "\n", "{}"},
	    {"Set-Cookie: lang=en\n", "{}"},
	    {"", "please log in"},
	    {"", "<title>Login</title>"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_str_eq(guess(NULL, rows[i].fields, rows[i].body), "");
}
END_TEST

START_TEST(the_place_of_a_token_is_its_pointer)
{
	struct token_reply r =
	    reply("", "{\"a\":\"b\",\"d\":{\"x\":[\"Bearer " T "\"]}}");
	char place[TOKEN_PLACE_MAX];

	ck_assert(token_locate(&r, T, place));
	ck_assert_str_eq(place, "/d/x/0");
	ck_assert(!token_locate(&r, "other", place));
	r = reply("", "not JSON");
	ck_assert(!token_locate(&r, "other", place));
}
END_TEST

START_TEST(an_answer_is_shown_with_its_secrets_covered)
{
	struct token_reply r =
	    reply("Date: Fri, 27 Nov 2026 19:18:49 GMT\nX-Auth-Token: short\n"
		  "Set-Cookie: sid=short; Path=/; Max-Age=5\nX-A: geheim\n",
		"{\"token\":\"short\",\"expires_in\":60,\"a\":[\"geheim\",true,"
		"null],\"o\":{},\"session-timeout\":\"5\",\"pin\":1,"
		"\"password\":12,\"error_description\":\"no " T "\"}");
	char out[1024];
	struct buf b;

	mask_add(&mask, "geheim");
	buf_init(&b, out, sizeof(out));
	token_show_fields(&r, &mask, &b);
	ck_assert_str_eq(buf_text(&b),
	    "Date: Fri, 27 Nov 2026 19:18:49 GMT\nX-Auth-Token: ********\n"
	    "Set-Cookie: sid=********; Path=/; Max-Age=5\nX-A: ********\n");
	buf_init(&b, out, sizeof(out));
	token_show_body(&r, &mask, &b);
	ck_assert_str_eq(buf_text(&b),
	    "{\n  \"token\": \"********\",\n  \"expires_in\": 60,\n"
	    "  \"a\": [\n    \"********\",\n    true,\n    null\n  ],\n"
	    "  \"o\": {},\n  \"session-timeout\": \"5\",\n  \"pin\": 1,\n"
	    "  \"password\": ********,\n"
	    "  \"error_description\": \"no ********\"\n}");
	mask_free(&mask);
}
END_TEST

START_TEST(a_field_is_found_in_letters_of_any_case)
{
	struct token_reply r = reply("A: b\nallow:  GET, POST \n", "");
	char value[8];

	ck_assert(token_reply_field(&r, "Allow", value, sizeof(value)));
	ck_assert_str_eq(value, "GET, PO");
	ck_assert(!token_reply_field(&r, "Location", value, sizeof(value)));
	r.fields = NULL;
	ck_assert(!token_reply_field(&r, "Allow", value, sizeof(value)));
}
END_TEST

UNIT_MAIN("guess", the_likeliest_place_is_proposed,
    what_is_no_token_is_not_proposed, the_place_of_a_token_is_its_pointer,
    an_answer_is_shown_with_its_secrets_covered,
    a_field_is_found_in_letters_of_any_case)
