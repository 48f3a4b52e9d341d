/* SPDX-License-Identifier: MIT */
/* Look-ups on threads of libc, and sockets that connect without waiting. */
#include "config.h"

#include "net/dial.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A look-up may outlive its attempt: it is freed when libc is done with it. */
struct dial_lookup {
	struct gaicb request;
	struct addrinfo hints;
	char host[ADDRESS_HOST_MAX], port[16];
	struct dial_lookup *next; /* of those that nobody waits for */
};

static struct dial_lookup *abandoned;

/* Free what libc is done with. */
static void
tidy(void)
{
	struct dial_lookup **l = &abandoned, *done;

	while ((done = *l) != NULL) {
		if (gai_error(&done->request) == EAI_INPROGRESS) {
			l = &done->next;
			continue;
		}
		*l = done->next;
		if (done->request.ar_result != NULL)
			freeaddrinfo(done->request.ar_result);
		free(done);
	}
}

void
dial_init(struct dial *d, const char *host, int port)
{
	*d = (struct dial){.fd = -1};
	dial_aim(d, host, port);
}

void
dial_aim(struct dial *d, const char *host, int port)
{
	dial_stop(d);
	if (d->lookup != NULL) {
		d->lookup->next = abandoned;
		abandoned = d->lookup;
		d->lookup = NULL;
	}
	tidy();
	snprintf(d->host, sizeof(d->host), "%s", host);
	d->port = port;
}

static void
lookup_start(struct dial *d)
{
	struct dial_lookup *l = mem_alloc(1, sizeof(*l));
	struct gaicb *list[1] = {&l->request};

	snprintf(l->host, sizeof(l->host), "%s", d->host);
	snprintf(l->port, sizeof(l->port), "%d", d->port);
	l->hints.ai_socktype = SOCK_STREAM;
	l->hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
	l->request.ar_name = l->host;
	l->request.ar_service = l->port;
	l->request.ar_request = &l->hints;
	d->lookup = l;
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0) {
		free(l);
		d->lookup = NULL;
	}
}

/* Numeric addresses need no thread. */
static bool
lookup_numeric(struct dial *d)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	char port[16];

	snprintf(port, sizeof(port), "%d", d->port);
	return getaddrinfo(d->host, port, &hints, &d->found) == 0;
}

void
dial_start(struct dial *d, int64_t deadline_at)
{
	dial_stop(d);
	d->deadline_at = deadline_at;
	if (d->host[0] == '/' || d->host[0] == '\0')
		return;
	if (d->lookup == NULL && !lookup_numeric(d))
		lookup_start(d);
	d->next = d->found;
}

static int
fail(struct dial *d, struct err *err, const char *why)
{
	dial_stop(d);
	if (d->host[0] == '\0')
		return err_set(err, "no address is known yet");
	if (d->host[0] == '/')
		return err_set(err, "%s: %s", d->host, why);
	return err_set(err, "%s port %d: %s", d->host, d->port, why);
}

/* 1: addresses are there; 0: not yet; -1: there are none. */
static int
lookup_turn(struct dial *d, struct err *err)
{
	int status;

	if (d->found != NULL)
		return 1;
	if (d->host[0] == '\0')
		return 0;
	if (d->lookup == NULL)
		return fail(d, err, "cannot be looked up");
	status = gai_error(&d->lookup->request);
	if (status == EAI_INPROGRESS)
		return 0;
	d->found = d->next = status == 0 ? d->lookup->request.ar_result : NULL;
	free(d->lookup);
	d->lookup = NULL;
	return status == 0 ? 1 : fail(d, err, gai_strerror(status));
}

static int
connect_unix(struct dial *d)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	if (strlen(d->host) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun.sun_path, d->host, strlen(d->host) + 1);
	d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd == -1)
		return -1;
	return connect(d->fd, (struct sockaddr *)&sun, sizeof(sun));
}

static int
connect_inet(struct dial *d)
{
	const struct addrinfo *ai = d->next;
	int on = 1, idle = 30, every = 10, lost_ms = 60000;

	assert(ai != NULL); /* the last one ended the attempt */
	d->next = ai->ai_next;
	d->fd = socket(ai->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd == -1)
		return -1;
	setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(d->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(d->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(d->fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(d->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &lost_ms,
	    sizeof(lost_ms));
	return connect(d->fd, ai->ai_addr, ai->ai_addrlen);
}

/* Begin with the next address; errno says why it cannot be, 0: connected. */
static int
connect_next(struct dial *d)
{
	int status = d->host[0] == '/' ? connect_unix(d) : connect_inet(d);

	return status == 0 ? 0 : errno;
}

/* The result of the connection under way: 0 or an errno. */
static int
connect_result(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return errno;
	if (error != 0)
		return error;
	len = sizeof(peer);
	if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
		return 0;
	return errno == ENOTCONN ? EINPROGRESS : errno;
}

enum dial_status
dial_turn(struct dial *d, int64_t now, struct err *err)
{
	bool local = d->host[0] == '/';
	int status = 0;

	for (;;) {
		if (!local && (status = lookup_turn(d, err)) == -1)
			return DIAL_FAILED;
		if (now >= d->deadline_at) {
			fail(d, err, "no connection in time");
			return DIAL_FAILED;
		}
		if (!local && status == 0)
			return DIAL_BUSY;
		status = d->fd == -1 ? connect_next(d) : connect_result(d->fd);
		if (status == 0)
			return DIAL_CONNECTED;
		if (status == EINPROGRESS)
			return DIAL_BUSY;
		if (d->fd != -1)
			close(d->fd);
		d->fd = -1;
		if (local || d->next == NULL) {
			fail(d, err, strerror(status));
			return DIAL_FAILED;
		}
	}
}

int
dial_take(struct dial *d)
{
	int fd = d->fd;

	d->fd = -1;
	dial_stop(d);
	return fd;
}

void
dial_stop(struct dial *d)
{
	if (d->fd != -1)
		close(d->fd);
	if (d->found != NULL)
		freeaddrinfo(d->found);
	d->fd = -1;
	d->found = d->next = NULL;
}
