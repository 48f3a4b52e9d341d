/* SPDX-License-Identifier: MIT */
/*
 * schedule.h - when to renew a token, and when to try again.
 *
 * Pure: from lives, failures, the boot time now and a random number to the
 * boot time of the next attempt.  Called by the refresher; the rules are those
 * of bearerd(8), "LIFE OF A TOKEN".
 *
 * Invariants:
 *   - The result is never before now.
 *   - With a token in service, an attempt is made at the latest when its
 *     reserve begins, whatever was asked for.
 */
#ifndef BEARERD_SCHEDULE_H
#define BEARERD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_LEAST_MS 1000 /* between two backend calls for one token */

/* When a life's renewal is due. */
struct schedule_renewal {
	int64_t percent_min, percent_max; /* of the life */
	int64_t outage_budget_ms;         /* 0: none */
};

/*
 * The renewal point of a life; random is uniform in [0, 1).  With an outage
 * budget that much is left of the life, at least its half, but renewal never
 * begins before a tenth of it is over.
 */
int64_t schedule_renewal(const struct schedule_renewal *r, int64_t obtained_at,
    int64_t expires_at, double random);

/* What went wrong with an attempt. */
enum schedule_failure {
	SCHEDULE_NOT_REACHED, /* no request reached the backend */
	SCHEDULE_FAILED,      /* it answered badly, late or not at all */
	SCHEDULE_CREDENTIALS, /* 400, 401, 403: our key is wrong */
};

struct schedule_retry {
	enum schedule_failure failure;
	unsigned failures;      /* in a row, this one included: >= 1 */
	int64_t retry_after_ms; /* what the backend asked for; 0: nothing */
	int64_t now;
	int64_t dead_at;        /* of the token in service; 0: there is none */
};

/* When to try again. */
int64_t schedule_retry(const struct schedule_retry *r, double random);

#endif
