/* SPDX-License-Identifier: MIT */
/* The file: its syntax, and that every error names its line. */
#include "config.h"

#include "unit.h"

#include "conf_try.h"

#include <sys/stat.h>

/* A file, and what a line of its print says. */
static const struct {
	const char *file, *line;
} good[] = {
    {"workers=3", "\nworkers = 3\n"},
    {"# x\n#y\n\n\tworkers = 3 # z = \"\n# \" '\n", "\nworkers = 3\n"},
    {"workers = 3 #\r\n#\r\nredis-db = 4\r\n", "\nredis-db = 4\n"},
    {"workers = 3 redis-db = 4\n", "\nredis-db = 4\n"},
    {"listen = \"127.0.0.1:1, unix:/a#b*c\"\n",
	"listen = \"127.0.0.1:1, unix:/a#b*c\"\n"},
    {"pid-file = 'a \"b\" # c'\n", "\npid-file = \"a \\\"b\\\" # c\"\n"},
    {"pid-file = \"a \\\"b\\\" \\\\c\"\n",
	"\npid-file = \"a \\\"b\\\" \\\\c\"\n"},
    {"pid-file = \"${CONF_TRY}/x\"\n", "\npid-file = \"/try/x\"\n"},
    {"pid-file = ${CONF_TRY}\n", "\npid-file = \"/try\"\n"},
    {"pid-file = \"${CONF_NOT}x${CONF_NOT:-y}\"\n", "\npid-file = \"xy\"\n"},
    {"pid-file = '${CONF_TRY}'\n", "\npid-file = \"\\${CONF_TRY}\"\n"},
    {"pid-file = \"\\${CONF_TRY}\"\n", "\npid-file = \"\\${CONF_TRY}\"\n"},
    {"pid-file = /a/${CONF_TRY}/$b\n", "\npid-file = \"/a//try/\\$b"},
    {"pid-file = \"\\x41\\102\\x4a\\61\\\nz\"\n", "\npid-file = \"ABJ1z\"\n"},
    {"pid-file = \"$5 ${a\"\n", "\npid-file = \"\\$5 \\${a\"\n"},
    {"pid-file = 'a\\b\\'\\\\'\n", "\npid-file = \"a\\\\b'\\\\\"\n"},
    {"pid-file = http://x//y\n", "\npid-file = \"http://x//y\"\n"},
    {"token a{path=/x}", "\n\tpath = \"/x\"\n"},
    {"token a { } token b { } token c { path = /x }\n", "\ntoken b {\n"},
    {"token \"a\" { }\n", "\ntoken a {\n"},
    {"path = /x\ntoken a { }\n", "\n\tpath = \"/x\"\n"},
    {"token a { }\npath = /x\n", "\n\tpath = \"/x\"\n"},
    {"\xef\xbb\xbf"
     "workers = 3\n",
	"\nworkers = 3\n"},
    {"\xef\xbb\xbf# x\r\nworkers = 3\r\n", "\nworkers = 3\n"},
    {"\xef\xbb\xbf", "\nworkers = 0\n"},
    {"", "\nworkers = 0\n"},
    {"# nothing", "\nworkers = 0\n"},
};

START_TEST(good_files_are_understood)
{
	size_t i;

	setenv("CONF_TRY", "/try", 1);
	for (i = 0; i < COUNT(good); i++) {
		struct try t = {.file = good[i].file};

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "row %zu: %s", i, t.errors);
		ck_assert_msg(strstr(try_print(t.conf), good[i].line) != NULL,
		    "row %zu has no %s", i, good[i].line);
		try_done(&t);
	}
	unsetenv("CONF_TRY");
}
END_TEST

#define MORE                                                            \
	"there is more after the value; a value with spaces or any of " \
	", + = * ( ) { } ' \" needs quotation marks"
#define QUOTE "a name or value is missing, or needs quotation marks"

/* A file, and its errors without "f.conf:". */
static const struct {
	const char *file, *errors[5];
} bad[] = {
    {"\n# x\nbogus = 1\n", {"3: unknown option 'bogus'"}},
    {"idel-timeout = 5s\n", {"1: unknown option 'idel-timeout'"}},
    {"redis_host = x\n", {"1: unknown option 'redis_host'"}},
    {"token a {\n tiemout = 1\n}\n", {"2: unknown option 'tiemout'"}},
    {"aa = 1\ntoken a {\n bb = 2 }\nworkers = x\ncc = 3\n",
	{"1: unknown option 'aa'", "3: unknown option 'bb'",
	    "5: unknown option 'cc'",
	    "4: workers: 'x' must be a number from 0 to 256"}},
    {"tokens a {\n}\n",
	{"1: unknown option 'tokens'",
	    "1: missing equal sign after option "
	    "'tokens'"}},
    {"workers = 1\n\nworkers = 2\n",
	{"3: workers: is set a second time; the first is at "}},
    {"token a {\n path = /a\n path = /b }\n",
	{"3: path: is set a second time; the first is at "}},
    {"token a {\n}\n# x\n# y\n\ntoken b { }\ntoken a\n{\n}\n",
	{"7: there is a token 'a' already, at "}},
    {"token 'a b' { }\n",
	{"1: the name of token 'a b' must be 1 to 64 "
	 "letters, digits, points, underscores or hyphens"}},
    {"token \"\" { }\n",
	{"1: the name of token '' must be 1 to 64 "
	 "letters, digits, points, underscores or hyphens"}},
    {"token a {\n workers = 1\n}\n",
	{"2: workers: cannot be set in a token section, but outside of it"}},
    {"token a {\n token b { }\n}\n",
	{"2: a token section cannot be in another"}},
    {"user = a b\n", {"1: user: " MORE}},
    {"user = a,b\n", {"1: user: " MORE}},
    {"user = a=b\n", {"1: user: " MORE}},
    {"user = a(b\n", {"1: user: " MORE}},
    {"listen = 127.0.0.1:1, 127.0.0.1:2\n", {"1: listen: " MORE}},
    {"user = \"a\"b\n", {"1: user: " MORE}},
    {"user = a*b\n", {"1: user: " MORE}},
    {"pid-file = \"a\\\nb\"\nuser = a*b\n", {"3: user: " MORE}},
    {"pid-file = 'a\\\nb'\nuser = a b\n", {"3: user: " MORE}},
    {"\nuser = a#b\n",
	{"2: a value with # needs quotation marks; a comment "
	 "needs a space before its #"}},
    {"user = #x\nworkers = 1\n", {"2: user: " MORE}},
    {"// x\n",
	{"1: a comment begins with #, and a value that begins with "
	 "// needs quotation marks"}},
    {"user = //x\n",
	{"1: a comment begins with #, and a value that begins "
	 "with // needs quotation marks"}},
    {"/* x */\n",
	{"1: a comment begins with #, and a value that begins with "
	 "// needs quotation marks"}},
    {"# x\nuser = \"a\nworkers = 1\n\n",
	{"2: this quotation mark is not closed"}},
    {"user = don't\n", {"1: user: " MORE}},
    {"token a {\n path = /x\n", {"1: this { is not closed"}},
    {"workers = 1\n}\n", {"2: unexpected closing brace"}},
    {"user\n= x\nworkers\n", {"3: missing equal sign after option 'workers'"}},
    {"user x\n", {"1: missing equal sign after option 'user'"}},
    {"user += x\n", {"1: missing equal sign after option 'user'"}},
    {"user = {x}\n", {"1: " QUOTE}},
    {"= x\n", {"1: " QUOTE}},
    {"token { }\n",
	{"1: missing name after token: a section is token NAME { ... }"}},
    {"token a\n", {"1: missing { after token 'a'"}},
    {"token a b { }\n", {"1: missing { after token 'a'"}},
    {"user = \"\\0\"\n", {"1: unknown \\ sequence in a quoted value"}},
    {"user = \"\\x\"\n", {"1: unknown \\ sequence in a quoted value"}},
    {"user = \"\\777\"\n", {"1: unknown \\ sequence in a quoted value"}},
    {"user = \"a\\", {"1: this quotation mark is not closed"}},
    {"user = a user = b c\n",
	{"1: user: is set a second time; the first is at ", "1: user: " MORE}},
    {"user =", {"1: the file ends where a value is expected"}},
    {"token", {"1: missing name after token: a section is token NAME { ... }"}},
    {"user = \"\\9\"\n", {"1: unknown \\ sequence in a quoted value"}},
};

START_TEST(each_error_of_a_file_names_its_line)
{
	char line[512];
	size_t i, j, n;

	for (i = 0; i < COUNT(bad); i++) {
		struct try t = {.file = bad[i].file};

		try_load(&t);
		ck_assert_msg(t.conf == NULL, "row %zu: accepted", i);
		for (j = n = 0; j < 5 && bad[i].errors[j] != NULL; j++) {
			snprintf(line, sizeof(line), "/f.conf:%s",
			    bad[i].errors[j]);
			ck_assert_msg(strstr(t.errors, line) != NULL,
			    "row %zu: no %s in:\n%s", i, line, t.errors);
			n += j == 0 ||
			    strcmp(bad[i].errors[j], bad[i].errors[j - 1]) != 0;
		}
		ck_assert_msg(try_lines(t.errors) == n, "row %zu:\n%s", i,
		    t.errors);
		try_done(&t);
	}
}
END_TEST

START_TEST(both_lines_of_what_is_there_twice_are_named)
{
	static const struct {
		const char *file, *first;
	} rows[] = {
	    {"# x\nworkers = 1\nworkers = 2\n", "the first is at "},
	    {"# x\ntoken a { }\ntoken b { }\ntoken a { }\n",
		"there is a token 'a' already, at "},
	};
	char line[256];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct try t = {.file = rows[i].file};

		snprintf(line, sizeof(line), "%s%s:2\n", rows[i].first,
		    try_path("f.conf"));
		try_load(&t);
		ck_assert_msg(strstr(t.errors, line) != NULL, "%s", t.errors);
		try_done(&t);
	}
}
END_TEST

START_TEST(all_unknown_names_are_found)
{
	char file[4096] = "";
	struct try t = {.file = file};
	size_t i;

	for (i = 0; i < 40; i++)
		snprintf(file + strlen(file), 64, "unknown-name-%02zu = %zu\n",
		    i, i);
	try_load(&t);
	ck_assert_ptr_null(t.conf);
	ck_assert_ptr_nonnull(strstr(t.errors, "'unknown-name-39'"));
	ck_assert_uint_eq(try_lines(t.errors), 40);
}
END_TEST

START_TEST(a_value_is_limited_also_in_what_variables_add)
{
	static char file[70000], variable[40000];
	struct try t = {.file = file};

	memset(variable, 'x', sizeof(variable) - 1);
	setenv("CONF_TRY", variable, 1);
	strcpy(file, "user = ${CONF_TRY}${CONF_TRY}\n");
	try_load(&t);
	ck_assert_ptr_nonnull(strstr(t.errors,
	    ":1: a name or value is longer than 65535 bytes\n"));
	unsetenv("CONF_TRY");
	memset(file, 'y', sizeof(file) - 1);
	try_load(&t);
	ck_assert_ptr_nonnull(strstr(t.errors,
	    ":1: a name or value is longer than 65535 bytes\n"));
}
END_TEST

START_TEST(a_named_pipe_is_refused_rather_than_waited_for)
{
	char path[128];
	struct try t = {.flags = {"--config", path}};
	struct try ca = {.flags = {"--ca-file", path}};

	snprintf(path, sizeof(path), "%s", try_path("pipe"));
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	try_load(&t);
	try_load(&ca);
	try_remove("pipe");
	ck_assert_ptr_nonnull(
	    strstr(t.errors, "/pipe: is a named pipe; it must be a file\n"));
	ck_assert_ptr_nonnull(strstr(ca.errors,
	    "/pipe' must be a file, not a directory or a named pipe\n"));
}
END_TEST

START_TEST(a_pipe_that_a_shell_made_is_read_to_its_end)
{
	struct try t = {.no_base_url = true};
	char path[32];
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	t.flags[0] = "-c";
	t.flags[1] = path;
	ck_assert_int_eq(write(fd[1], "base-url = http://p\n", 20), 20);
	close(fd[1]);
	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	ck_assert_str_eq(t.conf->token[0].base_url, "http://p");
	try_done(&t);
	close(fd[0]);
}
END_TEST

static const struct {
	const char *path, *error;
} unreadable[] = {
    {"/nowhere/f", "/nowhere/f: No such file or directory\n"},
    {"/", "/: Is a directory\n"},
    {"/dev/zero", "/dev/zero: is larger than 1 MiB\n"},
    {"/proc/self/environ",
	"/proc/self/environ: is not a text file, or one in "
	"UTF-16; save it as UTF-8\n"},
    {"", "--config: must not be empty\n"},
};

START_TEST(a_file_that_cannot_be_read_is_the_only_error)
{
	size_t i;

	for (i = 0; i < COUNT(unreadable); i++) {
		struct try t = {.flags = {"--config", unreadable[i].path},
		    .no_base_url = true};

		try_load(&t);
		ck_assert_ptr_null(t.conf);
		ck_assert_str_eq(t.errors, unreadable[i].error);
	}
}
END_TEST

UNIT_MAIN("conf_file", good_files_are_understood,
    each_error_of_a_file_names_its_line,
    both_lines_of_what_is_there_twice_are_named, all_unknown_names_are_found,
    a_value_is_limited_also_in_what_variables_add,
    a_named_pipe_is_refused_rather_than_waited_for,
    a_pipe_that_a_shell_made_is_read_to_its_end,
    a_file_that_cannot_be_read_is_the_only_error)
