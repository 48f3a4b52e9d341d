/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "budget.h"

#define MINUTE_MS 60000

/* The calls of a minute, if it is one of the last hour. */
static int64_t
calls_of(const struct budget *b, int64_t minute, int64_t age)
{
	uint64_t v = atomic_load_explicit(
	    &b->minute[(uint64_t)(minute - age) % BUDGET_MINUTES],
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

void
budget_spend(struct budget *b, int calls, int64_t now)
{
	int64_t minute = now / MINUTE_MS;
	int64_t sum = calls_of(b, minute, 0) + calls;

	if (sum >= 0)
		atomic_store_explicit(
		    &b->minute[(uint64_t)minute % BUDGET_MINUTES],
		    (uint64_t)minute << 16 | (uint64_t)sum,
		    memory_order_relaxed);
}
