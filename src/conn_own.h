/* SPDX-License-Identifier: MIT */
/*
 * conn_own.h - the inside of conn.h, shared by its three parts: conn.c (the
 * table, states and deadlines), conn_io.c (bytes in and out), conn_serve.c
 * (requests and their answers).
 */
#ifndef BEARERD_CONN_OWN_H
#define BEARERD_CONN_OWN_H

#include "conn.h"

#include <sys/epoll.h>

#define CONN_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLET)

#define IDLE STATS_CONNECTION_IDLE
#define READING STATS_CONNECTION_READING /* has half a head */
#define WAITING STATS_CONNECTION_WAITING /* for the refresher */
#define WRITING STATS_CONNECTION_WRITING /* has half an answer */
#define CLOSING STATS_CONNECTION_CLOSING /* has sent all, waits for the end */

struct conn {
	struct watch watch;    /* fd -1: unused */
	struct conns *all;
	enum stats_connection state;
	bool admin;
	bool last;             /* no request is taken after this one */
	bool rude;             /* the client may go on sending after that */
	bool ended;            /* the client has sent all that it will */
	bool again;            /* in the list of that name */
	bool owes;             /* something of out or lent is to be sent */
	bool registered;       /* with epoll; not before the first request */
	uint32_t events;       /* that are waited for */
	int64_t since;         /* in this state; idle: since the last request */
	char *in, *out;        /* what is unfinished; NULL: nothing */
	uint32_t in_len, out_len, out_sent;
	const char *lent;      /* to be sent behind out; not ours to free */
	uint32_t lent_len;
	uint32_t thrown;       /* bytes thrown away while closing */
	int64_t deadline_at;   /* of WAITING and CLOSING */
	struct api_wait wait;
	TAILQ_ENTRY(conn) link;       /* unused, waiting or closing */
	TAILQ_ENTRY(conn) again_link;
};

/* The time of this turn. */
static inline int64_t
conn_now(const struct conn *c)
{
	return c->all->api->clock.now;
}

/* conn.c: change the state; close; come back in the next turn, event or not. */
void conn_enter(struct conn *c, enum stats_connection state,
    int64_t deadline_at);
void conn_drop(struct conn *c);
void conn_come_again(struct conn *c);

/* conn_io.c: receive and serve; send the rest; throw away what comes. */
void conn_receive(struct conn *c);
void conn_go_on_writing(struct conn *c);
void conn_linger(struct conn *c);

/* Wait for these events from now on. */
void conn_watch(struct conn *c, uint32_t events);

/* Send as much as goes; what does not is kept.  -1: the client is gone. */
int conn_transmit(struct conn *c, const char *bytes, size_t len);

/* The same for bytes that outlive the connection: the rest is not copied. */
void conn_lend(struct conn *c, const char *bytes, size_t len);

/* Send what was collected; false: the client does not take it, or is gone. */
bool conn_flush(struct conn *c, struct buf *out);

/* Keep the bytes of a request that is not finished; bring them back into the
 * shared buffer (returns how many); overwrite and free what is kept. */
void conn_keep_in(struct conn *c, const char *bytes, size_t len);
size_t conn_bring_in(struct conn *c);
void conn_forget(char **bytes, uint32_t *len);

/* conn_serve.c: serve the requests in the shared buffer's first len bytes. */
void conn_work(struct conn *c, size_t len);

/* A waiting request goes on; over: it is answered in any case. */
void conn_resume(struct conn *c, bool over);

/* Refuse what was not a request, and end the connection. */
void conn_refuse(struct conn *c, int status);

#endif
