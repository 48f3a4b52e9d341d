/* SPDX-License-Identifier: MIT */
/*
 * renewal.h - one token's way from Redis or the backend into its slot.
 *
 * The heart of the refresher: for each token a small state machine
 *
 *   IDLE -> LOOK_UP -> LOCK -> FETCH -> PUBLISH -> IDLE
 *              ^        | busy
 *              +- WAIT <+
 *
 * whose chain is the same for a schedule that is due, a caller that waits, a
 * token that was reported dead and a Redis that lost it.  Every arrow is an
 * answer of store.h or backend.h; an unreachable Redis is stepped over.
 *
 * Invariants:
 *   - One chain per token is under way; what comes meanwhile joins it.
 *   - A backend call is made only from FETCH, SCHEDULE_LEAST_MS after the one
 *     before, and with the lock, unless Redis is unreachable; of an exclusive
 *     token never without.
 *   - It begins while so much of the lock's lease is left that it ends before,
 *     unless Redis takes so long for every answer that it never could.
 *   - max-calls-per-hour holds for the fleet, and for this host by itself.
 *   - The slot is written as soon as a token is there; Redis after it.
 *   - A token in service stays there until a newer one replaces it or it dies.
 *   - Generations of a slot never go back; of two tokens of one generation the
 *     one in Redis is taken.
 *   - The schedule, a Redis that returns and renewals_all() begin a chain only
 *     while fewer than 256 are under way, so that a host with thousands of
 *     tokens does not ask for all at once.
 */
#ifndef BEARERD_RENEWAL_H
#define BEARERD_RENEWAL_H

#include <stdbool.h>

#include "backend.h"
#include "channel.h"
#include "conf.h"
#include "shm.h"
#include "stats.h"
#include "store.h"

/* What a chain is to bring about, from the least to the most. */
enum renewal_goal {
	RENEWAL_ADOPT,   /* take a newer token from Redis if there is one */
	RENEWAL_RESTORE, /* and write ours back if Redis has none or an older */
	RENEWAL_OBTAIN,  /* get a newer token, whatever it takes */
};

struct renewals;

struct renewals_of {
	const struct conf *conf;
	struct shm *shm;
	struct stats *stats;
	struct store *store; /* NULL: no Redis; set by renewals_use() */
	struct backend *backend;
	void (*tell)(void *arg, const struct channel_message *m);
	/* answer the worker at this end of its channel */
	void (*reply)(void *arg, int end, const struct channel_message *m);
	void *arg;
};

/* One renewal per token, each at what its slot holds. */
struct renewals *renewals_open(const struct renewals_of *of);
void renewals_close(struct renewals *r);

/* The Redis and backend to use, made with the events and callback below. */
void renewals_use(struct renewals *r, struct store *store,
    struct backend *backend);
extern const struct store_events renewals_store_events; /* arg: renewals */
void renewals_on_backend(void *renewals, size_t token,
    const struct backend_result *result);

/* A caller waits for a token newer than this generation.  Returns what there
 * is to say at once: CHANNEL_PUBLISHED, CHANNEL_FAILED, or CHANNEL_WANT when
 * an answer will be told later. */
struct channel_message renewals_want(struct renewals *r, size_t token,
    uint64_t generation);

/*
 * The backend refused this generation: CHANNEL_ACCEPTED, _LIMITED, _STALE; or
 * CHANNEL_REJECT when Redis is asked first, and `reply` gets that answer.
 */
struct channel_message renewals_reject(struct renewals *r, size_t token,
    uint64_t generation, int from);

/* Renew one token now, or every token. */
void renewals_one(struct renewals *r, size_t token);
void renewals_all(struct renewals *r);

/* Begin what is due; returns the boot time of what is due next. */
int64_t renewals_turn(struct renewals *r, int64_t now);

/* Whether Redis was never reached so far, and what it said if it refused our
 * credentials meanwhile. */
bool renewals_refused_at_start(const struct renewals *r);

#endif
