/* SPDX-License-Identifier: MIT */
/*
 * budget.h - calls of one host in the last hour, and max-calls-per-hour.
 *
 * The schedule gets the larger share of the limit.  Reports of refused tokens
 * get a share of their own, so that they cannot use up the schedule's.
 *
 * Calls are counted by minute, over 60 to 61 minutes, so a limit is never
 * exceeded.  The counts are in shared memory: a refresher that dies again and
 * again does not begin at 0 each time.
 *
 * Called by the refresher, the only writer.  All zeros: no calls.
 */
#ifndef BEARERD_BUDGET_H
#define BEARERD_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BUDGET_MINUTES 61

/* In shared memory. */
struct budget {
	/* number of the minute of the boot clock << 16 | its calls */
	_Atomic uint64_t minute[BUDGET_MINUTES];
};

/* The shares in a limit. */
struct budget_share {
	int64_t most;     /* calls in an hour; 0: any number */
	int64_t reports;  /* of these, calls that reports may cause */
	int64_t every_ms; /* the schedule makes a call this often */
	int64_t kept;     /* calls reserved for the schedule */
};

/*
 * Divide a limit (max-calls-per-hour) where the schedule makes a call every
 * every_ms.  Reports get a quarter, at least one call.  Reserved are the calls
 * that the schedule makes in an hour, but no more than the limit leaves beside
 * the reports and the one call that obtained their token.
 */
struct budget_share budget_share(int64_t most, int64_t every_ms);

/* Calls in the hour before this boot time (ms). */
int64_t budget_spent(const struct budget *b, int64_t now);

/* Milliseconds until a limit of `most` calls allows one more; 0: now. */
int64_t budget_wait_ms(const struct budget *b, int64_t most, int64_t now);

/* Milliseconds until one more call leaves the reserved ones; 0: now. */
int64_t budget_spare_wait_ms(const struct budget *b,
    const struct budget_share *share, int64_t now);

/* Count calls at this boot time (ms); -1 takes one back. */
void budget_spend(struct budget *b, int calls, int64_t now);

#endif
