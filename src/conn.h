/* SPDX-License-Identifier: MIT */
/*
 * conn.h - the connections of one worker, from accept to close.
 *
 * Bytes are received into one buffer that all connections of the worker share,
 * answered from within it, and the answers of one turn leave in one send.  A
 * connection has memory of its own only while something of it is unfinished:
 * half a head, an answer that the client does not take, a request that waits
 * for a token.
 *
 * Called by worker.h, whose event loop it is part of.
 *
 * Invariants:
 *   - Answers leave in the order of the requests.
 *   - One turn serves at most CONN_TURN_BYTES of one connection.
 *   - While an answer cannot be sent, nothing more is read from its client.
 *   - Every connection is in one state (stats_tbl.h: STATS_CONNECTIONS), and
 *     each state has a deadline.
 */
#ifndef BEARERD_CONN_H
#define BEARERD_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "api.h"

#define CONN_TURN_BYTES (128 * 1024)

/* What an event loop watches: the first member of whatever it is part of. */
struct watch {
	void (*ready)(struct watch *w, uint32_t events);
	int fd;
};

struct conn;
TAILQ_HEAD(conn_list, conn);

/*
 * A parsed head.  Gateways send the same bytes over and over, and what the
 * same bytes mean is known already: comparing them costs a tenth of parsing.
 */
#define CONN_HEAD_MAX 1024
struct conn_head {
	struct http_request request; /* its slices point into bytes */
	struct api_target target;
	bool admin;                  /* on which kind of listener */
	char bytes[CONN_HEAD_MAX];
};

struct conns {
	struct api *api;
	int epoll;
	struct conn *all;        /* a table; free ones are chained */
	size_t size, used;       /* of the table; in use or once used */
	size_t open;
	struct conn_list unused;
	struct conn_list waiting; /* for a token, by deadline */
	struct conn_list closing; /* until the client has read, by deadline */
	struct conn_list again;   /* have more to do without an event */
	char *in, *out;          /* shared by all connections */
	size_t out_size;
	struct conn_head last;   /* the head before this one */
	bool draining;
	/* how to ask the refresher; set by the worker */
	void (*ask)(void *arg, const struct api_wait *wait);
	void *ask_arg;
};

/* Make room for max connections on this epoll descriptor. */
void conns_open(struct conns *all, struct api *api, int epoll, size_t max);

/* Take a connected socket over; closes it when there is no room at all. */
void conn_accept(struct conns *all, int fd, bool admin);

/*
 * Whether there is no room for one more, even after the oldest idle connection
 * was closed.  CONN_ADMIN_RESERVE places are for administrators only, so that
 * callers cannot make the service look dead.
 */
#define CONN_ADMIN_RESERVE 8
bool conns_full(struct conns *all, bool admin);

/* The refresher said something about a token: go on with whoever waits. */
void conns_said(struct conns *all, const struct channel_message *m);

/* Go on with those that have more to do, and with waits that are over. */
void conns_turn(struct conns *all);

/* Close what has been idle, silent or stuck for too long; once a second. */
void conns_sweep(struct conns *all);

/* When conns_turn() is due, as a boot time; INT64_MAX: not. */
int64_t conns_due_at(const struct conns *all);

/* From now on every answer closes its connection. */
void conns_drain(struct conns *all);

#endif
