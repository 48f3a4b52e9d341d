/* SPDX-License-Identifier: MIT */
/* Memory without a name: of the counters, and of one process alone. */
#include "config.h"

#include "shared/segment.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8 /* since Linux 6.3, which may insist on it */
#endif

size_t
segment_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* A file without a name; -1: a kernel or a predecessor's filter has none. */
static int
open_file(size_t size)
{
	int fd = memfd_create("bearerd", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd == -1 && errno == EINVAL)
		fd = memfd_create("bearerd", MFD_CLOEXEC);
	if (fd != -1 && ftruncate(fd, (off_t)size) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* A second description of an open file, for reading only. */
static int
reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void
leave_files(struct segment_block *b)
{
	if (b->fd != -1)
		close(b->fd);
	if (b->fd_readonly != -1)
		close(b->fd_readonly);
	b->fd = b->fd_readonly = -1;
}

void
segment_block_open(struct segment_block *b, size_t size)
{
	void *p;

	*b = (struct segment_block){.size = size,
	    .fd = open_file(size),
	    .fd_readonly = -1};
	if (b->fd != -1 && (b->fd_readonly = reopen(b->fd)) == -1)
		leave_files(b);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE | (b->fd == -1 ? MAP_ANONYMOUS : 0),
	    b->fd, 0);
	if (p == MAP_FAILED)
		log_die("mmap of %zu bytes: %s", size, strerror(errno));
	b->memory = p;
}

/* From here on with these rights. */
static void
protect(const struct segment_block *b, size_t at, size_t size, int prot, int fd)
{
	char *p = b->memory + at;
	int status;

	if (fd == -1)
		status = mprotect(p, size, prot);
	else
		status =
		    mmap(p, size, prot, MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
			fd, (off_t)at) == MAP_FAILED
		    ? -1
		    : 0;
	if (status == -1)
		log_die("mmap of %zu bytes: %s", size, strerror(errno));
}

void
segment_block_restrict(struct segment_block *b, const struct segment_part *own,
    size_t count)
{
	size_t i;

	protect(b, 0, b->size, PROT_READ, b->fd_readonly);
	for (i = 0; i < count; i++)
		protect(b, own[i].at, own[i].size, PROT_READ | PROT_WRITE,
		    b->fd);
	leave_files(b);
}

void
segment_block_close(struct segment_block *b)
{
	leave_files(b);
	if (b->memory != NULL)
		munmap(b->memory, b->size);
	b->memory = NULL;
}

void *
segment_private(uint32_t *size)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	void *p;

	*size = (*size + page - 1) / page * page;
	p = mmap(NULL, *size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		log_die("mmap of %u bytes: %s", *size, strerror(errno));
	madvise(p, *size, MADV_DONTDUMP);
	return p;
}
