/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool
file_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

char *
file_directory(const char *path)
{
	char *dir = mem_strdup(path), *slash = strrchr(dir, '/');

	if (slash == NULL) {
		free(dir);
		return mem_strdup(".");
	}
	slash[slash == dir] = '\0';
	return dir;
}

int
file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    strncmp(path, "/dev/", 5) != 0) {
		close(fd);
		errno = ESPIPE;
		return -1;
	}
	fcntl(fd, F_SETFL, 0);
	return fd;
}

ssize_t
file_read(int fd, void *out, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < size && n > 0) {
		n = read(fd, (char *)out + len, size - len);
		if (n > 0)
			len += (size_t)n;
	}
	return n == -1 ? -1 : (ssize_t)len;
}
