/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "token/schedule.h"

#include "token/token.h"

#define BACKOFF_MAX_MS 30000
#define BACKOFF_EMPTY_MAX_MS 5000 /* callers are waiting */
#define NOT_REACHED_MS 500        /* likewise, and it burdens no backend */
#define CREDENTIALS_MIN_MS 5000
#define CREDENTIALS_MAX_MS 60000
#define RETRY_AFTER_MAX_MS 3600000

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * The latest renewal point that leaves the budget, with a margin for the last
 * retry.  It is at least a tenth of the life away, so that a budget longer than
 * the life does not cause a storm of calls.
 */
static int64_t
before_outage(int64_t budget_ms, int64_t obtained_at, int64_t dead_at,
    int64_t life, double random)
{
	int64_t margin = (int64_t)((1 + random) * (double)life / 40);
	int64_t at = least(dead_at - budget_ms, obtained_at + life / 2);

	return most(at - margin, obtained_at + life / 10);
}

int64_t
schedule_renewal(const struct schedule_renewal *r, int64_t obtained_at,
    int64_t expires_at, double random)
{
	int64_t life = expires_at - obtained_at;
	int64_t dead_at = expires_at - token_reserve_ms(life);
	double percent = (double)r->percent_min +
	    random * (double)(r->percent_max - r->percent_min);
	int64_t at = obtained_at + (int64_t)((double)life * percent / 100);

	if (r->outage_budget_ms > 0)
		at = least(at,
		    before_outage(r->outage_budget_ms, obtained_at, dead_at,
			life, random));
	return least(at, dead_at);
}

/* base, twice base, four times ... limit. */
static int64_t
doubled(int64_t base, unsigned failures, int64_t limit)
{
	while (--failures > 0 && base < limit)
		base *= 2;
	return least(base, limit);
}

static int64_t
backoff(const struct schedule_retry *r, double random)
{
	int64_t left = r->dead_at - r->now, delay;

	if (r->failure == SCHEDULE_CREDENTIALS)
		return doubled(CREDENTIALS_MIN_MS, r->failures,
		    CREDENTIALS_MAX_MS);
	if (r->failure == SCHEDULE_NOT_REACHED && left <= 0)
		return NOT_REACHED_MS / 2 +
		    (int64_t)(random * NOT_REACHED_MS / 2);
	delay = (int64_t)(random *
	    (double)doubled(1000, r->failures,
		left > 0 ? BACKOFF_MAX_MS : BACKOFF_EMPTY_MAX_MS));
	if (left > 0)
		delay = least(delay, left / 10);
	return most(delay, SCHEDULE_LEAST_MS);
}

/* The part of Retry-After that counts.  Without a token it is at most a minute:
 * callers are waiting, and a backend may be back before it said. */
static int64_t
asked_ms(const struct schedule_retry *r, double random)
{
	if (r->dead_at > r->now || r->failure == SCHEDULE_EXHAUSTED)
		return least(r->retry_after_ms, RETRY_AFTER_MAX_MS);
	return least(r->retry_after_ms,
	    SCHEDULE_PROBE_MS - (int64_t)(random * SCHEDULE_PROBE_MS / 6));
}

int64_t
schedule_retry(const struct schedule_retry *r, double random)
{
	int64_t at = r->now + most(backoff(r, random), asked_ms(r, random));

	if (r->dead_at > r->now)
		at = least(at, r->dead_at);
	return at;
}
