/* SPDX-License-Identifier: MIT */
/* The call of the backend: the steps of a chain from its lock to the answer. */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/origin.h"

#include <stdlib.h>
#include <string.h>

#define DISCOVER_AGAIN_MS 300000

static enum renewal_step
fail(struct renewal *n, enum stats_renewal result, enum schedule_failure kind)
{
	n->retry_at = renewal_fail(n, result, kind, 0);
	return STEP_FAIL;
}

/* Serve the answer's token here, and publish it for the fleet. */
static enum renewal_step
take(struct renewal *n, const struct backend_result *b)
{
	struct err err;
	bool sent;

	if (renewal_take(n, b, &err) == -1) {
		renewal_log_failure(n, STATS_RENEWAL_MALFORMED, 0, "%s",
		    err.text);
		return fail(n, STATS_RENEWAL_MALFORMED, SCHEDULE_FAILED);
	}
	renewal_compare_scope(n, b);
	n->phase = RENEWAL_PUBLISHING;
	sent = n->locked &&
	    store_publish(n->all->args.store, n->number, &n->all->token,
		true) == 0;
	renewal_wipe(n->all);
	return sent ? STEP_AWAIT : STEP_SUCCEED;
}

/* The request cannot be made of the configuration and its files. */
static enum renewal_step
cannot_ask(struct renewal *n, const struct err *err)
{
	renewal_log_failure(n, STATS_RENEWAL_CREDENTIALS, 0, "%s", err->text);
	renewal_uncount_call(n);
	if (n->conf->grant == CONF_GRANT_REFRESH)
		renewal_refresh_cancel(n);
	return fail(n, STATS_RENEWAL_CREDENTIALS, SCHEDULE_CREDENTIALS);
}

/* ---- discovery ---- */

/* A copy of before is good for longer than an outage. */
static enum renewal_step
not_discovered(struct renewal *n, const struct err *err)
{
	if (n->token_url != NULL) {
		log_notice(
		    "token %s: the metadata of %s cannot be read again: %s",
		    n->conf->name, n->conf->issuer, err->text);
		n->discover_at = clock_boot_ms() + DISCOVER_AGAIN_MS;
		return n->onward;
	}
	renewal_log_failure(n, STATS_RENEWAL_UNREACHABLE, 0,
	    "the metadata of %s cannot be read: %s", n->conf->issuer,
	    err->text);
	return fail(n, STATS_RENEWAL_UNREACHABLE, SCHEDULE_FAILED);
}

enum renewal_step
renewal_discover(struct renewal *n)
{
	struct err err;

	n->phase = RENEWAL_DISCOVERING;
	return renewal_ask_metadata(n, &err) == 0 ? STEP_AWAIT
						  : not_discovered(n, &err);
}

enum renewal_step
renewal_discovered(struct renewal *n, const struct backend_result *b)
{
	struct err err;

	if (renewal_take_metadata(n, b, &err) == 0)
		return n->onward;
	if (b->outcome == BACKEND_ANSWERED && n->metadata == DISCOVERY_OAUTH) {
		n->metadata = DISCOVERY_OPENID;
		return STEP_DISCOVER;
	}
	n->metadata = DISCOVERY_OAUTH;
	return not_discovered(n, &err);
}

/* ---- requests ---- */

static enum renewal_step
sign(struct renewal *n)
{
	struct backend_result b = {.token = n->number,
	    .outcome = BACKEND_ANSWERED};
	enum renewal_step step;
	struct err err;
	char *body = renewal_sign(n, &err);

	if (body == NULL)
		return cannot_ask(n, &err);
	b.body = body;
	b.len = strlen(body);
	step = take(n, &b);
	mem_free_secret(body);
	return step;
}

enum renewal_step
renewal_make_call(struct renewal *n)
{
	struct err err;

	n->called = true;
	n->phase = RENEWAL_CALLING;
	n->called_at = clock_boot_ms();
	n->called_wall_at = clock_wall_ms();
	stats_set(&n->stats->called_at, (uint64_t)n->called_at);
	stats_set(&n->stats->renewing, 1);
	renewal_count_call(n);
	n->configured = origin_of(n->conf);
	n->credentials = n->configured.credentials;
	if (n->conf->grant == CONF_GRANT_SELF_SIGNED)
		return sign(n);
	return renewal_ask(n, &err) == 0 ? STEP_AWAIT : cannot_ask(n, &err);
}

/* Wait for the token that ours is made of.  Its first time is no failure. */
static enum renewal_step
wait_for_source(struct renewal *n, const struct renewal *source)
{
	renewal_release(n);
	n->retry_at = clock_boot_ms() + SCHEDULE_LEAST_MS;
	if (source->failures == 0)
		return STEP_FAIL;
	renewal_log_failure(n, STATS_RENEWAL_WITHHELD, 0,
	    "not renewed without the token %s, which is not there",
	    source->conf->name);
	return fail(n, STATS_RENEWAL_WITHHELD, SCHEDULE_NOT_REACHED);
}

/* ---- the steps ---- */

enum renewal_step
renewal_call(struct renewal *n)
{
	int64_t wait = renewal_call_wait_ms(n, clock_boot_ms());
	const struct renewal *source = renewal_lacking(n);

	if (n->conf->exclusive && !n->locked) {
		renewal_log_failure(n, STATS_RENEWAL_WITHHELD, 0,
		    "not renewed without the lock in Redis, because it is exclusive");
		return fail(n, STATS_RENEWAL_WITHHELD, SCHEDULE_FAILED);
	}
	if (source != NULL)
		return wait_for_source(n, source);
	if (renewal_lease_is_short(n)) {
		renewal_release(n);
		n->source = RENEWAL_FROM_PRIMARY;
		return STEP_LOOK_UP;
	}
	if (wait > 0) {
		n->retry_at = renewal_fail_exhausted(n, wait);
		return STEP_FAIL;
	}
	return n->conf->grant == CONF_GRANT_REFRESH ? renewal_refresh(n)
						    : STEP_ASK;
}

enum renewal_step
renewal_answered(struct renewal *n, const struct backend_result *b)
{
	if (b->outcome == BACKEND_ANSWERED &&
	    conf_is_success(n->conf, b->status))
		return take(n, b);
	if (b->status == 404 || b->status == 405)
		n->discover_at = 0; /* it may have moved */
	n->retry_at = renewal_fail_call(n, b);
	return STEP_FAIL;
}
