/* SPDX-License-Identifier: MIT */
/*
 * A connection of the control socket: its buffers, its states and their
 * deadlines.  Apart from serve.c, which knows what the lines mean.
 */
#include "config.h"

#include "control/private.h"

#include "base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_MS 2000
#define WAIT_MS 60000
#define WRITE_MS 5000

void
control_end(struct control_conn *c)
{
	if (c->state == CONTROL_FREE)
		return;
	close(c->fd);
	free(c->attempts);
	free(c->out);
	c->attempts = NULL;
	c->out = NULL;
	c->state = CONTROL_FREE;
}

/* The connection that has been there for the longest time without a line. */
static struct control_conn *
oldest(struct control_conn *all)
{
	struct control_conn *found = NULL;
	size_t i;

	for (i = 0; i < CONTROL_CONNS; i++)
		if (all[i].state == CONTROL_READING &&
		    (found == NULL || all[i].end_at < found->end_at))
			found = &all[i];
	return found;
}

bool
control_has_room(const struct control_conn *all)
{
	size_t i;

	for (i = 0; i < CONTROL_CONNS; i++)
		if (all[i].state == CONTROL_FREE ||
		    all[i].state == CONTROL_READING)
			return true;
	return false;
}

void
control_accept(struct control_conn *all, int fd, int64_t now)
{
	struct control_conn *c = NULL;
	size_t i;

	for (i = 0; i < CONTROL_CONNS && c == NULL; i++)
		if (all[i].state == CONTROL_FREE)
			c = &all[i];
	if (c == NULL && (c = oldest(all)) != NULL)
		control_end(c);
	if (c == NULL) {
		close(fd);
		return;
	}
	*c = (struct control_conn){.state = CONTROL_READING,
	    .fd = fd,
	    .end_at = now + READ_MS};
}

void
control_answer(struct control_conn *c, bool ok, const char *text, size_t len)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "%s %zu\n", ok ? "ok" : "no", len);

	c->out_len = (size_t)n + len;
	c->out = mem_alloc(c->out_len, 1);
	memcpy(c->out, head, (size_t)n);
	memcpy(c->out + n, text, len);
	c->state = CONTROL_WRITING;
}

void
control_say(struct control_conn *c, bool ok, const char *format, ...)
{
	char text[512];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(text, sizeof(text) - 1, format, ap);
	va_end(ap);
	if (len > (int)sizeof(text) - 2)
		len = (int)sizeof(text) - 2;
	text[len] = '\n';
	control_answer(c, ok, text, (size_t)len + 1);
}

int
control_receive(struct control_conn *c)
{
	ssize_t n = recv(c->fd, c->line + c->len, sizeof(c->line) - c->len,
	    MSG_DONTWAIT);
	const char *end;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (n <= 0) {
		control_end(c);
		return -1;
	}
	c->len += (size_t)n;
	end = memchr(c->line, '\n', c->len);
	if (end != NULL)
		return (int)(end - c->line);
	if (c->len == sizeof(c->line))
		control_say(c, false, "a line has at most %d bytes",
		    CONTROL_LINE_MAX);
	return -1;
}

void
control_wait(struct control_conn *c)
{
	c->state = CONTROL_WAITING;
	send(c->fd, "wait\n", 5, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
control_send(struct control_conn *c)
{
	ssize_t n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent,
	    MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		c->out_sent += (size_t)n;
	if (c->out_sent == c->out_len ||
	    (n == -1 && errno != EAGAIN && errno != EINTR))
		control_end(c);
}

void
control_check_deadline(struct control_conn *c, enum control_state before,
    int64_t now)
{
	if (c->state != before)
		c->end_at =
		    now + (c->state == CONTROL_WAITING ? WAIT_MS : WRITE_MS);
	if (c->state == CONTROL_FREE || now < c->end_at)
		return;
	if (c->state == CONTROL_WAITING)
		control_say(c, false,
		    "it takes more than %d seconds; bearerd goes on",
		    WAIT_MS / 1000);
	else
		control_end(c);
}
