/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char dir[64];

/* A folder of this test's own; "name" in it has these bytes. */
static void
write_file(const char *name, const char *bytes, size_t len)
{
	char path[128];
	int fd;

	if (dir[0] == '\0') {
		strcpy(dir, "/tmp/check_util.XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(dir));
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void
remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	rmdir(dir);
	if (access(dir, F_OK) == -1)
		dir[0] = '\0';
}

static int
read_secret(const char *name, char *out, size_t size, struct err *err)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return util_read_secret(path, out, size, err);
}

START_TEST(a_secret_is_the_file_without_its_last_line_end)
{
	static const struct {
		const char *content, *secret;
	} rows[] = {
	    {"s3cret", "s3cret"}, {"s3cret\n", "s3cret"},
	    {"s3cret\r\n", "s3cret"}, {"a b\n", "a b"}, {" x ", " x "},
	    {"1234567", "1234567"}, {"1234567\n", "1234567"},
	    {"1234567\r\n", "1234567"}, {"x", "x"},
	};
	char out[8];
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		write_file("f", rows[i].content, strlen(rows[i].content));
		ck_assert_msg(read_secret("f", out, sizeof(out), &err) == 0,
		    "row %zu: %s", i, err.text);
		ck_assert_str_eq(out, rows[i].secret);
	}
	remove_file("f");
}
END_TEST

START_TEST(a_file_that_is_not_one_line_is_refused_and_nothing_is_left)
{
	static const struct {
		const char *content;
		size_t len;
		const char *reason;
	} rows[] = {
	    {"", 0, "one line"}, {"\n", 1, "one line"},
	    {"\r\n", 2, "one line"}, {"a\nb", 3, "one line"},
	    {"a\n\n", 3, "one line"}, {"\na", 2, "one line"},
	    {"a\rb", 3, "one line"}, {"a\0b", 3, "one line"},
	    {"a\0", 2, "one line"}, {"12345678", 8, "longer than 7"},
	    {"12345678\n", 9, "longer than 7"},
	    {"12345678\r\n", 10, "longer than 7"},
	    {"123456789012345678901234567890", 30, "longer than 7"},
	};
	static const char nothing[8];
	char out[8], path[128];
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		write_file("f", rows[i].content, rows[i].len);
		snprintf(path, sizeof(path), "%s/f: ", dir);
		memset(out, 'x', sizeof(out));
		ck_assert_msg(read_secret("f", out, sizeof(out), &err) == -1,
		    "row %zu", i);
		ck_assert_mem_eq(out, nothing, sizeof(out));
		ck_assert_ptr_eq(strstr(err.text, path), err.text);
		ck_assert_ptr_nonnull(strstr(err.text, rows[i].reason));
		ck_assert_ptr_null(strstr(err.text, "1234"));
	}
	remove_file("f");
}
END_TEST

START_TEST(a_secret_that_cannot_be_read_is_told_by_name_and_reason)
{
	char out[8];
	struct err err;

	ck_assert_int_eq(util_read_secret("/nonexistent/key", out,
	    sizeof(out), &err), -1);
	ck_assert_str_eq(err.text,
	    "/nonexistent/key: No such file or directory");
	ck_assert_int_eq(util_read_secret("/tmp", out, sizeof(out), &err), -1);
	ck_assert_str_eq(err.text, "/tmp: Is a directory");
}
END_TEST

START_TEST(a_bare_name_is_looked_up_in_the_credentials_directory_first)
{
	char out[8], here[256];
	struct err err;

	write_file("key", "cred\n", 5);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	ck_assert_int_eq(util_read_secret("key", out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "cred");
	/* a name with a slash is not looked up there */
	ck_assert_int_eq(util_read_secret("./key", out, sizeof(out), &err),
	    -1);
	/* a name that is not there is looked up here */
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	setenv("CREDENTIALS_DIRECTORY", "/nonexistent", 1);
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(util_read_secret("key", out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "cred");
	ck_assert_int_eq(chdir(here), 0);
	unsetenv("CREDENTIALS_DIRECTORY");
	remove_file("key");
}
END_TEST

START_TEST(a_credential_that_is_refused_is_not_looked_for_elsewhere)
{
	char out[8], here[256];
	struct err err;

	write_file("key", "wrong\n", 6);
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_eq(chdir(dir), 0);
	/* a plain file where the folder should be: ENOTDIR, not ENOENT */
	setenv("CREDENTIALS_DIRECTORY", "key", 1);
	ck_assert_int_eq(util_read_secret("key", out, sizeof(out), &err), -1);
	ck_assert_int_eq(chdir(here), 0);
	unsetenv("CREDENTIALS_DIRECTORY");
	remove_file("key");
}
END_TEST

START_TEST(a_secret_in_a_pipe_without_a_writer_does_not_block)
{
	char path[128], out[8];
	struct err err;

	write_file("f", "", 0);
	snprintf(path, sizeof(path), "%s/pipe", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(util_read_secret(path, out, sizeof(out), &err), -1);
	remove_file("pipe");
	remove_file("f");
}
END_TEST

/* util_read_secrets() of "f", with the folder's name cut off an error. */
static int
read_secrets(char *out, size_t size, struct err *err)
{
	char path[128];
	int status;

	snprintf(path, sizeof(path), "%s/f", dir);
	status = util_read_secrets(path, out, size, err);
	if (status == -1) {
		ck_assert_ptr_eq(strstr(err->text, path), err->text);
		memmove(err->text, err->text + strlen(dir) + 1,
		    strlen(err->text) - strlen(dir));
	}
	return status;
}

START_TEST(a_file_of_several_secrets_is_read_as_it_is)
{
	char out[8];
	struct err err;

	write_file("f", "a\nb\n\n#", 6);
	ck_assert_int_eq(read_secrets(out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "a\nb\n\n#");
	write_file("f", "", 0);
	ck_assert_int_eq(read_secrets(out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "");
	write_file("f", "1234567", 7);
	ck_assert_int_eq(read_secrets(out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "1234567");
	remove_file("f");
}
END_TEST

START_TEST(a_file_of_several_secrets_that_is_refused_leaves_nothing)
{
	static const struct {
		const char *content;
		size_t len;
		unsigned mode;
		const char *error;
	} rows[] = {
	    {"12345678", 8, 0600, "f: longer than 7 bytes"},
	    {"1234567890", 10, 0600, "f: longer than 7 bytes"},
	    {"12\0", 3, 0600, "f: has a NUL byte"},
	    {"123", 3, 0644, "f: every user may access it (mode 0644); only "
		"its owner and group may: chmod o= it"},
	    {"123", 3, 0602, "f: every user may access it (mode 0602); only "
		"its owner and group may: chmod o= it"},
	};
	static const char nothing[8];
	char out[8], path[128];
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		memset(out, 0, sizeof(out));
		write_file("f", rows[i].content, rows[i].len);
		snprintf(path, sizeof(path), "%s/f", dir);
		ck_assert_int_eq(chmod(path, rows[i].mode), 0);
		ck_assert_int_eq(read_secrets(out, sizeof(out), &err), -1);
		ck_assert_str_eq(err.text, rows[i].error);
		ck_assert_mem_eq(out, nothing, sizeof(out));
		remove_file("f");
	}
	ck_assert_int_eq(util_read_secrets("/nowhere/f", out, sizeof(out),
	    &err), -1);
	ck_assert_str_eq(err.text, "/nowhere/f: No such file or directory");
}
END_TEST

START_TEST(bytes_come_back_from_hexadecimal_of_either_case)
{
	static const char *const bad[] = {"0g", "g0", "0 ", "0@", "0`", "0/",
	    "0:", "0G", "\3770", ""};
	unsigned char out[4];
	size_t i;

	ck_assert_int_eq(util_unhex("000fA5Ff", 4, out), 0);
	ck_assert_mem_eq(out, "\x00\x0f\xa5\xff", 4);
	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(util_unhex(bad[i], 1, out) == -1, "row %zu", i);
}
END_TEST

START_TEST(hexadecimal_is_lower_case_and_ends_in_a_nul)
{
	char out[11] = "##########";

	util_hex("\x00\x0f\xa5\xff", 4, out);
	ck_assert_str_eq(out, "000fa5ff");
	util_hex("", 0, out);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(random_numbers_are_spread_over_the_unit_interval)
{
	int hits[10] = {0}, i;

	for (i = 0; i < 20000; i++) {
		double r = util_random_unit();

		ck_assert(r >= 0 && r < 1);
		hits[(int)(r * 10)]++;
	}
	for (i = 0; i < 10; i++)
		ck_assert_msg(hits[i] > 1700 && hits[i] < 2300, "%d: %d", i,
		    hits[i]);
}
END_TEST

START_TEST(a_prepared_descriptor_neither_blocks_nor_is_inherited)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(util_fd_prepare(fd[0]), 0);
	ck_assert_int_ne(fcntl(fd[0], F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_eq(fcntl(fd[0], F_GETFD), FD_CLOEXEC);
	close(fd[0]);
	close(fd[1]);
	ck_assert_int_eq(util_fd_prepare(fd[0]), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(an_error_text_is_cut_to_its_room_and_the_result_is_minus_one)
{
	char text[600];
	struct err err;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(err_set(&err, "%d: %s", 5, text), -1);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert_int_eq(strncmp(err.text, "5: xxx", 6), 0);
}
END_TEST

START_TEST(allocations_are_zeroed_and_never_null)
{
	char *p = util_alloc(100, 3), *copy;
	size_t i;

	for (i = 0; i < 300; i++)
		ck_assert_int_eq(p[i], 0);
	free(p);
	p = util_alloc(0, 8);
	ck_assert_ptr_nonnull(p);
	free(p);
	copy = util_strdup("text");
	ck_assert_str_eq(copy, "text");
	util_free_secret(copy);
	util_free_secret(NULL);
}
END_TEST

START_TEST(an_allocation_that_overflows_ends_the_process)
{
	volatile size_t much = SIZE_MAX / 2;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		close(STDERR_FILENO);
		util_alloc(much, 3);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
END_TEST

UNIT_MAIN("util", a_secret_is_the_file_without_its_last_line_end,
    a_file_that_is_not_one_line_is_refused_and_nothing_is_left,
    a_secret_that_cannot_be_read_is_told_by_name_and_reason,
    a_bare_name_is_looked_up_in_the_credentials_directory_first,
    a_credential_that_is_refused_is_not_looked_for_elsewhere,
    a_secret_in_a_pipe_without_a_writer_does_not_block,
    a_file_of_several_secrets_is_read_as_it_is,
    a_file_of_several_secrets_that_is_refused_leaves_nothing,
    hexadecimal_is_lower_case_and_ends_in_a_nul,
    bytes_come_back_from_hexadecimal_of_either_case,
    random_numbers_are_spread_over_the_unit_interval,
    a_prepared_descriptor_neither_blocks_nor_is_inherited,
    an_error_text_is_cut_to_its_room_and_the_result_is_minus_one,
    allocations_are_zeroed_and_never_null,
    an_allocation_that_overflows_ends_the_process)
