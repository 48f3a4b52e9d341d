/* SPDX-License-Identifier: MIT */
/*
 * Begins chains: for the schedule, for waiting callers, for reports of refused
 * tokens, for other replicas, and for a Redis that returns.
 */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS_AT_A_TIME 256 /* the schedule begins no more */
#define CROWDED_MS 20        /* until it looks whether it may */
#define CHECK_EVERY_MS 45000 /* between checks whether Redis lost a token */
#define CLOCK_STEP_MS 30000  /* of the wall clock; slewing is slower */
#define REPORT_AGAIN_MS 1000 /* after a report that could not reach Redis */
#define YOUNG_MS 5000 /* reports of an exclusive token this new are refused */

/* ---- open and close ---- */

static void
open_one(struct renewals *r, size_t i)
{
	struct renewal *n = &r->list[i];

	n->all = r;
	n->number = i;
	n->conf = &r->args.conf->token[i];
	n->slot = segment_slot(r->args.segment, i);
	n->stats = &r->args.stats->token[i];
	n->called_at = stats_time(&n->stats->called_at);
	if (n->called_at > clock_boot_ms())
		n->called_at = 0; /* impossible: it is in the future */
	renewal_show_calls_left(n);
	renewal_inherit(n);
	stats_set(&n->stats->renewing, 0);
	renewal_plan(n, n->renew_at);
}

struct renewals *
renewals_open(const struct renewals_args *args)
{
	struct renewals *r = mem_alloc(1, sizeof(*r));
	size_t i;

	r->args = *args;
	r->count = args->conf->token_count;
	r->list = mem_alloc(r->count, sizeof(*r->list));
	for (i = 0; i < r->count; i++)
		open_one(r, i);
	renewal_wipe(r);
	/* random from the start: a whole fleet may start at this moment */
	r->logouts = logouts_open(args->conf);
	r->check_at =
	    clock_boot_ms() + (int64_t)(crypto_random_unit() * CHECK_EVERY_MS);
	return r;
}

void
renewals_use(struct renewals *r, struct store *store, struct backend *backend)
{
	r->args.store = store;
	r->args.backend = backend;
	logouts_use(r->logouts, backend);
}

void
renewals_close(struct renewals *r)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		free(r->list[i].token_url);
		renewal_refresh_forget(&r->list[i]);
	}
	logouts_close(r->logouts);
	free(r->list);
	free(r);
}

bool
renewals_refused_at_start(const struct renewals *r)
{
	return r->redis_refused && !r->redis_was_up;
}

/* ---- callers and operators ---- */

struct channel_message
renewals_want(struct renewals *r, size_t token, uint64_t generation)
{
	struct renewal *n = &r->list[token];
	int64_t now = clock_boot_ms();
	bool usable = renewal_usable(n, now);
	struct channel_message m = {.kind = CHANNEL_WANT,
	    .token = (uint32_t)token,
	    .generation = n->generation};

	if (usable && n->generation > generation) {
		m.kind = CHANNEL_PUBLISHED;
		return m;
	}
	if ((n->phase == RENEWAL_IDLE && n->due_at > now && n->failures > 0) ||
	    (usable && renewal_spare_wait_ms(n, now) > 0)) {
		m.kind = CHANNEL_FAILED; /* use the old token, if any */
		m.at = n->due_at;
		return m;
	}
	n->caller_waits = true;
	renewal_begin(n, RENEWAL_OBTAIN, RENEWAL_FROM_ANY);
	return m;
}

void
renewals_one(struct renewals *r, size_t token)
{
	struct renewal *n = &r->list[token];

	n->operator_at = clock_boot_ms();
	if (n->phase == RENEWAL_IDLE)
		renewal_plan(n, n->operator_at);
	else
		renewal_begin(n, RENEWAL_OBTAIN, RENEWAL_FROM_PRIMARY);
}

void
renewals_all(struct renewals *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		renewals_one(r, i);
}

/* ---- reports that the backend refused a token ---- */

/*
 * Boot time from which a report is believed, as far as this host knows.  A new
 * exclusive token ends the one before it, so a report soon after it may be
 * about the old one.
 */
static int64_t
believed_at(const struct renewal *n, int64_t now)
{
	int64_t at = now + renewal_report_wait_ms(n, now);

	if (n->report_at > at)
		at = n->report_at;
	if (n->conf->exclusive && n->obtained_at + YOUNG_MS > at)
		at = n->obtained_at + YOUNG_MS;
	return at;
}

static void
accept_report(struct renewal *n)
{
	log_notice(
	    "token %s: generation %llu was reported as refused by the backend",
	    n->conf->name, (unsigned long long)n->generation);
	renewal_count_report(n, clock_boot_ms());
	renewal_begin(n, RENEWAL_OBTAIN, RENEWAL_FROM_PRIMARY);
}

struct channel_message
renewals_reject(struct renewals *r, size_t token, uint64_t generation, int from)
{
	struct renewal *n = &r->list[token];
	struct budget_share share = renewal_budget_share(n);
	int64_t now = clock_boot_ms();
	struct channel_message m = {.kind = CHANNEL_ACCEPTED,
	    .token = (uint32_t)token,
	    .generation = generation,
	    .at = believed_at(n, now)};

	if (generation != n->generation) {
		m.kind = CHANNEL_STALE;
		return m;
	}
	if (now < m.at) {
		m.kind = CHANNEL_LIMITED;
		return m;
	}
	n->report_at = now + STORE_REJECT_MS;
	n->report_generation = generation;
	n->report_end = from;
	if (r->args.store != NULL &&
	    store_reject(r->args.store, token, generation, n->fingerprint,
		&n->origin, &share) == 0)
		m.kind = CHANNEL_REJECT;
	else if (n->conf->exclusive) {
		m.kind = CHANNEL_LIMITED;
		m.at = n->report_at = now + REPORT_AGAIN_MS;
	} else
		accept_report(n);
	return m;
}

/* Redis answers whether the fleet accepts a report. */
static void
on_rejected(void *arg, size_t token, enum store_outcome outcome,
    int64_t wait_ms)
{
	struct renewals *r = arg;
	struct renewal *n = &r->list[token];
	int64_t now = clock_boot_ms();
	struct channel_message m = {.kind = CHANNEL_ACCEPTED,
	    .token = (uint32_t)token,
	    .generation = n->report_generation};

	if (outcome == STORE_FENCED || n->generation != n->report_generation) {
		m.kind = CHANNEL_STALE;
		n->report_at = 0;
	} else if (outcome == STORE_BUSY ||
	    (outcome == STORE_UNREACHABLE && n->conf->exclusive)) {
		m.kind = CHANNEL_LIMITED;
		m.at = n->report_at =
		    now + (wait_ms > 0 ? wait_ms : REPORT_AGAIN_MS);
	} else
		accept_report(n);
	channel_send(n->report_end, &m);
	if (m.kind != CHANNEL_ACCEPTED)
		renewal_begin(n, RENEWAL_ADOPT, RENEWAL_FROM_PRIMARY);
}

/* ---- other replicas, and Redis ---- */

/* Another replica has published a token. */
static void
on_rotated(void *arg, size_t token, uint64_t generation,
    const char *fingerprint)
{
	struct renewals *r = arg;
	struct renewal *n = &r->list[token];

	if (strcmp(fingerprint, n->fingerprint) == 0)
		return;
	if (n->phase != RENEWAL_IDLE && n->phase != RENEWAL_WAITING)
		snprintf(n->published, sizeof(n->published), "%s", fingerprint);
	/* adopt it now: the call may hang until our token is dead */
	if (n->phase == RENEWAL_CALLING)
		store_look_up(r->args.store, token, true);
	/* a lower generation: Redis was emptied and counts from 1 */
	n->adopt_any = generation < n->generation && n->conf->exclusive;
	renewal_begin(n,
	    generation >= n->generation || n->adopt_any ? RENEWAL_ADOPT
							: RENEWAL_RESTORE,
	    RENEWAL_FROM_PRIMARY);
}

/* Redis is reachable (again): Redis or we may have the newer token. */
static void
on_returned(void *arg, size_t token)
{
	struct renewals *r = arg;

	r->redis_was_up = true;
	renewal_refresh_save(&r->list[token]);
	r->list[token].restore_due = r->list[token].phase == RENEWAL_IDLE;
}

static void
on_refused(void *arg, const char *why)
{
	struct renewals *r = arg;

	r->redis_refused = true;
	log_limit_write(&r->limit, 0, LVL_ERR,
	    "Redis refuses our credentials; check redis-password and redis-user: %.150s",
	    why);
}

const struct store_events renewals_store_events = {
    .looked_up = renewal_on_looked_up,
    .locked = renewal_on_locked,
    .published = renewal_on_published,
    .refresh_done = renewal_on_refresh,
    .rejected = on_rejected,
    .rotated = on_rotated,
    .returned = on_returned,
    .refused = on_refused,
};

/* ---- the schedule ---- */

/* Check whether Redis still has our tokens, one token per call. */
static void
check_next(struct renewals *r, int64_t now)
{
	struct renewal *n = &r->list[r->checks++ % r->count];

	r->check_at = now + CHECK_EVERY_MS +
	    (int64_t)(crypto_random_unit() * 2 * CHECK_EVERY_MS / 3);
	if (n->phase == RENEWAL_IDLE && renewal_usable(n, now))
		renewal_begin(n, RENEWAL_RESTORE, RENEWAL_FROM_PRIMARY);
}

/* Renew the tokens obtained while wall clock minus boot clock was less than
 * this.  Returns their number. */
static size_t
renew_older(struct renewals *r, int64_t ahead_ms, int64_t now)
{
	size_t i, count = 0;

	for (i = 0; i < r->count; i++) {
		struct renewal *n = &r->list[i];

		if (!renewal_usable(n, now) || n->ahead_ms >= ahead_ms)
			continue;
		count++;
		if (n->phase == RENEWAL_IDLE)
			renewal_plan(n, now);
		else
			renewal_begin(n, RENEWAL_OBTAIN, RENEWAL_FROM_PRIMARY);
	}
	return count;
}

/*
 * Renew every token when the wall clock has jumped forward against the boot
 * clock.  While a virtual machine is paused both clocks stand and tokens age;
 * afterwards only the wall clock is corrected.
 */
static void
find_clock_step(struct renewals *r, int64_t now)
{
	int64_t ahead_ms = clock_wall_ms() - now;
	int64_t step_ms = ahead_ms - r->ahead_ms;
	size_t count;

	if (!r->ahead_known) { /* tokens record the offset of the clocks */
		count = renew_older(r, ahead_ms - CLOCK_STEP_MS, now);
		if (count > 0)
			log_warning(
			    "since %zu tokens were obtained the wall clock was set forward, or the machine was paused; they are renewed now",
			    count);
	} else if (step_ms > CLOCK_STEP_MS)
		log_warning(
		    "the wall clock was set forward by %lld s, or the machine was paused; %zu tokens are renewed now",
		    (long long)step_ms / 1000, renew_older(r, INT64_MAX, now));
	r->ahead_known = true;
	r->ahead_ms = ahead_ms;
}

/* Begin a chain if one is due.  Returns the boot time of the next. */
static int64_t
turn(struct renewal *n, int64_t now)
{
	bool due = n->due_at <= now;

	renewal_clear_expired(n, now);
	if (!due && n->phase == RENEWAL_IDLE &&
	    renewal_has_other_credentials(n, now)) {
		renewal_plan(n, now); /* a later turn has room */
		due = true;
	}
	if (n->phase == RENEWAL_WAITING && due)
		renewal_look_again(n);
	else if (n->phase == RENEWAL_IDLE && (due || n->restore_due)) {
		if (n->all->active >= CHAINS_AT_A_TIME)
			return now + CROWDED_MS;
		if (due)
			renewal_begin(n, RENEWAL_OBTAIN, RENEWAL_FROM_ANY);
		else
			renewal_begin(n, RENEWAL_RESTORE, RENEWAL_FROM_PRIMARY);
	}
	if (n->phase == RENEWAL_IDLE && n->refused &&
	    n->key_look_at < n->due_at)
		return n->key_look_at;
	return n->phase == RENEWAL_IDLE || n->phase == RENEWAL_WAITING
	    ? n->due_at
	    : INT64_MAX;
}

int64_t
renewals_turn(struct renewals *r, int64_t now)
{
	int64_t at, next = r->args.store != NULL ? r->check_at : INT64_MAX;
	size_t i;

	find_clock_step(r, now);
	if (now >= next)
		check_next(r, now);
	at = logouts_turn(r->logouts, now);
	next = at < next ? at : next;
	for (i = 0; i < r->count; i++) {
		at = turn(&r->list[(r->first + i) % r->count], now);
		next = at < next ? at : next;
	}
	r->first += CHAINS_AT_A_TIME; /* each token is the first at times */
	if (r->first >= r->count)
		r->first = 0;
	return next;
}
