/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"
#include "schedule.h"

#include <string.h>

#define WAIT_MIN_MS 25
#define WAIT_MAX_MS 100        /* a caller waits */
#define WAIT_QUIET_MAX_MS 1000 /* nobody waits */

static void fetch(struct renewal *n, int64_t fleet_left);
static void run_dry(struct renewal *n, int64_t wait_ms);

void
renewal_plan(struct renewal *n, int64_t at)
{
	n->due_at = at;
	stats_set(&n->stats->attempt_at, (uint64_t)at);
}

void
renewal_rest(struct renewal *n, int64_t at)
{
	bool missed = n->heard[0] != '\0' &&
	    strcmp(n->heard, n->fingerprint) != 0;

	n->heard[0] = '\0';
	n->all->active -= n->phase != IDLE;
	n->phase = IDLE;
	n->wanted = n->forced = n->superseded = false;
	stats_set(&n->stats->renewing, 0);
	renewal_plan(n, at);
	if (missed)
		renewal_begin(n, RENEWAL_ADOPT, true);
}

static void
release(struct renewal *n)
{
	if (n->locked)
		store_unlock(n->all->of.store, n->number, n->called);
	n->locked = false;
}

/* The chain is over and has brought a token. */
static void
succeed(struct renewal *n)
{
	release(n);
	renewal_rest(n, n->renew_at);
}

/* The chain is over and has brought nothing; nothing was to be had either.
 * What was asked of it too late begins anew. */
static void
leave(struct renewal *n)
{
	bool more = n->goal == RENEWAL_OBTAIN;

	release(n);
	renewal_rest(n, n->due_at);
	if (more)
		renewal_begin(n, RENEWAL_OBTAIN, true);
}

static void
fail(struct renewal *n, enum stats_renewal result, enum schedule_failure kind,
    int64_t retry_after_ms)
{
	int64_t now = clock_boot_ms();
	struct schedule_retry retry = {
	    .failure = kind,
	    .failures = ++n->failures,
	    .retry_after_ms = retry_after_ms,
	    .now = now,
	    .dead_at = renewal_usable(n, now) ? n->dead_at : 0,
	};

	renewal_count(n, result);
	stats_set(&n->stats->failures, n->failures);
	release(n);
	renewal_rest(n, schedule_retry(&retry, util_random_unit()));
	log_info("token %s: next attempt in %lld ms", n->conf->name,
	    (long long)(n->due_at - now));
	renewal_tell(n, CHANNEL_FAILED, n->due_at);
}

void
renewal_begin(struct renewal *n, enum renewal_goal goal, bool from_primary)
{
	int64_t now = clock_boot_ms();

	if (n->phase == IDLE && goal == RENEWAL_OBTAIN && n->called_at != 0 &&
	    now < n->called_at + SCHEDULE_LEAST_MS) {
		renewal_plan(n, n->called_at + SCHEDULE_LEAST_MS);
		return;
	}
	if (n->phase == IDLE || goal > n->goal)
		n->goal = goal;
	if (n->phase == IDLE) {
		n->all->active++;
		n->restoring = n->restore_due = false;
		n->wait_ms = WAIT_MIN_MS;
		n->began_at = now;
		stats_set(&n->stats->renewing, goal == RENEWAL_OBTAIN);
		renewal_look_up(n, from_primary);
	} else if (n->phase == WAIT && goal == RENEWAL_ADOPT)
		renewal_look_up(n, from_primary);
}

/* Redis cannot help now. */
static void
do_without_redis(struct renewal *n)
{
	if (n->goal == RENEWAL_OBTAIN)
		fetch(n, 0);
	else
		leave(n);
}

void
renewal_look_up(struct renewal *n, bool from_primary)
{
	struct store *s = n->all->of.store;

	n->phase = LOOK_UP;
	if (s == NULL || store_look_up(s, n->number, from_primary) == -1)
		do_without_redis(n);
}

static void
lock(struct renewal *n)
{
	n->phase = LOCK;
	n->called = false;
	n->to_call = n->goal == RENEWAL_OBTAIN;
	n->locked_at = clock_boot_ms();
	if (store_lock(n->all->of.store, n->number, n->to_call) == -1) {
		stats_add(&n->stats->locks[STATS_LOCK_UNREACHABLE], 1);
		do_without_redis(n);
	}
}

/* Whether Redis has nothing, or something older than our token in service. */
static bool
lacks_ours(const struct renewal *n, const struct store_value *v)
{
	return renewal_usable(n, clock_boot_ms()) && (v->text == NULL ||
	    (v->generation > 0 && v->generation < n->generation));
}

static void
on_looked_up(void *arg, size_t token, enum store_outcome outcome,
    const struct store_value *value)
{
	struct renewals *r = arg;
	struct renewal *n = &r->one[token];

	if (n->phase == FETCH) /* asked because of a rotation */
		n->superseded = (outcome == STORE_DONE &&
		    renewal_adopt(n, value)) || n->superseded;
	if (n->phase != LOOK_UP)
		return;
	if (outcome == STORE_UNREACHABLE)
		do_without_redis(n);
	else if (renewal_adopt(n, value))
		succeed(n);
	else if (n->goal == RENEWAL_OBTAIN || (n->goal == RENEWAL_RESTORE &&
	    lacks_ours(n, value)))
		lock(n);
	else
		leave(n);
}

/* Somebody else asks the backend: wait for the result, not for the lock. */
static void
wait_for_other(struct renewal *n)
{
	int64_t now = clock_boot_ms();
	int64_t most = n->wanted || !renewal_usable(n, now) ? WAIT_MAX_MS
	    : WAIT_QUIET_MAX_MS;

	n->phase = WAIT;
	n->due_at = now + n->wait_ms / 2 +
	    (int64_t)(util_random_unit() * (double)n->wait_ms);
	n->wait_ms = n->wait_ms * 2 < most ? n->wait_ms * 2 : most;
}

/* Write the token in service to Redis again. */
static void
restore(struct renewal *n)
{
	struct token *t = &n->all->token;
	uint64_t seq;

	n->phase = PUBLISH;
	n->restoring = true;
	renewal_keep(n->all, clock_boot_ms()); /* it may lack others, too */
	if (slot_read(n->slot, t, &seq) != SLOT_OK ||
	    store_publish(n->all->of.store, n->number, t, false) == -1)
		leave(n);
	renewal_wipe(n->all);
}

static void
on_locked(void *arg, size_t token, enum store_outcome outcome,
    const struct store_grant *grant, const struct store_value *value)
{
	static const enum stats_lock counted[] = {
	    [STORE_GOT] = STATS_LOCK_GOT,
	    [STORE_BUSY] = STATS_LOCK_BUSY,
	    [STORE_EXHAUSTED] = STATS_LOCK_BUSY,
	    [STORE_UNREACHABLE] = STATS_LOCK_UNREACHABLE,
	};
	struct renewals *r = arg;
	struct renewal *n = &r->one[token];

	stats_add(&n->stats->locks[counted[outcome]], 1);
	n->locked = outcome == STORE_GOT;
	if (outcome == STORE_UNREACHABLE)
		do_without_redis(n);
	else if (renewal_adopt(n, value))
		succeed(n);
	else if (n->goal != RENEWAL_OBTAIN)
		n->locked && lacks_ours(n, value) ? restore(n) : leave(n);
	else if (!n->to_call)
		lock(n); /* again, now that a call is wanted */
	else if (outcome == STORE_EXHAUSTED)
		run_dry(n, grant->wait_ms);
	else if (n->locked || renewal_waited_in_vain(n))
		fetch(n, grant->left);
	else
		wait_for_other(n);
}

/* max-calls-per-hour were made. */
static void
run_dry(struct renewal *n, int64_t wait_ms)
{
	log_err("token %s: the %lld backend calls of max-calls-per-hour were "
	    "made; the next one may be in %lld s", n->conf->name,
	    (long long)n->conf->max_calls_per_hour,
	    (long long)(wait_ms + 999) / 1000);
	stats_set(&n->stats->calls_left, 1);
	fail(n, STATS_RENEWAL_EXHAUSTED, SCHEDULE_FAILED, wait_ms);
}

/* Whether the backend may be asked now; if not, the chain goes another way. */
static bool
may_fetch(struct renewal *n)
{
	int64_t wait = renewal_dry_ms(n, clock_boot_ms());

	if (n->conf->exclusive && !n->locked) {
		log_err("token %s: not renewed without the lock in Redis, "
		    "because it is exclusive", n->conf->name);
		fail(n, STATS_RENEWAL_WITHHELD, SCHEDULE_FAILED, 0);
	} else if (renewal_lease_is_short(n)) {
		release(n);
		renewal_look_up(n, true);
	} else if (wait > 0)
		run_dry(n, wait);
	else
		return true;
	return false;
}

static void
fetch(struct renewal *n, int64_t fleet_left)
{
	struct err err;

	if (!may_fetch(n))
		return;
	n->called = true;
	n->phase = FETCH;
	n->called_at = clock_boot_ms();
	stats_set(&n->stats->called_at, (uint64_t)n->called_at);
	n->called_wall_at = clock_wall_ms();
	renewal_spend(n, fleet_left);
	stats_set(&n->stats->renewing, 1);
	if (backend_ask(n->all->of.backend, n->number, n->conf, &err) == 0)
		return;
	log_err("token %s: %s", n->conf->name, err.text);
	renewal_refund(n);
	fail(n, STATS_RENEWAL_CREDENTIALS, SCHEDULE_CREDENTIALS, 0);
}

static void
obtained(struct renewal *n, const struct backend_result *b)
{
	struct err err;

	if (renewal_take(n, b, &err) == -1) {
		log_err("token %s: %s", n->conf->name, err.text);
		fail(n, STATS_RENEWAL_MALFORMED, SCHEDULE_FAILED, 0);
		return;
	}
	n->phase = PUBLISH;
	if (!n->locked || store_publish(n->all->of.store, n->number,
	    &n->all->token, true) == -1)
		succeed(n);
	renewal_wipe(n->all);
}

/* A call that was not answered, by outcome. */
static const struct {
	enum stats_renewal result;
	enum schedule_failure kind;
} unanswered[] = {
    [BACKEND_NOT_REACHED] = {STATS_RENEWAL_UNREACHABLE, SCHEDULE_NOT_REACHED},
    [BACKEND_TIMED_OUT] = {STATS_RENEWAL_TIMEOUT, SCHEDULE_FAILED},
    [BACKEND_BROKE] = {STATS_RENEWAL_MALFORMED, SCHEDULE_FAILED},
};

static void
not_obtained(struct renewal *n, const struct backend_result *b)
{
	if (b->outcome == BACKEND_NOT_REACHED)
		renewal_refund(n);
	if (b->outcome != BACKEND_ANSWERED) {
		log_err("token %s: backend: %s", n->conf->name, b->problem);
		fail(n, unanswered[b->outcome].result,
		    unanswered[b->outcome].kind, 0);
	} else if (b->status == 400 || b->status == 401 || b->status == 403) {
		log_err("token %s: the backend refuses our credentials "
		    "(status %d); check api-key", n->conf->name, b->status);
		fail(n, STATS_RENEWAL_CREDENTIALS, SCHEDULE_CREDENTIALS,
		    b->retry_after_ms);
	} else {
		log_err("token %s: the backend answered status %d",
		    n->conf->name, b->status);
		fail(n, STATS_RENEWAL_REFUSED, SCHEDULE_FAILED,
		    b->retry_after_ms);
	}
}

void
renewals_on_backend(void *arg, size_t token, const struct backend_result *b)
{
	struct renewals *r = arg;
	struct renewal *n = &r->one[token];

	stats_observe(&n->stats->backend, b->took_ms);
	stats_set(&n->stats->last_status, (uint64_t)b->status);
	renewal_compare_clocks(n, b->date_wall_at);
	if (n->superseded) { /* what began under an older generation is nothing */
		log_notice("token %s: another replica was faster",
		    n->conf->name);
		succeed(n);
	} else if (b->outcome == BACKEND_ANSWERED && b->status == 200)
		obtained(n, b);
	else
		not_obtained(n, b);
}

static void
on_published(void *arg, size_t token, enum store_outcome outcome)
{
	struct renewals *r = arg;
	struct renewal *n = &r->one[token];

	if (outcome != STORE_UNREACHABLE)
		n->locked = false; /* the script released it, or it was lost */
	if (outcome == STORE_DONE)
		n->counter = n->generation;
	if (n->restoring)
		leave(n);
	else
		succeed(n);
	if (outcome == STORE_FENCED) {
		log_notice("token %s: another replica was faster",
		    n->conf->name);
		renewal_begin(n, RENEWAL_ADOPT, true);
	}
}

const struct store_events renewals_store_events = {
    .looked_up = on_looked_up,
    .locked = on_locked,
    .published = on_published,
    .rejected = renewal_on_rejected,
    .rotated = renewal_on_rotated,
    .returned = renewal_on_returned,
    .refused = renewal_on_refused,
};
