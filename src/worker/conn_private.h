/* SPDX-License-Identifier: MIT */
/*
 * conn_private.h - the inside of worker/conn.h, shared by its parts.
 *
 * Each part calls only those below it in this list:
 *   conn.c          the table, and the order of service
 *   conn_overdue.c  deadlines and budgets
 *   conn_serve.c    a request: receive, parse, find, answer, send
 *   conn_parse.c    the next head, its route and token
 *   conn_state.c    the states and their lists; the end of a connection
 *   conn_receive.c  bytes from the client
 *   conn_send.c     bytes to it
 */
#ifndef BEARERD_CONN_PRIVATE_H
#define BEARERD_CONN_PRIVATE_H

#include "worker/conn.h"

#include <sys/epoll.h>
#include <sys/types.h>

#define CONN_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLET)

#define IDLE STATS_CONNECTION_IDLE
#define READING STATS_CONNECTION_READING /* has half a head */
#define WAITING STATS_CONNECTION_WAITING /* for the refresher */
#define WRITING STATS_CONNECTION_WRITING /* has half an answer */
#define CLOSING STATS_CONNECTION_CLOSING /* all is sent; waits for EOF */

struct conn {
	struct watch watch; /* fd -1: unused */
	struct conns *all;
	enum stats_connection state;
	unsigned door;    /* by which it came: guard.h */
	bool last;        /* no request is served after this one */
	bool discard;     /* read and discard what the client sends then */
	bool again;       /* in the list `again` */
	bool more;        /* the kept bytes may hold a whole request */
	bool hung_up;     /* EPOLLHUP: read until EOF */
	bool woken, over; /* the refresher answered; the wait is over */
	bool unsent;      /* bytes of out or body are left to send */
	bool registered;  /* with epoll; not before the first request */
	uint32_t events;  /* registered for these (EPOLL... bits) */
	int64_t since;    /* in this state; idle: since the last request;
			     writing: since the client took something */
	char *in, *out;   /* kept bytes, owned; NULL: none */
	uint32_t in_len, out_len, out_sent;
	struct slice body;        /* sent after out; not owned */
	struct page *page;        /* body is of this page; or NULL */
	struct page_piece *piece; /* body is of this piece; or NULL */
	uint64_t body_left;       /* of the request, still to be discarded */
	int64_t deadline_at;      /* of WAITING and CLOSING */
	struct api_wait wait;
	struct conn_list *list; /* that of its state; unused: none */
	TAILQ_ENTRY(conn) link; /* in list or in `unused` */
	TAILQ_ENTRY(conn) again_link;
};

#define BODY_UNKNOWN UINT64_MAX /* body_left: the length is unknown */

/* The time of this turn. */
static inline int64_t
conn_now(const struct conn *c)
{
	return c->all->api->clock.now;
}

/* Count work of this turn. */
static inline void
conn_spend_bytes(struct conn *c, size_t n)
{
	c->all->spent += (uint32_t)(n / CONN_UNIT_BYTES);
}

/* conn_overdue.c: answer waits that are over and close connections past their
 * deadline; keep within the budgets of bytes. */
void conns_expire(struct conns *all);
void conns_trim(struct conns *all);

/* conn_serve.c: go on as the state demands.  After any of these calls the
 * connection may be closed (fd -1). */
void conn_serve(struct conn *c);

/* End a wait with an answer. */
void conn_end_wait(struct conn *c);

/* Refuse a request that did not come in time, and end the connection. */
void conn_refuse_late(struct conn *c);

/*
 * conn_parse.c: parse the head at these bytes into all->last.  Returns 200; 0:
 * the head is incomplete; else the status to refuse it with.
 */
int conn_parse(struct conn *c, const char *bytes, size_t len);

/* conn_state.c: change the state. */
void conn_enter(struct conn *c, enum stats_connection state,
    int64_t deadline_at);

/* Enter WAITING for a page; enter CLOSING and discard what the client still
 * sends.  Both have lists of their own. */
void conn_await_page(struct conn *c);
void conn_close_soon(struct conn *c);

/* Wait for these events from now on. */
void conn_watch(struct conn *c, uint32_t events);

/* Come back in a later turn, event or not. */
void conn_come_again(struct conn *c);

/* Note activity: move to the end of the state's list.  A tenth of a second is
 * exact enough, and saves a busy connection the move. */
void conn_renew(struct conn *c);
static inline void
conn_touch(struct conn *c)
{
	if (conn_now(c) - c->since >= 100)
		conn_renew(c);
}

/* The connection to close for a new one: the oldest that is idle or has its
 * answer; NULL: all are busy. */
struct conn *conns_spare(struct conns *all);

/* Close the socket and free what is kept. */
void conn_drop(struct conn *c);

/*
 * conn_receive.c: receive into the shared buffer, after the kept bytes. Returns
 * the bytes there; 0: too few to parse, they are kept; -1: the client is gone.
 */
ssize_t conn_receive(struct conn *c);

/* Receive more after all->in_len.  False: nothing came. */
bool conn_receive_more(struct conn *c);

/* Receive and discard.  Returns the bytes; 0: none now; -1: the client is
 * gone. */
ssize_t conn_discard(struct conn *c);

/* Keep the bytes of a request that is not finished; bring them back into the
 * shared buffer (returns how many); overwrite and free what is kept. */
void conn_keep_in(struct conn *c, const char *bytes, size_t len);
size_t conn_bring_in(struct conn *c);
void conn_forget_in(struct conn *c);

/* conn_send.c: send as much as goes; the rest is kept.  -1: the client is
 * gone. */
int conn_send(struct conn *c, const char *bytes, size_t len);

/* The same for a body that is too large to be kept. */
void conn_send_body(struct conn *c, const struct api_body *body);

/* Send what is unsent.  Returns the bytes; 0: the client takes none now; -1: it
 * is gone. */
ssize_t conn_send_rest(struct conn *c);

/* Overwrite and free what is unsent. */
void conn_forget_out(struct conn *c);

#endif
