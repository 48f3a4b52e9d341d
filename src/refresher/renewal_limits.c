/* SPDX-License-Identifier: MIT */
/*
 * Limits of a renewal: calls per hour, waiting for a lock, the lease of our
 * lock, and the clock by which an answer is read.  Nothing here begins or ends
 * a chain.
 */
#include "config.h"

#include "refresher/renewal_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"

#define LEASES_WAITED 3
#define SKEW_MS 30000 /* from here on a warning */
#define DATE_MS 1000  /* resolution of Date */
/* A wall clock outside 2020 to 2100 was never set. */
#define CLOCK_MIN_MS INT64_C(1577836800000)
#define CLOCK_MAX_MS INT64_C(4102444800000)

/* ---- max-calls-per-hour ---- */

struct schedule_renewal
renewal_schedule(const struct conf_token *conf)
{
	return (struct schedule_renewal){
	    .percent_min = conf->renew_at_min,
	    .percent_max = conf->renew_at_max,
	    .outage_budget_ms = conf->outage_budget_ms,
	};
}

int64_t
renewal_call_wait_ms(const struct renewal *n, int64_t now)
{
	int64_t most = n->conf->max_calls_per_hour;

	return most == 0 ? 0 : budget_wait_ms(&n->stats->budget, most, now);
}

struct budget_share
renewal_budget_share(const struct renewal *n)
{
	struct schedule_renewal when = renewal_schedule(n->conf);
	int64_t life = n->expires_at - n->obtained_at, first, last;

	if (n->conf->max_calls_per_hour == 0)
		return (struct budget_share){0};
	if (life <= 0)
		life = n->conf->default_ttl_ms;
	first = schedule_renewal(&when, 0, life, 0);
	last = schedule_renewal(&when, 0, life, 1);
	return budget_share(n->conf->max_calls_per_hour,
	    first < last ? first : last);
}

int64_t
renewal_spare_wait_ms(const struct renewal *n, int64_t now)
{
	struct budget_share share = renewal_budget_share(n);

	return budget_spare_wait_ms(&n->stats->budget, &share, now);
}

int64_t
renewal_report_wait_ms(const struct renewal *n, int64_t now)
{
	struct budget_share share = renewal_budget_share(n);
	int64_t calls, reports;

	if (share.most == 0)
		return 0;
	calls = budget_spare_wait_ms(&n->stats->budget, &share, now);
	reports = budget_wait_ms(&n->stats->reports, share.reports, now);
	return calls > reports ? calls : reports;
}

void
renewal_count_report(struct renewal *n, int64_t now)
{
	if (n->conf->max_calls_per_hour > 0)
		budget_spend(&n->stats->reports, 1, now);
}

/* Return, and show in the metrics, the calls that are left to our knowledge. */
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
renewal_show_calls_left(struct renewal *n)
{
	if (n->conf->max_calls_per_hour > 0)
		show_left(n, INT64_MAX);
}

void
renewal_count_call(struct renewal *n)
{
	int64_t most = n->conf->max_calls_per_hour, left;

	if (most == 0)
		return;
	budget_spend(&n->stats->budget, 1, n->called_at);
	left = show_left(n, n->locked ? n->fleet_left : INT64_MAX);
	if (left <= most / 10)
		log_warning(
		    "token %s: %lld of %lld backend calls are left in this hour",
		    n->conf->name, (long long)left, (long long)most);
}

void
renewal_uncount_call(struct renewal *n)
{
	if (n->conf->max_calls_per_hour > 0) {
		budget_spend(&n->stats->budget, -1, n->called_at);
		stats_add(&n->stats->calls_left, 1);
	}
	n->called_at = 0;
	stats_set(&n->stats->called_at, 0);
	n->called = false;
}

/* ---- the lock ---- */

/* Three to six leases, at random: replicas must not give up together. */
void
renewal_draw_lock_wait(struct renewal *n)
{
	int64_t least =
	    LEASES_WAITED * (n->conf->timeout_ms + STORE_LEASE_EXTRA_MS);

	n->lock_wait_ms =
	    least + (int64_t)(crypto_random_unit() * (double)least);
}

/* After this many leases, assume that the owner is gone. */
static bool
has_waited_enough(const struct renewal *n)
{
	return clock_boot_ms() - n->began_at > n->lock_wait_ms;
}

bool
renewal_lock_is_abandoned(const struct renewal *n)
{
	if (!has_waited_enough(n))
		return false;
	log_warning(
	    "token %s: the owner of the lock in Redis does not publish a token; going on without the lock",
	    n->conf->name);
	return true;
}

bool
renewal_lease_is_short(const struct renewal *n)
{
	return n->locked && (n->conf->exclusive || !has_waited_enough(n)) &&
	    clock_boot_ms() - n->locked_at > STORE_LEASE_EXTRA_MS;
}

/* ---- the clocks ---- */

void
renewal_compare_clocks(struct renewal *n, int64_t date_wall_at)
{
	int64_t skew = date_wall_at - clock_wall_ms();
	int64_t apart = skew < 0 ? -skew : skew;
	bool skewed = apart > (n->skewed ? SKEW_MS - DATE_MS : SKEW_MS);

	atomic_store_explicit(&n->stats->skew_ms, skew, memory_order_relaxed);
	n->backend_ahead_ms = skewed ? skew : 0;
	n->clock_is_new = skewed && !n->skewed;
	if (skewed == n->skewed)
		return;
	n->skewed = skewed;
	if (skewed)
		log_warning(
		    "token %s: the backend's clock is %lld s %s ours; an expiry that it gives as a time is measured by its own",
		    n->conf->name, (long long)apart / 1000,
		    skew > 0 ? "ahead of" : "behind");
	else
		log_notice(
		    "token %s: the backend's clock agrees with ours again",
		    n->conf->name);
}

int64_t
renewal_asked_wall_at(const struct renewal *n, int64_t date_wall_at)
{
	if (n->skewed && date_wall_at >= CLOCK_MIN_MS &&
	    date_wall_at < CLOCK_MAX_MS)
		return date_wall_at - (clock_boot_ms() - n->called_at);
	return n->called_wall_at < CLOCK_MIN_MS ? 0 : n->called_wall_at;
}
