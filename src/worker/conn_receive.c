/* SPDX-License-Identifier: MIT */
/* Bytes from the client: received, kept between turns, discarded. */
#include "config.h"

#include "worker/conn_private.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_MAX 16384 /* bytes at once; more for a long body */

void
conn_keep_in(struct conn *c, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	c->in = mem_alloc(1, len);
	memcpy(c->in, bytes, len);
	c->in_len = (uint32_t)len;
	c->all->kept_in += len;
}

size_t
conn_bring_in(struct conn *c)
{
	size_t len = c->in_len;

	if (len > 0)
		memcpy(c->all->in, c->in, len);
	conn_forget_in(c);
	return len;
}

/*
 * True: the new bytes can have completed a request; only a line end can, or too
 * many bytes.  A client that sends single bytes does not cost a parse for each.
 */
static bool
worth_parsing(const char *bytes, size_t had, size_t n)
{
	size_t most =
	    memchr(bytes, '\n', had) != NULL ? HTTP_HEAD_MAX : HTTP_LINE_MAX;

	return had == 0 || had + n > most ||
	    memchr(bytes + had, '\n', n) != NULL;
}

/* As recv(2), but 0: nothing now; -1: the client is gone. */
static ssize_t
receive(struct conn *c, char *to, size_t room, int flags)
{
	ssize_t n = recv(c->watch.fd, to, room, flags);

	if (n > 0)
		return n;
	return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

ssize_t
conn_receive(struct conn *c)
{
	size_t had = c->in_len;
	char *in = c->all->in;
	ssize_t n = receive(c, in + had, RECEIVE_MAX, 0);

	if (n <= 0)
		return n;
	conn_bring_in(c);
	if (n == RECEIVE_MAX)
		conn_come_again(c);
	if (worth_parsing(in, had, (size_t)n))
		return (ssize_t)had + n;
	conn_keep_in(c, in, had + (size_t)n);
	return 0;
}

bool
conn_receive_more(struct conn *c)
{
	struct conns *all = c->all;
	ssize_t n =
	    receive(c, all->in + all->in_len, CONN_TURN_BYTES - all->in_len, 0);

	if (n <= 0)
		return false;
	all->in_len += (size_t)n;
	conn_spend_bytes(c, (size_t)n);
	return true;
}

ssize_t
conn_discard(struct conn *c)
{
	ssize_t n = receive(c, c->all->in, CONN_TURN_BYTES, MSG_TRUNC);

	if (n <= 0)
		return n;
	stats_add(&c->all->api->own->discarded, (uint64_t)n);
	conn_spend_bytes(c, (size_t)n);
	return n;
}
