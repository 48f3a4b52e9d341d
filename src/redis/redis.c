/* SPDX-License-Identifier: MIT */
/* The state of a connection: dialled, secured, in use, failed, tried again. */
#include "config.h"

#include "redis/private.h"

#include "base/clock.h"
#include "conf/conf.h"
#include "base/crypto.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_SOON_MS 100
#define RETRY_MS 1000
#define REFUSED_MS 10000 /* wrong credentials do not become right at once */

struct redis *
redis_open(const struct redis_server *server, const struct redis_events *events,
    void *arg, struct stats_process *stats)
{
	struct redis *r = mem_alloc(1, sizeof(*r));

	r->server = *server;
	r->events = *events;
	r->arg = arg;
	r->stats = stats;
	r->fd = -1;
	STAILQ_INIT(&r->pending);
	dial_init(&r->dial, server->host == NULL ? "" : server->host,
	    server->port);
	return r;
}

/* Drop what was sent and received; secrets may be among it. */
static void
disconnect(struct redis *r)
{
	redis_wire_close(r);
	dial_stop(&r->dial);
	proto_close(r->reader);
	r->reader = NULL;
	r->ready = false;
	r->state = DOWN;
}

static void
count(struct redis *r, enum stats_command result)
{
	stats_add(&r->stats->redis_commands[result], 1);
}

static void
fail_pending(struct redis *r, enum stats_command result)
{
	struct pending_list failed = STAILQ_HEAD_INITIALIZER(failed);
	struct pending *p;

	STAILQ_CONCAT(&failed, &r->pending);
	while ((p = STAILQ_FIRST(&failed)) != NULL) {
		STAILQ_REMOVE_HEAD(&failed, link);
		count(r, result);
		if (p->done != NULL)
			p->done(p->arg, NULL);
		free(p);
	}
}

static void
fail(struct redis *r, enum stats_command result, const char *why)
{
	bool was_up = r->ready;

	disconnect(r);
	r->failures++;
	if (was_up || r->failures == 1 || r->failures == REDIS_BREAKER)
		r->events.down(r->arg, why);
	/* after down(): a server that it aims at is not tried sooner */
	r->retry_at = clock_boot_ms() +
	    (r->refused ? REFUSED_MS
		    : r->failures < REDIS_BREAKER && r->end_why[0] == '\0'
		    ? RETRY_SOON_MS
		    : RETRY_MS / 2 +
			(int64_t)(crypto_random_unit() * RETRY_MS / 2));
	fail_pending(r, result);
}

void
redis_close(struct redis *r)
{
	struct pending *p;

	if (r == NULL)
		return;
	disconnect(r);
	while ((p = STAILQ_FIRST(&r->pending)) != NULL) {
		STAILQ_REMOVE_HEAD(&r->pending, link);
		free(p);
	}
	free(r->out);
	free(r);
}

static void
dial(struct redis *r, int64_t now)
{
	r->state = DIALLING;
	r->reader = proto_open();
	r->received = 0;
	r->end_why[0] = '\0';
	r->refused = false;
	redis_greet(r, now);
	dial_start(&r->dial, now + r->server.timeout_ms);
}

int
redis_send(struct redis *r, const struct redis_command *command,
    void (*done)(void *, const struct proto_answer *), void *arg)
{
	int64_t now = clock_boot_ms();

	if (r->state == DOWN && now >= r->retry_at)
		dial(r, now);
	if (r->state == DOWN || (!r->ready && r->failures >= REDIS_BREAKER)) {
		count(r, STATS_COMMAND_UNREACHABLE);
		return -1;
	}
	redis_wire_queue(r, command, done, arg, now);
	return 0;
}

bool
redis_ready(const struct redis *r)
{
	return r->ready;
}

void
redis_abandon(struct redis *r, const char *why)
{
	snprintf(r->end_why, sizeof(r->end_why), "%s", why);
}

void
redis_aim(struct redis *r, const char *host, int port)
{
	bool was_up = r->state == CONNECTED || r->state == SECURING;

	if (port == r->dial.port && strcmp(host, r->dial.host) == 0)
		return;
	if (was_up)
		disconnect(r);
	dial_aim(&r->dial, host, port);
	if (r->state == DIALLING)
		dial_start(&r->dial, r->dial.deadline_at);
	r->failures = 0;
	r->retry_at = 0;
	if (!was_up)
		return;
	r->events.down(r->arg, "another server has taken its place");
	/* last: a callback may send its command again, to the new server */
	fail_pending(r, STATS_COMMAND_UNREACHABLE);
}

const char *
redis_host(const struct redis *r)
{
	return r->dial.host;
}

int
redis_port(const struct redis *r)
{
	return r->dial.port;
}

void
redis_keep(struct redis *r)
{
	r->keep = true;
}

void
redis_pollfd(const struct redis *r, struct pollfd *out)
{
	*out = (struct pollfd){.fd = -1};
	if (r->state == DIALLING) {
		out->fd = r->dial.fd;
		out->events = POLLOUT;
	} else if (r->state != DOWN) {
		out->fd = r->fd;
		out->events = redis_wire_events(r);
	}
}

int64_t
redis_next_at(const struct redis *r)
{
	const struct pending *p = STAILQ_FIRST(&r->pending);

	if (r->state == DIALLING) /* and looking the host up, perhaps */
		return r->dial.fd == -1 && r->dial.host[0] != '\0'
		    ? clock_boot_ms() + DIAL_POLL_MS
		    : r->dial.deadline_at;
	if (r->state == SECURING)
		return r->dial.deadline_at;
	if (r->state == DOWN)
		return r->keep ? r->retry_at : INT64_MAX;
	if (r->end_why[0] != '\0')
		return 0;
	return p != NULL ? p->deadline_at : INT64_MAX;
}

static void
deliver(struct redis *r, const struct proto_answer *a)
{
	struct pending *p = STAILQ_FIRST(&r->pending);

	if (p == NULL) {
		if (r->events.push != NULL)
			r->events.push(r->arg, a);
		else /* else it would be taken for the answer of the next
			command */
			redis_abandon(r, "it sent an answer to no command");
		return;
	}
	STAILQ_REMOVE_HEAD(&r->pending, link);
	count(r, a->error != NULL ? STATS_COMMAND_ERROR : STATS_COMMAND_OK);
	if (p->done != NULL)
		p->done(p->arg, a);
	free(p);
}

/* Deliver every whole answer; -1: not the protocol. */
static int
deliver_all(struct redis *r)
{
	struct proto_answer a;
	int more;

	while ((more = proto_next(r->reader, &a)) == 1) {
		r->received = 0;
		deliver(r, &a);
	}
	return more;
}

static void
take_in(struct redis *r, const char *bytes, size_t len)
{
	r->received += len;
	if (proto_feed(r->reader, bytes, len) == -1 || deliver_all(r) == -1)
		fail(r, STATS_COMMAND_ERROR, proto_problem(r->reader));
	else if (r->received > PROTO_ANSWER_MAX)
		fail(r, STATS_COMMAND_ERROR, "an answer is too large");
}

static void
receive(struct redis *r)
{
	char bytes[16384];
	struct err err;
	ssize_t n;

	do {
		n = redis_wire_receive(r, bytes, sizeof(bytes), &err);
		if (n == -1)
			fail(r, STATS_COMMAND_UNREACHABLE, err.text);
		if (n <= 0)
			return;
		take_in(r, bytes, (size_t)n);
		explicit_bzero(bytes, (size_t)n);
	} while (r->state == CONNECTED && redis_wire_holds(r));
}

static void
transmit(struct redis *r)
{
	struct err err;

	if (redis_wire_transmit(r, &err) == -1)
		fail(r, STATS_COMMAND_UNREACHABLE, err.text);
}

static void
dial_on(struct redis *r, int64_t now)
{
	struct err err;

	switch (dial_turn(&r->dial, now, &err)) {
	case DIAL_BUSY:
		return;
	case DIAL_FAILED:
		fail(r, STATS_COMMAND_UNREACHABLE, err.text);
		return;
	case DIAL_CONNECTED:
		r->state = SECURING;
		if (redis_wire_open(r, &err) == -1)
			fail(r, STATS_COMMAND_UNREACHABLE, err.text);
	}
}

static void
secure(struct redis *r, int64_t now)
{
	struct err err;
	int status = redis_wire_secure(r, &err);

	if (status == 0 && now >= r->dial.deadline_at)
		status = err_set(&err,
		    "%s port %d: no TLS handshake in time; does the server speak TLS at this port?",
		    r->dial.host, r->dial.port);
	if (status == -1)
		fail(r, STATS_COMMAND_UNREACHABLE, err.text);
	else if (status == 1)
		r->state = CONNECTED;
}

void
redis_turn(struct redis *r, short revents, int64_t now)
{
	const struct pending *p;

	if (r->state == DOWN && r->keep && now >= r->retry_at)
		dial(r, now);
	if (r->state == DIALLING)
		dial_on(r, now);
	if (r->state == SECURING)
		secure(r, now);
	if (r->state == CONNECTED && revents != 0)
		receive(r);
	if (r->state == CONNECTED && r->end_why[0] != '\0')
		fail(r, STATS_COMMAND_ERROR, r->end_why);
	if (r->state == CONNECTED && r->out_len > 0)
		transmit(r);
	p = STAILQ_FIRST(&r->pending);
	if (r->state == CONNECTED && p != NULL && now >= p->deadline_at)
		fail(r, STATS_COMMAND_TIMEOUT, "no answer in time");
}
