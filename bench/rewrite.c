/* SPDX-License-Identifier: MIT */
/*
 * rewrite: publish a running bearerd's token again and again.
 *     rewrite SHM-NAME TOKEN TIMES-A-SECOND MS
 *
 * For measuring only: it takes the part of the slot's one writer, which is the
 * refresher, so that one must have nothing to do meanwhile.
 */
#include "config.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "shared/segment.h"

/* The same slot in a mapping that can be written. */
static struct slot *
writable(const char *name, const struct segment *segment,
    const struct slot *slot)
{
	size_t at =
	    (size_t)((const char *)slot - (const char *)segment->header);
	char *map;
	int fd = shm_open(name, O_RDWR | O_CLOEXEC, 0);

	if (fd == -1)
		err(1, "%s", name);
	map = mmap(NULL, segment->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	return (struct slot *)(void *)(map + at);
}

int
main(int argc, char **argv)
{
	static struct token token;
	struct timespec pause = {0};
	const struct slot *slot;
	struct slot *out;
	struct segment segment;
	struct err e;
	uint64_t seq;
	long i, times, ms;

	if (argc != 5)
		errx(2, "usage: rewrite SHM-NAME TOKEN TIMES-A-SECOND MS");
	times = atol(argv[3]);
	ms = atol(argv[4]);
	if (times < 1 || times > 1000000 || ms < 1)
		errx(2, "times: 1 to 1000000 a second, for 1 ms or more");
	if (segment_attach(argv[1], &segment, &e) == -1)
		errx(1, "%s: %s", argv[1], e.text);
	if ((slot = segment_find(&segment, argv[2])) == NULL)
		errx(1, "%s: no token %s", argv[1], argv[2]);
	out = writable(argv[1], &segment, slot);
	pause.tv_nsec = 1000000000L / times;
	for (i = 0; i < times * ms / 1000; i++) {
		if (slot_read(slot, &token, &seq) != SLOT_OK ||
		    slot_publish(out, &token) == -1)
			errx(1, "the slot cannot be rewritten");
		nanosleep(&pause, NULL);
	}
	return 0;
}
