/* SPDX-License-Identifier: MIT */
/*
 * segment_private.h - the inside of segment.h, shared by its parts.  A part
 * calls only those below it:
 *
 *   segment_adopt.c  hands a segment and its tokens on
 *   segment.c        the segment
 *   segment_file.c   its file: the name, and SIGBUS when it is truncated
 *   segment_block.c  other memory
 */
#ifndef BEARERD_SEGMENT_PRIVATE_H
#define BEARERD_SEGMENT_PRIVATE_H

#include "shared/segment.h"

#include <sys/stat.h>

#define BOOT_ID_LEN 36
#define SEGMENT_FOLDER "/dev/shm" /* for messages */
#define SEGMENT_PATH_SIZE 512

/* Open a segment by its name; access is O_RDONLY or O_RDWR.  Never blocks (it
 * may be a FIFO) and follows no symbolic link.  Returns the descriptor, or -1
 * with errno. */
int segment_name_open(const char *name, int access);

/*
 * Free a name: remove the file that has it.  Refused: a segment that another
 * master holds, unless it is `current` (may be NULL); and a file of another
 * user, unless we are root.  0, or -1 with *err.
 */
int segment_name_clear(const char *name, const struct segment *current,
    struct err *err);

/* The type of a file that should be a regular one, in words; static. */
const char *segment_kind(mode_t mode);

/* Add or drop a mapping that segment_guard() covers. */
void segment_guard_add(void *start, size_t size);
void segment_guard_drop(const void *start);

/* The first bytes of a segment, in shared memory; the slots follow. */
struct segment_header {
	uint64_t magic;
	uint32_t layout;      /* version of header and slots */
	uint32_t header_size; /* bytes, with padding */
	uint64_t total_size;  /* bytes of the file */
	uint64_t count;       /* of slots */
	uint64_t stride;      /* bytes from a slot to the next */
	uint64_t generation;  /* random: tells two segments of a name apart */
	char boot_id[BOOT_ID_LEN + 4]; /* random/boot_id of proc(5), NUL */
	int64_t master;                /* process id */
};

#endif
