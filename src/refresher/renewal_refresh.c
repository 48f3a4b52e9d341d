/* SPDX-License-Identifier: MIT */
/* Refresh tokens: the record is written before a call and after it, so that a
 * crash at any step loses none (token/refresh.h). */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/log.h"
#include "base/mem.h"
#include "refresher/refresh_file.h"
#include "store/refresh.h"

#include <stdlib.h>
#include <string.h>

void
renewal_refresh_forget(struct renewal *n)
{
	if (n->refresh != NULL)
		explicit_bzero(n->refresh, sizeof(*n->refresh));
	free(n->refresh);
	n->refresh = NULL;
}

static struct refresh *
record(struct renewal *n)
{
	if (n->refresh == NULL)
		n->refresh = mem_alloc(1, sizeof(*n->refresh));
	return n->refresh;
}

static enum renewal_step
fail(struct renewal *n, enum stats_renewal result, enum schedule_failure kind)
{
	n->retry_at = renewal_fail(n, result, kind, 0);
	return STEP_FAIL;
}

/* ---- write ---- */

/* Write the record where it is kept: in Redis, which answers later, or into the
 * file.  0, or -1, and logged. */
static int
write_record(struct renewal *n,
    int (*in_redis)(struct store *s, size_t token, const char *text))
{
	struct store *s = n->all->args.store;
	char text[REFRESH_TEXT_MAX + 1];
	struct err err;
	int status;

	refresh_write(n->refresh, text);
	err_set(&err, "Redis is out of reach, or redis-key-file not readable");
	status = s != NULL
	    ? in_redis(s, n->number, text)
	    : refresh_file_write(n->conf->refresh_token_store, text, &err);
	explicit_bzero(text, sizeof(text));
	if (status == -1)
		renewal_log_failure(n, STATS_RENEWAL_WITHHELD, 0,
		    "the record of the refresh token cannot be written: %s",
		    err.text);
	return status;
}

void
renewal_refresh_save(struct renewal *n)
{
	if (!n->refresh_unsaved || n->refresh_ending)
		return;
	if (write_record(n, store_refresh_end) == -1)
		return;
	n->refresh_ending = n->all->args.store != NULL;
	n->refresh_unsaved = n->refresh_ending;
}

/* ---- before a call ---- */

static enum renewal_step
reauthorize(struct renewal *n)
{
	stats_set(&n->stats->reauthorize, 1);
	renewal_log_failure(n, STATS_RENEWAL_CREDENTIALS, 0,
	    "the refresh token is used up or refused: somebody has to log in again and put a new one into refresh-token-file %s; until then no call is made",
	    n->conf->refresh_token_file);
	return fail(n, STATS_RENEWAL_CREDENTIALS, SCHEDULE_CREDENTIALS);
}

static enum renewal_step
withhold(struct renewal *n, const char *problem)
{
	renewal_log_failure(n, STATS_RENEWAL_WITHHELD, 0,
	    "not renewed, because the record of the refresh token %s", problem);
	return fail(n, STATS_RENEWAL_WITHHELD, SCHEDULE_FAILED);
}

/* Whether Redis has lost the record: there was a token, of the seed that is
 * still there.  To begin with the seed again would end the family. */
static bool
is_lost(const struct renewal *n, const char *seed)
{
	char print[FINGERPRINT_LEN + 1];

	if (n->all->args.store == NULL || n->generation == 0 || seed == NULL)
		return false;
	fingerprint(seed, strlen(seed), print);
	return strcmp(print, n->refresh_seed) == 0;
}

/* The replica that made the last call has the record in memory. */
static enum renewal_step
recover(struct renewal *n)
{
	if (n->refresh_ours && !n->refresh_unsaved) {
		n->refresh_unsaved = true;
		renewal_refresh_save(n);
	}
	return withhold(n,
	    "is gone from Redis; the replica that made the last call writes it again, or else somebody has to log in and put a new one into refresh-token-file");
}

/* Begin with what was read; text NULL: there is no record. */
static enum renewal_step
prepare(struct renewal *n, const char *text, size_t len)
{
	struct err err;
	char *seed = assertion_read(n->conf->refresh_token_file, false, &err);
	bool known = text != NULL, may;

	if (seed != NULL && !refresh_is_token(seed)) {
		mem_free_secret(seed);
		return withhold(n,
		    "needs one refresh token of at most 8192 printable characters in refresh-token-file");
	}
	if (seed == NULL && !known) {
		renewal_log_failure(n, STATS_RENEWAL_CREDENTIALS, 0, "%s",
		    err.text);
		return fail(n, STATS_RENEWAL_CREDENTIALS, SCHEDULE_CREDENTIALS);
	}
	if (!known && is_lost(n, seed)) {
		mem_free_secret(seed);
		return recover(n);
	}
	if (known && !refresh_read(text, len, record(n))) {
		mem_free_secret(seed);
		return withhold(n, "is not one of ours; it is left as it is");
	}
	may = refresh_begin(record(n), known, seed);
	mem_free_secret(seed);
	if (!may)
		return reauthorize(n);
	if (write_record(n, store_refresh_begin) == -1)
		return fail(n, STATS_RENEWAL_WITHHELD, SCHEDULE_FAILED);
	n->refresh_begun = true;
	return n->all->args.store != NULL ? STEP_AWAIT : STEP_ASK;
}

static enum renewal_step
prepare_from_file(struct renewal *n)
{
	char text[REFRESH_TEXT_MAX + 1];
	struct err err;
	ssize_t len = refresh_file_read(n->conf->refresh_token_store, text,
	    sizeof(text), &err);
	enum renewal_step step;

	if (len == -1) {
		renewal_log_failure(n, STATS_RENEWAL_WITHHELD, 0, "%s",
		    err.text);
		return fail(n, STATS_RENEWAL_WITHHELD, SCHEDULE_FAILED);
	}
	step = prepare(n, len == 0 ? NULL : text, (size_t)len);
	explicit_bzero(text, sizeof(text));
	return step;
}

void
renewal_refresh_cancel(struct renewal *n)
{
	refresh_end(n->refresh, REFRESH_UNUSED, NULL);
	n->refresh_unsaved = true;
	renewal_refresh_save(n);
}

enum renewal_step
renewal_refresh(struct renewal *n)
{
	n->phase = RENEWAL_PREPARING;
	n->refresh_begun = false;
	if (n->refresh_unsaved) {
		renewal_refresh_save(n);
		return withhold(n, "is not written yet");
	}
	if (n->all->args.store == NULL)
		return prepare_from_file(n);
	return store_refresh_read(n->all->args.store, n->number) == 0
	    ? STEP_AWAIT
	    : withhold(n, "cannot be read: Redis is out of reach");
}

enum renewal_step
renewal_refresh_done(struct renewal *n, enum store_outcome outcome,
    const char *text, size_t len)
{
	if (outcome == STORE_UNREACHABLE && n->refresh_begun)
		renewal_refresh_cancel(
		    n); /* it may be noted, but is not made */
	if (outcome == STORE_UNREACHABLE)
		return withhold(n, "cannot be read: Redis is out of reach");
	if (outcome == STORE_FAILED)
		return withhold(n, "cannot be opened; it is left as it is");
	if (outcome == STORE_FENCED) { /* the lock was lost */
		n->locked = false;
		n->source = RENEWAL_FROM_PRIMARY;
		return STEP_LOOK_UP;
	}
	return n->refresh_begun ? STEP_ASK : prepare(n, text, len);
}

/* ---- after a call ---- */

/* Statuses that say that the request was not carried out. */
static bool
is_refusal(int status)
{
	return (status >= 400 && status < 500 && status != 408) ||
	    status == 503;
}

static enum refresh_outcome
outcome_of(struct renewal *n, const struct backend_result *b)
{
	struct token_reply reply = renewal_reply(b);
	struct renewal_error e;

	if (!b->sent)
		return REFRESH_UNUSED;
	if (b->outcome != BACKEND_ANSWERED)
		return REFRESH_UNKNOWN;
	if (renewal_error_read(n, b, &e))
		return strcmp(e.code, "invalid_grant") == 0 ? REFRESH_REFUSED
		    : is_refusal(b->status)                 ? REFRESH_UNUSED
							    : REFRESH_UNKNOWN;
	if (!conf_is_success(n->conf, b->status))
		return is_refusal(b->status) ? REFRESH_UNUSED : REFRESH_UNKNOWN;
	return token_reply_has(&reply, "access_token") ? REFRESH_GRANTED
						       : REFRESH_UNKNOWN;
}

void
renewal_refresh_end(struct renewal *n, const struct backend_result *b)
{
	struct token_reply reply = renewal_reply(b);
	enum refresh_outcome outcome = outcome_of(n, b);
	char *next = mem_alloc(REFRESH_MAX + 1, 1);
	bool rotated = outcome == REFRESH_GRANTED &&
	    token_reply_has(&reply, "refresh_token");

	if (rotated &&
	    !(token_reply_text(&reply, "refresh_token", next,
		  REFRESH_MAX + 1) &&
		refresh_is_token(next))) {
		log_err(
		    "token %s: the answer's refresh_token is longer than %d bytes or not printable: it cannot be kept, and the one before is used up",
		    n->conf->name, REFRESH_MAX);
		outcome = REFRESH_REFUSED;
	}

	refresh_end(record(n), outcome, rotated ? next : NULL);
	explicit_bzero(next, REFRESH_MAX + 1);
	free(next);
	stats_set(&n->stats->reauthorize, n->refresh->dead);
	n->refresh_ours |= outcome == REFRESH_GRANTED;
	n->refresh_unsaved = true;
	renewal_refresh_save(n);
}

void
renewal_refresh_ended(struct renewal *n, enum store_outcome outcome)
{
	n->refresh_ending = false;
	if (outcome == STORE_UNREACHABLE)
		return; /* it is written when Redis is back */
	n->refresh_unsaved = false;
	if (outcome == STORE_FENCED)
		log_err(
		    "token %s: another replica has begun with the refresh token that was just used; its record is left as it is",
		    n->conf->name);
}

bool
renewals_must_finish(const struct renewals *r)
{
	const struct renewal *n;
	size_t i;

	for (i = 0; i < r->count; i++) {
		n = &r->list[i];
		if (n->refresh_ending || n->refresh_unsaved ||
		    (n->conf->grant == CONF_GRANT_REFRESH &&
			(n->phase == RENEWAL_CALLING ||
			    (n->phase == RENEWAL_PREPARING &&
				n->refresh_begun))))
			return true;
	}
	return false;
}
