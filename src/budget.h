/* SPDX-License-Identifier: MIT */
/*
 * budget.h - how many calls one host made in the last hour.
 *
 * Counts by minute, so that an hour is at most a minute too long and a limit is
 * never exceeded.  Lies in memory that outlives the refresher, so that one
 * which dies again and again does not begin anew each time.
 *
 * Called by renewal.  One writer; all zeros is no call.
 */
#ifndef BEARERD_BUDGET_H
#define BEARERD_BUDGET_H

#include <stdatomic.h>
#include <stdint.h>

#define BUDGET_MINUTES 61

struct budget {
	_Atomic uint64_t minute[BUDGET_MINUTES]; /* its number << 16 | calls */
};

/* Calls in the hour before this boot time. */
int64_t budget_spent(const struct budget *b, int64_t now);

/* Milliseconds until one more call is allowed; 0: now. */
int64_t budget_wait_ms(const struct budget *b, int64_t most, int64_t now);

/* Note a call, or with -1 that one was not made after all. */
void budget_spend(struct budget *b, int calls, int64_t now);

#endif
