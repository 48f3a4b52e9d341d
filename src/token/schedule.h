/* SPDX-License-Identifier: MIT */
/*
 * schedule.h - when to renew a token, and when to try again.
 *
 * Pure functions: from lives, failures, boot time and a random number they
 * compute the boot time of the next attempt.  Called by the refresher, and by
 * conf for the timeline of --test.  The rules are those of bearerd-token(7),
 * "LIFE OF A TOKEN".
 *
 * Invariants:
 *   - A retry is never before now.
 *   - With a token in service, the next attempt is at the latest when its
 *     reserve begins, whatever Retry-After says.  Without one it is within a
 *     minute, unless max-calls-per-hour is spent.
 */
#ifndef BEARERD_SCHEDULE_H
#define BEARERD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* Least time between two backend calls for one token. */
#define SCHEDULE_LEAST_MS 1000
/* Longest Retry-After that counts while there is no token. */
#define SCHEDULE_PROBE_MS 60000

/* The options renew-at and outage-budget of a token. */
struct schedule_renewal {
	int64_t percent_min, percent_max; /* renew-at, of the life */
	int64_t outage_budget_ms;         /* 0: none */
};

/*
 * The renewal point (boot time, ms) of a life between two boot times; random is
 * uniform in [0, 1).  An outage budget moves it forward, so that the budget is
 * left until the reserve begins; but not before a tenth of the life is over.
 */
int64_t schedule_renewal(const struct schedule_renewal *r, int64_t obtained_at,
    int64_t expires_at, double random);

/* The kind of a failed attempt. */
enum schedule_failure {
	SCHEDULE_NOT_REACHED, /* no request reached the backend */
	SCHEDULE_FAILED,      /* it answered badly, late or not at all */
	SCHEDULE_CREDENTIALS, /* 400, 401, 403: our key is wrong */
	SCHEDULE_EXHAUSTED,   /* no call: max-calls-per-hour is spent */
};

/* A failed attempt. */
struct schedule_retry {
	enum schedule_failure failure;
	unsigned failures;      /* in a row, this one included: >= 1 */
	int64_t retry_after_ms; /* wanted by backend or budget; 0: none */
	int64_t now;            /* boot clock, ms */
	int64_t dead_at;        /* boot clock, ms: token in service; 0: none */
};

/* The boot time (ms) of the next attempt; random is uniform in [0, 1). */
int64_t schedule_retry(const struct schedule_retry *r, double random);

#endif
