/* SPDX-License-Identifier: MIT */
/* Files that follow the slots.  Time is what token_files_turn() is told. */
#include "config.h"

#include "unit.h"

#include "segment.h"

#include "base/log.h"
#include "base/clock.h"
#include "base/log_limit.h"
#include "refresher/token_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define T0 1000000   /* tokens are obtained then, */
#define E 1100000    /* and expire then: */
#define DEAD 1090000 /* their reserve is a tenth of 100 s */

static char dir[64], path[2][128], template[] = "Bearer %s";
static struct conf_token tokens[2];
static struct conf conf = {.token = tokens, .token_count = 2};

/* A folder of this test's own, and a file in it for the first token. */
static void
set_up(void)
{
	size_t i;

	if (dir[0] == '\0') {
		strcpy(dir, "/tmp/check_sink.XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(dir));
	}
	for (i = 0; i < 2; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", dir, names[i]);
		unlink(path[i]);
		tokens[i] = (struct conf_token){
		    .name = (char *)(uintptr_t)names[i],
		    .token_file_template = template,
		    .token_file_mode = 0640,
		};
	}
	tokens[0].token_file = path[0];
	create();
}

static void
tear_down(struct token_files *s)
{
	token_files_close(s, true);
	drop();
	unlink(path[0]);
	unlink(path[1]);
	rmdir(dir);
	dir[0] = '\0';
}

/* The content of a file; "" also if it is not there. */
static const char *
content(const char *file)
{
	static char text[TEXT_MAX + 64];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? 0 : read(fd, text, sizeof(text) - 1);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	if (fd != -1)
		close(fd);
	return text;
}

static void
write_file(const char *file, const char *text)
{
	FILE *f = fopen(file, "we");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* How many entries the folder has. */
static unsigned
entries(void)
{
	char command[128];
	unsigned n = 0;
	FILE *f;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", dir);
	f = popen(command, "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

START_TEST(a_token_is_in_its_file_until_it_is_dead)
{
	struct token_files *s;
	struct stat st;

	set_up();
	s = token_files_open(&conf, NULL, &segment);
	ck_assert_int_eq(token_files_turn(s, T0), INT64_MAX);
	ck_assert_uint_eq(entries(), 0);
	put(&segment, "one", "abc", T0, E);
	put(&segment, "two", "xyz", T0, E);
	ck_assert_int_eq(token_files_turn(s, T0), DEAD);
	ck_assert_str_eq(content(path[0]), "Bearer abc");
	ck_assert_uint_eq(entries(), 1);
	ck_assert_int_eq(stat(path[0], &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	ck_assert_int_eq(token_files_turn(s, DEAD - 1), DEAD);
	ck_assert_str_eq(content(path[0]), "Bearer abc");
	ck_assert_int_eq(token_files_turn(s, DEAD), INT64_MAX);
	ck_assert_uint_eq(entries(), 0);
	tear_down(s);
}
END_TEST

START_TEST(a_newer_token_takes_the_place_of_the_old_one)
{
	struct token_files *s;

	set_up();
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, E);
	token_files_turn(s, T0);
	put(&segment, "one", "defg", T0 + 50000, E + 50000);
	ck_assert_int_eq(token_files_turn(s, T0 + 50000), DEAD + 50000);
	ck_assert_str_eq(content(path[0]), "Bearer defg");
	slot_clear(segment_find(&segment, "one"), 7);
	token_files_turn(s, T0 + 50001);
	ck_assert_uint_eq(entries(), 0);
	tear_down(s);
}
END_TEST

START_TEST(what_a_predecessor_left_is_replaced_or_removed)
{
	struct token_files *s;
	char temporary[160];

	set_up();
	tokens[1].token_file = path[1];
	snprintf(temporary, sizeof(temporary), "%s.new", path[0]);
	write_file(temporary, "half a tok");
	write_file(path[0], "old");
	write_file(path[1], "old");
	put(&segment, "one", "abc", T0, E);
	put(&segment, "two", "xyz", T0 - 200000, T0 - 1000);
	s = token_files_open(&conf, NULL, &segment);
	token_files_turn(s, T0);
	ck_assert_str_eq(content(path[0]), "Bearer abc");
	ck_assert_uint_eq(entries(), 1);
	tear_down(s);
}
END_TEST

START_TEST(files_stay_for_a_successor_and_go_with_the_last)
{
	struct token_files *s;

	set_up();
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, E);
	token_files_turn(s, T0);
	token_files_close(s, false);
	ck_assert_str_eq(content(path[0]), "Bearer abc");
	s = token_files_open(&conf, NULL, &segment);
	token_files_turn(s, T0);
	token_files_close(s, true);
	ck_assert_uint_eq(entries(), 0);
	s = token_files_open(&conf, NULL, &segment);
	token_files_turn(s, T0);
	write_file(path[1], "a stranger's");
	ck_assert_int_eq(rename(path[1], path[0]), 0);
	token_files_close(s, true);
	ck_assert_str_eq(content(path[0]), "a stranger's");
	tear_down(token_files_open(&conf, NULL, &segment));
}
END_TEST

/* Files may have this many bytes from now on. */
static void
limit_files(rlim_t most)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = most;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_file_that_could_not_be_replaced_goes_with_the_last)
{
	struct token_files *s;
	struct rlimit before;

	set_up();
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, E);
	token_files_turn(s, T0);
	put(&segment, "one", "defg", T0 + 1, E + 1);
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(strlen("Bearer abc"));
	token_files_turn(s, T0 + 1);
	limit_files(before.rlim_cur);
	signal(SIGXFSZ, SIG_DFL);
	ck_assert_str_eq(content(path[0]), "Bearer abc");
	token_files_close(s, true);
	ck_assert_uint_eq(entries(), 0);
	tear_down(token_files_open(&conf, NULL, &segment));
}
END_TEST

START_TEST(a_reload_moves_the_file)
{
	struct conf_token moved[2];
	struct conf next = {.token = moved, .token_count = 2};
	struct token_files *s;

	set_up();
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, E);
	token_files_turn(s, T0);
	token_files_close(s, false);
	memcpy(moved, tokens, sizeof(moved));
	moved[0].token_file = path[1];
	s = token_files_open(&next, &conf, &segment);
	token_files_turn(s, T0);
	ck_assert_str_eq(content(path[1]), "Bearer abc");
	ck_assert_uint_eq(entries(), 1);
	tear_down(s);
}
END_TEST

/* Lines on standard error while f(s) runs. */
static unsigned
lines_of(void (*f)(struct token_files *s), struct token_files *s)
{
	int fds[2], saved = dup(STDERR_FILENO);
	char text[4096];
	unsigned n = 0;
	ssize_t len;

	ck_assert_int_eq(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	f(s);
	dup2(saved, STDERR_FILENO);
	close(saved);
	len = read(fds[0], text, sizeof(text));
	close(fds[0]);
	while (len-- > 0)
		n += text[len] == '\n';
	return n;
}

static void
three_minutes_of_trouble(struct token_files *s)
{
	int64_t now;

	for (now = T0; now < T0 + 3 * LOG_LIMIT_MS; now += 500) {
		clock_set(now, 0);
		token_files_turn(s, now);
	}
}

START_TEST(a_file_that_cannot_be_written_is_one_line_a_minute)
{
	struct token_files *s;
	char folder[80], away[160];

	set_up();
	snprintf(folder, sizeof(folder), "%s/none", dir);
	snprintf(away, sizeof(away), "%s/file", folder);
	tokens[0].token_file = away;
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, T0 + 3600000);
	clock_set(T0, 0);
	ck_assert_int_eq(token_files_turn(s, T0), T0 + TOKEN_FILE_RETRY_MS);
	ck_assert_uint_eq(lines_of(three_minutes_of_trouble, s), 2);
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	token_files_turn(s, T0 + 4 * LOG_LIMIT_MS);
	ck_assert_str_eq(content(away), "Bearer abc");
	unlink(away);
	rmdir(folder);
	tear_down(s);
}
END_TEST

START_TEST(a_dead_token_that_cannot_be_removed_is_tried_again)
{
	struct token_files *s;

	set_up();
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, E);
	token_files_turn(s, T0);
	unlink(path[0]);
	ck_assert_int_eq(mkdir(path[0], 0700), 0); /* so that unlink fails */
	ck_assert_int_eq(token_files_turn(s, DEAD), DEAD + TOKEN_FILE_RETRY_MS);
	rmdir(path[0]);
	ck_assert_int_eq(token_files_turn(s, DEAD + TOKEN_FILE_RETRY_MS),
	    INT64_MAX);
	tear_down(s);
}
END_TEST

START_TEST(an_unknown_group_gets_no_file)
{
	struct token_files *s;
	char group[] = "no-such-group";
	gid_t gids[4];

	set_up();
	tokens[0].token_file_group = group;
	ck_assert_uint_eq(token_files_groups(&conf, gids, 4), 0);
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", "abc", T0, E);
	ck_assert_int_eq(token_files_turn(s, T0), T0 + TOKEN_FILE_RETRY_MS);
	ck_assert_uint_eq(entries(), 0);
	token_files_close(s, true);
	strcpy(group, "root");
	ck_assert_uint_eq(token_files_groups(&conf, gids, 4), 1);
	ck_assert_uint_eq(gids[0], 0);
	ck_assert_uint_eq(token_files_groups(&conf, gids, 0), 0);
	tear_down(token_files_open(&conf, NULL, &segment));
}
END_TEST

START_TEST(the_longest_token_fits_in_the_longest_template)
{
	static char longest[CONF_TEMPLATE_MAX + 1], text[TEXT_MAX + 1];
	struct token_files *s;
	struct stat st;

	set_up();
	memset(longest, '-', CONF_TEMPLATE_MAX);
	memcpy(longest + 5, "%s", 2);
	memset(text, 'x', TEXT_MAX);
	tokens[0].token_file_template = longest;
	s = token_files_open(&conf, NULL, &segment);
	put(&segment, "one", text, T0, E);
	token_files_turn(s, T0);
	ck_assert_int_eq(stat(path[0], &st), 0);
	ck_assert_int_eq(st.st_size, CONF_TEMPLATE_MAX - 2 + TEXT_MAX);
	tear_down(s);
}
END_TEST

UNIT_MAIN("sink", a_token_is_in_its_file_until_it_is_dead,
    a_newer_token_takes_the_place_of_the_old_one,
    what_a_predecessor_left_is_replaced_or_removed,
    files_stay_for_a_successor_and_go_with_the_last,
    a_file_that_could_not_be_replaced_goes_with_the_last,
    a_reload_moves_the_file, a_file_that_cannot_be_written_is_one_line_a_minute,
    a_dead_token_that_cannot_be_removed_is_tried_again,
    an_unknown_group_gets_no_file,
    the_longest_token_fits_in_the_longest_template)
