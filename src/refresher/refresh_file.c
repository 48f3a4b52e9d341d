/* SPDX-License-Identifier: MIT */
/* A new file takes the place of the old one, and both are written through. */
#include "config.h"

#include "refresher/refresh_file.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t
refresh_file_read(const char *path, char *out, size_t size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t len = fd == -1 ? -1 : file_read(fd, out, size);
	int saved = errno;

	if (fd != -1)
		close(fd);
	if (fd == -1 && saved == ENOENT)
		return 0;
	if (len > 0 && out[len - 1] == '\n')
		len--;
	if (len == 0)
		saved =
		    ENODATA; /* as somebody's editor or a full disk leaves it */
	return len > 0
	    ? len
	    : err_set(err, "refresh-token-store %s: %s", path, strerror(saved));
}

/* Have a directory's new entry on the disk. */
static int
sync_directory(const char *path)
{
	char *directory = file_directory(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = fd == -1 ? -1 : fsync(fd);

	if (fd != -1)
		close(fd);
	free(directory);
	return status;
}

static int
write_new(const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n = fd == -1 ? -1 : write(fd, text, len);

	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	if (n != (ssize_t)len || fsync(fd) == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	return close(fd);
}

int
refresh_file_write(const char *path, const char *text, struct err *err)
{
	size_t size = strlen(path) + sizeof(".new");
	char *new = mem_alloc(size, 1);
	int status;

	snprintf(new, size, "%s.new", path);
	unlink(new); /* left by one that was killed */
	status = write_new(new, text);
	if (status == 0)
		status = rename(new, path);
	if (status == 0)
		status = sync_directory(path);
	if (status == -1)
		err_set(err, "refresh-token-store %s: %s", path,
		    strerror(errno));
	free(new);
	return status;
}
