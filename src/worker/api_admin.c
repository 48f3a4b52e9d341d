/* SPDX-License-Identifier: MIT */
/* Handlers for administrators: health, metrics, status. */
#include "config.h"

#include "worker/api_private.h"

#include "shared/token_status.h"

#include <string.h>

#define COUNTED_MAX 64 /* tokens, at each request */
#define AT_ONCE 8      /* steps of a page before its request waits */

enum api_verdict
api_healthz(struct exchange *x)
{
	const char *body = api_by_admin(x) ? "alive\n" : "ok\n";

	api_head_begin(x, 200);
	api_head_end(x, "text/plain", body, strlen(body));
	return API_ANSWERED;
}

/*
 * Count the tokens that were never there, and name one.  A token that was there
 * once stays so, and is not looked at again.  With many tokens the count is
 * made once a second.
 */
static size_t
missing(struct api *a, const char **name)
{
	while (a->arrived < a->stats->tokens &&
	    token_status_had(a->stats, a->arrived))
		a->arrived++;
	if (a->arrived == a->stats->tokens)
		return 0;
	if (a->missing == 0 || a->stats->tokens <= COUNTED_MAX ||
	    a->clock.now >= a->count_at) {
		a->missing =
		    token_status_missing(a->segment, a->stats, &a->missed);
		a->count_at = a->clock.now + 1000;
	}
	*name = a->missed;
	return a->missing;
}

enum api_verdict
api_readyz(struct exchange *x)
{
	const struct stats *s = x->api->stats;
	const char *name = "";
	char body[128 + CONF_NAME_MAX];
	size_t lacking = missing(x->api, &name);
	struct buf b;

	buf_init(&b, body, sizeof(body));
	if (stats_get(&stats_process(s, STATS_MASTER)->draining) != 0)
		buf_str(&b, "not ready: stopping\n");
	else if (lacking > 0)
		buf_printf(&b,
		    "not ready: %zu of %zu tokens were not there yet, one of them %s\n",
		    lacking, s->tokens, name);
	api_head_begin(x, b.len > 0 ? 503 : 200);
	if (b.len == 0)
		buf_str(&b, "ready\n");
	api_head_end(x, "text/plain", b.data, b.len);
	return API_ANSWERED;
}

/* Write this many steps of a page.  True: it is finished. */
static bool
write_page(struct api *a, struct page_writer *w, int turns)
{
	const struct page_source source = {a->segment, a->stats, a->clock.now};

	while (turns-- > 0)
		if (page_writer_turn(w, &source))
			return true;
	return false;
}

bool
api_write_pages(struct api *a)
{
	bool finished = false;
	size_t i;

	for (i = 0; i < API_PAGES; i++)
		if (a->page[i].begun != NULL && write_page(a, &a->page[i], 1)) {
			a->pages_begun--;
			finished = true;
		}
	return finished;
}

/* A page that is recent enough; NULL: it is still being written. */
static struct page *
find_page(struct exchange *x, struct page_writer *w)
{
	struct api *a = x->api;
	int64_t since = x->wait->waited ? x->wait->began_at : INT64_MAX;
	bool begun = w->begun != NULL;
	struct page *p = page_take(w, a->clock.now, since);

	if (begun || w->begun == NULL)
		return p;
	if (write_page(a, w, AT_ONCE)) /* a short one is finished at once */
		return page_take(w, a->clock.now, since);
	a->pages_begun++;
	return p;
}

/* HEAD gets no Content-Length: it is unknown until the page is written. */
static enum api_verdict
answer_page(struct exchange *x, const char *type, struct page_writer *w)
{
	bool head = x->req->method == HTTP_HEAD;
	struct page *p = head ? NULL : find_page(x, w);

	if (p == NULL && !head) {
		if (x->wait->over)
			return api_problem(x, PROBLEM_PAGE_TIMEOUT,
			    "Retry-After: 1\r\n");
		x->wait->page = true;
		return API_WAIT;
	}
	api_head_begin(x, 200);
	buf_printf(x->out, "Content-Type: %s\r\n", type);
	if (p != NULL)
		buf_printf(x->out, "Content-Length: %zu\r\n", p->len);
	buf_str(x->out, "\r\n");
	if (head)
		return API_ANSWERED;
	x->body->bytes = (struct slice){p->first->bytes, p->first->len};
	x->body->page = p;
	return API_BODY;
}

enum api_verdict
api_metrics(struct exchange *x)
{
	return answer_page(x, "text/plain; version=0.0.4; charset=utf-8",
	    &x->api->page[API_METRICS]);
}

enum api_verdict
api_status(struct exchange *x)
{
	return answer_page(x, "text/plain; charset=utf-8",
	    &x->api->page[API_STATUS]);
}

enum api_verdict
api_status_json(struct exchange *x)
{
	return answer_page(x, "application/json",
	    &x->api->page[API_STATUS_JSON]);
}
