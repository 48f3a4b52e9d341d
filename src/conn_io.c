/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conn_own.h"

#include "util.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINGER_BYTES 65536

void
conn_forget(char **bytes, uint32_t *len)
{
	if (*bytes == NULL)
		return;
	explicit_bzero(*bytes, *len);
	free(*bytes);
	*bytes = NULL;
	*len = 0;
}

void
conn_watch(struct conn *c, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	c->events = events;
	if (c->registered)
		epoll_ctl(c->all->epoll, EPOLL_CTL_MOD, c->watch.fd, &e);
}

/* Keep what is still to be sent; answers may follow one another here. */
static void
keep_out(struct conn *c, const char *bytes, size_t len)
{
	char *grown;

	if (len == 0)
		return;
	assert(c->lent_len == 0); /* it would overtake what is lent */
	grown = util_alloc(1, c->out_len + len);
	if (c->out != NULL)
		memcpy(grown, c->out, c->out_len);
	memcpy(grown + c->out_len, bytes, len);
	len += c->out_len;
	conn_forget(&c->out, &c->out_len);
	c->out = grown;
	c->out_len = (uint32_t)len;
	c->owes = true;
}

/* Send what goes, behind what was to be sent before; -1: the client is gone. */
static ssize_t
send_now(struct conn *c, const char *bytes, size_t len)
{
	ssize_t n;

	if (c->owes || len == 0)
		return 0;
	n = send(c->watch.fd, bytes, len, MSG_NOSIGNAL);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n;
}

int
conn_transmit(struct conn *c, const char *bytes, size_t len)
{
	ssize_t n = send_now(c, bytes, len);

	if (n == -1)
		return -1;
	keep_out(c, bytes + n, len - (size_t)n);
	return 0;
}

void
conn_lend(struct conn *c, const char *bytes, size_t len)
{
	ssize_t n = send_now(c, bytes, len);

	if (n == -1)
		return; /* its end will be seen when it is read from */
	c->lent = bytes + n;
	c->lent_len = (uint32_t)(len - (size_t)n);
	c->owes |= c->lent_len > 0;
}

bool
conn_flush(struct conn *c, struct buf *out)
{
	int status = conn_transmit(c, out->data, out->len);

	out->len = 0;
	if (status == -1) {
		c->last = true;
		c->rude = false;
	}
	return status == 0 && !c->owes;
}

void
conn_keep_in(struct conn *c, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	c->in = util_alloc(1, len);
	memcpy(c->in, bytes, len);
	c->in_len = (uint32_t)len;
}

size_t
conn_bring_in(struct conn *c)
{
	size_t len = c->in_len;

	if (len > 0)
		memcpy(c->all->in, c->in, len);
	conn_forget(&c->in, &c->in_len);
	return len;
}

/*
 * Whether new bytes can have finished anything: only a line end can, or too
 * many bytes.  Spares a client that dribbles from costing a parse per byte.
 */
static bool
worth_parsing(const char *bytes, size_t had, size_t n)
{
	size_t most = memchr(bytes, '\n', had) != NULL ? HTTP_HEAD_MAX
	    : HTTP_LINE_MAX;

	return had == 0 || had + n > most ||
	    memchr(bytes + had, '\n', n) != NULL;
}

/* The client sends no more, or the connection broke. */
static void
ended(struct conn *c, ssize_t n)
{
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 0 && (c->state == WAITING || c->state == WRITING))
		c->ended = true;
	else
		conn_drop(c);
}

void
conn_receive(struct conn *c)
{
	size_t had = c->in_len, room = CONN_TURN_BYTES - had;
	char *in = c->all->in;
	ssize_t n;

	n = recv(c->watch.fd, in + had, room, 0);
	if (n <= 0) {
		ended(c, n);
		return;
	}
	conn_bring_in(c);
	if ((size_t)n == room)
		conn_come_again(c);
	if (worth_parsing(in, had, (size_t)n)) {
		conn_work(c, had + (size_t)n);
		return;
	}
	conn_keep_in(c, in, had + (size_t)n);
}

void
conn_linger(struct conn *c)
{
	ssize_t n = recv(c->watch.fd, c->all->in, CONN_TURN_BYTES, 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	c->thrown += n > 0 ? (uint32_t)n : 0;
	if (n <= 0 || c->thrown > LINGER_BYTES)
		conn_drop(c);
	else
		conn_come_again(c);
}

/* Send from out or, behind it, from what is lent; as send(2). */
static ssize_t
send_owed(struct conn *c)
{
	bool own = c->out != NULL;
	ssize_t n = own ? send(c->watch.fd, c->out + c->out_sent,
	    c->out_len - c->out_sent, MSG_NOSIGNAL)
	    : send(c->watch.fd, c->lent, c->lent_len, MSG_NOSIGNAL);

	if (n == -1)
		return -1;
	if (own) {
		c->out_sent += (uint32_t)n;
	} else {
		c->lent += n;
		c->lent_len -= (uint32_t)n;
	}
	if (own && c->out_sent == c->out_len) {
		conn_forget(&c->out, &c->out_len);
		c->out_sent = 0;
	}
	c->owes = c->out != NULL || c->lent_len > 0;
	return n;
}

void
conn_go_on_writing(struct conn *c)
{
	while (c->owes) {
		if (send_owed(c) == -1) {
			if (errno != EAGAIN && errno != EINTR)
				conn_drop(c);
			return;
		}
		c->since = conn_now(c);
	}
	conn_watch(c, CONN_EVENTS);
	conn_enter(c, IDLE, 0);
	conn_work(c, conn_bring_in(c));
	if (c->watch.fd != -1)
		conn_come_again(c); /* bytes may have come meanwhile */
}
