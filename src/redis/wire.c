/* SPDX-License-Identifier: MIT */
/* Bytes to and from the server, with TLS or without; commands that wait. */
#include "config.h"

#include "redis/private.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
redis_wire_open(struct redis *r, struct err *err)
{
	r->fd = dial_take(&r->dial);
	if (r->server.tls == NULL || r->dial.host[0] == '/')
		return 0;
	r->session = tls_session_open(r->server.tls, r->fd, r->dial.host, err);
	return r->session == NULL ? -1 : 0;
}

int
redis_wire_secure(struct redis *r, struct err *err)
{
	struct err why;
	int status = r->session == NULL ? 1 : tls_handshake(r->session, &why);

	return status != -1 ? status
			    : err_set(err, "%s port %d: %s", r->dial.host,
				  r->dial.port, why.text);
}

void
redis_wire_close(struct redis *r)
{
	tls_session_close(r->session);
	r->session = NULL;
	if (r->fd != -1)
		close(r->fd);
	r->fd = -1;
	if (r->out != NULL)
		explicit_bzero(r->out, r->out_size);
	r->out_len = 0;
}

void
redis_wire_queue(struct redis *r, const struct redis_command *c,
    void (*done)(void *, const struct proto_answer *), void *arg, int64_t now)
{
	struct pending *p = mem_alloc(1, sizeof(*p));
	char *bytes;
	size_t len = proto_format(c->argc, c->argv, c->argvlen, &bytes);

	mem_append(&r->out, &r->out_len, &r->out_size, bytes, len);
	explicit_bzero(bytes, len);
	free(bytes);
	p->done = done;
	p->arg = arg;
	p->deadline_at = now + r->server.timeout_ms;
	STAILQ_INSERT_TAIL(&r->pending, p, link);
}

short
redis_wire_events(const struct redis *r)
{
	bool sending = r->state == CONNECTED && r->out_len > 0;

	if (r->session != NULL)
		return tls_events(r->session, sending);
	return sending ? POLLIN | POLLOUT : POLLIN;
}

ssize_t
redis_wire_receive(struct redis *r, char *bytes, size_t size, struct err *err)
{
	ssize_t n;

	if (r->session != NULL)
		return tls_read(r->session, bytes, size, err);
	n = recv(r->fd, bytes, size, 0);
	if (n > 0)
		return n;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return err_set(err, "%s",
	    n == 0 ? "the server closed the connection" : strerror(errno));
}

bool
redis_wire_holds(const struct redis *r)
{
	return r->session != NULL && tls_holds(r->session);
}

static ssize_t
transmit_plain(struct redis *r, struct err *err)
{
	ssize_t n = send(r->fd, r->out, r->out_len, MSG_NOSIGNAL);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n == -1 ? err_set(err, "%s", strerror(errno)) : n;
}

int
redis_wire_transmit(struct redis *r, struct err *err)
{
	ssize_t n = r->session == NULL
	    ? transmit_plain(r, err)
	    : tls_write(r->session, r->out, r->out_len, err);

	if (n == -1)
		return -1;
	memmove(r->out, r->out + n, r->out_len - (size_t)n);
	r->out_len -= (size_t)n;
	explicit_bzero(r->out + r->out_len, (size_t)n);
	return 0;
}
