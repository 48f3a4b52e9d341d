/* SPDX-License-Identifier: MIT */
/*
 * Failed attempts: plans the next one, and tells workers, fleet and log.
 *
 * A failure is noted in Redis for all replicas with the same credentials, and
 * read together with the lock.  So the whole fleet makes one attempt per
 * back-off step.
 */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "conf/origin.h"
#include "refresher/request.h"

#include <stdio.h>
#include <string.h>

#define ANY_AGE_MS (2 * (int64_t)STORE_WAIT_MAX_MS)
#define JITTER_MAX_MS 1000
#define JITTER_EMPTY_MAX_MS 250 /* callers are waiting */
#define KEY_LOOK_EVERY_MS 2000  /* for another key */

/* ---- the fleet ---- */

struct store_wish
renewal_wish(struct renewal *n)
{
	int64_t now = clock_boot_ms();
	struct store_wish w = {.patience_ms = renewal_usable(n, now)
		? ANY_AGE_MS
		: SCHEDULE_PROBE_MS};

	/* read the key file once per chain, not at each look at a busy lock */
	if (n->credentials == 0 || now >= n->key_look_at) {
		n->credentials = origin_of(n->conf).credentials;
		n->key_look_at = now + KEY_LOOK_EVERY_MS;
	}
	w.credentials = n->credentials;
	if (n->operator_at != 0 && now - n->operator_at < w.patience_ms)
		w.patience_ms = now - n->operator_at;
	return w;
}

/* The longest random delay of an attempt: replicas that share a failure must
 * not all go on at once. */
static int64_t
jitter_ms(const struct renewal *n, int64_t wait_ms)
{
	int64_t most = renewal_usable(n, clock_boot_ms()) ? JITTER_MAX_MS
							  : JITTER_EMPTY_MAX_MS;

	return wait_ms / 8 < most ? wait_ms / 8 : most;
}

/* Release the lock, and tell the other replicas. */
static void
share(struct renewal *n, enum stats_renewal result, int64_t wait_ms)
{
	struct store_failure failure = {
	    .failures = n->failures < STORE_FAILURES_MAX ? n->failures
							 : STORE_FAILURES_MAX,
	    .wait_ms = wait_ms,
	};

	snprintf(failure.kind, sizeof(failure.kind), "%s",
	    stats_renewal_label[result]);
	store_fail(n->all->args.store, n->number, n->called, n->counter,
	    &failure);
	n->locked = false;
}

static enum stats_renewal
kind_of(const char *word)
{
	int i;

	for (i = 0; i < STATS_RENEWAL_COUNT; i++)
		if (strcmp(stats_renewal_label[i], word) == 0)
			return (enum stats_renewal)i;
	return STATS_RENEWAL_REFUSED; /* the word of a later version */
}

int64_t
renewal_fail_with_other(struct renewal *n, const struct store_grant *grant)
{
	enum stats_renewal kind = kind_of(grant->last.kind);
	int64_t now = clock_boot_ms(), wait = grant->wait_ms;
	bool usable = renewal_usable(n, now);

	if (!usable && wait > SCHEDULE_PROBE_MS)
		wait = SCHEDULE_PROBE_MS;
	wait += (int64_t)(crypto_random_unit() * (double)jitter_ms(n, wait));
	if (usable && now + wait > n->dead_at)
		wait = n->dead_at - now;
	if (n->operator_at != 0) /* the result of the request is logged */
		renewal_count(n, kind);
	n->failed_at = now;
	n->operator_at = 0;
	n->refused = kind == STATS_RENEWAL_CREDENTIALS;
	stats_set(&n->stats->failures, n->failures);
	stats_set(&n->stats->last_result, 1 + (uint64_t)kind);
	renewal_log_failure_of_other(n, kind, grant->last.kind, wait);
	renewal_tell_workers(n, CHANNEL_FAILED, now + wait);
	return now + wait;
}

/* ---- our own ---- */

void
renewal_release(struct renewal *n)
{
	if (n->locked)
		store_unlock(n->all->args.store, n->number, n->called);
	n->locked = false;
}

int64_t
renewal_fail(struct renewal *n, enum stats_renewal result,
    enum schedule_failure kind, int64_t retry_after_ms)
{
	int64_t now = clock_boot_ms();
	struct schedule_retry retry = {
	    .failure = kind,
	    .failures = ++n->failures,
	    .retry_after_ms = retry_after_ms,
	    .now = now,
	    .dead_at = renewal_usable(n, now) ? n->dead_at : 0,
	};
	int64_t at = schedule_retry(&retry, crypto_random_unit());

	renewal_count(n, result);
	stats_set(&n->stats->failures, n->failures);
	n->failed_at = now;
	n->operator_at = 0;
	n->refused = kind == SCHEDULE_CREDENTIALS;
	if (n->phase == RENEWAL_CALLING && n->all->args.store != NULL) {
		share(n, result, at - now);
		at += jitter_ms(n, at - now); /* others go first */
		if (retry.dead_at != 0 && at > retry.dead_at)
			at = retry.dead_at;
	} else
		renewal_release(n);
	renewal_log_next(n, at - now);
	renewal_tell_workers(n, CHANNEL_FAILED, at);
	return at;
}

int64_t
renewal_fail_exhausted(struct renewal *n, int64_t wait_ms)
{
	renewal_log_failure(n, STATS_RENEWAL_EXHAUSTED, 0,
	    "all %lld backend calls of max-calls-per-hour were made; the next is allowed in %lld s",
	    (long long)n->conf->max_calls_per_hour,
	    (long long)(wait_ms + 999) / 1000);
	stats_set(&n->stats->calls_left, 1);
	return renewal_fail(n, STATS_RENEWAL_EXHAUSTED, SCHEDULE_EXHAUSTED,
	    wait_ms);
}

/* Results to count for calls without an answer, by outcome. */
static const struct {
	enum stats_renewal result;
	enum schedule_failure kind;
} unanswered[] = {
    [BACKEND_NOT_REACHED] = {STATS_RENEWAL_UNREACHABLE, SCHEDULE_NOT_REACHED},
    [BACKEND_TIMED_OUT] = {STATS_RENEWAL_TIMEOUT, SCHEDULE_FAILED},
    [BACKEND_BROKE] = {STATS_RENEWAL_MALFORMED, SCHEDULE_FAILED},
    [BACKEND_PROXY_FAILED] = {STATS_RENEWAL_UNREACHABLE, SCHEDULE_FAILED},
    [BACKEND_PROXY_REFUSED] = {STATS_RENEWAL_CREDENTIALS, SCHEDULE_CREDENTIALS},
};

static void
log_unanswered(struct renewal *n, const struct backend_result *b)
{
	enum stats_renewal kind = unanswered[b->outcome].result;

	if (b->at_proxy)
		renewal_log_failure(n, kind, 0, "the proxy %s %s", b->proxy,
		    b->problem);
	else if (b->proxy != NULL)
		renewal_log_failure(n, kind, 0,
		    "backend, through the proxy %s: %s", b->proxy, b->problem);
	else
		renewal_log_failure(n, kind, 0, "backend: %s", b->problem);
}

/* Word a bad status.  Without a tunnel the proxy may have sent it. */
static void
log_status(struct renewal *n, const struct backend_result *b)
{
	if (b->proxy != NULL)
		renewal_log_failure(n, STATS_RENEWAL_REFUSED, b->status,
		    "the backend answered status %d%s (or the proxy %s did)",
		    b->status, b->detail, b->proxy);
	else
		renewal_log_failure(n, STATS_RENEWAL_REFUSED, b->status,
		    "the backend answered status %d%s", b->status, b->detail);
}

static void
log_refused(struct renewal *n, const struct backend_result *b)
{
	if (b->proxy != NULL)
		renewal_log_failure(n, STATS_RENEWAL_CREDENTIALS, b->status,
		    "the backend refuses our credentials (status %d), or the proxy %s does; check %s and proxy-user",
		    b->status, b->proxy, request_credentials(n->conf));
	else
		renewal_log_failure(n, STATS_RENEWAL_CREDENTIALS, b->status,
		    "the backend refuses our credentials (status %d); check %s",
		    b->status, request_credentials(n->conf));
}

static enum stats_oauth
number_of(const char *error)
{
	int i;

	for (i = 0; i < STATS_OAUTH_OTHER; i++)
		if (strcmp(stats_oauth_label[i], error) == 0)
			break;
	return (enum stats_oauth)i;
}

/* An error in words of the authorization server.  After one of the clock, whose
 * time is known now, the next assertion is right.  False: there is none. */
static bool
fail_oauth(struct renewal *n, const struct backend_result *b, int64_t *at)
{
	enum stats_renewal result = STATS_RENEWAL_CREDENTIALS;
	enum schedule_failure kind =
	    n->clock_is_new ? SCHEDULE_FAILED : SCHEDULE_CREDENTIALS;
	struct renewal_error e;
	const char *check;

	if (n->conf->grant == CONF_GRANT_NONE || !renewal_error_read(n, b, &e))
		return false;
	check = request_oauth_check(e.code);
	if (check == NULL) {
		result = STATS_RENEWAL_REFUSED;
		kind = SCHEDULE_FAILED;
	}
	renewal_log_failure(n, result, b->status,
	    "the authorization server answers %s (status %d)%s%s%s%s", e.code,
	    b->status, e.words[0] != '\0' ? ": " : "", e.words,
	    check != NULL ? "; check " : "", check != NULL ? check : "");
	*at = renewal_fail(n, result, kind, b->retry_after_ms);
	stats_set(&n->stats->last_error, 1 + (uint64_t)number_of(e.code));
	return true;
}

int64_t
renewal_fail_call(struct renewal *n, const struct backend_result *b)
{
	int64_t at;

	if (b->outcome == BACKEND_NOT_REACHED || b->at_proxy)
		renewal_uncount_call(n);
	if (b->outcome != BACKEND_ANSWERED) {
		log_unanswered(n, b);
		return renewal_fail(n, unanswered[b->outcome].result,
		    unanswered[b->outcome].kind, 0);
	}
	if (fail_oauth(n, b, &at))
		return at;
	if (b->status == 400 || b->status == 401 || b->status == 403) {
		log_refused(n, b);
		return renewal_fail(n, STATS_RENEWAL_CREDENTIALS,
		    SCHEDULE_CREDENTIALS, b->retry_after_ms);
	}
	log_status(n, b);
	return renewal_fail(n, STATS_RENEWAL_REFUSED, SCHEDULE_FAILED,
	    b->retry_after_ms);
}

bool
renewal_has_other_credentials(struct renewal *n, int64_t now)
{
	uint64_t read;

	if (!n->refused || now < n->key_look_at)
		return false;
	n->key_look_at = now + KEY_LOOK_EVERY_MS;
	read = origin_of(n->conf).credentials;
	if (read == 0 || read == n->credentials)
		return false;
	log_notice("token %s: the credentials have changed; trying them",
	    n->conf->name);
	n->credentials = read;
	n->refused = false;
	n->failures = 0;
	return true;
}
