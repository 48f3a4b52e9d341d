/* SPDX-License-Identifier: MIT */
/* Parts of every answer: common fields, problems, empty bodies. */
#include "config.h"

#include "worker/api_private.h"

#define PROBLEM_MAX 1024

static void
count(struct exchange *x, int status)
{
	stats_add(&x->api->own->requests[x->route->path][stats_code(status)],
	    1);
}

void
api_head_begin_cached(struct exchange *x, int status, const char *cache)
{
	const char *connection = reply_connection_field(x->connection);

	buf_printf(x->out, "HTTP/1.1 %d %s\r\n%sDate: %.*s\r\n", status,
	    http_reason(status), connection, HTTP_DATE_LEN, x->api->clock.date);
	buf_printf(x->out, "Cache-Control: %s\r\n", cache);
	if (!api_on_auth(x))
		buf_str(x->out, "X-Content-Type-Options: nosniff\r\n");
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
api_problem(struct exchange *x, enum problem_id id, const char *fields)
{
	char body[PROBLEM_MAX];
	struct buf b;

	buf_init(&b, body, sizeof(body));
	if (!api_on_auth(x)) {
		problem_write(id, &b);
		buf_char(&b, '\n');
	}
	api_head_begin(x, problems[id].status);
	buf_str(x->out, fields);
	api_head_end(x, api_on_auth(x) ? NULL : "application/problem+json",
	    b.data, b.len);
	return API_ANSWERED;
}

enum api_verdict
api_empty(struct exchange *x, int status, const char *fields)
{
	api_head_begin(x, status);
	buf_str(x->out, fields);
	buf_str(x->out,
	    status == 204 || status == 304 ? "\r\n"
					   : "Content-Length: 0\r\n\r\n");
	return API_ANSWERED;
}
