/* SPDX-License-Identifier: MIT */
/*
 * shared/ is for memory and messages that processes share.
 *
 * segment.h - memory shared between processes: the segment of slots, and plain
 * blocks for counters.  The only user of shm_open(3) and mmap(2).
 *
 * The master creates the segment under its name and opens it a second time
 * read-only.  The refresher writes through the inherited mapping.  A worker
 * replaces that by a mapping of the read-only descriptor, which mprotect(2)
 * cannot make writable.  bearerctl and a successor attach by name.
 *
 * Invariants:
 *   - A process keeps place, size and name of each slot in memory of its own,
 *     from the moment it created the segment or attached.  A writer that
 * changes the header later has no effect.
 *   - The header and the slots' names never change after segment_create(),
 *     except for the master's process id at an upgrade.
 *   - Attaching refuses a segment unless magic, layout, sizes, owner and mode
 *     are exactly those of a segment that this program would make.
 *   - The owner's open file description carries a flock(2) while its master
 *     lives; a successor inherits the descriptor and so the lock.
 *   - All memory is allocated at creation, so that no write raises SIGBUS
 * later. It is locked as it is touched (mlock2(2)) and left out of core dumps.
 */
#ifndef BEARERD_SEGMENT_H
#define BEARERD_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "shared/slot.h"

struct segment_header;

/* One mapped segment. */
struct segment {
	struct segment_header *header; /* NULL: not mapped */
	size_t size;                   /* bytes mapped */
	size_t count;                  /* of slots */
	struct slot *slots;            /* count of them, owned */
	size_t stride;                 /* bytes from a slot to the next */
	int fd;          /* read-write, locked: master only; else -1 */
	int fd_readonly; /* for workers; -1 once used */
};

/*
 * Create a segment of count empty slots for texts of up to text_max bytes.
 * names[i] is the name of slot i.  It replaces a file of the same name, unless
 * a living master holds that (other than `current`, for a reload; may be NULL),
 * or we may not remove it.  0; or -1 with *err, and `current` still has its
 * name.
 */
int segment_create(const char *name, const char *const *names, size_t count,
    size_t text_max, const struct segment *current, struct segment *out,
    struct err *err);

/* Map an existing segment for reading.  0; or -1 with *err: it does not exist,
 * or cannot be trusted. */
int segment_attach(const char *name, struct segment *out, struct err *err);

/* Likewise through a descriptor, which stays the caller's; name is for *err. */
int segment_attach_fd(int fd, bool writable, const char *name,
    struct segment *out, struct err *err);

/*
 * True: the file still has its full size.  A process that may write to it can
 * truncate it; then access beyond its end raises SIGBUS, which ends the
 * process.
 */
bool segment_is_whole(const struct segment *segment);

/* In the master: from now on a truncated segment reads as zeroes instead. */
void segment_guard(void);

/* The owner of a segment, who alone can map it.  0, or -1 with *err and
 * errno. */
int segment_owner(const char *name, uid_t *user, gid_t *group, struct err *err);

/*
 * In a successor: take over the segment that the predecessor handed down as two
 * descriptors, if it has this name and equals what segment_create() would make.
 * 0, and out owns the descriptors; or -1 with *err.
 */
int segment_adopt(const char *name, const char *const *names, size_t count,
    size_t text_max, struct segment *given, struct segment *out,
    struct err *err);

/* In a successor: map a segment that it does not adopt, for reading.  0, or -1
 * with *err. */
int segment_look_into(const struct segment *given, struct segment *out,
    struct err *err);

/* Likewise for writing, if it still has this name. */
int segment_write_into(const struct segment *given, const char *name,
    struct segment *out, struct err *err);

/* True: the segment of these descriptors has this name. */
bool segment_has_name(const struct segment *given, const char *name);

/* Rename a segment; replaces a file of the new name.  0, or -1 with *err. */
int segment_rename(const char *from, const char *to, struct err *err);

/* Write the process id of this process into the header, as the master. */
void segment_own(struct segment *segment);

/* In a worker: replace the mapping by a read-only one.  Ends the process on
 * failure. */
void segment_make_readonly(struct segment *segment);

/* In the refresher: close the master's descriptors, keep the mapping. */
void segment_leave_owner(struct segment *segment);

/* Unmap and close; the file stays for a successor. */
void segment_close(struct segment *segment);

/* Remove the file (shm_unlink(3)). */
void segment_remove(const char *name);

/* The number of slots. */
size_t segment_count(const struct segment *segment);

/* Slot i; writable if the mapping is. */
struct slot *segment_slot(const struct segment *segment, size_t i);

/* The slot of this token name, or NULL. */
struct slot *segment_find(const struct segment *segment, const char *name);

/* The process id of the master, as the header has it. */
int segment_master(const struct segment *segment);

/*
 * Publish into `to` each token of `from` that has a slot of the same name and
 * is alive.  Of dead ones only the generation is kept.  Returns the number of
 * tokens.
 */
size_t segment_take_over(const struct segment *from, struct segment *to);

/*
 * Copy into `to`, whose readers are draining, the tokens that `from` published
 * since the last call.  seen[i], 0 at first, belongs to slot i of `to`.  The
 * caller is the only writer of `to`.
 */
void segment_follow(const struct segment *from, struct segment *to,
    uint64_t *seen);

/*
 * Zeroed memory shared with later children.  A page costs nothing before it is
 * touched.  The master may write all of it, a child its own parts.
 */
struct segment_block {
	char *memory;    /* NULL: not open */
	size_t size;     /* bytes */
	int fd;          /* of memfd_create(2); -1: not available */
	int fd_readonly; /* the same file; -1: not available */
};

/* Map size bytes.  Ends the process on failure. */
void segment_block_open(struct segment_block *b, size_t size);

/* Unmap and close. */
void segment_block_close(struct segment_block *b);

/* Part of a block; both are multiples of segment_page(). */
struct segment_part {
	size_t at;   /* offset in bytes */
	size_t size; /* bytes */
};

/*
 * In a child, once: make all but these parts read-only.  With descriptors
 * mprotect(2) cannot undo it.  Ends the process on failure.
 */
void segment_block_restrict(struct segment_block *b,
    const struct segment_part *own, size_t count);

/* Bytes of a page, the unit of protection. */
size_t segment_page(void);

/*
 * Map private memory that is left out of core dumps, for copies of secrets.
 * *size is rounded up to whole pages.  Never freed.  Ends the process on
 * failure.
 */
void *segment_private(uint32_t *size);

#endif
