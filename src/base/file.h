/* SPDX-License-Identifier: MIT */
/*
 * file.h - paths and descriptors of files.
 *
 * Called by every process, at start and when files are read again.
 */
#ifndef BEARERD_FILE_H
#define BEARERD_FILE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Make a descriptor non-blocking and close-on-exec.  0, or -1 with errno. */
int file_prepare(int fd);

/* Whether two looks were at one and the same file. */
bool file_is_same(const struct stat *a, const struct stat *b);

/* The directory of a file, by its path alone; the caller frees it. */
char *file_directory(const char *path);

/*
 * Open a file to read it.  A descriptor, or -1 with errno: ESPIPE for a named
 * pipe, in which the start would wait for a writer.  A pipe that a shell made,
 * /dev/fd/N or /dev/stdin, is no named pipe; reading it waits.
 */
int file_open(const char *path);

/* Read up to size bytes, to the end of the file.  The number, or -1 with
 * errno. */
ssize_t file_read(int fd, void *out, size_t size);

#endif
