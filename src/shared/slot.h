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
 *   - Only the refresher calls slot_publish() and slot_clear(); the master does
 *     so only for a segment that has no refresher yet, or no longer.
 *   - seq counts publications and never goes back; 0 means "none yet".
 *   - copy[seq & 1] is stable; the writer touches only the other one.
 *   - A copy read between two equal values of seq is consistent.
 *   - The payload is words of relaxed atomics: a torn read is refused, never
 *     undefined behaviour.
 *   - Each process keeps size and name of a slot in memory of its own from the
 *     moment it attached; a later write to shared memory changes neither.
 *   - A reader accepts only a token that this program could have published.
 */
#ifndef BEARERD_SLOT_H
#define BEARERD_SLOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "token/token.h"

#define SLOT_NAME_MAX 64 /* bytes of a token's name */
#define SLOT_TRIES 8     /* then a read is SLOT_BUSY */

/* In shared memory.  words and name are read once, by slot_attach(). */
struct slot_memory {
	_Alignas(64) _Atomic uint64_t seq;    /* publications so far */
	_Atomic uint32_t words;               /* 64-bit words of one copy */
	char name[SLOT_NAME_MAX + 1];         /* of the token, NUL-terminated */
	_Alignas(64) _Atomic uint64_t copy[]; /* two of `words` words */
};

/* A slot as this process knows it; private memory. */
struct slot {
	struct slot_memory *memory;   /* in the segment's mapping */
	uint32_t words;               /* of one copy */
	char name[SLOT_NAME_MAX + 1]; /* of the token, NUL-terminated */
};

enum slot_status {
	SLOT_OK,
	SLOT_EMPTY,   /* no token was ever published, or it was cleared */
	SLOT_BUSY,    /* republished during every one of the tries */
	SLOT_CORRUPT, /* a checksum or length is wrong: a stray write */
};

/* Bytes that a slot for texts up to text_max bytes takes; a multiple of 64. */
size_t slot_size(size_t text_max);

/* Make an empty slot out of zeroed memory. */
void slot_init(struct slot *s, struct slot_memory *memory, const char *name,
    size_t text_max);

/* Attach to a slot that may be anything, within room bytes.  0; or -1: it
 * exceeds them, or its name is not valid for a token. */
int slot_attach(struct slot *s, struct slot_memory *memory, size_t room);

/* The number of publications so far; compare with an earlier one to learn
 * whether a private copy is still current. */
static inline uint64_t
slot_seq(const struct slot *s)
{
	return atomic_load_explicit(&s->memory->seq, memory_order_acquire);
}

/*
 * Copy the token to *out, and the seq of its publication to *seq.  *out is
 * valid only on SLOT_OK; its source is where the refresher got the token from.
 * On SLOT_EMPTY, out->generation is that of the last token; 0: there was none.
 */
enum slot_status slot_read(const struct slot *s, struct token *out,
    uint64_t *seq);

/* Replace the token.  Return -1, changing nothing, if it is too long. */
int slot_publish(struct slot *s, const struct token *t);

/* Publish "no token" twice, so that no copy keeps a dead token.  The generation
 * stays, since the next token counts on from it. */
void slot_clear(struct slot *s, uint64_t generation);

#endif
