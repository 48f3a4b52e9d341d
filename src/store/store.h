/* SPDX-License-Identifier: MIT */
/*
 * store/ is for tokens in Redis: keys, scripts, nodes, messages.
 *
 * store/store.h - the tokens that all replicas share in Redis, and their lock.
 *
 * Keys of a token whose redis-key is K (all in one cluster slot):
 *   K               the token, with a TTL: bare, as the original wrote it, or
 *                   sealed for this key and generation (store/seal.h)
 *   {K}:meta        generation, times, fingerprint and origin of that token
 *   {K}:lock        who may ask the backend now; a lease
 *   {K}:calls       when the backend was asked in the last hour
 *   {K}:rejected    the token was reported as refused a moment ago
 *   {K}:reports     when such reports were accepted in the last hour
 *   {K}:refused     by credentials: the attempt that failed, and until when the
 *                   next one is waited for
 *   {K}:refresh     the record of a refresh token (token/refresh.h), sealed
 *   {K}:generation  counts publications, for ever
 *   {K}:rotated     channel: "generation fingerprint"
 *
 * Called by the refresher only.  Every operation is asynchronous: it answers
 * through struct store_events, within redis-timeout; in a cluster, where
 * several nodes may have to be asked, within three times that and the 5 seconds
 * for which a moving slot is waited for.  An unreachable Redis is an outcome
 * like any other, never an error to a caller.
 *
 * Invariants:
 *   - At most one operation per token is under way (the refresher's chains see
 *     to it); a release needs no answer and does not count.
 *   - A life is computed from differences and from PTTL, never from another
 *     host's wall clock.  The time that a look-up or a publication takes does
 *     not prolong it.
 *   - No replica publishes while another has the lock, and never over the same
 *     or a newer generation.
 *   - A value that cannot be opened or verified counts as none.
 */
#ifndef BEARERD_STORE_H
#define BEARERD_STORE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token/budget.h"
#include "conf/conf.h"
#include "base/fingerprint.h"
#include "shared/stats.h"
#include "store/nodes.h"
#include "token/token.h"

#define STORE_LEASE_EXTRA_MS 2000   /* of a lock, beyond the token's timeout */
#define STORE_LEASE_REFRESH_MS 4000 /* more, for a refresh token's record */
#define STORE_LEASE_MAX_MS 3602000  /* as of common.lua */
#define STORE_FDS STORE_LINK_FDS

/* A token as Redis holds it; text NULL: nothing usable. */
struct store_value {
	const char *text;
	size_t len;
	const char *extra; /* of the token, as there; "": none, or unknown */
	size_t extra_len;
	int64_t left_ms;     /* until the key expires */
	int64_t life_ms;     /* L; 0: unknown, somebody else wrote the token */
	uint64_t generation; /* of the token; 0: unknown */
	uint64_t counter;    /* of {K}:generation */
	struct token_origin origin; /* what it was got with; 0: unknown */
};

#define STORE_TRIED_LEN 16 /* digits of the credentials' digest */
#define STORE_KIND_MAX 15  /* letters that say how an attempt failed */
#define STORE_FAILURES_MAX 1000
#define STORE_WAIT_MAX_MS 3600000 /* for the next attempt */

/* The backend call that is to follow the lock. */
struct store_wish {
	uint64_t credentials; /* digest of what it is made with; 0: unknown */
	int64_t patience_ms;  /* older failed attempts do not count */
};

/* An attempt that failed, for all who have these credentials. */
struct store_failure {
	unsigned failures;             /* in a row, this one included */
	int64_t wait_ms;               /* until the next one */
	char kind[STORE_KIND_MAX + 1]; /* "": there was none */
};

/* The lock, and the backend call that goes with it. */
struct store_grant {
	int64_t wait_ms; /* until a call is left, if none is */
	int64_t left;    /* calls in this hour, after this one */
	struct store_failure
	    last; /* attempt of anybody, with or without lock */
};

enum store_outcome {
	STORE_DONE,      /* looked up, published, or report accepted */
	STORE_GOT,       /* the lock is ours */
	STORE_BUSY,      /* somebody else has it; or reported it just now */
	STORE_EXHAUSTED, /* max-calls-per-hour were made */
	STORE_FAILED, /* an attempt failed, and it is too soon for the next */
	STORE_FENCED, /* another token is there, or somebody is about it */
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
	/* text: the record of a refresh token that was read, len bytes; NULL:
	 * there is none, or it was written */
	void (*refresh_done)(void *arg, size_t token,
	    enum store_outcome outcome, const char *text, size_t len);
	/* another replica published */
	void (*rotated)(void *arg, size_t token, uint64_t generation,
	    const char *fingerprint);
	/* Redis can be reached (again) for this token, or passes on (again)
	 * what others publish */
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

/* wish: a backend call shall follow, and is counted; NULL: none shall. */
int store_lock(struct store *s, size_t token, const struct store_wish *wish);

/*
 * Write a token, its meta data and generation, release the lock, tell the
 * others.  fresh: newer than all before; else one that Redis has lost.
 */
int store_publish(struct store *s, size_t token, const struct token *t,
    bool fresh);

/* Release the lock, if it is ours; called: the backend was. */
void store_unlock(struct store *s, size_t token, bool called);

/*
 * The same after the call that the lock was for, or one without it, has failed:
 * tell the others, unless a newer token than `counter` was published meanwhile.
 */
void store_fail(struct store *s, size_t token, bool called, uint64_t counter,
    const struct store_failure *failure);

/* Report a token as refused by the backend, for the whole fleet; the next
 * report is accepted STORE_REJECT_MS later, or when the share allows it. */
#define STORE_REJECT_MS 10000
int store_reject(struct store *s, size_t token, uint64_t generation,
    const char *fingerprint, const struct token_origin *origin,
    const struct budget_share *share);

/* Fill in what to wait for: STORE_FDS entries; when to turn at the latest. */
void store_pollfds(const struct store *s, struct pollfd *out);
int64_t store_next_at(const struct store *s);

/* Go on after poll(2). */
void store_turn(struct store *s, const struct pollfd *fds, int64_t now);

#endif
