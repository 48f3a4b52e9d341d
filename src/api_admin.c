/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "api_own.h"

#include "metrics.h"
#include "page.h"
#include "util.h"
#include "view.h"

#include <stdlib.h>

enum api_verdict
api_healthz(struct exchange *x)
{
	api_head_begin(x, 200);
	api_head_end(x, "text/plain", "alive\n", 6);
	return API_ANSWERED;
}

enum api_verdict
api_readyz(struct exchange *x)
{
	const struct stats *s = x->api->stats;
	const char *name = "";
	char body[128 + CONF_NAME_MAX];
	size_t missing = view_missing(x->api->shm, s, &name);
	struct buf b;

	buf_init(&b, body, sizeof(body));
	if (stats_get(&s->process[STATS_MASTER].draining) != 0)
		buf_str(&b, "not ready: stopping\n");
	else if (missing > 0)
		buf_printf(&b, "not ready: %zu of %zu tokens were not there "
		    "yet, one of them %s\n", missing, s->tokens, name);
	api_head_begin(x, b.len > 0 ? 503 : 200);
	if (b.len == 0)
		buf_str(&b, "ready\n");
	api_head_end(x, "text/plain", b.data, b.len);
	return API_ANSWERED;
}

/* Write a page into memory that grows until it is large enough. */
static size_t
page_write(struct api *a, void (*write)(const struct shm *,
    const struct stats *, int64_t, struct buf *))
{
	struct buf body;

	for (;;) {
		if (a->page == NULL)
			a->page = util_alloc(1, a->page_size);
		buf_init(&body, a->page, a->page_size);
		write(a->shm, a->stats, a->clock.now, &body);
		if (!body.overflow)
			return body.len;
		free(a->page);
		a->page = NULL;
		a->page_size *= 2;
	}
}

static enum api_verdict
page(struct exchange *x, const char *type, void (*write)(const struct shm *,
    const struct stats *, int64_t, struct buf *))
{
	size_t len = page_write(x->api, write);

	api_head_begin(x, 200);
	buf_printf(x->out, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
	    type, len);
	if (x->req->method == HTTP_HEAD)
		return API_ANSWERED;
	*x->page = (struct slice){x->api->page, len};
	return API_PAGE;
}

enum api_verdict
api_metrics(struct exchange *x)
{
	return page(x, "text/plain; version=0.0.4; charset=utf-8",
	    metrics_write);
}

enum api_verdict
api_status(struct exchange *x)
{
	return page(x, "text/plain; charset=utf-8", page_status);
}

enum api_verdict
api_status_json(struct exchange *x)
{
	return page(x, "application/json", page_status_json);
}
