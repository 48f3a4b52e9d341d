/* SPDX-License-Identifier: MIT */
/* max-calls-per-hour: what this host spends, and what it knows of the fleet. */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"

int64_t
renewal_dry_ms(const struct renewal *n, int64_t now)
{
	int64_t most = n->conf->max_calls_per_hour;

	return most == 0 ? 0 : budget_wait_ms(&n->stats->budget, most, now);
}

void
renewal_spend(struct renewal *n, int64_t fleet_left)
{
	int64_t most = n->conf->max_calls_per_hour;
	int64_t now = clock_boot_ms(), left;

	if (most == 0)
		return;
	budget_spend(&n->stats->budget, 1, now);
	left = most - budget_spent(&n->stats->budget, now);
	if (n->locked && fleet_left < left)
		left = fleet_left;
	stats_set(&n->stats->calls_left, 1 + (uint64_t)left);
	if (left <= most / 10)
		log_warning("token %s: %lld of %lld backend calls are left in "
		    "this hour", n->conf->name, (long long)left,
		    (long long)most);
}

void
renewal_refund(struct renewal *n)
{
	n->called_at = 0;
	n->called = false;
	if (n->conf->max_calls_per_hour > 0)
		budget_spend(&n->stats->budget, -1, clock_boot_ms());
}
