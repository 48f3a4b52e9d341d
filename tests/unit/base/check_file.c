/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(a_prepared_descriptor_neither_blocks_nor_is_inherited)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(file_prepare(fd[0]), 0);
	ck_assert_int_ne(fcntl(fd[0], F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_eq(fcntl(fd[0], F_GETFD), FD_CLOEXEC);
	close(fd[0]);
	close(fd[1]);
	ck_assert_int_eq(file_prepare(fd[0]), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(a_named_pipe_is_refused_and_one_of_a_shell_is_read_to_its_end)
{
	char dir[] = "/tmp/check_file.XXXXXX", path[64], out[8];
	int fd[2], opened;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(file_open(path), -1);
	ck_assert_int_eq(errno, ESPIPE);
	unlink(path);
	rmdir(dir);
	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(write(fd[1], "abc", 3), 3);
	close(fd[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	opened = file_open(path);
	ck_assert_int_ne(opened, -1);
	ck_assert_int_eq(file_read(opened, out, sizeof(out)), 3);
	close(opened);
	close(fd[0]);
}
END_TEST

START_TEST(the_directory_of_a_file_is_what_stands_before_its_last_slash)
{
	static const char *const rows[][2] = {{"/a/b", "/a"}, {"/a", "/"},
	    {"a", "."}, {"a/b", "a"}, {"/a/b/", "/a/b"}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *dir = file_directory(rows[i][0]);

		ck_assert_str_eq(dir, rows[i][1]);
		free(dir);
	}
}
END_TEST

UNIT_MAIN("file", a_prepared_descriptor_neither_blocks_nor_is_inherited,
    a_named_pipe_is_refused_and_one_of_a_shell_is_read_to_its_end,
    the_directory_of_a_file_is_what_stands_before_its_last_slash)
