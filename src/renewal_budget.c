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

/* Show, and return, how many calls are left by what we know. */
static int64_t
show_left(struct renewal *n, int64_t fleet_left)
{
	int64_t left = n->conf->max_calls_per_hour -
	    budget_spent(&n->stats->budget, clock_boot_ms());

	if (left > fleet_left)
		left = fleet_left;
	if (left < 0) /* the limit was lowered */
		left = 0;
	stats_set(&n->stats->calls_left, 1 + (uint64_t)left);
	return left;
}

void
renewal_budget_open(struct renewal *n)
{
	if (n->conf->max_calls_per_hour > 0)
		show_left(n, INT64_MAX);
}

void
renewal_spend(struct renewal *n, int64_t fleet_left)
{
	int64_t most = n->conf->max_calls_per_hour, left;

	if (most == 0)
		return;
	budget_spend(&n->stats->budget, 1, n->called_at);
	left = show_left(n, n->locked ? fleet_left : INT64_MAX);
	if (left <= most / 10)
		log_warning("token %s: %lld of %lld backend calls are left in "
		    "this hour", n->conf->name, (long long)left,
		    (long long)most);
}

void
renewal_refund(struct renewal *n)
{
	if (n->conf->max_calls_per_hour > 0) {
		budget_spend(&n->stats->budget, -1, n->called_at);
		stats_add(&n->stats->calls_left, 1);
	}
	n->called_at = 0;
	stats_set(&n->stats->called_at, 0);
	n->called = false;
}
