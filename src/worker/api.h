/* SPDX-License-Identifier: MIT */
/*
 * api.h - from a parsed request to the bytes of its answer.
 *
 * Each route has a handler.  Called by worker/conn.h, in workers; sockets are
 * not its business.  A handler without a token to hand out, or whose page is
 * not written yet, returns API_WAIT: the connection keeps the request's bytes,
 * and calls again when the refresher answered or the wait is over.
 *
 * Invariants:
 *   - A token never leaves by the admin listener.
 *   - Bearerd's own trouble is 503, never 401, 403 or 3xx.
 *   - Nothing of the request is echoed.
 *   - The way of GET /token and /auth allocates nothing and asks no clock.
 */
#ifndef BEARERD_API_H
#define BEARERD_API_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/reply.h"
#include "shared/channel.h"
#include "conf/conf.h"
#include "http/guard.h"
#include "http/http.h"
#include "base/name_index.h"
#include "http/route.h"
#include "report/page.h"
#include "shared/segment.h"
#include "shared/stats.h"

enum { API_METRICS, API_STATUS, API_STATUS_JSON, API_PAGES };

struct api {
	const struct conf *conf;
	const struct segment *segment;
	const struct stats *stats;
	struct stats_process *own;      /* this worker's counters */
	struct stats_handout *handouts; /* and those per token */
	struct reply_clock clock;
	struct reply *answers; /* by token */
	size_t token;          /* that /token serves */
	struct name_index names;
	size_t arrived;     /* tokens 0 .. arrived - 1 were there once */
	size_t missing;     /* tokens that never were */
	const char *missed; /* the name of one of them */
	int64_t count_at;   /* boot clock, ms: they are counted again */
	struct page_writer page[API_PAGES];
	unsigned pages_begun;           /* of these, not finished */
	struct api_document *documents; /* of api_docs.c; NULL: not asked for */
};

/* The state of a request; its connection keeps it during a wait. */
struct api_wait {
	size_t token;
	uint64_t generation; /* a newer one than this is wanted */
	bool reject;         /* it is a report of a dead token */
	bool page;           /* it is for a page, not for the refresher */
	bool over;           /* the wait is over: answer without it */
	bool waited;         /* the request has waited */
	int64_t began_at;    /* boot clock, ms: the wait began */
	struct channel_message said; /* about it; kind 0: nothing yet */
};

/* Route and token of a request; they depend on its head and door alone. */
struct api_target {
	const struct route *route;
	unsigned methods; /* that are handled, as ROUTE_METHOD() bits */
	unsigned door;    /* as in guard.h */
	enum guard_verdict guard;
	size_t token; /* NAME_INDEX_NONE: no token has that name */
};

enum api_verdict {
	API_ANSWERED, /* the answer is in out */
	API_BODY,     /* the head is in out; *body follows it */
	API_WAIT,     /* call again when *wait is satisfied or over */
};

/* A body that is too large for out. */
struct api_body {
	struct slice bytes; /* constant; of a page: its first piece */
	struct page *page;  /* release after the last piece; or NULL */
};

/* Set up the api of a worker; block is that of its counters. */
void api_open(struct api *a, const struct conf *conf,
    const struct segment *segment, const struct stats *stats, size_t block);

/*
 * Find route and token of a request that came in by this door (guard.h).
 * Returns 200, or the status to refuse the request with.
 */
int api_find(const struct api *a, const struct http_request *req, unsigned door,
    struct api_target *out);

/*
 * Answer one request.  out has room for api_answer_max() bytes at least.
 * wait: zeroed for a new request, else as the call before left it.
 */
enum api_verdict api_handle(struct api *a, const struct http_request *req,
    const struct api_target *target, enum reply_connection connection,
    struct api_wait *wait, struct buf *out, struct api_body *body);

/* Answer a request that could not be parsed, or was not sent in time. */
void api_refuse(struct api *a, int status, struct buf *out);

/* Continue to write pages; call once per turn while pages_begun > 0.  True: one
 * is finished. */
bool api_write_pages(struct api *a);

/* Bytes of the longest answer that is not a page. */
size_t api_answer_max(const struct api *a);

#endif
