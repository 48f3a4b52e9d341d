/* SPDX-License-Identifier: MIT */
/*
 * memory.h - look for a text in all memory that this process may write, freed
 * memory as well.
 *
 * The text is held with its bits turned over, so that it is not found where
 * the search itself has it.
 */
#ifndef BEARERD_TEST_MEMORY_H
#define BEARERD_TEST_MEMORY_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_TEXT_MAX 64
#define MEMORY_PIECE 65536
#define MEMORY_MAP_MAX \
	(16UL << 20) /* valgrind and sanitizers have larger ones */

static struct {
	unsigned char turned[MEMORY_TEXT_MAX];
	size_t len;
	unsigned char piece[MEMORY_PIECE];
} memory;

/* How often a piece of memory has it.  Nothing is left in the buffer. */
static size_t
memory_count_in(size_t len)
{
	size_t i, j, n = 0;

	for (i = 0; i + memory.len <= len; i++) {
		for (j = 0; j < memory.len; j++)
			if (memory.piece[i + j] !=
			    (unsigned char)~memory.turned[j])
				break;
		n += j == memory.len;
	}
	explicit_bzero(memory.piece, sizeof(memory.piece));
	return n;
}

/* How often memory has a text, given with its bits turned over. */
static inline size_t
memory_count(const unsigned char *turned, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned long from, to;
	char line[512], mode[5];
	size_t n = 0;

	ck_assert(maps != NULL && fd != -1 && len <= MEMORY_TEXT_MAX);
	memcpy(memory.turned, turned, len);
	memory.len = len;
	while (fgets(line, sizeof(line), maps) != NULL) {
		ck_assert_int_eq(sscanf(line, "%lx-%lx %4s", &from, &to, mode),
		    3);
		if (mode[1] != 'w' || to - from > MEMORY_MAP_MAX)
			continue;
		for (; from < to; from += MEMORY_PIECE - len) {
			ssize_t got = pread(fd, memory.piece,
			    to - from < MEMORY_PIECE ? to - from : MEMORY_PIECE,
			    (off_t)from);

			n += got > 0 ? memory_count_in((size_t)got) : 0;
		}
	}
	fclose(maps);
	close(fd);
	return n;
}

#endif
