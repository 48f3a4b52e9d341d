/* SPDX-License-Identifier: MIT */
/*
 * redis/private.h - the inside of redis.h, shared by its parts.  redis.c has
 * the state machine; greet.c the first commands on a connection; wire.c, below
 * both, the bytes and the queue of commands that wait for an answer.
 *
 * Invariants:
 *   - Only redis.c changes the state, counts commands and answers them.
 *   - fd is open in the states SECURING and CONNECTED, and in no other.
 *   - Nothing of out is sent before the state CONNECTED.
 */
#ifndef BEARERD_REDIS_PRIVATE_H
#define BEARERD_REDIS_PRIVATE_H

#include "redis/redis.h"

#include "base/log_limit.h"

#include <sys/queue.h>
#include <sys/types.h>

struct pending {
	STAILQ_ENTRY(pending) link;
	void (*done)(void *, const struct proto_answer *);
	void *arg;
	int64_t deadline_at;
};
STAILQ_HEAD(pending_list, pending);

enum redis_state { DOWN, DIALLING, SECURING, CONNECTED };

struct redis {
	struct redis_server server;
	struct redis_events events;
	void *arg;
	struct stats_process *stats;
	enum redis_state state;
	bool keep, ready; /* ready: the handshake is through */
	bool refused;     /* our credentials were, this time */
	struct dial dial;
	int fd;
	struct tls_session *session; /* NULL: without encryption */
	struct proto *reader;
	struct pending_list pending;
	char *out; /* not sent yet */
	size_t out_len, out_size;
	size_t received;   /* bytes of the answer being read */
	char end_why[128]; /* why to end the connection; "": it is well */
	unsigned failures; /* in a row */
	struct log_limit limit;
	int64_t retry_at;
};

/* Take over the connection that was dialled.  0, or -1 with *err. */
int redis_wire_open(struct redis *r, struct err *err);

/* Shake hands for TLS: 1: done, or not needed; 0: not yet; -1 with *err. */
int redis_wire_secure(struct redis *r, struct err *err);

/* Close it, and wipe what was not sent yet; there need not be one. */
void redis_wire_close(struct redis *r);

/* Queue a command; it is sent when there is a connection. */
void redis_wire_queue(struct redis *r, const struct redis_command *c,
    void (*done)(void *, const struct proto_answer *), void *arg, int64_t now);

/* The events to wait for in the states SECURING and CONNECTED, as of poll(2).
 * Whichever comes, both directions may go on. */
short redis_wire_events(const struct redis *r);

/* Receive: how many bytes; 0: there are none now; -1 with *err: the
 * connection is of no use any more.  The caller wipes them. */
ssize_t redis_wire_receive(struct redis *r, char *bytes, size_t size,
    struct err *err);

/* Whether there is more to receive that poll(2) does not know of. */
bool redis_wire_holds(const struct redis *r);

/* Send what can be sent.  0, or -1 with *err as above. */
int redis_wire_transmit(struct redis *r, struct err *err);

/* Queue what comes before all else: AUTH, SELECT, and PING, whose answer ends
 * the handshake. */
void redis_greet(struct redis *r, int64_t now);

#endif
