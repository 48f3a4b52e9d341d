/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/secret_file.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Open a secret's file, in the credentials directory first for a bare name. */
static int
secret_open(const char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char full[4096];
	int fd;

	if (dir != NULL && strchr(path, '/') == NULL &&
	    snprintf(full, sizeof(full), "%s/%s", dir, path) <
		(int)sizeof(full)) {
		fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd != -1 || errno != ENOENT)
			return fd;
	}
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Whether the text is in UTF-16, as some editors save it, or has its marks. */
static bool
is_utf16(const char *text, size_t len)
{
	return (len >= 2 &&
		   (memcmp(text, "\xff\xfe", 2) == 0 ||
		       memcmp(text, "\xfe\xff", 2) == 0)) ||
	    memchr(text, '\0', len) != NULL;
}

/* Whether some text has a character that nobody sees, in UTF-8. */
static bool
has_unseen(const char *text, size_t len)
{
	static const char *const unseen[] = {
	    "\xef\xbb\xbf", /* byte order mark */
	    "\xc2\xa0",
	    "\xe2\x80\x8b",
	    "\xe2\x80\x8c",
	    "\xe2\x80\x8d",
	    "\xe2\x80\x8e",
	    "\xe2\x80\x8f",
	    "\xe2\x80\xa8",
	    "\xe2\x80\xa9",
	    "\xe2\x80\xaa",
	    "\xe2\x80\xac",
	    "\xe2\x80\xae",
	    "\xe2\x81\xa0",
	};
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (memmem(text, len, unseen[i], strlen(unseen[i])) != NULL)
			return true;
	return false;
}

static bool
has_control(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f ||
		    (i + 1 < len && text[i] == '\xc2' &&
			(unsigned char)text[i + 1] < 0xa0)) /* C1, in UTF-8 */
			return true;
	return false;
}

const char *
secret_file_problem(const char *text, size_t len)
{
	if (is_utf16(text, len))
		return "must not be UTF-16 nor have NUL bytes; save it as UTF-8";
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return "must not begin with a byte order mark; save it as UTF-8 without BOM";
	if (has_unseen(text, len))
		return "must not have characters that nobody sees, such as a no-break space or a byte order mark";
	if (has_control(text, len))
		return "must not have control characters";
	if (len >= 2 && strchr("\"'`", text[0]) != NULL &&
	    text[len - 1] == text[0])
		return "must not stand in quotes, which would be a part of it; take them off";
	return NULL;
}

/* Cut the last line end off; -1 if the rest is empty or not one line. */
static int
secret_trim(char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n')
		len--;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	return len > 0 && strlen(text) == len && strpbrk(text, "\r\n") == NULL
	    ? 0
	    : -1;
}

/*
 * Read up to size bytes of a secret's file, unless its mode has one of these
 * bits.  The number, or -1 with *err.
 */
static ssize_t
secret_read(const char *path, mode_t forbidden, char *out, size_t size,
    struct err *err)
{
	int fd = secret_open(path);
	struct stat st = {0};
	bool known = fd != -1 && fstat(fd, &st) == 0;
	ssize_t n = -1;

	if ((st.st_mode & forbidden) != 0)
		err_set(err,
		    "%s: every user may access it (mode %04o); only its owner and group may: chmod o= it",
		    path, (unsigned)st.st_mode & 07777);
	else if (!known || (n = file_read(fd, out, size)) == -1)
		err_set(err, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	return n;
}

int
secret_file_read(const char *path, char *out, size_t size, struct err *err)
{
	size_t room = size + 2; /* a line end besides, and one byte too many */
	char *text = mem_alloc(room + 1, 1);
	ssize_t n = secret_read(path, 0, text, room, err);
	const char *problem = NULL;
	int status = 0;

	memset(out, 0, size);
	if (n == -1)
		status = -1;
	else if (is_utf16(text, (size_t)n))
		problem = secret_file_problem(text, (size_t)n);
	else if ((size_t)n < room && secret_trim(text, (size_t)n) == -1)
		status = err_set(err, "%s: must hold exactly one line", path);
	else if ((size_t)n == room || strlen(text) >= size)
		status =
		    err_set(err, "%s: longer than %zu bytes", path, size - 1);
	else if ((problem = secret_file_problem(text, strlen(text))) == NULL)
		memcpy(out, text, strlen(text));
	if (problem != NULL)
		status = err_set(err, "%s: %s", path, problem);
	explicit_bzero(text, room);
	free(text);
	return status;
}

int
secret_file_read_all(const char *path, char *out, size_t size, struct err *err)
{
	ssize_t n = secret_read(path, S_IRWXO, out, size, err);
	int status = 0;

	if (n == -1)
		status = -1;
	else if ((size_t)n == size)
		status =
		    err_set(err, "%s: longer than %zu bytes", path, size - 1);
	else if (is_utf16(out, (size_t)n) ||
	    strncmp(out, "\xef\xbb\xbf", 3) == 0)
		status = err_set(err, "%s: %s", path,
		    secret_file_problem(out, (size_t)n));
	else
		out[n] = '\0';
	if (status == -1)
		explicit_bzero(out, size);
	return status;
}
