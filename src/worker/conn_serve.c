/* SPDX-License-Identifier: MIT */
/*
 * A request's way through a worker: receive (conn_receive.c), parse
 * (conn_parse.c, http/), find (api.c, http/route.c, http/guard.c), answer
 * (api_*.c, reply.c), send (conn_send.c).  Each step returns to this file,
 * which decides how the connection goes on.
 */
#include "config.h"

#include "worker/conn_private.h"

#include <sys/socket.h>

/* Refuse bytes that are no request, or a request that came too late. */
static void
refuse(struct conn *c, int status)
{
	api_refuse(c->all->api, status, &c->all->out);
	c->last = c->discard = true;
	c->body_left = status == 408 ? 0 : BODY_UNKNOWN;
}

/*
 * The bytes of the body that came with the head.  An incomplete body is not
 * waited for (nginx announces bodies that it does not send): the connection
 * ends after the answer, and the rest is discarded as it comes.
 */
static int
take_body(struct conn *c, size_t at, const struct http_request *req,
    size_t *used)
{
	const struct conns *all = c->all;
	int status;

	*used = 0;
	if (req->content_length == 0 && !req->chunked)
		return 200;
	status = http_body(all->in + at, all->in_len - at, req, used);
	if (status == 0 && conn_receive_more(c))
		status = http_body(all->in + at, all->in_len - at, req, used);
	if (status != 0)
		return status;
	c->last = c->discard = true;
	c->body_left = req->chunked ? BODY_UNKNOWN
				    : req->content_length - (all->in_len - at);
	return 200;
}

/* Decide whether the connection persists (RFC 9112, 9.3). */
static enum reply_connection
connection_after(struct conn *c, const struct http_request *req)
{
	if (!req->keep_alive || c->all->draining)
		c->last = true;
	c->discard |= c->all->draining; /* it may have sent more already */
	if (c->last)
		return REPLY_CLOSE;
	return req->minor == 0 ? REPLY_KEEP_1_0 : REPLY_KEEP;
}

/* Ask the refresher, and keep the request until the answer comes. */
static void
begin_wait(struct conn *c)
{
	if (!c->wait.waited)
		c->wait.began_at = conn_now(c);
	c->wait.waited = true;
	if (c->state == WAITING)
		return;
	if (c->wait.page) {
		conn_await_page(c);
		return;
	}
	conn_enter(c, WAITING, conn_now(c) + c->all->api->conf->wait_limit_ms);
	c->all->ask(c->all->ask_arg, &c->wait);
}

/* Count a request and reset the state for the next one. */
static void
answered(struct conn *c)
{
	int64_t took = c->wait.waited ? conn_now(c) - c->wait.began_at : 0;

	stats_observe(&c->all->api->own->duration, took);
	if (c->wait.waited)
		c->wait = (struct api_wait){0};
	if (c->state != IDLE)
		conn_enter(c, IDLE, 0);
	else
		conn_touch(c);
}

/* Send the collected answers.  False: the client does not take all, or is
 * gone. */
static bool
flush(struct conn *c)
{
	struct buf *out = &c->all->out;
	int status = conn_send(c, out->data, out->len);

	out->len = 0;
	if (status == -1) {
		c->last = true;
		c->discard = false;
	}
	return status == 0 && !c->unsent;
}

/*
 * Serve the request at this place of the shared buffer.  Returns its bytes; 0:
 * it is incomplete, waits, or was refused.
 */
static size_t
serve_one(struct conn *c, size_t at)
{
	const struct conn_head *head = &c->all->last;
	const struct http_request *req = &head->request;
	enum reply_connection after;
	enum api_verdict verdict;
	struct api_body answer;
	size_t body;
	int status = conn_parse(c, c->all->in + at, c->all->in_len - at);

	if (status == 0)
		return 0;
	if (status == 200)
		status = take_body(c, at + req->head.len, req, &body);
	if (status != 200) {
		refuse(c, status);
		return 0;
	}
	after = connection_after(c, req);
	verdict = api_handle(c->all->api, req, &head->target, after, &c->wait,
	    &c->all->out, &answer);
	if (verdict == API_WAIT) {
		begin_wait(c);
		return 0;
	}
	answered(c);
	if (verdict == API_BODY) { /* is sent after the collected answers */
		flush(c);
		conn_send_body(c, &answer);
	}
	return req->head.len + body;
}

/* All answers are sent: close now; or after EOF, since close(2) with unread
 * bytes sends a reset, which can destroy the answer (RFC 9112, 9.6). */
static void
end(struct conn *c)
{
	if (!c->discard) {
		conn_drop(c);
		return;
	}
	shutdown(c->watch.fd, SHUT_WR);
	if (c->state != CLOSING)
		conn_close_soon(c);
	conn_come_again(c);
}

/* Enter the state that fits the unfinished work. */
static void
settle(struct conn *c)
{
	if (c->unsent) {
		if (c->state != WRITING) {
			conn_enter(c, WRITING, 0);
			conn_watch(c, CONN_EVENTS | EPOLLOUT);
		}
	} else if (c->state == WAITING) {
		return;
	} else if (c->last) {
		end(c);
	} else if (c->in != NULL) {
		if (c->state != READING)
			conn_enter(c, READING, 0);
	} else if (c->state != IDLE)
		conn_enter(c, IDLE, 0);
}

/* Serve the requests in the shared buffer's first len bytes. */
static void
serve_all(struct conn *c, size_t len)
{
	struct conns *all = c->all;
	size_t at = 0, n = 1;
	uint32_t until = all->spent + CONN_UNITS;

	if (len > 0)
		c->last = false; /* a kept request sets it again */
	all->in_len = len;
	while (at < all->in_len && !c->last && !c->unsent &&
	    all->spent < until && (n = serve_one(c, at)) > 0) {
		at += n;
		all->spent++;
		if (all->out.size - all->out.len < all->answer_max && !flush(c))
			break;
	}
	if (all->out.len > 0)
		flush(c);
	if (c->last && c->state != WAITING)
		at = all->in_len;
	c->more = n > 0 && at < all->in_len && !c->unsent;
	if (c->more)
		conn_come_again(c);
	conn_keep_in(c, all->in + at, all->in_len - at);
	settle(c);
}

/* Serve the kept bytes before more are received. */
static void
serve_kept(struct conn *c)
{
	serve_all(c, conn_bring_in(c));
	if (c->watch.fd != -1)
		conn_come_again(
		    c); /* bytes that came meanwhile raise no event */
}

/* Idle or reading: complete requests among the kept bytes go first. */
static void
receive(struct conn *c)
{
	ssize_t len;

	if (c->more) {
		serve_kept(c);
		return;
	}
	len = conn_receive(c);
	if (len > 0)
		serve_all(c, (size_t)len);
	else if (len == -1)
		conn_drop(c);
}

/* Waiting: go on when the refresher answered, or the wait is over. */
static void
resume(struct conn *c)
{
	if (!c->woken)
		return;
	c->wait.over = c->over;
	c->woken = c->over = false;
	serve_kept(c);
}

/* Writing: further requests are served when the answer is sent. */
static void
send_rest(struct conn *c)
{
	uint32_t until = c->all->spent + CONN_UNITS / 4;
	ssize_t n;

	while (c->unsent) {
		if (c->all->spent >= until) {
			conn_come_again(c);
			return;
		}
		n = conn_send_rest(c);
		if (n == -1)
			conn_drop(c);
		if (n <= 0)
			return;
		conn_touch(c);
	}
	conn_watch(c, CONN_EVENTS);
	conn_enter(c, IDLE, 0);
	serve_kept(c);
}

/* Closing: discard what comes; after the end of the body wait no longer. */
static void
discard(struct conn *c)
{
	ssize_t n = conn_discard(c);

	if (n == -1)
		conn_drop(c);
	if (n <= 0)
		return;
	conn_come_again(c);
	if (c->body_left == BODY_UNKNOWN || c->body_left == 0)
		return;
	c->body_left -= (size_t)n < c->body_left ? (size_t)n : c->body_left;
	if (c->body_left == 0)
		conn_close_soon(c);
}

void
conn_serve(struct conn *c)
{
	static void (*const step[])(struct conn *) = {
	    [IDLE] = receive,
	    [READING] = receive,
	    [WAITING] = resume,
	    [WRITING] = send_rest,
	    [CLOSING] = discard,
	};

	c->all->spent++;
	step[c->state](c);
}

void
conn_end_wait(struct conn *c)
{
	c->woken = c->over = true;
	resume(c);
}

void
conn_refuse_late(struct conn *c)
{
	refuse(c, 408);
	conn_forget_in(c);
	flush(c);
	settle(c);
}
