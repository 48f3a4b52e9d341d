/* SPDX-License-Identifier: MIT */
/*
 * count_malloc: a library to preload, which counts a process's allocations.
 *
 * Each process that loads it keeps the count in $COUNT_MALLOC/PID, as one
 * 64-bit number that can be read while the process runs.
 */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static uint64_t nowhere, *count = &nowhere;

static void
begin(void)
{
	char path[256];
	void *map;
	int fd;

	snprintf(path, sizeof(path), "%s/%d", getenv("COUNT_MALLOC"), getpid());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || ftruncate(fd, sizeof(*count)) == -1)
		return;
	map = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (map != MAP_FAILED)
		count = map;
	close(fd);
}

pid_t __libc_fork(void);

/* A child counts for itself. */
pid_t
fork(void)
{
	pid_t pid = __libc_fork();

	if (pid == 0)
		begin();
	return pid;
}

__attribute__((constructor)) static void
start(void)
{
	begin();
}

void *
malloc(size_t size)
{
	++*count;
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	++*count;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	++*count;
	return __libc_realloc(p, size);
}
