/* SPDX-License-Identifier: MIT */
/* The output: the timeline, the help text, and never a secret. */
#include "config.h"

#include "unit.h"

#include "conf_try.h"

#include <sys/stat.h>

#define CANARY "Kanarienvogel"

/* Everywhere that a secret can be, rightly or by mistake. */
static const struct try canaries[] = {
    {.env = {"API_KEY=" CANARY, "REDIS_PW=" CANARY}},
    {.env = {"BEARERD_API_KEY=" CANARY, "BEARERD_REDIS_PASSWORD=" CANARY}},
    {.env = {"API_KEY=a\n" CANARY, "REDIS_PW=" CANARY "\x01"}},
    {.env = {"BEARERD_API_KEY=" CANARY, "BEARERD_API_KEY_FILE=/x"}},
    {.env = {"BEARERD_APIKEY=" CANARY, "BEARERD_X=" CANARY}},
    {.env = {"BEARERD_BASE_URL=http://u:" CANARY "@h"}},
    {.env = {"BEARERD_BASE_URL=ftp://h?key=" CANARY}},
    {.flags = {"--base-url=http://" CANARY "@h"}},
    {.flags = {"--api-key=" CANARY}},
    {.flags = {"--api-key", CANARY}},
    {.flags = {"--api-k=" CANARY}},
    {.flags = {"--api-k", CANARY}},
    {.flags = {"--apikey=" CANARY}},
    {.flags = {"--apikey", CANARY}},
    {.flags = {"--redis-passwor=" CANARY}},
    {.flags = {"-k", CANARY}},
    {.flags = {"--redis-password=" CANARY, CANARY}},
    {.flags = {CANARY}},
    {.flags = {"--", CANARY}},
    {.file = "api-key = " CANARY "\nredis-password = '" CANARY "'\n"},
    {.file = "api-key = " CANARY "\napi-key = " CANARY "\n"},
    {.file = "api-key = " CANARY "\napi-key-file = x\n"},
    {.file = "api-key = a " CANARY "\n"},
    {.file = "api-key = a," CANARY "\n"},
    {.file = "api-key = a=" CANARY "\n"},
    {.file = "api-key = a*" CANARY "\n"},
    {.file = "api-key = a#" CANARY "\n"},
    {.file = "api-key = a{" CANARY "}\n"},
    {.file = "api-key = \"a\"" CANARY "\n"},
    {.file = "api-key = \"a\n" CANARY "\" " CANARY "\n"},
    {.file = "api-key = \"a\n" CANARY "\"\n"},
    {.file = "api-key = \"" CANARY},
    {.file = "api-key = //" CANARY "\n"},
    {.file = "api-key = \"\\9" CANARY "\"\n"},
    {.file = "api-key =\n\n\"a\" " CANARY "\n"},
    {.file = "api-key = { " CANARY " }\n"},
    {.file = "api-key " CANARY "\n"},
    {.file = "apikey = " CANARY "\n"},
    {.file = "apikey = a " CANARY "\n"},
    {.file = "api-key = ${" CANARY "}\n"},
    {.file = "token a { api-key = " CANARY " x }\n"},
    {.file = "token a { redis-password = " CANARY " }\n"},
    {.file = "base-url = http://u:" CANARY "@h\n"},
};

START_TEST(no_secret_is_ever_shown)
{
	size_t i;

	for (i = 0; i < COUNT(canaries); i++) {
		struct try t = canaries[i];

		t.no_base_url = false;
		try_load(&t);
		ck_assert_msg(strstr(t.errors, CANARY) == NULL, "row %zu: %s",
		    i, t.errors);
		ck_assert_msg(strstr(t.warnings, CANARY) == NULL, "row %zu: %s",
		    i, t.warnings);
		ck_assert_msg(t.conf == NULL ||
			strstr(try_print(t.conf), CANARY) == NULL,
		    "row %zu", i);
		try_done(&t);
	}
}
END_TEST

START_TEST(the_content_of_a_secrets_file_is_not_shown)
{
	char flag[128];
	struct try t = {.flags = {flag}};

	try_write("secret", CANARY "\n" CANARY "\n");
	snprintf(flag, sizeof(flag), "--api-key-file=%s", try_path("secret"));
	try_load(&t);
	ck_assert_ptr_nonnull(t.conf);
	ck_assert_ptr_nonnull(strstr(t.warnings, "exactly one line"));
	ck_assert_ptr_null(strstr(t.warnings, CANARY));
	try_done(&t);
	try_remove("secret");
}
END_TEST

START_TEST(a_file_of_keys_is_shown_by_its_name_and_never_by_its_content)
{
	static const char good[] =
	    "# fine\nk "
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	const char *const contents[] = {CANARY "\n", "k " CANARY "\n",
	    CANARY " " CANARY "\n", CANARY "! k\n", "k " CANARY " x\n", good};
	char flag[128];
	struct try t = {.flags = {flag, "--redis-host=r"}};
	size_t i;

	for (i = 0; i < COUNT(contents); i++) {
		try_write("keys", contents[i]);
		ck_assert_int_eq(chmod(try_path("keys"), 0640), 0);
		snprintf(flag, sizeof(flag), "--redis-key-file=%s",
		    try_path("keys"));
		try_load(&t);
		ck_assert_ptr_null(strstr(t.errors, CANARY));
		ck_assert_ptr_null(strstr(t.warnings, CANARY));
		ck_assert_msg((t.conf != NULL) == (contents[i] == good),
		    "row %zu: %s", i, t.errors);
		if (t.conf == NULL) {
			ck_assert_ptr_nonnull(strstr(t.errors, "/keys:1: "));
			continue;
		}
		ck_assert_ptr_nonnull(strstr(try_print(t.conf),
		    "\n"
		    "redis-key-file = \"/tmp/"));
		ck_assert_ptr_null(strstr(try_print(t.conf), "0011"));
		try_done(&t);
	}
	try_remove("keys");
}
END_TEST

/* The input, and lines of the timeline. */
static const struct {
	struct try in;
	const char *lines[6];
} timelines[] = {
    {{.flags = {"--redis-host=r"}},
	{"\n# A life of 1h, for example (token):\n",
	    "\n#         42m  renewal begins at the earliest",
	    "\n#         48m  renewal begins at the latest",
	    "\n#      59m30s  the reserve of 30s begins: last hand-out",
	    "\n# Redis keeps it for at most 59m30s",
	    "\n# An outage of the backend of 11m30s is survived.\n"}},
    {{.flags = {"--outage-budget=20m"}},
	{"\n#         27m  renewal begins at the earliest",
	    "\n#      28m30s  renewal begins at the latest",
	    "\n# An outage of the backend of 31m is survived.\n"}},
    {{.flags = {"--outage-budget=2h"}},
	{"\n#          6m  renewal begins at the earliest",
	    "\n#          6m  renewal begins at the latest",
	    "\n# This life is too short for outage-budget (2h).\n"}},
    {{.flags = {"--max-ttl=20s", "--default-ttl=9s", "--renew-at=50%"}},
	{"\n# A life of 20s, ", "\n#         10s  renewal begins at the e",
	    "\n#         10s  renewal begins at the l",
	    "\n#         18s  the reserve of 2s begins: last hand-out, "
	    "last retry\n"}},
    {{.flags = {"--wait-limit=3s", "--timeout=4s"}},
	{"\n# A caller waits at most 3s (wait-limit) ", "; a later\n"}},
    {{.file = "token a { }\ntoken b { renew-at = 50% }\ntoken c { }\n"},
	{" (a, c):\n", " (b):\n"}},
};

START_TEST(the_timeline_follows_from_the_options)
{
	size_t i, j;

	for (i = 0; i < COUNT(timelines); i++) {
		struct try t = timelines[i].in;

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "row %zu: %s", i, t.errors);
		for (j = 0; j < 6 && timelines[i].lines[j] != NULL; j++)
			ck_assert_msg(strstr(try_print(t.conf),
					  timelines[i].lines[j]) != NULL,
			    "row %zu: no %s in %s", i, timelines[i].lines[j],
			    try_print(t.conf));
		try_done(&t);
	}
}
END_TEST

START_TEST(tokens_that_live_alike_share_a_timeline)
{
	struct try t = {.file = "token a { }\ntoken b { max-ttl = 2h }\n"
				"token c { }\n"};
	const char *at;
	size_t n = 0;

	try_load(&t);
	for (at = try_print(t.conf); (at = strstr(at, "A life of")) != NULL;
	     at++)
		n++;
	ck_assert_uint_eq(n, 2);
	try_done(&t);
}
END_TEST

START_TEST(a_wait_as_long_as_the_timeout_needs_no_remark)
{
	struct try t = {.flags = {"--wait-limit=5s"}};

	try_load(&t);
	ck_assert_ptr_null(strstr(try_print(t.conf), "; a later\n"));
	ck_assert_ptr_null(strstr(try_print(t.conf), "in Redis for"));
	try_done(&t);
}
END_TEST

START_TEST(the_help_text_fits_the_screen_and_has_every_flag_but_secrets)
{
	static char text[16384];
	const char *line, *end;
	struct buf b;

	buf_init(&b, text, sizeof(text));
	conf_help(&b);
	ck_assert(!b.overflow);
	for (line = buf_text(&b); *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		if (strncmp(line, "  -c,", 5) != 0) /* names a folder */
			ck_assert_msg(end - line <= 80, "%.*s",
			    (int)(end - line), line);
	}
	ck_assert_ptr_nonnull(strstr(text, "\n  -c, --config=FILE "));
	ck_assert_ptr_nonnull(strstr(text, "\n  --listen=LIST "));
	ck_assert_ptr_nonnull(strstr(text, " [127.0.0.1:8000]\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  --header=FORMAT "));
	ck_assert_ptr_nonnull(strstr(text, "one of: text json\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  --api-key-file=FILE "));
	ck_assert_ptr_null(strstr(text, "--api-key="));
	ck_assert_ptr_null(strstr(text, "--redis-password="));
}
END_TEST

UNIT_MAIN("conf_show", no_secret_is_ever_shown,
    the_content_of_a_secrets_file_is_not_shown,
    a_file_of_keys_is_shown_by_its_name_and_never_by_its_content,
    the_timeline_follows_from_the_options,
    tokens_that_live_alike_share_a_timeline,
    a_wait_as_long_as_the_timeout_needs_no_remark,
    the_help_text_fits_the_screen_and_has_every_flag_but_secrets)
