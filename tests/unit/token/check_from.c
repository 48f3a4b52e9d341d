/* SPDX-License-Identifier: MIT */
/* Tokens and lives in fields, cookies, whole bodies and matches. */
#include "config.h"

#include "unit.h"

#include "token/token.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ASKED 1700000000000 /* 2023-11-14T22:13:20Z */

static struct token_answer answer;
static struct err err;

static int
decode(const struct token_rules *how, const char *fields, const char *body)
{
	const struct token_asked asked = {.wall_at = ASKED};
	const struct token_reply reply = {.body = body,
	    .len = strlen(body),
	    .fields = fields};
	struct token_rules rules = *how;

	rules.default_ttl_ms = 1800000;
	rules.max_ttl_ms = 86400000;
	rules.max_len = TOKEN_MAX;
	memset(&err, 0, sizeof(err));
	return token_decode(&reply, &rules, &asked, &answer, &err);
}

START_TEST(a_token_is_found_where_it_is_said_to_be)
{
	static const struct {
		const char *from, *fields, *body;
	} rows[] = {
	    {"body", NULL, "{\"token\":\"good\"}"},
	    {"text", NULL, "good"},
	    {"text", NULL, " \r\ngood\n"},
	    {"text", NULL, "\"good\"\n"},
	    {"text", NULL, "\"\\u0067ood\""},
	    {"text", NULL, "Bearer good"},
	    {"header:X-Auth-Token", "A: b\nx-auth-token:  good \nC: d\n", ""},
	    {"header:X-Auth-Token", "X-Auth-Token: good", "not JSON"},
	    {"header:X-Auth-Token",
		"X-Auth-Tokens: bad\nX-Auth-Token: good\nX-Auth-Token: bad\n",
		"{\"token\":\"bad\"}"},
	    {"header:Authorization", "Authorization: Bearer good\n", ""},
	    {"cookie:sid", "Set-Cookie: sid=good; Path=/\n", ""},
	    {"cookie:sid", "set-cookie:sid=good\n", ""},
	    {"cookie:sid",
		"Set-Cookie: sid=bad; Max-Age=0\nSet-Cookie: SID=bad\n"
		"Set-Cookie: sid=good;HttpOnly\nSet-Cookie: sidd=bad\n",
		"[]"},
	    {"match:<key>([^<]+)</key>", NULL,
		"<response status='success'>\n<key>good</key><key>bad</key>"},
	    {"match:^token=(.*)$", NULL, "token=good"},
	    {"match:(a|b)(x)?", NULL, "b"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(decode(&(struct token_rules){.token_from =
							       rows[i].from},
				  rows[i].fields, rows[i].body) == 0,
		    "%s: %s", rows[i].from, err.text);
		ck_assert_str_eq(answer.text,
		    i == COUNT(rows) - 1 ? "b" : "good");
		ck_assert_int_eq(answer.life_ms, 1800000);
	}
}
END_TEST

START_TEST(a_token_that_is_not_there_is_missed_in_words)
{
	static const struct {
		const char *from, *fields, *body, *said;
	} rows[] = {
	    {"text", NULL, " \n", "the answer is empty"},
	    {"text", NULL, "\"\"", "the answer is empty"},
	    {"text", NULL, "a b", "has a character that cannot stand"},
	    {"text", NULL, "null", "is a word for no value"},
	    {"header:X-T", "A: b\n", "{}",
		"the answer has no header field X-T; check token-from"},
	    {"header:X-T", NULL, "",
		"the answer has no header field X-T; check token-from"},
	    {"header:X-T", "X-T:\n", "", "the token in the answer is empty"},
	    {"cookie:s", "Set-Cookie: ss=1\nCookie: s=1\n", "",
		"the answer sets no cookie s; check token-from"},
	    {"cookie:s", "Set-Cookie: s=\n", "",
		"the token in the answer is empty"},
	    {"match:<k>(.*)</k>", NULL, "SECRET",
		"nothing in the answer matches token-from <k>(.*)</k>"},
	    {"match:a(b)?", NULL, "a", "nothing in the answer matches"},
	    {"match:(a)", NULL, "", "the answer is empty"},
	    {"header:X-T", "X-T: SECRET\n", "{\"error\":\"x\"}",
		"the answer has a member \"error\""},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(decode(&(struct token_rules){.token_from =
								  rows[i].from},
				     rows[i].fields, rows[i].body),
		    -1);
		ck_assert_msg(strstr(err.text, rows[i].said) != NULL, "%s: %s",
		    rows[i].from, err.text);
		ck_assert_ptr_null(strstr(err.text, "SECRET"));
	}
}
END_TEST

START_TEST(a_match_is_looked_for_in_the_first_8192_bytes)
{
	static char body[TOKEN_ANSWER_MAX + 1];
	struct token_rules rules = {.token_from = "match:<k>(.*)</k>"};
	const char *text = "<k>good</k>";

	memset(body, ' ', TOKEN_ANSWER_MAX);
	memcpy(body + TOKEN_MATCH_MAX - strlen(text), text, strlen(text));
	ck_assert_int_eq(decode(&rules, NULL, body), 0);
	memset(body, ' ', TOKEN_ANSWER_MAX);
	memcpy(body + TOKEN_MATCH_MAX - strlen(text) + 1, text, strlen(text));
	ck_assert_int_eq(decode(&rules, NULL, body), -1);
}
END_TEST

static const struct {
	const char *token_from, *from, *field;
	enum token_unit unit;
	const char *fields, *body;
	int64_t life_s;
} lives[] = {
    /* in the body */
    {NULL, NULL, NULL, TOKEN_MILLISECONDS, NULL,
	"{\"token\":\"t\",\"expires\":900000}", 900},
    {NULL, NULL, NULL, TOKEN_MINUTES, NULL,
	"{\"token\":\"t\",\"expires_in\":\"30\"}", 1800},
    {NULL, NULL, "/s/Timeout", TOKEN_MINUTES, NULL,
	"{\"token\":\"t\",\"s\":{\"Timeout\":30}}", 1800},
    {NULL, "body", "life", TOKEN_HOURS, NULL, "{\"token\":\"t\",\"life\":2}",
	7200},
    /* a unit is of bare lives only */
    {NULL, NULL, NULL, TOKEN_MINUTES, NULL, "{\"token\":\"t\",\"ttl\":\"60s\"}",
	60},
    {NULL, NULL, NULL, TOKEN_HOURS, NULL,
	"{\"token\":\"t\",\"expires_at\":1700000060}", 60},
    {NULL, NULL, NULL, TOKEN_MILLISECONDS, NULL,
	"{\"token\":\"t\",\"expires\":1700000060000}", 60},
    /* of a token that is elsewhere */
    {"header:X", NULL, "/token/expires_at", TOKEN_SECONDS, "X: t\n",
	"{\"token\":{\"expires_at\":\"2023-11-14T22:14:20Z\"}}", 60},
    {"header:X", "body", NULL, TOKEN_SECONDS, "X: t\n", "{\"expires_in\":60}",
	60},
    {"header:X", NULL, NULL, TOKEN_SECONDS, "X: t\n", "{\"expires_in\":60}",
	1800},
    {"header:X", "header:X-Life", NULL, TOKEN_SECONDS, "X: t\nX-Life: 60\n", "",
	60},
    {NULL, "header:Expires", NULL, TOKEN_SECONDS,
	"Expires: Tue, 14 Nov 2023 22:14:20 GMT\n",
	"{\"token\":\"t\",\"expires_in\":9}", 60},
    {"cookie:s", NULL, NULL, TOKEN_MINUTES,
	"Set-Cookie: s=t; Path=/; max-age = 60 ; Expires=x\n", "", 60},
    {"cookie:s", NULL, NULL, TOKEN_SECONDS,
	"Set-Cookie: s=t; Expires=Tue, 14 Nov 2023 22:14:20 GMT\n", "", 60},
    {"cookie:s", NULL, NULL, TOKEN_SECONDS, "Set-Cookie: s=t\n", "", 1800},
    {"cookie:s", NULL, NULL, TOKEN_SECONDS,
	"Set-Cookie: s=t; Path=/; Max-Age=1200; HttpOnly\n", "", 1200},
    {"header:X", "cookie:s", NULL, TOKEN_SECONDS,
	"X: t\nSet-Cookie: s=u; Max-Age=60\n", "", 60},
    {"match:<k>(.*)</k>", "match:<t>([0-9]+)", NULL, TOKEN_MINUTES, NULL,
	"<k>t</k><t>2</t>", 120},
    {"text", NULL, NULL, TOKEN_SECONDS, NULL, "\"t\"", 1800},
};

START_TEST(a_life_is_found_where_it_is_said_to_be)
{
	size_t i;

	for (i = 0; i < COUNT(lives); i++) {
		const struct token_rules rules = {
		    .token_from = lives[i].token_from,
		    .expiry_from = lives[i].from,
		    .expiry_field = lives[i].field,
		    .expiry_unit = lives[i].unit,
		};

		ck_assert_msg(decode(&rules, lives[i].fields, lives[i].body) ==
			0,
		    "%zu: %s", i, err.text);
		ck_assert_str_eq(answer.text, "t");
		ck_assert_msg(answer.life_ms == lives[i].life_s * 1000,
		    "%zu: %lld by %s", i, (long long)answer.life_ms,
		    answer.expiry);
	}
}
END_TEST

START_TEST(a_life_that_was_asked_for_must_be_there)
{
	static const struct {
		const char *from, *fields, *said;
	} rows[] = {
	    {"header:X-Life", "", "what expiry-from header:X-Life names"},
	    {"header:X-Life", "X-Life: soon\n", "expiry-from header:X-Life"},
	    {"cookie:s", "Set-Cookie: s=1\n", "expiry-from cookie:s"},
	    {"cookie:s", "Set-Cookie: s=1; Expires=never\n", "cookie:s"},
	    {"match:(x)", "", "expiry-from match:(x)"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(decode(&(struct token_rules){.expiry_from =
								  rows[i].from},
				     rows[i].fields, "{\"token\":\"t\"}"),
		    -1);
		ck_assert_msg(strstr(err.text, rows[i].said) != NULL, "%s",
		    err.text);
	}
	ck_assert_str_eq(answer.unread, "");
	decode(&(struct token_rules){.expiry_from = "header:X"}, "X: soon\n",
	    "{\"token\":\"t\"}");
	ck_assert_str_eq(answer.unread, "expiry-from");
}
END_TEST

START_TEST(an_answer_may_have_to_say_that_it_is_one)
{
	static const struct {
		const char *condition, *body;
		int status;
	} rows[] = {
	    {"/success=true", "{\"token\":\"t\",\"success\":true}", 0},
	    {"success=true", "{\"token\":\"t\",\"success\":true}", 0},
	    {"success=true", "{\"token\":\"t\",\"success\":\"true\"}", 0},
	    {"/errorCode=0", "{\"token\":\"t\",\"errorCode\":0}", 0},
	    {"/a/b=null", "{\"token\":\"t\",\"a\":{\"b\":null}}", 0},
	    {"/a=x=y", "{\"token\":\"t\",\"a\":\"x=y\"}", 0},
	    {"/a=", "{\"token\":\"t\",\"a\":\"\"}", 0},
	    {"/success=true", "{\"token\":\"t\",\"success\":false}", -1},
	    {"/success=true", "{\"token\":\"t\"}", -1},
	    {"/success=true", "{\"token\":\"t\",\"success\":[true]}", -1},
	    {"/errorCode=0", "{\"token\":\"t\",\"errorCode\":-30}", -1},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_msg(decode(&(struct token_rules){.success_field =
							       rows[i]
								   .condition},
				  NULL, rows[i].body) == rows[i].status,
		    "%s in %s: %s", rows[i].condition, rows[i].body, err.text);
	ck_assert_str_eq(err.text,
	    "the answer says no: success-field /errorCode=0 is not so in it");
}
END_TEST

START_TEST(a_type_matters_only_where_a_bearer_token_is_handed_out)
{
	static const char body[] =
	    "{\"token\":\"t\",\"token_type\":\"service\"}";

	ck_assert_int_eq(decode(&(struct token_rules){0}, NULL, body), -1);
	ck_assert_int_eq(decode(&(struct token_rules){.any_type = true}, NULL,
			     body),
	    0);
}
END_TEST

START_TEST(places_are_read_and_others_are_none)
{
	static const char *const others[] = {"", "Body", "body ", "text:x",
	    "header", "header:", "cookie:", "match:", "json:x"};
	struct token_from from;
	size_t i;

	for (i = 0; i < COUNT(others); i++)
		ck_assert_msg(!token_from_read(others[i], &from), "%s",
		    others[i]);
	ck_assert(token_from_read("match:a:b", &from));
	ck_assert_int_eq(from.kind, TOKEN_IN_MATCH);
	ck_assert_str_eq(from.rest, "a:b");
}
END_TEST

UNIT_MAIN("places of an answer", a_token_is_found_where_it_is_said_to_be,
    a_token_that_is_not_there_is_missed_in_words,
    a_match_is_looked_for_in_the_first_8192_bytes,
    a_life_is_found_where_it_is_said_to_be,
    a_life_that_was_asked_for_must_be_there,
    an_answer_may_have_to_say_that_it_is_one,
    a_type_matters_only_where_a_bearer_token_is_handed_out,
    places_are_read_and_others_are_none)
