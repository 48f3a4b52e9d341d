/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Remove another user's file: root must not write to it. */
static void
make_way(const char *path)
{
	struct stat st;

	if (geteuid() == 0 && lstat(path, &st) == 0 && st.st_uid != 0 &&
	    !S_ISDIR(st.st_mode))
		unlink(path);
}

/* Opens without following a link, and without waiting if a FIFO is there. */
static int
open_file(const char *path, int flags, struct err *err)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	struct stat st;

	if (fd == -1)
		return err_set(err, "pid-file %s: %s", path,
		    errno == ELOOP       ? "it is a symbolic link"
			: errno == ENXIO ? "it is not a file"
					 : strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_uid == geteuid() || st.st_uid == 0))
		return fd;
	err_set(err,
	    S_ISREG(st.st_mode) ? "pid-file %s: it belongs to another user"
				: "pid-file %s: it is not a file",
	    path);
	close(fd);
	return -1;
}

int
pidfile_check(const char *path, struct err *err)
{
	struct stat st;
	bool there = lstat(path, &st) == 0;
	int fd;

	make_way(path);
	fd = open_file(path, O_WRONLY | O_CREAT, err);
	if (fd == -1)
		return -1;
	close(fd);
	if (!there)
		unlink(path);
	return 0;
}

int
pidfile_write(const char *path, struct err *err)
{
	int fd, status = 0;

	make_way(path);
	fd = open_file(path, O_WRONLY | O_CREAT, err);
	if (fd == -1)
		return -1;
	if (ftruncate(fd, 0) == -1 || dprintf(fd, "%d\n", (int)getpid()) < 0)
		status = err_set(err, "pid-file %s: %s", path, strerror(errno));
	close(fd);
	return status;
}

void
pidfile_remove(const char *path)
{
	struct err unused;
	int fd = open_file(path, O_RDONLY, &unused);
	char text[24];
	ssize_t n;

	if (fd == -1)
		return;
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	if (strtol(text, NULL, 10) == (long)getpid())
		unlink(path);
	close(fd);
}
