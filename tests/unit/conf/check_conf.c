/* SPDX-License-Identifier: MIT */
/* Sources and their strength, tokens, and what a configuration can do. */
#include "config.h"

#include "unit.h"

#include "conf_try.h"
#include "base/log.h"

/* One configuration, and what a line of its print says. */
static const struct {
	struct try in;
	const char *line;
} strengths[] = {
    {{.file = ""}, "\nworkers = 0\n"},
    {{.file = "workers = 1\n"}, "\nworkers = 1\n"},
    {{.file = "workers = 1\n", .env = {"BEARERD_WORKERS=2"}},
	"\nworkers = 2\n"},
    {{.file = "workers = 1\n",
	 .env = {"BEARERD_WORKERS=2"},
	 .flags = {"--workers=3"}},
	"\nworkers = 3\n"},
    {{.env = {"BEARERD_WORKERS=2"}, .flags = {"--workers", "3"}},
	"\nworkers = 3\n"},
    {{.flags = {"--workers=3", "--workers=4"}}, "\nworkers = 4\n"},
    /* An empty variable counts as not set, an empty flag as set. */
    {{.file = "workers = 1\n", .env = {"BEARERD_WORKERS="}}, "\nworkers = 1\n"},
    {{.env = {"REDIS_HOST="}}, "\nredis-host = \"\"\n"},
    {{.file = "redis-host = f\n", .env = {"REDIS_HOST="}},
	"\nredis-host = \"f\"\n"},
    {{.env = {"REDIS_HOST=r"}, .flags = {"--redis-host="}},
	"\nredis-host = \"\"\n"},
    /* The original's variables: between the file and ours. */
    {{.env = {"REDIS_HOST=r"}}, "\nredis-host = \"r\"\n"},
    {{.env = {"REDIS_HOST=/run/r"}}, "\nredis-host = \"/run/r\"\n"},
    {{.file = "redis-host = f\n", .env = {"REDIS_HOST=r"}},
	"\nredis-host = \"r\"\n"},
    {{.env = {"BEARERD_REDIS_HOST=o", "REDIS_HOST=r"}},
	"\nredis-host = \"o\"\n"},
    {{.env = {"REDIS_HOST=r"}, .flags = {"--redis-host=c"}},
	"\nredis-host = \"c\"\n"},
    {{.env = {"REDIS_PW=p"}}, "\nredis-password = \"********\"\n"},
    {{.env = {"API_KEY=k"}}, "\n\tapi-key = \"********\"\n"},
    {{.file = "base-url = http://f\n"}, "\n\tbase-url = \"http://b\"\n"},
    {{.env = {"BEARERD_BASE_URL=http://o"}}, "\n\tbase-url = \"http://o\"\n"},
    /* A section is stronger than all that is outside. */
    {{.file = "timeout = 6s\ntoken a { timeout = 7s }\n",
	 .env = {"BEARERD_TIMEOUT=8s"},
	 .flags = {"--timeout=9s"}},
	"\n\ttimeout = 7s\n"},
    {{.file = "timeout = 6s\ntoken a { path = /a }\n",
	 .env = {"BEARERD_TIMEOUT=8s"}},
	"\n\ttimeout = 8s\n"},
    {{.file = "token a { base-url = http://s }\n"},
	"\n\tbase-url = \"http://s\"\n"},
    /* Names. */
    {{.file = ""}, "\ntoken token {\n"},
    {{.file = "token a.b_c-9 { }\n"}, "\ntoken a.b_c-9 {\n"},
    {{.file = "token a { }\n"}, "\n\tredis-key = \"a\"\n"},
    {{.file = "token a { redis-key = k:1 }\n"}, "\n\tredis-key = \"k:1\"\n"},
    /* The default file. */
    {{.file = "workers = 1\n", .default_file = true}, "\nworkers = 1\n"},
    {{.default_file = true}, "\nworkers = 0\n"},
};

START_TEST(the_stronger_source_wins)
{
	size_t i;

	for (i = 0; i < COUNT(strengths); i++) {
		struct try t = strengths[i].in;

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "row %zu: %s", i, t.errors);
		ck_assert_msg(strstr(try_print(t.conf), strengths[i].line) !=
			NULL,
		    "row %zu has no %s", i, strengths[i].line);
		try_done(&t);
	}
}
END_TEST

/* Of a secret and its file: which is left. */
static const struct {
	struct try in;
	const char *secret, *file;
} secrets[] = {
    {{.env = {"API_KEY=k"}}, "k", NULL},
    {{.flags = {"--api-key-file=/n"}}, NULL, "/n"},
    {{.env = {"API_KEY=k"}, .flags = {"--api-key-file=/n"}}, NULL, "/n"},
    {{.env = {"API_KEY=k", "BEARERD_API_KEY_FILE=/n"}}, NULL, "/n"},
    {{.file = "api-key-file = /n\n", .env = {"API_KEY=k"}}, "k", NULL},
    {{.file = "api-key-file = /n\n", .env = {"BEARERD_API_KEY=k"}}, "k", NULL},
    {{.file = "token a { api-key-file = /n }\n", .env = {"API_KEY=k"}}, NULL,
	"/n"},
    {{.file = "token a { api-key = s }\n", .flags = {"--api-key-file=/n"}}, "s",
	NULL},
    {{.file = "token a { api-key-file = \"\" }\n", .env = {"API_KEY=k"}}, "k",
	NULL},
};

START_TEST(of_a_secret_and_its_file_the_stronger_is_left)
{
	size_t i;

	for (i = 0; i < COUNT(secrets); i++) {
		struct try t = secrets[i].in;

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "row %zu: %s", i, t.errors);
		ck_assert_pstr_eq(t.conf->token[0].api_key, secrets[i].secret);
		ck_assert_pstr_eq(t.conf->token[0].api_key_file,
		    secrets[i].file);
		try_done(&t);
	}
}
END_TEST

START_TEST(without_any_source_the_built_in_defaults_hold)
{
	struct try t = {0};

	try_load(&t);
	ck_assert_ptr_nonnull(t.conf);
	ck_assert_int_eq(t.action, CONF_RUN);
	ck_assert_uint_eq(t.conf->listen.count, 1);
	ck_assert_str_eq(t.conf->listen.item[0], "127.0.0.1:8000");
	ck_assert_int_eq(t.conf->idle_timeout_ms, 75000);
	ck_assert_ptr_null(t.conf->redis_host);
	ck_assert_int_eq(t.conf->log_level, LVL_INFO);
	ck_assert_int_eq(t.conf->log_format, 0);
	ck_assert_uint_eq(t.conf->token_count, 1);
	ck_assert_str_eq(t.conf->token[0].name, "token");
	ck_assert_str_eq(t.conf->token[0].redis_key, "token");
	ck_assert_int_eq(t.conf->token[0].renew_at_min, 70);
	ck_assert_int_eq(t.conf->token[0].renew_at_max, 80);
	ck_assert(t.conf->token[0].tls_verify);
	ck_assert_ptr_null(t.conf->token[0].token_field);
	ck_assert_uint_eq(t.conf->token[0].headers.count, 1);
	ck_assert_str_eq(t.conf->token[0].headers.item[0],
	    "Authorization: Bearer %s");
	try_done(&t);
}
END_TEST

static const struct {
	const char *flags[3];
	enum conf_action action;
	bool loads;
} actions[] = {
    {{NULL}, CONF_RUN, true},
    {{"-t"}, CONF_TEST, true},
    {{"--test"}, CONF_TEST, true},
    {{"--workers=1", "-t"}, CONF_TEST, true},
    {{"-V"}, CONF_VERSION, false},
    {{"--version"}, CONF_VERSION, false},
    {{"-h"}, CONF_HELP, false},
    {{"--help", "--nonsense"}, CONF_HELP, false},
};

START_TEST(flags_say_what_is_to_be_done)
{
	size_t i;

	for (i = 0; i < COUNT(actions); i++) {
		struct try t = {0};

		memcpy(t.flags, actions[i].flags, sizeof(actions[i].flags));
		try_load(&t);
		ck_assert_int_eq(t.action, actions[i].action);
		ck_assert_int_eq(t.conf != NULL, actions[i].loads);
		try_done(&t);
	}
}
END_TEST

START_TEST(loading_again_reads_the_file_anew_and_leaves_argv_alone)
{
	static const char *const flags[] = {"--workers", "3", "--redis-db=1"};
	struct try t = {.file = "log-level = err\n"};
	size_t i;

	memcpy(t.flags, flags, sizeof(flags));
	for (i = 0; i < 3; i++) {
		t.file = i == 1 ? "log-level = \"er"
		    : i == 2    ? "log-level = debug\n"
				: t.file;
		try_load(&t);
		ck_assert_int_eq(t.conf == NULL, i == 1);
		if (i != 1) {
			ck_assert_int_eq(t.conf->log_level,
			    i == 0 ? LVL_ERR : LVL_DEBUG);
			ck_assert_int_eq(t.conf->workers, 3);
			ck_assert_int_eq(t.conf->redis_db, 1);
		}
		ck_assert_mem_eq(t.flags, flags, sizeof(flags));
		try_done(&t);
	}
}
END_TEST

START_TEST(what_is_printed_can_be_read_again_and_prints_the_same)
{
	static char first[65536];
	struct try t = {
	    .file =
		"listen = \"[::1]:0 unix:/tmp/a\\\"b\"\n"
		"idle-timeout = 1h30m1s5ms\nredis-host = r\nlog-level = debug\n"
		"redis-password = 'p${HOME}'\ntls-verify = off\n"
		"token a { base-url = http://[::1]:80/x\n path = '/t?a=$b' }\n"
		"token b { renew-at = 50%\n header = 'X: \"%s\" ${x}'\n"
		"token-file = f\n token-file-template = \"{\\\"a\\\": "
		"'%s'}\\n\\\\n\" }\n"};

	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	strcpy(first, try_print(t.conf));
	try_done(&t);
	t.file = first;
	t.no_base_url = true;
	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	ck_assert_str_eq(try_print(t.conf), first);
	try_done(&t);
}
END_TEST

START_TEST(forgotten_secrets_are_gone_and_all_else_stays)
{
	struct try t = {.file = "token a { }\ntoken b { api-key = s }\n",
	    .env = {"API_KEY=k", "REDIS_PW=p"}};

	try_load(&t);
	ck_assert_str_eq(t.conf->token[0].api_key, "k");
	ck_assert_str_eq(t.conf->token[1].api_key, "s");
	ck_assert_str_eq(t.conf->redis_password, "p");
	conf_forget_secrets(t.conf);
	ck_assert_ptr_null(t.conf->defaults.api_key);
	ck_assert_ptr_null(t.conf->token[0].api_key);
	ck_assert_ptr_null(t.conf->token[1].api_key);
	ck_assert_ptr_null(t.conf->redis_password);
	ck_assert_str_eq(t.conf->token[1].base_url, "http://b");
	try_done(&t);
}
END_TEST

START_TEST(the_default_token_is_the_one_named_token_else_the_first)
{
	static const struct {
		const char *file;
		size_t number;
	} rows[] = {{"", 0}, {"token a { }\ntoken b { }\n", 0},
	    {"token a { }\ntoken token { }\n", 1}};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct try t = {.file = rows[i].file};

		try_load(&t);
		ck_assert_uint_eq(conf_default_token(t.conf), rows[i].number);
		try_done(&t);
	}
}
END_TEST

START_TEST(tokens_are_the_same_with_the_same_names_in_the_same_order)
{
	static const struct {
		const char *file;
		bool same;
	} rows[] = {{"token a { path = /x }\ntoken b { }\n", true},
	    {"token b { }\ntoken a { }\n", false}, {"token a { }\n", false},
	    {"token a { }\ntoken c { }\n", false}};
	struct try t = {.file = "token a { }\ntoken b { }\n"};
	size_t i;

	try_load(&t);
	for (i = 0; i < COUNT(rows); i++) {
		struct try other = {.file = rows[i].file};

		try_load(&other);
		ck_assert_int_eq(conf_same_tokens(t.conf, other.conf),
		    rows[i].same);
		try_done(&other);
	}
	try_done(&t);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_does_not_let_an_error_pass)
{
	static char name[] = "bearerd", bad[] = "--workers=x";
	char *argv[] = {name, bad, NULL}, memory[8], *env[] = {NULL};
	struct conf_source source = {.argc = 2, .argv = argv, .environ = env};
	enum conf_action action;
	struct buf errors, warnings;

	buf_init(&errors, memory, sizeof(memory));
	buf_init(&warnings, NULL, 0);
	ck_assert_ptr_null(conf_load(&source, &action, &errors, &warnings));
}
END_TEST

/* Where a running bearerd is can be seen in what it would not start with. */
START_TEST(looking_finds_what_is_there_whatever_else_is_wrong)
{
	static const struct {
		struct try in;
		const char *socket, *shm_name, *error;
		bool unreadable;
	} rows[] = {
	    {{.file = ""}, NULL, "/bearerd", "", false},
	    {{.file = "control-socket = /f\nshm-name = /s\n"}, "/f", "/s", "",
		false},
	    {{.file = "control-socket = /f\n",
		 .env = {"BEARERD_CONTROL_SOCKET=/e"}},
		"/e", "/bearerd", "", false},
	    {{.env = {"BEARERD_CONTROL_SOCKET=/e"},
		 .flags = {"--control-socket=/g", "--shm-name=/t"}},
		"/g", "/t", "", false},
	    {{.file = "workers = x\ncontrol-socket = /f\n"}, "/f", "/bearerd",
		"workers: ", false},
	    {{.file = "nothing = x\ncontrol-socket = /f\n"}, "/f", "/bearerd",
		"unknown option", false},
	    {{.file = "control-socket = /f\nworkers\n"}, "/f", "/bearerd",
		"f.conf:2: ", true},
	    {{.file = "token {\ncontrol-socket = /f\n"}, NULL, "/bearerd",
		"f.conf:1: ", true},
	    {{.env = {"BEARERD_SHM_NAME=x"}}, NULL, "/bearerd",
		"BEARERD_SHM_NAME: ", false},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct try t = rows[i].in;
		bool unreadable;

		t.no_base_url = true;
		try_look(&t, &unreadable);
		if (rows[i].socket == NULL)
			ck_assert_ptr_null(t.conf->control_socket);
		else
			ck_assert_str_eq(t.conf->control_socket,
			    rows[i].socket);
		ck_assert_str_eq(t.conf->shm_name, rows[i].shm_name);
		ck_assert_int_eq(unreadable, rows[i].unreadable);
		ck_assert_msg(rows[i].error[0] == '\0'
			? t.errors[0] == '\0'
			: strstr(t.errors, rows[i].error) != NULL,
		    "%zu: %s", i, t.errors);
		try_done(&t);
	}
}
END_TEST

START_TEST(looking_keeps_no_secret)
{
	struct try t = {.file = "token a { api-key = k }\n",
	    .env = {"REDIS_PW=p", "API_KEY=e"}};
	bool unreadable;

	try_look(&t, &unreadable);
	ck_assert_uint_eq(t.conf->token_count, 1);
	ck_assert_ptr_null(t.conf->redis_password);
	ck_assert_ptr_null(t.conf->defaults.api_key);
	ck_assert_ptr_null(t.conf->token[0].api_key);
	try_done(&t);
}
END_TEST

UNIT_MAIN("conf", the_stronger_source_wins,
    of_a_secret_and_its_file_the_stronger_is_left,
    without_any_source_the_built_in_defaults_hold, flags_say_what_is_to_be_done,
    loading_again_reads_the_file_anew_and_leaves_argv_alone,
    what_is_printed_can_be_read_again_and_prints_the_same,
    forgotten_secrets_are_gone_and_all_else_stays,
    the_default_token_is_the_one_named_token_else_the_first,
    tokens_are_the_same_with_the_same_names_in_the_same_order,
    a_buffer_that_is_too_small_does_not_let_an_error_pass,
    looking_finds_what_is_there_whatever_else_is_wrong, looking_keeps_no_secret)
