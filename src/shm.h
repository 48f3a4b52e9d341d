/* SPDX-License-Identifier: MIT */
/*
 * shm.h - memory shared between processes: the segment of slots, and plain
 * blocks for counters.  The only user of shm_open(3) and mmap(2).
 *
 * The master creates the segment under its name and opens it a second time
 * for reading only; the refresher writes through the inherited mapping; a
 * worker replaces it by a mapping of the read-only descriptor, which not even
 * mprotect(2) can make writable.  bearerctl and a successor attach by name.
 *
 * Invariants:
 *   - The header and the slots' names never change after shm_create(), but
 *     for the master's process id at a change of the program.
 *   - Attaching refuses a segment unless magic, layout, sizes, owner and mode
 *     are exactly those of a segment that this program would make itself.
 *   - The owner's open descriptor carries a flock(2) while its master lives;
 *     a successor inherits the descriptor, and the lock with it.
 *   - All memory is allocated at creation: no SIGBUS later.  It is locked
 *     as it is touched, and left out of core dumps.
 */
#ifndef BEARERD_SHM_H
#define BEARERD_SHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "slot.h"
#include "util.h"

struct shm_header;

struct shm {
	struct shm_header *header; /* NULL: not mapped */
	size_t size;
	int fd;          /* read-write, locked: master only; else -1 */
	int fd_readonly; /* for workers; -1 once used */
};

/*
 * Create a segment of count empty slots under this name, in place of what
 * has the name now.  names[i] is the name of slot i.  Refused while a living
 * master holds a segment of that name, unless it is `own` (a reload), which
 * may be NULL.  0, or -1 with *err.
 */
int shm_create(const char *name, const char *const *names, size_t count,
    size_t text_max, const struct shm *own, struct shm *out, struct err *err);

/* Map an existing segment for reading.  0, or -1 with *err: it is not there,
 * or not to be trusted. */
int shm_attach(const char *name, struct shm *out, struct err *err);

/* The same through a descriptor, which stays the caller's. */
int shm_attach_fd(int fd, bool writable, const char *name, struct shm *out,
    struct err *err);

/* Whose a segment is: only that user can map it.  0, or -1 with *err and
 * errno. */
int shm_owner(const char *name, uid_t *user, gid_t *group, struct err *err);

/*
 * In a successor: take the segment over that the predecessor has handed down as
 * two descriptors, provided that it has this name and is what shm_create() would
 * make.  0, and the descriptors are out's; or -1 with *err.
 */
int shm_adopt(const char *name, const char *const *names, size_t count,
    size_t text_max, struct shm *given, struct shm *out, struct err *err);

/* In a successor: map what is not to be adopted; for writing only if it still
 * has this name.  0, or -1 with *err. */
int shm_look_into(const struct shm *given, struct shm *out, struct err *err);
int shm_write_into(const struct shm *given, const char *name,
    struct shm *out, struct err *err);

/* Whether the segment behind these descriptors has this name. */
bool shm_has_name(const struct shm *given, const char *name);

/* Give a segment another name, in place of what has it now.  0, or -1. */
int shm_rename(const char *from, const char *to, struct err *err);

/* Note this process as the master. */
void shm_own(struct shm *shm);

/* In a worker: keep a read-only mapping only.  Ends the process on failure. */
void shm_make_readonly(struct shm *shm);

/* In the refresher: give the master's descriptors up, keep the mapping. */
void shm_leave_owner(struct shm *shm);

/* Unmap and close; the name stays for a successor. */
void shm_close(struct shm *shm);

/* Remove the name. */
void shm_remove(const char *name);

size_t shm_count(const struct shm *shm);

/* Slot i; writable only where the mapping is. */
struct slot *shm_slot(const struct shm *shm, size_t i);

/* The slot of this token name, or NULL. */
struct slot *shm_find(const struct shm *shm, const char *name);

/* Process id of the master. */
int shm_master(const struct shm *shm);

/*
 * Publish into `to` every token that `from` holds under the same name and
 * that is still alive; of others the generation alone.  Returns how many.
 */
size_t shm_take_over(const struct shm *from, struct shm *to);

/*
 * Publish into `to`, whose readers are going, what `from` has published since
 * the last time; seen[i], 0 at first, is about slot i of `to`.  The caller is
 * the only writer of `to`.
 */
void shm_follow(const struct shm *from, struct shm *to, uint64_t *seen);

/* Zeroed memory shared with children to come; no page costs anything before
 * it is touched.  Ends the process on failure. */
void *shm_block(size_t size);
void shm_block_free(void *block, size_t size);

/*
 * Memory of this process alone that is left out of core dumps, for copies of
 * secrets.  *size is rounded up to what was really mapped.
 */
void *shm_private(uint32_t *size);

#endif
