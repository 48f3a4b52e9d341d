/* SPDX-License-Identifier: MIT */
/*
 * renewal.h - one token's way from Redis or the backend into its slot.
 *
 * Called by the refresher only.  Each token has a state machine
 *
 *   idle -> looking up -> locking -> calling -> publishing -> idle
 *               ^            | busy
 *               +- waiting <-+
 *
 * One round is a chain.  The schedule, a waiting caller, a report of a refused
 * token and a Redis that lost the token all begin the same chain.  It continues
 * when store.h or backend.h answers; without Redis it goes from looking up
 * straight to calling.
 *
 * Invariants:
 *   - At most one chain per token is under way; later wishes join it.
 *   - A chain calls the backend at least SCHEDULE_LEAST_MS after the call
 *     before, and only with the lock.  Without Redis it calls without a lock,
 *     but never for an exclusive token.
 *   - The call ends before the lease of the lock, unless each answer of Redis
 *     takes longer than that allows.
 *   - max-calls-per-hour holds for the fleet, and for this host by itself.
 *   - The slot is written first, then Redis.
 *   - A token in service stays there until a newer one replaces it or it dies.
 *   - Generations of a slot never go back.  Of two tokens with one generation
 *     the one in Redis wins.
 *   - The schedule, a Redis that returns and renewals_all() begin a chain only
 *     while fewer than 256 are under way, so that a host with thousands of
 *     tokens does not ask for all at once.
 */
#ifndef BEARERD_RENEWAL_H
#define BEARERD_RENEWAL_H

#include <stdbool.h>

#include "refresher/backend.h"
#include "shared/channel.h"
#include "conf/conf.h"
#include "shared/segment.h"
#include "shared/stats.h"
#include "store/store.h"

struct renewals;

struct renewals_args {
	const struct conf *conf;
	struct segment *segment;
	struct stats *stats;
	struct store *store; /* NULL: no Redis; set by renewals_use() */
	struct backend *backend;
	const struct channel *channels; /* of the workers, and the master */
	size_t channel_count;
};

/* Prepare one renewal per token; it continues from the token in the slot.  The
 * pointers in args stay the caller's. */
struct renewals *renewals_open(const struct renewals_args *args);
void renewals_close(struct renewals *r);

/* Set the Redis and the backend to use, the former opened with these events. */
void renewals_use(struct renewals *r, struct store *store,
    struct backend *backend);
extern const struct store_events renewals_store_events; /* arg: renewals */

/* A call of the backend has ended. */
void renewals_on_backend(struct renewals *r,
    const struct backend_result *result);

/* A caller waits for a token newer than this generation.  Returns the answer,
 * CHANNEL_PUBLISHED or CHANNEL_FAILED; or CHANNEL_WANT: all get one later.
 */
struct channel_message renewals_want(struct renewals *r, size_t token,
    uint64_t generation);

/*
 * A caller reports that the backend refused this generation.  Returns the
 * answer, CHANNEL_ACCEPTED, _LIMITED or _STALE; or CHANNEL_REJECT: Redis is
 * asked first, and the end `from` of its channel gets the answer.
 */
struct channel_message renewals_reject(struct renewals *r, size_t token,
    uint64_t generation, int from);

/* Renew one token now, or every token. */
void renewals_one(struct renewals *r, size_t token);
void renewals_all(struct renewals *r);

/* Begin the chains that are due at this boot time (ms).  Returns the boot time
 * at which the next one is. */
int64_t renewals_turn(struct renewals *r, int64_t now);

/* True: a call with a refresh token is under way, whose outcome must be written
 * down: without it the token is as good as lost. */
bool renewals_must_finish(const struct renewals *r);

/* True: Redis refused our credentials, and was never reached before. */
bool renewals_refused_at_start(const struct renewals *r);

#endif
