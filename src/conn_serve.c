/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conn_own.h"

#include <string.h>
#include <sys/socket.h>

#define LINGER_MS 200 /* for a client that is still sending */

/* Hand a request to the refresher, and keep it until an answer comes. */
static void
begin_wait(struct conn *c)
{
	if (!c->wait.waited)
		c->wait.began_at = conn_now(c);
	c->wait.waited = true;
	if (c->state == WAITING)
		return;
	conn_enter(c, WAITING, conn_now(c) + c->all->api->conf->wait_limit_ms);
	c->all->ask(c->all->ask_arg, &c->wait);
}

static void
refuse(struct conn *c, int status, struct buf *out)
{
	api_refuse(c->all->api, status, out);
	c->last = c->rude = true;
}

/* How the connection goes on after this request. */
static enum answer_connection
connection_after(struct conn *c, const struct http_request *req)
{
	if (!req->keep_alive || c->all->draining)
		c->last = true;
	c->rude |= c->all->draining; /* it does not know yet */
	if (c->last)
		return ANSWER_CLOSE;
	return req->minor == 0 ? ANSWER_KEEP_1_0 : ANSWER_KEEP;
}

/*
 * The bytes of the body that came with the head.  A body that is not wholly
 * there is not waited for (nginx announces bodies that it does not send), so
 * the connection ends with the answer.
 */
static int
take_body(struct conn *c, const char *bytes, size_t len,
    const struct http_request *req, size_t *used)
{
	int status;

	*used = 0;
	if (req->content_length == 0 && !req->chunked)
		return 200;
	status = http_body(bytes, len, req, used);
	if (status != 0)
		return status;
	c->last = c->rude = true;
	return 200;
}

/* Count a request, and begin the next one from nothing. */
static void
answered(struct conn *c)
{
	int64_t took = c->wait.waited ? conn_now(c) - c->wait.began_at : 0;

	stats_observe(&c->all->api->own->duration, took);
	if (c->wait.waited)
		c->wait = (struct api_wait){0};
	if (c->state != IDLE)
		conn_enter(c, IDLE, 0);
	c->since = conn_now(c);
}

/* Point a slice into a copy of the bytes that it points into. */
static void
rebase(struct slice *s, const char *from, const char *to)
{
	if (s->ptr != NULL)
		s->ptr = to + (s->ptr - from);
}

/* Keep a head that was parsed, for comparison with the next one. */
static void
remember(struct conn_head *last, const char *bytes)
{
	struct http_request *r = &last->request;

	if (r->head_len > sizeof(last->bytes) ||
	    r->authorization.ptr != NULL) { /* not ours to keep */
		r->head_len = 0; /* is never the same */
		return;
	}
	memcpy(last->bytes, bytes, r->head_len);
	rebase(&r->path, bytes, last->bytes);
	rebase(&r->if_match, bytes, last->bytes);
	rebase(&r->if_none_match, bytes, last->bytes);
	rebase(&r->authorization, bytes, last->bytes);
	rebase(&r->cache_control, bytes, last->bytes);
	rebase(&r->accept_encoding, bytes, last->bytes);
}

/*
 * Parse a head and find out what it is about, unless it is the same as the one
 * before.  Returns what http_parse() does; 200: it is in all->last, and
 * *head_len is its length.
 */
static int
parse(struct conn *c, const char *bytes, size_t len, size_t *head_len)
{
	struct conn_head *last = &c->all->last;
	int status;

	*head_len = last->request.head_len;
	if (*head_len > 0 && len >= *head_len && last->admin == c->admin &&
	    memcmp(bytes, last->bytes, *head_len) == 0)
		return 200;
	status = http_parse(bytes, len, &last->request);
	if (status != 200) {
		last->request.head_len = 0;
		return status;
	}
	*head_len = last->request.head_len;
	last->admin = c->admin;
	api_find(c->all->api, &last->request, c->admin, &last->target);
	remember(last, bytes);
	return 200;
}

/* Send what was collected, and then what is too large for that. */
static void
send_page(struct conn *c, struct buf *out, const struct slice *page,
    bool lasting)
{
	conn_flush(c, out);
	if (lasting)
		conn_lend(c, page->ptr, page->len);
	else
		conn_transmit(c, page->ptr, page->len);
}

/*
 * Serve the first request of these bytes.  Returns how many it was made of;
 * 0: it is not whole yet, waits, or was refused.
 */
static size_t
serve(struct conn *c, const char *bytes, size_t len, struct buf *out)
{
	const struct conn_head *head = &c->all->last;
	struct api *api = c->all->api;
	enum answer_connection after;
	enum api_verdict verdict;
	struct slice page;
	size_t head_len, body;
	int status = parse(c, bytes, len, &head_len);

	if (status == 0)
		return 0;
	if (status == 200)
		status = take_body(c, bytes + head_len, len - head_len,
		    &head->request, &body);
	if (status != 200) {
		refuse(c, status, out);
		return 0;
	}
	after = connection_after(c, &head->request);
	verdict = api_handle(api, &head->request, &head->target, after,
	    &c->wait, out, &page);
	if (verdict == API_WAIT) {
		begin_wait(c);
		return 0;
	}
	answered(c);
	if (verdict != API_ANSWERED)
		send_page(c, out, &page, verdict == API_LASTING);
	return head_len + body;
}

/* The client has got everything that it will: close now, or when it has read
 * it, since a close with unread bytes in it takes the answer back. */
static void
end(struct conn *c)
{
	if (!c->rude) {
		conn_drop(c);
		return;
	}
	shutdown(c->watch.fd, SHUT_WR);
	if (c->state != CLOSING)
		conn_enter(c, CLOSING, conn_now(c) + LINGER_MS);
	conn_come_again(c);
}

/* Enter the state that the unfinished business calls for. */
static void
settle(struct conn *c)
{
	if (c->owes) {
		if (c->state != WRITING) {
			conn_enter(c, WRITING, 0);
			conn_watch(c, CONN_EVENTS | EPOLLOUT);
		}
	} else if (c->state == WAITING) {
		return;
	} else if (c->last || c->ended) {
		end(c);
	} else if (c->in != NULL) {
		if (c->state != READING)
			conn_enter(c, READING, 0);
	} else if (c->state != IDLE)
		conn_enter(c, IDLE, 0);
}

void
conn_work(struct conn *c, size_t len)
{
	struct conns *all = c->all;
	size_t at = 0, n, room = api_answer_max(all->api);
	struct buf out;

	if (len > 0)
		c->last = false; /* a request that was kept says so anew */
	buf_init(&out, all->out, all->out_size);
	while (at < len && !c->last && !c->owes &&
	    (n = serve(c, all->in + at, len - at, &out)) > 0) {
		at += n;
		if (out.size - out.len < room && !conn_flush(c, &out))
			break;
	}
	if (out.len > 0)
		conn_flush(c, &out);
	if (c->last && c->state != WAITING)
		at = len;
	conn_keep_in(c, all->in + at, len - at);
	settle(c);
}

void
conn_resume(struct conn *c, bool over)
{
	c->wait.over = over;
	conn_work(c, conn_bring_in(c));
	if (c->watch.fd != -1)
		conn_come_again(c); /* what came meanwhile gave no event */
}

void
conn_refuse(struct conn *c, int status)
{
	struct buf out;

	buf_init(&out, c->all->out, c->all->out_size);
	refuse(c, status, &out);
	conn_forget(&c->in, &c->in_len);
	conn_flush(c, &out);
	settle(c);
}
