/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "base/log.h"

#include "seen.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

START_TEST(a_text_line_bears_time_level_process_role_and_message)
{
	char expected[128];

	see();
	log_warning("%d of %s", 3, "them");
	snprintf(expected, sizeof(expected),
	    "2023-11-14T22:13:20.123Z warning"
	    " [%d] worker 3: 3 of them\n",
	    (int)getpid());
	ck_assert_str_eq(drain(), expected);
	unsee();
}
END_TEST

START_TEST(a_line_for_the_journal_begins_with_its_priority)
{
	see();
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_err("broken");
	log_info("fine");
	ck_assert_str_eq(drain(), "<3>worker 3: broken\n<6>worker 3: fine\n");
	unsee();
	unsetenv("JOURNAL_STREAM");
}
END_TEST

START_TEST(a_json_line_is_valid_whatever_the_message_holds)
{
	static const char *const messages[] = {"plain", "say \"x\" \\ /",
	    "two\nlines\r\t\x1b[31m\x7f", "\xff\xfe", "\xc3\xbc",
	    "\xc2\x9b\xe2\x80\xae\x7f", ""};
	size_t i;

	see();
	log_open(LVL_INFO, true);
	for (i = 0; i < COUNT(messages); i++) {
		cJSON *line;

		log_notice("%s", messages[i]);
		drain();
		ck_assert_ptr_eq(strchr(seen.text, '\n'),
		    seen.text + strlen(seen.text) - 1);
		ck_assert_ptr_null(strpbrk(seen.text, "\x1b\x7f\x9b"));
		line = cJSON_Parse(seen.text);
		ck_assert_ptr_nonnull(line);
		ck_assert_str_eq(cJSON_GetObjectItem(line, "time")->valuestring,
		    "2023-11-14T22:13:20.123Z");
		ck_assert_str_eq(cJSON_GetObjectItem(line, "level")
				     ->valuestring,
		    "notice");
		ck_assert_str_eq(cJSON_GetObjectItem(line, "role")->valuestring,
		    "worker 3");
		ck_assert_int_eq(cJSON_GetObjectItem(line, "pid")->valueint,
		    getpid());
		if ((unsigned char)messages[i][0] != 0xff)
			ck_assert_str_eq(cJSON_GetObjectItem(line, "message")
					     ->valuestring,
			    messages[i]);
		cJSON_Delete(line);
	}
	unsee();
}
END_TEST

START_TEST(a_message_cannot_forge_a_second_line)
{
	see();
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_info("%s", "a\n<3>master: b\r\x1b\x7f\xc3\xbc");
	ck_assert_str_eq(drain(), "<6>worker 3: a?<3>master: b???\xc3\xbc\n");
	/* C1, in UTF-8 and as one byte, separators, and turned text */
	log_info("%s",
	    "a\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"
	    "b\x9b\x85"
	    "c\xe2\x80\xa8\xe2\x80\xaf"
	    "d\xe2\x80\xae\xe2\x81\xa6"
	    "e\xe2\x82\xac\xf0\x9f\x98\x80\xc2");
	ck_assert_str_eq(drain(),
	    "<6>worker 3: a???\xc2\xa0"
	    "b??"
	    "c?\xe2\x80\xaf"
	    "d??"
	    "e\xe2\x82\xac\xf0\x9f\x98\x80?\n");
	unsee();
	unsetenv("JOURNAL_STREAM");
}
END_TEST

START_TEST(lines_below_the_level_are_not_shown)
{
	int least, level;

	see();
	for (least = LVL_ERR; least <= LVL_DEBUG; least++) {
		log_open((enum log_level)least, false);
		for (level = LVL_ERR; level <= LVL_DEBUG; level++) {
			log_at((enum log_level)level, "x");
			ck_assert_int_eq(*drain() != '\0', level <= least);
		}
	}
	unsee();
}
END_TEST

START_TEST(a_long_message_is_cut_not_split)
{
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	see();
	log_info("%s", text);
	drain();
	ck_assert_uint_gt(strlen(seen.text), 1000);
	ck_assert_uint_lt(strlen(seen.text), 2048);
	ck_assert_ptr_eq(strchr(seen.text, '\n'),
	    seen.text + strlen(seen.text) - 1);
	unsee();
}
END_TEST

START_TEST(a_full_pipe_drops_whole_lines_and_the_next_one_says_how_many)
{
	int i, lines = 0, lost = 0;
	char *p, *rest;

	see();
	for (i = 0; i < 5000; i++)
		log_info("line %d of a few that do not fit in the pipe", i);
	drain();
	for (p = seen.text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_int_gt(lines, 100);
	ck_assert_int_lt(lines, 5000);
	ck_assert_int_eq(seen.text[strlen(seen.text) - 1], '\n');
	log_info("after");
	drain();
	rest = strstr(seen.text, "worker 3: ");
	ck_assert_int_eq(sscanf(rest, "worker 3: %d log lines were dropped",
			     &lost),
	    1);
	ck_assert_int_eq(lines + lost, 5000);
	ck_assert_ptr_nonnull(strstr(rest, "worker 3: after\n"));
	log_info("again");
	ck_assert_ptr_null(strstr(drain(), "dropped"));
	unsee();
}
END_TEST

START_TEST(a_reader_that_is_gone_costs_neither_the_process_nor_time)
{
	see();
	signal(SIGPIPE, SIG_DFL);
	close(seen.read);
	log_info("nobody hears");
	seen.read = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsee();
}
END_TEST

START_TEST(errno_is_the_same_after_a_line)
{
	int fd;

	see();
	errno = EDOM;
	log_info("x");
	ck_assert_int_eq(errno, EDOM);
	/* it looks writable and is not */
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(fd, STDERR_FILENO);
	close(fd);
	errno = ERANGE;
	log_info("nowhere");
	ck_assert_int_eq(errno, ERANGE);
	unsee();
}
END_TEST

START_TEST(log_die_says_why_and_ends_with_status_one)
{
	int status;
	pid_t pid;

	see();
	pid = fork();
	if (pid == 0)
		log_die("cannot go on: %s", "no disk");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	ck_assert_ptr_nonnull(
	    strstr(drain(), " err [")); /* whatever the level */
	ck_assert_ptr_nonnull(strstr(seen.text, "cannot go on: no disk\n"));
	unsee();
}
END_TEST

UNIT_MAIN("log", a_text_line_bears_time_level_process_role_and_message,
    a_line_for_the_journal_begins_with_its_priority,
    a_json_line_is_valid_whatever_the_message_holds,
    a_message_cannot_forge_a_second_line, lines_below_the_level_are_not_shown,
    a_long_message_is_cut_not_split,
    a_full_pipe_drops_whole_lines_and_the_next_one_says_how_many,
    a_reader_that_is_gone_costs_neither_the_process_nor_time,
    errno_is_the_same_after_a_line, log_die_says_why_and_ends_with_status_one)
