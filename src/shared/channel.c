/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shared/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#define TIME_MAX (INT64_MAX / 2)

int
channel_open(struct channel *c)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, fd) == -1)
		return -1;
	c->worker = fd[0];
	c->refresher = fd[1];
	return 0;
}

void
channel_close(struct channel *c)
{
	close(c->worker);
	close(c->refresher);
	c->worker = c->refresher = -1;
}

bool
channel_send(int end, const struct channel_message *m)
{
	return send(end, m, sizeof(*m), MSG_NOSIGNAL) == sizeof(*m);
}

bool
channel_receive(int end, struct channel_message *m)
{
	if (recv(end, m, sizeof(*m), 0) != sizeof(*m))
		return false;
	if (m->at < 0 || m->at > TIME_MAX)
		m->at = TIME_MAX;
	return true;
}
