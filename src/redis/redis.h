/* SPDX-License-Identifier: MIT */
/*
 * redis/ is for one connection to Redis: commands, answers, deadlines.
 *
 * redis/redis.h - one connection to a Redis server: commands, answers,
 * deadlines.
 *
 * proto.h is the codec; the socket, the deadlines and the breaker are here, so
 * that a hung server costs a caller one deadline and never a blocked process.
 * Knows nothing of tokens.  Called by the refresher, through store.h.
 *
 * Invariants:
 *   - No function blocks.
 *   - Each command that was accepted gets exactly one callback: its answer,
 *     or NULL when the connection failed or the deadline passed.  A connection
 *     with an answer overdue is closed, never used again.
 *   - With TLS nothing is sent before the server's certificate is verified for
 *     the host that was dialled; a Unix socket needs none.
 *   - After REDIS_BREAKER failures in a row, commands are refused at once until
 *     the server has answered one of the attempts to connect, one a second.
 *   - A callback may send commands, but must not close the connection.
 */
#ifndef BEARERD_REDIS_H
#define BEARERD_REDIS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dial.h"
#include "redis/proto.h"
#include "shared/stats.h"
#include "net/tls.h"

#define REDIS_BREAKER 3

struct redis_server {
	const char *host; /* a name, an address, or a Unix socket's path; NULL:
			   * not known until redis_aim() */
	int port;
	int64_t db;
	const char *user;
	const char *password, *password_file; /* NULL: none */
	int64_t timeout_ms; /* to connect, and for each command */
	struct tls *tls;    /* the caller's; NULL: without encryption */
};

struct redis_events {
	void (*up)(void *arg); /* connected and authenticated; may be NULL */
	void (*down)(void *arg, const char *why);
	void (*refused)(void *arg, const char *why); /* wrong credentials */
	/* an answer that no command waits for: publish/subscribe */
	void (*push)(void *arg, const struct proto_answer *answer);
};

struct redis_command {
	const char *const *argv;
	const size_t *argvlen; /* NULL: the arguments are NUL-terminated */
	int argc;
};

struct redis;

struct redis *redis_open(const struct redis_server *server,
    const struct redis_events *events, void *arg, struct stats_process *stats);
void redis_close(struct redis *r);

/*
 * Send a command.  done(arg, answer) is called later, unless it is NULL.
 * Returns -1, without a callback, when the server cannot be reached now.
 */
int redis_send(struct redis *r, const struct redis_command *command,
    void (*done)(void *arg, const struct proto_answer *answer), void *arg);

/* True: connected and authenticated. */
bool redis_ready(const struct redis *r);

/* End the connection once the callback that calls this has returned, since an
 * answer makes this server useless. */
void redis_abandon(struct redis *r, const char *why);

/* Use another server from now on; a connection that is up ends, and its
 * commands fail.  Not to be called by a callback of one of these. */
void redis_aim(struct redis *r, const char *host, int port);

/* The server in use. */
const char *redis_host(const struct redis *r);
int redis_port(const struct redis *r);

/* Keep the connection up even when nothing is sent. */
void redis_keep(struct redis *r);

/* The descriptor to wait for; -1: none. */
void redis_pollfd(const struct redis *r, struct pollfd *out);

/* When to call redis_turn() even without an event; INT64_MAX: never. */
int64_t redis_next_at(const struct redis *r);

/* Handle events and deadlines; call after poll(2). */
void redis_turn(struct redis *r, short revents, int64_t now);

#endif
