/* SPDX-License-Identifier: MIT */
/* Bytes to the client: sent now, or kept until it takes them. */
#include "config.h"

#include "worker/conn_private.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void
forget_kept(struct conn *c)
{
	if (c->out == NULL)
		return;
	c->all->kept_out -= c->out_len;
	explicit_bzero(c->out, c->out_len);
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_sent = 0;
}

void
conn_forget_out(struct conn *c)
{
	forget_kept(c);
	if (c->page != NULL)
		page_leave(c->page);
	c->page = NULL;
}

/* Keep unsent bytes, after those that are kept already. */
static void
keep(struct conn *c, const char *bytes, size_t len)
{
	size_t had = c->out_len;
	uint32_t sent = c->out_sent;
	char *both;

	if (len == 0)
		return;
	assert(c->body.len == 0); /* it would overtake the body */
	both = mem_alloc(1, had + len);
	if (had > 0)
		memcpy(both, c->out, had);
	memcpy(both + had, bytes, len);
	forget_kept(c);
	c->out = both;
	c->out_len = (uint32_t)(had + len);
	c->out_sent = sent;
	c->all->kept_out += had + len;
	c->unsent = true;
}

/* As send(2), but 0: the client takes nothing now. */
static ssize_t
send_now(struct conn *c, const char *bytes, size_t len)
{
	ssize_t n = send(c->watch.fd, bytes, len, MSG_NOSIGNAL);

	return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

int
conn_send(struct conn *c, const char *bytes, size_t len)
{
	ssize_t n = 0;

	if (!c->unsent && len > 0)
		n = send_now(c, bytes, len);
	if (n == -1)
		return -1;
	keep(c, bytes + n, len - (size_t)n);
	return 0;
}

/* Note bytes of the body as sent.  After a piece of a page comes the next;
 * after the last one the page is released. */
static void
body_sent(struct conn *c, size_t n)
{
	c->body.ptr += n;
	c->body.len -= n;
	if (c->body.len > 0 || c->page == NULL)
		return;
	c->piece = c->piece->next;
	if (c->piece != NULL) {
		c->body = (struct slice){c->piece->bytes, c->piece->len};
		return;
	}
	page_leave(c->page);
	c->page = NULL;
}

ssize_t
conn_send_rest(struct conn *c)
{
	bool kept = c->out != NULL; /* is sent first */
	ssize_t n = kept
	    ? send_now(c, c->out + c->out_sent, c->out_len - c->out_sent)
	    : send_now(c, c->body.ptr, c->body.len);

	if (n <= 0)
		return n;
	conn_spend_bytes(c, (size_t)n);
	if (kept) {
		c->out_sent += (uint32_t)n;
		if (c->out_sent == c->out_len)
			forget_kept(c);
	} else
		body_sent(c, (size_t)n);
	c->unsent = c->out != NULL || c->body.len > 0;
	return n;
}

void
conn_send_body(struct conn *c, const struct api_body *body)
{
	bool behind = c->unsent;

	c->body = body->bytes;
	c->page = body->page;
	c->piece = body->page != NULL ? body->page->first : NULL;
	c->unsent = true;
	if (!behind)
		conn_send_rest(c); /* a dead client is found out later */
}
