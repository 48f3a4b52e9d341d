/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/err.h"
#include "base/secret_file.h"

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
		strcpy(dir, "/tmp/check_secret_file.XXXXXX");
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
	return secret_file_read(path, out, size, err);
}

START_TEST(a_secret_is_the_file_without_its_last_line_end)
{
	/* clang-format off */
	static const struct {
		const char *content, *secret;
	} rows[] = {
	    {"s3cret", "s3cret"}, {"s3cret\n", "s3cret"},
	    {"s3cret\r\n", "s3cret"}, {"a b\n", "a b"}, {" x ", " x "},
	    {"1234567", "1234567"}, {"1234567\n", "1234567"},
	    {"1234567\r\n", "1234567"}, {"x", "x"},
	    {"\"a", "\"a"}, {"a'", "a'"}, {"\"a'", "\"a'"}, {"\"", "\""},
	    {"\xc3\xbc", "\xc3\xbc"},
	};
	/* clang-format on */
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
	/* clang-format off */
	static const struct {
		const char *content;
		size_t len;
		const char *reason;
	} rows[] = {
	    {"", 0, "one line"}, {"\n", 1, "one line"},
	    {"\r\n", 2, "one line"}, {"a\nb", 3, "one line"},
	    {"a\n\n", 3, "one line"}, {"\na", 2, "one line"},
	    {"a\rb", 3, "one line"}, {"a\0b", 3, "UTF-16"},
	    {"a\0", 2, "UTF-16"}, {"\xff\xfe" "a\0", 4, "UTF-16"},
	    {"\xfe\xff\0a\0\n", 6, "UTF-16"}, {"\xff\xfe", 2, "UTF-16"},
	    {"\xef\xbb\xbf" "a", 4, "byte order mark"},
	    {"\xef\xbb\xbf" "a\r\n", 6, "byte order mark"},
	    {"\xef\xbb\xbf\n", 4, "byte order mark"},
	    {"a\xef\xbb\xbf" "b", 5, "nobody sees"},
	    {"a\xc2\xa0", 3, "nobody sees"},
	    {"a\xe2\x80\x8b\n", 5, "nobody sees"},
	    {"a\tb", 3, "control"}, {"\x1b[0m", 4, "control"},
	    {"a\x7f", 2, "control"}, {"a\x01\n", 3, "control"},
	    {"a\xc2\x9b", 3, "control"},
	    {"\"ab\"", 4, "quotes"}, {"'ab'\n", 5, "quotes"},
	    {"\"\"", 2, "quotes"}, {"`a`\r\n", 5, "quotes"}, {"12345678", 8, "longer than 7"},
	    {"12345678\n", 9, "longer than 7"},
	    {"12345678\r\n", 10, "longer than 7"},
	    {"123456789012345678901234567890", 30, "longer than 7"},
	};
	/* clang-format on */
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

	ck_assert_int_eq(secret_file_read("/nonexistent/key", out, sizeof(out),
			     &err),
	    -1);
	ck_assert_str_eq(err.text,
	    "/nonexistent/key: No such file or directory");
	ck_assert_int_eq(secret_file_read("/tmp", out, sizeof(out), &err), -1);
	ck_assert_str_eq(err.text, "/tmp: Is a directory");
}
END_TEST

START_TEST(a_bare_name_is_looked_up_in_the_credentials_directory_first)
{
	char out[8], here[256];
	struct err err;

	write_file("key", "cred\n", 5);
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	ck_assert_int_eq(secret_file_read("key", out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "cred");
	/* a name with a slash is not looked up there */
	ck_assert_int_eq(secret_file_read("./key", out, sizeof(out), &err), -1);
	/* a name that is not there is looked up here */
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	setenv("CREDENTIALS_DIRECTORY", "/nonexistent", 1);
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(secret_file_read("key", out, sizeof(out), &err), 0);
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
	ck_assert_int_eq(secret_file_read("key", out, sizeof(out), &err), -1);
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
	ck_assert_int_eq(secret_file_read(path, out, sizeof(out), &err), -1);
	remove_file("pipe");
	remove_file("f");
}
END_TEST

/* secret_file_read_all() of "f", with the folder's name cut off an error. */
static int
read_secrets(char *out, size_t size, struct err *err)
{
	char path[128];
	int status;

	snprintf(path, sizeof(path), "%s/f", dir);
	status = secret_file_read_all(path, out, size, err);
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
	/* clang-format off */
	static const struct {
		const char *content;
		size_t len;
		unsigned mode;
		const char *error;
	} rows[] = {
	    {"12345678", 8, 0600, "f: longer than 7 bytes"},
	    {"1234567890", 10, 0600, "f: longer than 7 bytes"},
	    {"12\0", 3, 0600, "f: must not be UTF-16 nor have NUL "
		"bytes; save it as UTF-8"},
	    {"123", 3, 0644, "f: every user may access it (mode 0644); only "
		"its owner and group may: chmod o= it"},
	    {"123", 3, 0602, "f: every user may access it (mode 0602); only "
		"its owner and group may: chmod o= it"},
	};
	/* clang-format on */
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
	ck_assert_int_eq(secret_file_read_all("/nowhere/f", out, sizeof(out),
			     &err),
	    -1);
	ck_assert_str_eq(err.text, "/nowhere/f: No such file or directory");
}
END_TEST

UNIT_MAIN("secret_file", a_secret_is_the_file_without_its_last_line_end,
    a_file_that_is_not_one_line_is_refused_and_nothing_is_left,
    a_secret_that_cannot_be_read_is_told_by_name_and_reason,
    a_bare_name_is_looked_up_in_the_credentials_directory_first,
    a_credential_that_is_refused_is_not_looked_for_elsewhere,
    a_secret_in_a_pipe_without_a_writer_does_not_block,
    a_file_of_several_secrets_is_read_as_it_is,
    a_file_of_several_secrets_that_is_refused_leaves_nothing)
