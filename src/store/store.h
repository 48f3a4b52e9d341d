/* SPDX-License-Identifier: MIT */
/*
 * store.h - the tokens that all replicas share in Redis, and their lock.
 *
 * Keys of a token whose redis-key is K (all in one cluster slot):
 *   K               the token, with a TTL: bare, as the original wrote it, or
 *                   sealed for this key and generation (store_seal.h)
 *   {K}:meta        generation, times and fingerprint of that token
 *   {K}:lock        who may ask the backend now; a lease
 *   {K}:calls       when the backend was asked in the last hour
 *   {K}:rejected    the token was reported as refused a moment ago
 *   {K}:generation  counts publications, for ever
 *   {K}:rotated     channel: "generation fingerprint"
 *
 * Called by the refresher only.  Every operation is asynchronous: it answers
 * through struct store_events, within redis-timeout; in a cluster, where several
 * nodes may have to be asked, within three times that and the 5 seconds that a
 * slot is waited for on its way.  An unreachable Redis is an outcome like any
 * other, never an error to a caller.
 *
 * Invariants:
 *   - At most one operation per token is under way (the refresher's jobs see
 *     to it); a release needs no answer and does not count.
 *   - A life is told by differences and by Redis' own PTTL, never by another
 *     host's wall clock.  It is not prolonged by the time that a look-up or a
 *     publication was on its way, however long that was.
 *   - Nobody publishes while another has the lock, and never over the same or
 *     a newer generation.
 *   - What cannot be opened or believed is the same as nothing.
 */
#ifndef BEARERD_STORE_H
#define BEARERD_STORE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "fingerprint.h"
#include "stats.h"
#include "store_link.h"
#include "token.h"

#define STORE_LEASE_EXTRA_MS 2000 /* of a lock, beyond the token's timeout */
#define STORE_FDS STORE_LINK_FDS

/* What Redis holds for a token; text NULL: nothing usable. */
struct store_value {
	const char *text;
	size_t len;
	int64_t left_ms;      /* until the key expires */
	int64_t life_ms;      /* L; 0: unknown, somebody else wrote the token */
	uint64_t generation;  /* of the token; 0: unknown */
	uint64_t counter;     /* of {K}:generation */
};

/* The lock, and the backend call that goes with it. */
struct store_grant {
	int64_t wait_ms; /* until a call is left, if none is */
	int64_t left;    /* calls in this hour, after this one */
};

enum store_outcome {
	STORE_DONE,        /* looked up, published, or report accepted */
	STORE_GOT,         /* the lock is ours */
	STORE_BUSY,        /* somebody else has it; or reported it just now */
	STORE_EXHAUSTED,   /* max-calls-per-hour were made */
	STORE_FENCED,      /* another token is there, or somebody is about it */
	STORE_UNREACHABLE,
};

struct store_events {
	void (*looked_up)(void *arg, size_t token, enum store_outcome outcome,
	    const struct store_value *value);
	/* value: what was there at the same moment */
	void (*locked)(void *arg, size_t token, enum store_outcome outcome,
	    const struct store_grant *grant, const struct store_value *value);
	void (*published)(void *arg, size_t token, enum store_outcome outcome);
	/* wait_ms: until the next report is accepted */
	void (*rejected)(void *arg, size_t token, enum store_outcome outcome,
	    int64_t wait_ms);
	/* another replica published */
	void (*rotated)(void *arg, size_t token, uint64_t generation,
	    const char *fingerprint);
	/* Redis may be had (again) for this token, or tells (again) what others
	 * publish */
	void (*returned)(void *arg, size_t token);
	void (*refused)(void *arg, const char *why); /* wrong credentials */
};

struct store;

/* Prepare the connections; none is made yet.  NULL without redis-host. */
struct store *store_open(const struct conf *conf,
    const struct store_events *events, void *arg, struct stats_process *stats);

/* Release the locks that are held, as far as that goes without waiting. */
void store_close(struct store *s);

/* Begin an operation; -1: unreachable now, and no event will come; for
 * store_publish() also: there is no key to seal the token with. */
int store_look_up(struct store *s, size_t token, bool from_primary);

/* call: a backend call shall follow, and is counted. */
int store_lock(struct store *s, size_t token, bool call);

/*
 * Write a token, its meta data and generation, release the lock, tell the
 * others.  fresh: newer than all before; else one that Redis has lost.
 */
int store_publish(struct store *s, size_t token, const struct token *t,
    bool fresh);

/* Release the lock, if it is ours; called: the backend was. */
void store_unlock(struct store *s, size_t token, bool called);

/* Report a token as refused by the backend, for the whole fleet; the next
 * report is accepted STORE_REJECT_MS later. */
#define STORE_REJECT_MS 10000
int store_reject(struct store *s, size_t token, uint64_t generation,
    const char *fingerprint);

/* What to wait for: STORE_FDS entries; when to turn at the latest. */
void store_pollfds(const struct store *s, struct pollfd *out);
int64_t store_next_at(const struct store *s);

/* Go on after poll(2). */
void store_turn(struct store *s, const struct pollfd *fds, int64_t now);

#endif
