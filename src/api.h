/* SPDX-License-Identifier: MIT */
/*
 * api.h - from a parsed request to the bytes of its answer.
 *
 * A table of routes; a handler each.  Called by conn.h, in workers.  Knows
 * nothing of sockets.  A handler that has no token to give asks for a wait:
 * the connection keeps the request's bytes and hands them in again when the
 * refresher has said something, or the wait is over.
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

#include "answer.h"
#include "channel.h"
#include "conf.h"
#include "http.h"
#include "names.h"
#include "route.h"
#include "shm.h"
#include "stats.h"

struct api {
	const struct conf *conf;
	const struct shm *shm;
	const struct stats *stats;
	struct stats_process *own;      /* this worker's counters */
	struct stats_handout *handouts; /* and those per token */
	struct answer_clock clock;
	struct answer *answers;         /* by token */
	size_t token;                   /* that /token serves */
	struct names names;
	char *page;                     /* a large answer being written */
	size_t page_size;
	struct api_document *documents; /* of api_docs.c; NULL: not asked for */
};

/* How far a request is; kept by its connection while it waits. */
struct api_wait {
	size_t token;
	uint64_t generation; /* a newer one than this is wanted */
	bool reject;         /* it is a report of a dead token */
	bool over;           /* the wait is over: answer with what there is */
	bool waited;         /* the request has waited */
	int64_t began_at;    /* since then */
	struct channel_message said; /* about it; kind 0: nothing yet */
};

/* What a request is about; follows from its head and the listener alone. */
struct api_target {
	const struct route *route;
	size_t token; /* NAMES_NONE: there is none of that name */
};

enum api_verdict {
	API_ANSWERED, /* the answer is in out */
	API_PAGE,     /* and *page is to follow, which the next page overwrites */
	API_LASTING,  /* and *page is to follow, which never changes */
	API_WAIT,     /* *wait says for what */
};

/* Set up a worker's api; block is its block of counters. */
void api_open(struct api *a, const struct conf *conf, const struct shm *shm,
    const struct stats *stats, size_t block);

/* Find out what a request is about. */
void api_find(const struct api *a, const struct http_request *req, bool admin,
    struct api_target *out);

/*
 * Answer one request.  out has room for api_answer_max() bytes at least.
 * wait: zeroed for a new request, else as the call before left it.
 */
enum api_verdict api_handle(struct api *a, const struct http_request *req,
    const struct api_target *target, enum answer_connection connection,
    struct api_wait *wait, struct buf *out, struct slice *page);

/* Answer a request that could not be parsed, or was not sent in time. */
void api_refuse(struct api *a, int status, struct buf *out);

/* The longest answer that is no page. */
size_t api_answer_max(const struct api *a);

#endif
