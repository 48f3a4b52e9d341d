/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "token/budget.h"

#define MINUTE_MS 60000
#define HOUR_MS (60 * (int64_t)MINUTE_MS)

/* The calls of the minute `age` minutes before this one. */
static int64_t
calls_of(const struct budget *b, int64_t minute, int64_t age)
{
	uint64_t v = atomic_load_explicit(&b->minute[(uint64_t)(minute - age) %
					      BUDGET_MINUTES],
	    memory_order_relaxed);

	return (int64_t)(v >> 16) == minute - age ? (int64_t)(v & 0xffff) : 0;
}

int64_t
budget_spent(const struct budget *b, int64_t now)
{
	int64_t age, sum = 0;

	for (age = 0; age < BUDGET_MINUTES; age++)
		sum += calls_of(b, now / MINUTE_MS, age);
	return sum;
}

int64_t
budget_wait_ms(const struct budget *b, int64_t most, int64_t now)
{
	int64_t over = budget_spent(b, now) - most + 1, age;

	if (over <= 0)
		return 0;
	for (age = BUDGET_MINUTES - 1; age > 0; age--) {
		over -= calls_of(b, now / MINUTE_MS, age);
		if (over <= 0)
			break;
	}
	return (BUDGET_MINUTES - age) * MINUTE_MS - now % MINUTE_MS;
}

struct budget_share
budget_share(int64_t most, int64_t every_ms)
{
	struct budget_share s = {.most = most, .every_ms = every_ms};

	if (s.every_ms < 1)
		s.every_ms = 1;
	s.reports = most / 4 > 1 ? most / 4 : 1;
	s.kept = (HOUR_MS - 1) / s.every_ms;
	if (s.kept > most - 1 - s.reports)
		s.kept = most - 1 - s.reports;
	if (s.kept < 0)
		s.kept = 0;
	return s;
}

/*
 * True: a call in `minutes` minutes would leave the reserved calls.  newer[age]
 * is the number of calls that are now at most `age` minutes old.
 */
static bool
spares(const struct budget_share *s, const int64_t *newer, int64_t minutes)
{
	int64_t i, age;

	for (i = 0; i <= s->kept; i++) {
		age =
		    BUDGET_MINUTES - 1 - minutes - i * s->every_ms / MINUTE_MS;
		if (age < 0)
			break;
		if (newer[age] > s->most - 1 - i)
			return false;
	}
	return true;
}

int64_t
budget_spare_wait_ms(const struct budget *b, const struct budget_share *share,
    int64_t now)
{
	int64_t newer[BUDGET_MINUTES], minute, sum = 0;

	if (share->most == 0)
		return 0;
	for (minute = 0; minute < BUDGET_MINUTES; minute++)
		newer[minute] = sum += calls_of(b, now / MINUTE_MS, minute);
	for (minute = 0; minute < BUDGET_MINUTES; minute++)
		if (spares(share, newer, minute))
			break;
	return minute == 0 ? 0 : minute * MINUTE_MS - now % MINUTE_MS;
}

void
budget_spend(struct budget *b, int calls, int64_t now)
{
	int64_t minute = now / MINUTE_MS;
	int64_t sum = calls_of(b, minute, 0) + calls;

	if (sum >= 0)
		atomic_store_explicit(&b->minute[(uint64_t)minute %
					  BUDGET_MINUTES],
		    (uint64_t)minute << 16 | (uint64_t)sum,
		    memory_order_relaxed);
}
