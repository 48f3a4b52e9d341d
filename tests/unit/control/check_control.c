/* SPDX-License-Identifier: MIT */
/* The language of the control socket. */
#include "config.h"

#include "unit.h"

#include "control/private.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONGEST \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234"

static const struct {
	const char *line;
	enum control_kind kind;
	const char *name;
} good[] = {
    {"status", CONTROL_STATUS, ""},
    {"status json", CONTROL_STATUS_JSON, ""},
    {"check", CONTROL_CHECK, ""},
    {"renew", CONTROL_RENEW, ""},
    {"renew token", CONTROL_RENEW, "token"},
    {"renew A-z_0.9", CONTROL_RENEW, "A-z_0.9"},
    {"renew renew", CONTROL_RENEW, "renew"},
    {"renew " LONGEST, CONTROL_RENEW, LONGEST},
    {"reload", CONTROL_RELOAD, ""},
};

START_TEST(each_command_is_understood)
{
	struct control_command c;
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		memset(&c, 'x', sizeof(c));
		ck_assert_msg(control_parse(good[i].line, strlen(good[i].line),
				  &c, &err) == 0,
		    "%s: %s", good[i].line, err.text);
		ck_assert_int_eq(c.kind, good[i].kind);
		ck_assert_str_eq(c.name, good[i].name);
	}
}
END_TEST

/* Lines with their lengths, since a NUL may be in them. */
#define LINE(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
static const struct {
	const char *text;
	size_t len;
} bad[] = {
    LINE(""),
    LINE(" "),
    LINE("\0"),
    LINE("statu"),
    LINE("STATUS"),
    LINE("status "),
    LINE("status\r"),
    LINE("status\0"),
    LINE(" status"),
    LINE("status  json"),
    LINE("status json "),
    LINE("statusjson"),
    LINE("check token"),
    LINE("reload now"),
    LINE("reload\0"),
    LINE("renewtoken"),
    LINE("renew\ttoken"),
    LINE("get token"),
    LINE("GET / HTTP/1.1\r"),
    LINE("\377\376"),
};
static const struct {
	const char *text;
	size_t len;
} bad_names[] = {
    LINE("renew "),
    LINE("renew  token"),
    LINE("renew token "),
    LINE("renew a b"),
    LINE("renew a\0b"),
    LINE("renew \0"),
    LINE("renew ../x"),
    LINE("renew a\nb"),
    LINE("renew \033[2J"),
    LINE("renew \303\244"),
    LINE("renew %s%n"),
    LINE("renew " LONGEST "5"),
    LINE("renew token\r"),
};

START_TEST(nothing_else_is_and_the_error_says_what_there_is)
{
	struct control_command c;
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		ck_assert_msg(control_parse(bad[i].text, bad[i].len, &c,
				  &err) == -1,
		    "%s", bad[i].text);
		ck_assert_str_eq(err.text,
		    "unknown command; there are: "
		    "status, status json, check, renew, renew NAME, reload");
	}
}
END_TEST

START_TEST(what_is_no_name_is_refused_and_not_repeated)
{
	struct control_command c;
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(bad_names); i++) {
		ck_assert_msg(control_parse(bad_names[i].text, bad_names[i].len,
				  &c, &err) == -1,
		    "%s", bad_names[i].text);
		ck_assert_str_eq(err.text,
		    "what follows \"renew\" is not the "
		    "name of a token: 1 to 64 letters, digits, points, "
		    "underscores and hyphens");
	}
}
END_TEST

/* A line that is only part of what is in memory. */
START_TEST(what_stands_behind_a_line_is_not_read)
{
	struct control_command c;
	struct err err;

	ck_assert_int_eq(control_parse("status json", 6, &c, &err), 0);
	ck_assert_int_eq(c.kind, CONTROL_STATUS);
	ck_assert_int_eq(control_parse("renew token2", 11, &c, &err), 0);
	ck_assert_str_eq(c.name, "token");
	ck_assert_int_eq(control_parse("status", 5, &c, &err), -1);
}
END_TEST

UNIT_MAIN("control", each_command_is_understood,
    nothing_else_is_and_the_error_says_what_there_is,
    what_is_no_name_is_refused_and_not_repeated,
    what_stands_behind_a_line_is_not_read)
