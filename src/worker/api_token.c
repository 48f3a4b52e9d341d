/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "api_own.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Milliseconds until a boot time, as whole seconds for Retry-After. */
static int64_t
seconds_until(const struct exchange *x, int64_t at)
{
	int64_t left = at - x->api->clock.now;

	return left <= 1000 ? 1 : (left + 999) / 1000;
}

static enum api_verdict
retry_later(struct exchange *x, int status, int64_t at, const char *detail)
{
	char field[64];

	snprintf(field, sizeof(field), "Retry-After: %" PRId64 "\r\n",
	    seconds_until(x, at));
	return api_problem(x, status, field, detail);
}

static enum api_verdict
ask_to_wait(struct exchange *x, size_t token, uint64_t generation)
{
	x->wait->token = token;
	x->wait->generation = generation;
	return API_WAIT;
}

/*
 * Whether the life that is left is what min-fresh asks for.  /auth ignores it:
 * there it may be the field of a gateway's own caller.  What min-fresh asks for in vain is not waited for: the life that a new token
 * had left at its best, and no more than half a life, so that callers cannot
 * make renewals more frequent than two a life.
 */
static bool
fresh_enough(const struct exchange *x, const struct answer *a)
{
	int64_t wanted, most = a->life_ms / 2000;

	if (x->req->cache_control.ptr == NULL || api_on_auth(x))
		return true;
	wanted = http_min_fresh(x->req->cache_control);
	if (wanted > most)
		wanted = most;
	return answer_left_s(a, x->api->clock.now) >= wanted;
}

/* Whether the token can be given out; else *verdict is what to do. */
static bool
have_token(struct exchange *x, size_t token, struct answer **out,
    enum api_verdict *verdict)
{
	struct api *api = x->api;
	struct answer *a = &api->answers[token];
	bool ready = answer_ready(a, shm_slot(api->shm, token), &api->clock,
	    api->conf->token[token].header);
	int64_t at;

	*out = a;
	if (ready && (x->wait->over || fresh_enough(x, a)))
		return true;
	if (!x->wait->over) {
		*verdict = ask_to_wait(x, token, ready ? a->generation : 0);
		return false;
	}
	at = (int64_t)stats_get(&api->stats->token[token].attempt_at);
	*verdict = retry_later(x, 503, at, "No token is to be had from the "
	    "backend now.");
	return false;
}

static enum api_verdict
give(struct exchange *x, size_t token)
{
	struct answer *a;
	enum api_verdict verdict;
	enum token_source source;

	if (!have_token(x, token, &a, &verdict))
		return verdict;
	source = x->wait->waited ? a->source : TOKEN_FROM_SHM;
	if (!api_on_auth(x) && x->req->if_none_match.ptr != NULL &&
	    http_etag_listed(x->req->if_none_match, a->etag, true)) {
		char field[ANSWER_ETAG_MAX + 16];

		snprintf(field, sizeof(field), "ETag: %s\r\n", a->etag);
		return api_empty(x, 304, field);
	}
	stats_add(&x->api->handouts[token].answers[source], 1);
	stats_add(&x->api->own->requests[x->route->path][STATS_CODE_200], 1);
	answer_write(api_on_auth(x) ? &a->auth : &a->token, x->connection,
	    x->req->method == HTTP_HEAD, x->out);
	return API_ANSWERED;
}

/* Whether the reported token is the one in service. */
static bool
reports_current(const struct exchange *x, const struct answer *a)
{
	char print[FINGERPRINT_LEN + 1];
	struct slice bearer;

	if (x->req->if_match.ptr != NULL)
		return http_etag_listed(x->req->if_match, a->etag, false);
	bearer = http_bearer(x->req->authorization);
	fingerprint(bearer.ptr, bearer.len, print);
	return strstr(a->etag, print) != NULL;
}

static enum api_verdict
reject_counted(struct exchange *x, size_t token, enum stats_rejected result)
{
	stats_add(&x->api->handouts[token].rejected[result], 1);
	if (result == STATS_REJECTED_ACCEPTED)
		return api_empty(x, 202, "");
	if (result == STATS_REJECTED_LIMITED)
		return retry_later(x, 429, x->wait->said.at, "This token was "
		    "reported a moment ago; it is being renewed.");
	return api_problem(x, 412, "", "The token in service is another one "
	    "already.");
}

/* DELETE: the backend refused this token (bearerd(8), REJECTED TOKENS). */
static enum api_verdict
reject(struct exchange *x, size_t token)
{
	struct api *api = x->api;
	struct answer *a = &api->answers[token];

	if (x->wait->said.kind == CHANNEL_ACCEPTED)
		return reject_counted(x, token, STATS_REJECTED_ACCEPTED);
	if (x->wait->said.kind == CHANNEL_LIMITED)
		return reject_counted(x, token, STATS_REJECTED_LIMITED);
	if (x->req->if_match.ptr == NULL &&
	    http_bearer(x->req->authorization).ptr == NULL)
		return api_problem(x, 428, "", "Say which token was refused: "
		    "If-Match with its ETag, or Authorization: Bearer with "
		    "itself.");
	if (x->wait->said.kind == CHANNEL_STALE ||
	    !answer_ready(a, shm_slot(api->shm, token), &api->clock,
	    api->conf->token[token].header) || !reports_current(x, a))
		return reject_counted(x, token, STATS_REJECTED_STALE);
	if (x->wait->over)
		return retry_later(x, 503, 0, "The report could not be taken "
		    "in time.");
	x->wait->reject = true;
	return ask_to_wait(x, token, a->generation);
}

enum api_verdict
api_token(struct exchange *x)
{
	if (x->token == NAMES_NONE)
		return api_problem(x, 404, "", "There is no token of this "
		    "name.");
	if (x->req->method == HTTP_DELETE && !api_on_auth(x))
		return reject(x, x->token);
	return give(x, x->token);
}
