/* SPDX-License-Identifier: MIT */
/*
 * The steps of a chain.  A step does one thing and returns the next step. After
 * a question to Redis or the backend it returns STEP_AWAIT, and the answer
 * continues the chain.  Only run() calls steps.
 */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "conf/origin.h"

#include <string.h>

#define LOOK_AGAIN_MIN_MS 25
#define LOOK_AGAIN_MAX_MS 100        /* a caller waits */
#define LOOK_AGAIN_QUIET_MAX_MS 1000 /* nobody waits */

void
renewal_plan(struct renewal *n, int64_t at)
{
	n->due_at = at;
	stats_set(&n->stats->attempt_at, (uint64_t)at);
}

/* ---- begin and end ---- */

static enum renewal_step
begin(struct renewal *n, enum renewal_goal goal, enum renewal_source source)
{
	int64_t now = clock_boot_ms();

	if (n->phase != RENEWAL_IDLE) {
		if (goal > n->goal)
			n->goal = goal;
		if (n->phase != RENEWAL_WAITING || goal != RENEWAL_ADOPT)
			return STEP_AWAIT;
		n->source = source;
		return STEP_LOOK_UP;
	}
	if (goal == RENEWAL_OBTAIN && n->called_at != 0 &&
	    now < n->called_at + SCHEDULE_LEAST_MS) {
		renewal_plan(n, n->called_at + SCHEDULE_LEAST_MS);
		return STEP_AWAIT;
	}
	n->all->active++;
	n->goal = goal;
	n->source = source;
	n->restoring = n->restore_due = false;
	n->look_again_ms = LOOK_AGAIN_MIN_MS;
	renewal_draw_lock_wait(n);
	n->key_look_at = n->began_at = now;
	stats_set(&n->stats->renewing, goal == RENEWAL_OBTAIN);
	return STEP_LOOK_UP;
}

/* End the chain.  Begin another at once for `next`, or to adopt a token that
 * another replica published meanwhile. */
static enum renewal_step
end(struct renewal *n, int64_t due_at, enum renewal_goal next)
{
	if (next == RENEWAL_NOTHING && n->published[0] != '\0' &&
	    strcmp(n->published, n->fingerprint) != 0)
		next = RENEWAL_ADOPT;
	n->published[0] = '\0';
	n->all->active--;
	n->phase = RENEWAL_IDLE;
	n->caller_waits = n->adopt_any = n->superseded = false;
	stats_set(&n->stats->renewing, 0);
	renewal_plan(n, due_at);
	return next == RENEWAL_NOTHING ? STEP_AWAIT
				       : begin(n, next, RENEWAL_FROM_PRIMARY);
}

static enum renewal_step
succeed(struct renewal *n)
{
	renewal_release(n);
	n->operator_at = 0;
	return end(n, n->renew_at, RENEWAL_NOTHING);
}

static enum renewal_step
fail(struct renewal *n)
{
	return end(n, n->retry_at, RENEWAL_NOTHING);
}

static enum renewal_step
leave(struct renewal *n)
{
	renewal_release(n);
	return end(n, n->due_at,
	    n->goal == RENEWAL_OBTAIN ? RENEWAL_OBTAIN : RENEWAL_NOTHING);
}

/* ---- with Redis ---- */

/* Go on, once it is known where the token endpoint is. */
static enum renewal_step
onward(struct renewal *n, enum renewal_step step)
{
	n->onward = step;
	return n->goal == RENEWAL_OBTAIN && renewal_needs_discovery(n)
	    ? STEP_DISCOVER
	    : step;
}

/* Go on without Redis. */
static enum renewal_step
without_redis(struct renewal *n)
{
	return n->goal == RENEWAL_OBTAIN ? onward(n, STEP_CALL) : STEP_LEAVE;
}

static enum renewal_step
look_up(struct renewal *n)
{
	struct store *s = n->all->args.store;

	n->phase = RENEWAL_LOOKING_UP;
	return s != NULL &&
		store_look_up(s, n->number,
		    n->source == RENEWAL_FROM_PRIMARY) == 0
	    ? STEP_AWAIT
	    : without_redis(n);
}

static enum renewal_step
lock(struct renewal *n)
{
	struct store_wish wish;

	n->phase = RENEWAL_LOCKING;
	n->called = false;
	n->lock_for_call = n->goal == RENEWAL_OBTAIN;
	n->locked_at = clock_boot_ms();
	if (n->lock_for_call)
		wish = renewal_wish(n);
	if (store_lock(n->all->args.store, n->number,
		n->lock_for_call ? &wish : NULL) == 0)
		return STEP_AWAIT;
	stats_add(&n->stats->locks[STATS_LOCK_UNREACHABLE], 1);
	return without_redis(n);
}

/* Another replica has the lock and calls the backend: wait for its token. */
static enum renewal_step
wait_for_other(struct renewal *n)
{
	int64_t now = clock_boot_ms();
	int64_t most = n->caller_waits || !renewal_usable(n, now)
	    ? LOOK_AGAIN_MAX_MS
	    : LOOK_AGAIN_QUIET_MAX_MS;

	n->phase = RENEWAL_WAITING;
	n->due_at = now + n->look_again_ms / 2 +
	    (int64_t)(crypto_random_unit() * (double)n->look_again_ms);
	n->look_again_ms =
	    n->look_again_ms * 2 < most ? n->look_again_ms * 2 : most;
	return STEP_AWAIT;
}

/* Write the token in service to Redis again. */
static enum renewal_step
restore(struct renewal *n)
{
	struct token *t = &n->all->token;
	uint64_t seq;
	bool sent;

	n->phase = RENEWAL_PUBLISHING;
	n->restoring = true;
	sent = slot_read(n->slot, t, &seq) == SLOT_OK &&
	    store_publish(n->all->args.store, n->number, t, false) == 0;
	renewal_wipe(n->all);
	return sent ? STEP_AWAIT : STEP_LEAVE;
}

/* ---- the chain ---- */

static void
run(struct renewal *n, enum renewal_step step)
{
	static enum renewal_step (*const steps[])(struct renewal *) = {
	    [STEP_LOOK_UP] = look_up,
	    [STEP_LOCK] = lock,
	    [STEP_WAIT] = wait_for_other,
	    [STEP_DISCOVER] = renewal_discover,
	    [STEP_CALL] = renewal_call,
	    [STEP_ASK] = renewal_make_call,
	    [STEP_FAIL] = fail,
	    [STEP_RESTORE] = restore,
	    [STEP_SUCCEED] = succeed,
	    [STEP_LEAVE] = leave,
	};

	while (step != STEP_AWAIT)
		step = steps[step](n);
}

void
renewal_begin(struct renewal *n, enum renewal_goal goal,
    enum renewal_source source)
{
	run(n, begin(n, goal, source));
}

void
renewal_look_again(struct renewal *n)
{
	n->source = RENEWAL_FROM_ANY;
	run(n, STEP_LOOK_UP);
}

/* ---- answers ---- */

/* True: Redis has no token, or an older one than is in service.  A token of
 * another configuration is not overwritten for its age. */
static bool
lacks_ours(struct renewal *n, const struct store_value *v)
{
	return renewal_usable(n, clock_boot_ms()) &&
	    (v->text == NULL ||
		(v->generation > 0 && v->generation < n->generation &&
		    renewal_fit(n, &v->origin) == RENEWAL_FITS));
}

static enum renewal_step
after_look_up(struct renewal *n, enum store_outcome outcome,
    const struct store_value *value)
{
	if (outcome == STORE_UNREACHABLE)
		return without_redis(n);
	if (renewal_adopt(n, value))
		return STEP_SUCCEED;
	if (n->goal == RENEWAL_OBTAIN ||
	    (n->goal == RENEWAL_RESTORE && lacks_ours(n, value)))
		return onward(n, STEP_LOCK);
	return STEP_LEAVE;
}

void
renewal_on_looked_up(void *arg, size_t token, enum store_outcome outcome,
    const struct store_value *value)
{
	struct renewals *r = arg;
	struct renewal *n = &r->list[token];

	/* asked during a call, after another replica published */
	if (n->phase == RENEWAL_CALLING && outcome == STORE_DONE &&
	    renewal_adopt(n, value))
		n->superseded = true;
	else if (n->phase == RENEWAL_LOOKING_UP)
		run(n, after_look_up(n, outcome, value));
}

static enum renewal_step
after_lock(struct renewal *n, enum store_outcome outcome,
    const struct store_grant *grant, const struct store_value *value)
{
	if (outcome == STORE_UNREACHABLE)
		return without_redis(n);
	if (renewal_adopt(n, value))
		return STEP_SUCCEED;
	if (n->goal != RENEWAL_OBTAIN)
		return n->locked && lacks_ours(n, value) ? STEP_RESTORE
							 : STEP_LEAVE;
	if (!n->lock_for_call)
		return STEP_LOCK; /* again, now that a call is wanted */
	if (outcome == STORE_FAILED) {
		n->retry_at = renewal_fail_with_other(n, grant);
		return STEP_FAIL;
	}
	if (outcome == STORE_EXHAUSTED) {
		n->retry_at = renewal_fail_exhausted(n, grant->wait_ms);
		return STEP_FAIL;
	}
	return n->locked || renewal_lock_is_abandoned(n) ? STEP_CALL
							 : STEP_WAIT;
}

void
renewal_on_locked(void *arg, size_t token, enum store_outcome outcome,
    const struct store_grant *grant, const struct store_value *value)
{
	static const enum stats_lock counted[] = {
	    [STORE_GOT] = STATS_LOCK_GOT,
	    [STORE_BUSY] = STATS_LOCK_BUSY,
	    [STORE_EXHAUSTED] = STATS_LOCK_BUSY,
	    [STORE_FAILED] = STATS_LOCK_BUSY,
	    [STORE_UNREACHABLE] = STATS_LOCK_UNREACHABLE,
	};
	struct renewals *r = arg;
	struct renewal *n = &r->list[token];

	stats_add(&n->stats->locks[counted[outcome]], 1);
	n->locked = outcome == STORE_GOT;
	n->fleet_left = grant->left;
	if (grant->last.failures > n->failures)
		n->failures = grant->last.failures;
	run(n, after_lock(n, outcome, grant, value));
}

void
renewal_on_refresh(void *arg, size_t token, enum store_outcome outcome,
    const char *text, size_t len)
{
	struct renewals *r = arg;
	struct renewal *n = &r->list[token];

	if (n->refresh_ending)
		renewal_refresh_ended(n, outcome);
	else if (n->phase == RENEWAL_PREPARING)
		run(n, renewal_refresh_done(n, outcome, text, len));
}

void
renewals_on_backend(struct renewals *r, const struct backend_result *b)
{
	struct renewal *n;

	if (logouts_answered(r->logouts, b))
		return;
	n = &r->list[b->token];
	if (b->date_wall_at != 0) /* a cached answer has its old Date */
		renewal_compare_clocks(n, b->date_wall_at + b->age_ms);
	if (n->phase == RENEWAL_DISCOVERING) {
		run(n, renewal_discovered(n, b));
		return;
	}
	if (n->conf->grant == CONF_GRANT_REFRESH) /* whatever comes of it */
		renewal_refresh_end(n, b);
	stats_observe(&n->stats->backend, b->took_ms);
	stats_set(&n->stats->last_status, (uint64_t)b->status);
	if (n->superseded) { /* the answer belongs to an older generation */
		log_notice("token %s: another replica was faster",
		    n->conf->name);
		run(n, STEP_SUCCEED);
	} else
		run(n, renewal_answered(n, b));
}

void
renewal_on_published(void *arg, size_t token, enum store_outcome outcome)
{
	struct renewals *r = arg;
	struct renewal *n = &r->list[token];

	if (outcome != STORE_UNREACHABLE)
		n->locked = false; /* the script released it, or it was lost */
	if (outcome == STORE_DONE)
		n->counter = n->generation;
	if (n->restoring && outcome == STORE_DONE)
		r->check_at = clock_boot_ms(); /* Redis may lack others, too */
	run(n, n->restoring ? STEP_LEAVE : STEP_SUCCEED);
	if (outcome != STORE_FENCED)
		return;
	log_notice("token %s: another replica was faster", n->conf->name);
	renewal_begin(n, RENEWAL_ADOPT, RENEWAL_FROM_PRIMARY);
}
