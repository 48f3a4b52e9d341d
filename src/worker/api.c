/* SPDX-License-Identifier: MIT */
/* The two steps that begin an answer: find what a request is about, and hand it
 * to the handler of its route. */
#include "config.h"

#include "worker/api_private.h"

#include "base/mem.h"
#include "report/metrics.h"
#include "report/status_page.h"

#include <stdio.h>

void
api_open(struct api *a, const struct conf *conf, const struct segment *segment,
    const struct stats *stats, size_t block)
{
	size_t i;

	*a = (struct api){
	    .conf = conf,
	    .segment = segment,
	    .stats = stats,
	    .own = stats_process(stats, block),
	    .handouts = stats_handouts(stats, block),
	    .token = conf_default_token(conf),
	    .page = {[API_METRICS] = {.step = metrics_step},
		[API_STATUS] = {.step = status_page_text_step},
		[API_STATUS_JSON] = {.step = status_page_json_step}},
	};
	a->answers = mem_alloc(conf->token_count, sizeof(*a->answers));
	name_index_init(&a->names, conf->token_count);
	for (i = 0; i < conf->token_count; i++)
		name_index_add(&a->names, conf->token[i].name, i);
	reply_clock_turn(&a->clock);
}

size_t
api_answer_max(const struct api *a)
{
	size_t most = 0, size, i;

	for (i = 0; i < a->conf->token_count; i++) {
		size = reply_size(a->conf, &a->conf->token[i]);
		most = size > most ? size : most;
	}
	return most + 4096;
}

void
api_refuse(struct api *a, int status, struct buf *out)
{
	static const struct slice nowhere = {"", 0};
	struct slice name;
	struct exchange x = {
	    .api = a,
	    .route = route_find(&nowhere, false, &name),
	    .connection = REPLY_CLOSE,
	    .out = out,
	};

	api_problem(&x, problem_of_status(status), "");
}

static enum api_verdict
handle_none(struct exchange *x)
{
	if (x->req->path.len == 1 && x->req->path.ptr[0] == '*')
		return api_empty(x, 204,
		    "Allow: GET, HEAD, DELETE, OPTIONS\r\n");
	return api_problem(x, PROBLEM_NO_PATH, "");
}

/* Send a browser from "/" to /docs. */
static enum api_verdict
handle_root(struct exchange *x)
{
	return api_empty(x, 302,
	    api_by_admin(x) ? "Location: /status\r\n" : "Location: /docs\r\n");
}

static enum api_verdict (*const handlers[ROUTE_COUNT])(struct exchange *) = {
    [ROUTE_NONE] = handle_none,
    [ROUTE_ROOT] = handle_root,
    [ROUTE_TOKEN] = api_token,
    [ROUTE_TOKENS] = api_token,
    [ROUTE_AUTH] = api_token,
    [ROUTE_OPENAPI] = api_openapi,
    [ROUTE_DOCS] = api_docs,
    [ROUTE_HEALTHZ] = api_healthz,
    [ROUTE_READYZ] = api_readyz,
    [ROUTE_METRICS] = api_metrics,
    [ROUTE_STATUS] = api_status,
    [ROUTE_STATUS_JSON] = api_status_json,
};

/* Answer a refused request, or a method without a handler. */
static enum api_verdict
refuse(struct exchange *x)
{
	char field[64];

	if (x->target->guard != GUARD_PASSES)
		return api_problem(x, guard_problem(x->target->guard), "");
	if (x->req->method == HTTP_UNKNOWN)
		return api_problem(x, PROBLEM_UNKNOWN_METHOD, "");
	snprintf(field, sizeof(field), "Allow: %s\r\n", x->route->allow);
	if (x->req->method == HTTP_OPTIONS)
		return api_empty(x, 204, field);
	return api_problem(x, PROBLEM_METHOD, field);
}

/* A query with bytes that no URI has (RFC 3986, 2) is no reason to refuse a
 * route that ignores the query. */
int
api_find(const struct api *a, const struct http_request *req, unsigned door,
    struct api_target *out)
{
	struct slice name;

	out->route = route_find(&req->path, (door & GUARD_ADMIN) != 0, &name);
	out->door = door;
	out->guard = guard_judge(a->conf, door, out->route, req);
	out->methods = out->guard != GUARD_PASSES ? 0
	    : out->route->id == ROUTE_NONE        ? ROUTE_ANY_METHOD
						  : out->route->methods;
	out->token = name.ptr == NULL
	    ? a->token
	    : name_index_find(&a->names, name.ptr, name.len);
	return req->odd && out->route->id != ROUTE_AUTH ? 400 : 200;
}

enum api_verdict
api_handle(struct api *a, const struct http_request *req,
    const struct api_target *target, enum reply_connection connection,
    struct api_wait *wait, struct buf *out, struct api_body *body)
{
	struct exchange x = {
	    .api = a,
	    .req = req,
	    .route = target->route,
	    .target = target,
	    .token = target->token,
	    .connection = connection,
	    .wait = wait,
	    .out = out,
	    .body = body,
	};

	if ((target->methods & ROUTE_METHOD(req->method)) == 0)
		return refuse(&x);
	return handlers[x.route->id](&x);
}
