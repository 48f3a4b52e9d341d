/* SPDX-License-Identifier: MIT */
/*
 * api_own.h - the inside of api.h, shared by its parts: api.c (routing and the
 * frame of an answer), api_token.c (tokens), api_docs.c (what describes all
 * this), api_admin.c (health, metrics, status).
 */
#ifndef BEARERD_API_OWN_H
#define BEARERD_API_OWN_H

#include "api.h"

/* One request on its way through a handler. */
struct exchange {
	struct api *api;
	const struct http_request *req; /* NULL: it could not be parsed */
	const struct route *route;
	size_t token; /* as in struct api_target */
	enum answer_connection connection;
	struct api_wait *wait;
	struct buf *out;
	struct slice *page;
};

/*
 * Begin a head with the fields that every answer has, and count it; cache is
 * the Cache-Control, without it no-store.
 */
void api_head_begin(struct exchange *x, int status);
void api_head_begin_cached(struct exchange *x, int status, const char *cache);

/* End a head, and append the body unless the request is a HEAD. */
void api_head_end(struct exchange *x, const char *type, const char *body,
    size_t len);

/*
 * An error (RFC 9457); fields are further ones, each with its line end.  The
 * answers of /auth have no body, since gateways hand it on.
 */
enum api_verdict api_problem(struct exchange *x, int status,
    const char *fields, const char *detail);

/* An answer without a body. */
enum api_verdict api_empty(struct exchange *x, int status, const char *fields);

/* Whether the request is for the header that gateways copy. */
static inline bool
api_on_auth(const struct exchange *x)
{
	return x->route->id == ROUTE_AUTH;
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
