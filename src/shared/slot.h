/* SPDX-License-Identifier: MIT */
/*
 * slot.h - one token in shared memory: one writer, any number of readers.
 *
 * The refresher publishes a token into a slot; workers copy it out.  A reader
 * takes no lock, makes no system call and cannot delay the writer.  A slot
 * holds two copies (as the Linux kernel's seqcount_latch_t), so a writer that
 * is stopped or killed half way leaves the previous token readable: nobody
 * waits for it and nothing needs repair.
 *
 * Invariants:
 *   - Only the refresher calls slot_publish() and slot_clear(); the master
 *     does for a segment that no refresher has yet, or has any more.
 *   - seq counts publications and never goes back; 0 means "none yet".
 *   - copy[seq & 1] is stable; the writer touches only the other one.
 *   - A copy read between two equal values of seq is consistent.
 *   - The payload is words of relaxed atomics: a torn read is refused, never
 *     undefined behaviour.
 */
#ifndef BEARERD_SLOT_H
#define BEARERD_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token.h"

#define SLOT_NAME_MAX 64
#define SLOT_TRIES 8 /* after them a reader keeps the copy it has */

struct slot {
	_Alignas(64) _Atomic uint64_t seq;
	uint32_t words;             /* of one copy; fixed at creation */
	char name[SLOT_NAME_MAX + 1]; /* the token's name; fixed at creation */
	_Alignas(64) _Atomic uint64_t copy[]; /* two of `words` words */
};

enum slot_status {
	SLOT_OK,
	SLOT_EMPTY,   /* nothing was ever published, or it was cleared */
	SLOT_BUSY,    /* republished during every one of the tries */
	SLOT_CORRUPT, /* a checksum or length is wrong: a stray write */
};

/* Bytes that a slot for texts up to text_max bytes takes; a multiple of 64. */
size_t slot_size(size_t text_max);

/* Whether a slot of unknown origin keeps inside its stride. */
bool slot_fits(const struct slot *s, size_t stride);

/* Make an empty slot out of zeroed memory. */
void slot_init(struct slot *s, const char *name, size_t text_max);

/* The number of publications so far; compare with an earlier one to learn
 * whether a private copy is still current. */
static inline uint64_t
slot_seq(const struct slot *s)
{
	return atomic_load_explicit(&s->seq, memory_order_acquire);
}

/*
 * Copy the token out, and the seq that it was published under.  *out is
 * meaningful only when the result is SLOT_OK; its source is TOKEN_FROM_SHM
 * replaced by where the refresher had it from.  When it is SLOT_EMPTY, its
 * generation is that of the last token there was; 0: none.
 */
enum slot_status slot_read(const struct slot *s, struct token *out,
    uint64_t *seq);

/* Replace the token.  Return -1, changing nothing, if it is too long. */
int slot_publish(struct slot *s, const struct token *t);

/* Publish "no token", twice, so that neither copy holds a dead token; the
 * generation stays, for who comes after to count on from. */
void slot_clear(struct slot *s, uint64_t generation);

#endif
