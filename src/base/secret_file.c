/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "util.h"

#include "buf.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int
err_set(struct err *err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(err->text, sizeof(err->text), format, ap);
	va_end(ap);
	return -1;
}

void
util_random(void *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len)
		log_die("getrandom: %s", strerror(errno));
}

double
util_random_unit(void)
{
	uint64_t r;

	util_random(&r, sizeof(r));
	return (double)(r >> 11) * 0x1.0p-53;
}

void
util_hex(const void *bytes, size_t len, char *out)
{
	const unsigned char *p = bytes;
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = "0123456789abcdef"[p[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
	}
	out[2 * len] = '\0';
}

int
util_unhex(const char *digits, size_t len, void *out)
{
	unsigned char *p = out;
	unsigned n;
	size_t i;

	for (i = 0; i < 2 * len; i++) {
		n = (unsigned)digits[i];
		if (n >= '0' && n <= '9')
			n -= '0';
		else if ((n | 32) >= 'a' && (n | 32) <= 'f')
			n = (n | 32) - 'a' + 10;
		else
			return -1;
		p[i / 2] = (unsigned char)(p[i / 2] << 4 | n);
	}
	return 0;
}

int
util_fd_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

char *
util_directory(const char *path)
{
	char *dir = util_strdup(path), *slash = strrchr(dir, '/');

	if (slash == NULL) {
		free(dir);
		return util_strdup(".");
	}
	slash[slash == dir] = '\0';
	return dir;
}

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
	    ? 0 : -1;
}

/* Read up to size bytes; the number, or -1 with errno. */
static ssize_t
read_all(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < size && n > 0) {
		n = read(fd, out + len, size - len);
		if (n > 0)
			len += (size_t)n;
	}
	return n == -1 ? -1 : (ssize_t)len;
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
		err_set(err, "%s: every user may access it (mode %04o); only "
		    "its owner and group may: chmod o= it", path,
		    (unsigned)st.st_mode & 07777);
	else if (!known || (n = read_all(fd, out, size)) == -1)
		err_set(err, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	return n;
}

int
util_read_secret(const char *path, char *out, size_t size, struct err *err)
{
	size_t room = size + 2; /* a line end besides, and one byte too many */
	char *text = util_alloc(room + 1, 1);
	ssize_t n = secret_read(path, 0, text, room, err);
	int status = 0;

	memset(out, 0, size);
	if (n == -1)
		status = -1;
	else if ((size_t)n < room && secret_trim(text, (size_t)n) == -1)
		status = err_set(err, "%s: must hold exactly one line", path);
	else if ((size_t)n == room || strlen(text) >= size)
		status = err_set(err, "%s: longer than %zu bytes", path,
		    size - 1);
	else
		memcpy(out, text, strlen(text));
	explicit_bzero(text, room);
	free(text);
	return status;
}

int
util_read_secrets(const char *path, char *out, size_t size, struct err *err)
{
	ssize_t n = secret_read(path, S_IRWXO, out, size, err);
	int status = 0;

	if (n == -1)
		status = -1;
	else if ((size_t)n == size)
		status = err_set(err, "%s: longer than %zu bytes", path,
		    size - 1);
	else if (memchr(out, '\0', (size_t)n) != NULL)
		status = err_set(err, "%s: has a NUL byte", path);
	else
		out[n] = '\0';
	if (status == -1)
		explicit_bzero(out, size);
	return status;
}

void *
util_alloc(size_t count, size_t size)
{
	void *p = calloc(count > 0 ? count : 1, size);

	if (p == NULL)
		log_die("out of memory");
	return p;
}

char *
util_strdup(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		log_die("out of memory");
	return copy;
}

void
util_append(char **bytes, size_t *len, size_t *size, const void *more,
    size_t n)
{
	char *grown;

	if (*len + n > *size) {
		*size = (*len + n) * 2;
		grown = util_alloc(1, *size);
		if (*bytes != NULL) {
			memcpy(grown, *bytes, *len);
			explicit_bzero(*bytes, *len);
		}
		free(*bytes);
		*bytes = grown;
	}
	memcpy(*bytes + *len, more, n);
	*len += n;
}

void
util_free_secret(char *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}
