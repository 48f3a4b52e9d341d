/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "api_own.h"

#include "util.h"

#include <stdio.h>

#define PROBLEM_MAX 1024
#define PAGE_MIN 16384

void
api_open(struct api *a, const struct conf *conf, const struct shm *shm,
    const struct stats *stats, size_t block)
{
	size_t i;

	*a = (struct api){
	    .conf = conf,
	    .shm = shm,
	    .stats = stats,
	    .own = &stats->process[block],
	    .handouts = stats_handouts(stats, block),
	    .token = conf_default_token(conf),
	    .page_size = PAGE_MIN,
	};
	a->answers = util_alloc(conf->token_count, sizeof(*a->answers));
	names_init(&a->names, conf->token_count);
	for (i = 0; i < conf->token_count; i++)
		names_add(&a->names, conf->token[i].name, i);
	answer_clock_turn(&a->clock);
}

size_t
api_answer_max(const struct api *a)
{
	return 2 * (size_t)a->conf->max_token_size + 4096;
}

static void
count(struct exchange *x, int status)
{
	stats_add(&x->api->own->requests[x->route->path][stats_code(status)], 1);
}

void
api_head_begin_cached(struct exchange *x, int status, const char *cache)
{
	buf_printf(x->out, "HTTP/1.1 %d %s\r\n%sDate: %.*s\r\n"
	    "Cache-Control: %s\r\n", status, http_reason(status),
	    answer_connection_field(x->connection), HTTP_DATE_LEN,
	    x->api->clock.date, cache);
	count(x, status);
}

void
api_head_begin(struct exchange *x, int status)
{
	api_head_begin_cached(x, status, "no-store");
}

void
api_head_end(struct exchange *x, const char *type, const char *body, size_t len)
{
	if (type != NULL)
		buf_printf(x->out, "Content-Type: %s\r\n", type);
	buf_printf(x->out, "Content-Length: %zu\r\n\r\n", len);
	if (x->req == NULL || x->req->method != HTTP_HEAD)
		buf_add(x->out, body, len);
}

enum api_verdict
api_problem(struct exchange *x, int status, const char *fields, const char *detail)
{
	char body[PROBLEM_MAX];
	struct buf b;

	buf_init(&b, body, sizeof(body));
	if (!api_on_auth(x))
		buf_printf(&b, "{\"type\":\"about:blank\",\"title\":\"%s\","
		    "\"status\":%d,\"detail\":\"%s\"}\n", http_reason(status),
		    status, detail);
	api_head_begin(x, status);
	buf_str(x->out, fields);
	api_head_end(x, api_on_auth(x) ? NULL : "application/problem+json", b.data,
	    b.len);
	return API_ANSWERED;
}

void
api_refuse(struct api *a, int status, struct buf *out)
{
	static const struct slice nowhere = {"", 0};
	struct slice name;
	struct exchange x = {
	    .api = a,
	    .route = route_find(&nowhere, false, &name),
	    .connection = ANSWER_CLOSE,
	    .out = out,
	};

	api_problem(&x, status, "", status == 408
	    ? "The request was not sent in time."
	    : "The request is not well-formed or too large.");
}

enum api_verdict
api_empty(struct exchange *x, int status, const char *fields)
{
	api_head_begin(x, status);
	buf_str(x->out, fields);
	buf_str(x->out, status == 204 || status == 304 ? "\r\n"
	    : "Content-Length: 0\r\n\r\n");
	return API_ANSWERED;
}

static enum api_verdict
handle_none(struct exchange *x)
{
	if (x->req->path.len == 1 && x->req->path.ptr[0] == '*')
		return api_empty(x, 204, "Allow: GET, HEAD, DELETE, OPTIONS\r\n");
	return api_problem(x, 404, "", "There is nothing at this path.");
}

static enum api_verdict (*const handlers[ROUTE_COUNT])(struct exchange *) = {
    [ROUTE_NONE] = handle_none,
    [ROUTE_TOKEN] = api_token,
    [ROUTE_TOKENS] = api_token,
    [ROUTE_AUTH] = api_token,
    [ROUTE_OPENAPI_3_0] = api_openapi,
    [ROUTE_OPENAPI_3_1] = api_openapi,
    [ROUTE_OPENAPI_2_0] = api_openapi,
    [ROUTE_DOCS] = api_docs,
    [ROUTE_HEALTHZ] = api_healthz,
    [ROUTE_READYZ] = api_readyz,
    [ROUTE_METRICS] = api_metrics,
    [ROUTE_STATUS] = api_status,
    [ROUTE_STATUS_JSON] = api_status_json,
};

static enum api_verdict
refuse_method(struct exchange *x)
{
	char field[64];

	if (x->req->method == HTTP_UNKNOWN)
		return api_problem(x, 501, "", "This method is not known here.");
	snprintf(field, sizeof(field), "Allow: %s\r\n", x->route->allow);
	return api_problem(x, 405, field, "This path does not take this method.");
}

void
api_find(const struct api *a, const struct http_request *req, bool admin,
    struct api_target *out)
{
	struct slice name;

	out->route = route_find(&req->path, admin, &name);
	out->token = name.ptr == NULL ? a->token
	    : names_find(&a->names, name.ptr, name.len);
}

enum api_verdict
api_handle(struct api *a, const struct http_request *req,
    const struct api_target *target, enum answer_connection connection,
    struct api_wait *wait, struct buf *out, struct slice *page)
{
	struct exchange x = {
	    .api = a,
	    .req = req,
	    .route = target->route,
	    .token = target->token,
	    .connection = connection,
	    .wait = wait,
	    .out = out,
	    .page = page,
	};

	if (x.route->id != ROUTE_NONE &&
	    (x.route->methods & ROUTE_METHOD(req->method)) == 0)
		return refuse_method(&x);
	return handlers[x.route->id](&x);
}
