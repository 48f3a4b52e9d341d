/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "redis_own.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
redis_wire_open(struct redis *r)
{
	r->fd = dial_take(&r->dial);
}

void
redis_wire_close(struct redis *r)
{
	if (r->fd != -1)
		close(r->fd);
	r->fd = -1;
	if (r->out != NULL)
		explicit_bzero(r->out, r->out_size);
	r->out_len = 0;
}

void
redis_wire_append(struct redis *r, const char *bytes, size_t len)
{
	util_append(&r->out, &r->out_len, &r->out_size, bytes, len);
}

short
redis_wire_events(const struct redis *r)
{
	return r->out_len > 0 ? POLLIN | POLLOUT : POLLIN;
}

ssize_t
redis_wire_receive(struct redis *r, char *bytes, size_t size, struct err *err)
{
	ssize_t n = recv(r->fd, bytes, size, 0);

	if (n > 0)
		return n;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return err_set(err, "%s", n == 0 ? "the server closed the connection"
	    : strerror(errno));
}

int
redis_wire_transmit(struct redis *r, struct err *err)
{
	ssize_t n = send(r->fd, r->out, r->out_len, MSG_NOSIGNAL);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n == -1)
		return err_set(err, "%s", strerror(errno));
	memmove(r->out, r->out + n, r->out_len - (size_t)n);
	r->out_len -= (size_t)n;
	explicit_bzero(r->out + r->out_len, (size_t)n);
	return 0;
}
