/* SPDX-License-Identifier: MIT */
/*
 * worker/conn.h - the connections of one worker, from accept to close.
 *
 * All connections of a worker share one receive buffer.  Requests are answered
 * in place, and the answers of one turn leave in one send.  A connection has
 * memory of its own only while something is unfinished: half a head, an answer
 * that the client does not take, a request that waits for a token.
 *
 * Called by worker/worker.c, whose event loop it is part of.
 *
 * A turn of the event loop is bounded, whatever clients send: work is counted
 * in units (a request, or CONN_UNIT_BYTES received or sent).  A connection that
 * has spent its units goes on after the others, from the list `again`; a few of
 * these are served in each turn.
 *
 * Invariants:
 *   - Answers leave in the order of the requests.
 *   - One turn spends CONN_UNITS on one connection and CONN_TURN_UNITS on all,
 *     and finishes the unit that it began.
 *   - While an answer cannot be sent, nothing more is read from its client.
 *   - Every connection is in one state (stats_tbl.h: STATS_CONNECTIONS), and
 *     each state has a deadline.
 *   - The list of each state is in order: the oldest is the first.
 *   - Unfinished requests have a budget of bytes, and so have unsent answers;
 *     beyond it the oldest connections are closed.
 */
#ifndef BEARERD_CONN_H
#define BEARERD_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "worker/api.h"

#define CONN_TURN_BYTES (128 * 1024) /* of one connection, at a time */
#define CONN_UNIT_BYTES 4096
#define CONN_UNITS 32          /* per connection and turn */
#define CONN_TURN_UNITS 512    /* per turn, for those with an event */
#define CONN_AGAIN_UNITS 16    /* per turn, for those in `again` */
#define CONN_IN_MAX (4 << 20)  /* kept of unfinished requests */
#define CONN_OUT_MAX (8 << 20) /* kept of answers */

/* A descriptor in the event loop; the first member of the struct it serves. */
struct watch {
	void (*ready)(struct watch *w, uint32_t events); /* EPOLL... bits */
	int fd; /* owned by the struct around it; -1: unused */
};

struct conn;
TAILQ_HEAD(conn_list, conn);

/*
 * The head that was parsed last.  Gateways send the same bytes over and over;
 * comparing them costs a tenth of parsing them.
 */
#define CONN_HEAD_MAX 1024
struct conn_head {
	struct http_request request; /* while len > 0, slices of bytes */
	struct api_target target;
	unsigned door; /* by which it came: guard.h */
	size_t len;    /* of bytes; 0: nothing is kept */
	char bytes[CONN_HEAD_MAX];
};

struct conns {
	struct api *api;
	int epoll;
	struct conn *all;  /* a table; free ones are chained */
	size_t size, used; /* of the table; in use or once used */
	size_t open;
	struct conn_list unused;
	struct conn_list state[STATS_CONNECTION_COUNT];
	struct conn_list discarding; /* CLOSING while a body still arrives */
	struct conn_list for_pages;  /* WAITING for a page */
	struct conn_list again;      /* have work without an event */
	uint32_t spent;              /* units in this turn */
	int64_t due_at;           /* boot clock, ms: no deadline is earlier */
	size_t kept_in, kept_out; /* bytes kept by all connections */
	char *in;                 /* the shared receive buffer */
	size_t in_len;            /* bytes in it, of one connection */
	struct buf out;           /* answers collected for one send */
	size_t answer_max;        /* room that one more answer may need */
	struct conn_head last;    /* the head before this one */
	bool draining;
	/* asks the refresher; set by the worker */
	void (*ask)(void *arg, const struct api_wait *wait);
	void *ask_arg;
};

/* Make room for max connections on this epoll descriptor. */
void conns_open(struct conns *all, struct api *api, int epoll, size_t max);

/* Take over a connected socket of this door (guard.h).  It is closed when the
 * table is full. */
void conn_accept(struct conns *all, int fd, unsigned door);

/*
 * True: no connection can be added, not even in place of the oldest idle one
 * (which conn_accept() closes).  CONN_ADMIN_RESERVE places are for
 * administrators only, so that callers cannot make the service look dead.
 */
#define CONN_ADMIN_RESERVE 8
bool conns_full(struct conns *all, unsigned door);

/* Wake the requests that this message of the refresher answers. */
void conns_said(struct conns *all, const struct channel_message *m);

/* End a turn: serve some of `again`, answer waits that are over, keep within
 * the budgets. */
void conns_turn(struct conns *all);

/* Close connections that were idle, silent or stuck for too long.  Call once a
 * second; true: there are more, call again in the next turn. */
bool conns_sweep(struct conns *all);

/* True: a request waits for a token. */
static inline bool
conns_waiting(const struct conns *all)
{
	return !TAILQ_EMPTY(&all->state[STATS_CONNECTION_WAITING]);
}

/* Boot time (ms) at which conns_turn() is due; INT64_MAX: never. */
static inline int64_t
conns_due_at(const struct conns *all)
{
	return TAILQ_EMPTY(&all->again) && all->api->pages_begun == 0
	    ? all->due_at
	    : 0;
}

/* From now on every answer closes its connection. */
void conns_drain(struct conns *all);

#endif
