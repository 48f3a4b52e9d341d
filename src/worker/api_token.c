/* SPDX-License-Identifier: MIT */
/* Handlers of /token and /auth: hand a token out, or take a report of one. */
#include "config.h"

#include "worker/api_private.h"

#include "conf/headers.h"

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
retry_later(struct exchange *x, enum problem_id id, int64_t at)
{
	char field[64];

	snprintf(field, sizeof(field), "Retry-After: %" PRId64 "\r\n",
	    seconds_until(x, at));
	return api_problem(x, id, field);
}

static enum api_verdict
ask_to_wait(struct exchange *x, size_t token, uint64_t generation)
{
	x->wait->token = token;
	x->wait->generation = generation;
	return API_WAIT;
}

/*
 * True: enough life is left for min-fresh (RFC 9111, 5.2.1.3).  /auth ignores
 * min-fresh: there the field may come from the gateway's own caller.  At most
 * half a life counts, so that callers can cause at most two renewals in a life.
 */
static bool
fresh_enough(const struct exchange *x, const struct reply *a)
{
	int64_t wanted, most = a->life_ms / 2000;

	if (x->req->cache_control.ptr == NULL || api_on_auth(x))
		return true;
	wanted = http_min_fresh(x->req->cache_control);
	if (wanted > most)
		wanted = most;
	return reply_left_s(a, x->api->clock.now) >= wanted;
}

/* True: the token can be handed out; false: *verdict is the answer. */
static bool
have_token(struct exchange *x, size_t token, struct reply **out,
    enum api_verdict *verdict)
{
	struct api *api = x->api;
	struct reply *a = &api->answers[token];
	bool ready = reply_ready(a, segment_slot(api->segment, token),
	    &api->clock, &api->conf->token[token]);
	int64_t at;

	*out = a;
	if (ready && (x->wait->over || fresh_enough(x, a)))
		return true;
	if (!x->wait->over) {
		*verdict = ask_to_wait(x, token, ready ? a->generation : 0);
		return false;
	}
	at = stats_time(&api->stats->token[token].attempt_at);
	*verdict = retry_later(x, PROBLEM_NO_TOKEN, at);
	return false;
}

static enum api_verdict
give(struct exchange *x, size_t token)
{
	struct reply *a;
	enum api_verdict verdict;
	enum token_source source;

	if (!have_token(x, token, &a, &verdict))
		return verdict;
	source = x->wait->waited ? a->source : TOKEN_FROM_SHM;
	if (!api_on_auth(x) && x->req->if_none_match.ptr != NULL &&
	    http_etag_listed(x->req->if_none_match, a->etag, true)) {
		char field[REPLY_ETAG_MAX + 16];

		snprintf(field, sizeof(field), "ETag: %s\r\n", a->etag);
		return api_empty(x, 304, field);
	}
	stats_add(&x->api->handouts[token].answers[source], 1);
	stats_add(&x->api->own->requests[x->route->path][STATS_CODE_200], 1);
	reply_write(api_on_auth(x) ? &a->auth : &a->token, x->connection,
	    x->req->method == HTTP_HEAD, x->out);
	return API_ANSWERED;
}

/* The entity tags of a report.  "*" matches any token, so it names none. */
static struct slice
reported_tags(const struct exchange *x)
{
	struct slice tags = x->req->if_match;

	if (tags.len == 1 && *tags.ptr == '*')
		tags.ptr = NULL;
	return tags;
}

/* True: this text is the token in service. */
static bool
is_current(const struct reply *a, const char *text, size_t len)
{
	char print[FINGERPRINT_LEN + 1];

	fingerprint(text, len, print);
	return strstr(a->etag, print) != NULL;
}

/* A text within another; NULL: it is not there. */
static const char *
find(struct slice in, const char *text, size_t len)
{
	return in.ptr == NULL ? NULL : memmem(in.ptr, in.len, text, len);
}

/* The texts before and behind the token in a format, up to other places. */
static void
surroundings(const char *format, struct slice *before, struct slice *behind)
{
	size_t len;
	const char *mark = headers_mark(format, &len), *p, *end = mark + len;

	*before = (struct slice){format, (size_t)(mark - format)};
	for (p = format; p < mark; p++)
		if (*p == '}')
			*before = (struct slice){p + 1, (size_t)(mark - p - 1)};
	p = strstr(end, "@{");
	*behind =
	    (struct slice){end, p != NULL ? (size_t)(p - end) : strlen(end)};
}

/* The token in a value of the form that /auth sends; NULL: another form. */
static struct slice
token_in(struct slice value, const char *format)
{
	struct slice before, behind, token = {.ptr = NULL};
	const char *at;

	surroundings(format, &before, &behind);
	while (behind.len > 0 && behind.ptr[behind.len - 1] == ' ' &&
	    behind.ptr[behind.len] == '\0')
		behind.len--; /* the parser strips it from the value */
	at = find(value, before.ptr, before.len);
	if (at == NULL || (before.ptr == format && at != value.ptr))
		return token;
	value.len -= (size_t)(at + before.len - value.ptr);
	value.ptr = at + before.len;
	at = value.ptr + value.len - behind.len;
	if (behind.ptr[behind.len] == '@')
		at = find(value, behind.ptr, behind.len);
	else if (value.len < behind.len ||
	    memcmp(at, behind.ptr, behind.len) != 0)
		return token;
	if (at == NULL || at == value.ptr)
		return token;
	return (struct slice){value.ptr, (size_t)(at - value.ptr)};
}

enum reported { REPORTED_NONE, REPORTED_OTHER, REPORTED_CURRENT };

/* The token that a report names in the field of /auth, in the same form. */
static enum reported
reported_by_field(const struct exchange *x, const struct reply *a)
{
	const char *header = headers_first(&x->api->conf->token[x->token]);
	size_t name = strcspn(header, ":");
	const char *format = header + name + 1 + strspn(header + name + 1, " ");
	struct slice value = {.ptr = NULL}, token;
	enum reported found = REPORTED_NONE;

	while (http_field(x->req, header, name, &value)) {
		token = token_in(value, format);
		if (token.ptr == NULL)
			continue;
		if (is_current(a, token.ptr, token.len))
			return REPORTED_CURRENT;
		found = REPORTED_OTHER;
	}
	return found;
}

/* The token that a report names; a is the token in service. */
static enum reported
reported(const struct exchange *x, const struct reply *a)
{
	struct slice bearer = http_bearer(x->req->authorization);

	if (reported_tags(x).ptr != NULL)
		return http_etag_listed(x->req->if_match, a->etag, false)
		    ? REPORTED_CURRENT
		    : REPORTED_OTHER;
	if (bearer.ptr == NULL)
		return reported_by_field(x, a);
	if (is_current(a, bearer.ptr, bearer.len) ||
	    reported_by_field(x, a) == REPORTED_CURRENT)
		return REPORTED_CURRENT;
	return REPORTED_OTHER;
}

static enum api_verdict
reject_counted(struct exchange *x, size_t token, enum stats_rejected result)
{
	stats_add(&x->api->handouts[token].rejected[result], 1);
	if (result == STATS_REJECTED_ACCEPTED)
		return api_empty(x, 202, "");
	if (result == STATS_REJECTED_LIMITED)
		return retry_later(x, PROBLEM_REPORT_LIMIT, x->wait->said.at);
	return api_problem(x, PROBLEM_STALE_REPORT, "");
}

/* DELETE: the backend refused this token (bearerd-http(7), REJECTED TOKENS). */
static enum api_verdict
reject(struct exchange *x, size_t token)
{
	struct api *api = x->api;
	struct reply *a = &api->answers[token];
	bool ready = reply_ready(a, segment_slot(api->segment, token),
	    &api->clock, &api->conf->token[token]);
	enum reported which = reported(x, a);

	if (x->wait->said.kind == CHANNEL_ACCEPTED)
		return reject_counted(x, token, STATS_REJECTED_ACCEPTED);
	if (x->wait->said.kind == CHANNEL_LIMITED)
		return reject_counted(x, token, STATS_REJECTED_LIMITED);
	if (which == REPORTED_NONE)
		return api_problem(x, PROBLEM_WHICH_TOKEN, "");
	if (x->wait->said.kind == CHANNEL_STALE || !ready ||
	    which != REPORTED_CURRENT)
		return reject_counted(x, token, STATS_REJECTED_STALE);
	if (x->wait->over)
		return retry_later(x, PROBLEM_REPORT_TIMEOUT, 0);
	x->wait->reject = true;
	return ask_to_wait(x, token, a->generation);
}

enum api_verdict
api_token(struct exchange *x)
{
	if (x->token == NAME_INDEX_NONE)
		return api_problem(x, PROBLEM_NO_NAME, "");
	if (x->req->method == HTTP_DELETE && !api_on_auth(x))
		return reject(x, x->token);
	return give(x, x->token);
}
