/* SPDX-License-Identifier: MIT */
/*
 * api_private.h - the inside of worker/api.h, shared by its parts.
 *
 * api.c finds the handler; the handlers are in api_token.c (tokens), api_docs.c
 * (OpenAPI and /docs), api_admin.c (health, metrics, status); all write their
 * answers with api_answer.c.
 */
#ifndef BEARERD_API_PRIVATE_H
#define BEARERD_API_PRIVATE_H

#include "worker/api.h"

#include "http/problem.h"

/* One request on its way through a handler. */
struct exchange {
	struct api *api;
	const struct http_request *req; /* NULL: it could not be parsed */
	const struct route *route;
	const struct api_target *target;
	size_t token; /* the target's */
	enum reply_connection connection;
	struct api_wait *wait;
	struct buf *out;
	struct api_body *body;
};

/*
 * Count an answer and begin its head with the common fields.  cache is the
 * value of Cache-Control; NULL: no-store.  Answers of /auth have only the
 * fields that they need, since some gateways copy them all.
 */
void api_head_begin(struct exchange *x, int status);
void api_head_begin_cached(struct exchange *x, int status, const char *cache);

/* End a head, and append the body unless the request is a HEAD. */
void api_head_end(struct exchange *x, const char *type, const char *body,
    size_t len);

/*
 * Answer with a problem (RFC 9457).  fields are added to the head, each with
 * its line end.  Answers of /auth have no body, since gateways pass it on.
 */
enum api_verdict api_problem(struct exchange *x, enum problem_id id,
    const char *fields);

/* An answer without a body. */
enum api_verdict api_empty(struct exchange *x, int status, const char *fields);

/* True: the route is /auth, whose fields gateways copy. */
static inline bool
api_on_auth(const struct exchange *x)
{
	return x->route->id == ROUTE_AUTH;
}

/* True: the request came in by an address of listen-admin. */
static inline bool
api_by_admin(const struct exchange *x)
{
	return (x->target->door & GUARD_ADMIN) != 0;
}

/* The handlers, by route. */
enum api_verdict api_token(struct exchange *x);
enum api_verdict api_openapi(struct exchange *x);
enum api_verdict api_docs(struct exchange *x);
enum api_verdict api_healthz(struct exchange *x);
enum api_verdict api_readyz(struct exchange *x);
enum api_verdict api_metrics(struct exchange *x);
enum api_verdict api_status(struct exchange *x);
enum api_verdict api_status_json(struct exchange *x);

#endif
