/* SPDX-License-Identifier: MIT */
/* The states of a connection.  Each is a list, the oldest first, so that a
 * deadline is checked on the first connection only. */
#include "config.h"

#include "worker/conn_private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINGER_MS 200        /* after a client has sent all */
#define DISCARD_MIN_MS 1000  /* while it sends: drain-timeout, */
#define DISCARD_MAX_MS 60000 /* but within these limits */
#define PAGE_MS 10000        /* wait for a page to be written */

void
conn_forget_in(struct conn *c)
{
	if (c->in == NULL)
		return;
	c->all->kept_in -= c->in_len;
	explicit_bzero(c->in, c->in_len);
	free(c->in);
	c->in = NULL;
	c->in_len = 0;
}

static void
enter(struct conn *c, enum stats_connection state, struct conn_list *list,
    int64_t deadline_at)
{
	struct stats_counter *gauge = c->all->api->own->connections;

	TAILQ_REMOVE(c->list, c, link);
	stats_add(&gauge[c->state], (uint64_t)-1);
	stats_add(&gauge[state], 1);
	c->state = state;
	c->since = conn_now(c);
	c->deadline_at = deadline_at;
	c->list = list;
	TAILQ_INSERT_TAIL(list, c, link);
	if (deadline_at != 0 && deadline_at < c->all->due_at)
		c->all->due_at = deadline_at;
}

void
conn_enter(struct conn *c, enum stats_connection state, int64_t deadline_at)
{
	enter(c, state, &c->all->state[state], deadline_at);
}

void
conn_watch(struct conn *c, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	c->events = events;
	if (c->registered)
		epoll_ctl(c->all->epoll, EPOLL_CTL_MOD, c->watch.fd, &e);
}

void
conn_renew(struct conn *c)
{
	c->since = conn_now(c);
	if (TAILQ_NEXT(c, link) == NULL)
		return;
	TAILQ_REMOVE(c->list, c, link);
	TAILQ_INSERT_TAIL(c->list, c, link);
}

void
conn_await_page(struct conn *c)
{
	enter(c, WAITING, &c->all->for_pages, conn_now(c) + PAGE_MS);
}

void
conn_close_soon(struct conn *c)
{
	int64_t ms = c->all->api->conf->drain_timeout_ms;

	if (c->body_left == 0) {
		conn_enter(c, CLOSING, conn_now(c) + LINGER_MS);
		return;
	}
	if (ms < DISCARD_MIN_MS)
		ms = DISCARD_MIN_MS;
	if (ms > DISCARD_MAX_MS)
		ms = DISCARD_MAX_MS;
	enter(c, CLOSING, &c->all->discarding, conn_now(c) + ms);
}

void
conn_come_again(struct conn *c)
{
	if (c->again)
		return;
	c->again = true;
	TAILQ_INSERT_TAIL(&c->all->again, c, again_link);
}

struct conn *
conns_spare(struct conns *all)
{
	struct conn *c = TAILQ_FIRST(&all->state[IDLE]);

	if (c == NULL)
		c = TAILQ_FIRST(&all->discarding);
	return c != NULL ? c : TAILQ_FIRST(&all->state[CLOSING]);
}

void
conn_drop(struct conn *c)
{
	struct conns *all = c->all;
	struct watch watch = {c->watch.ready, -1};

	close(c->watch.fd);
	conn_forget_in(c);
	conn_forget_out(c);
	stats_add(&all->api->own->connections[c->state], (uint64_t)-1);
	TAILQ_REMOVE(c->list, c, link);
	if (c->again)
		TAILQ_REMOVE(&all->again, c, again_link);
	*c = (struct conn){.watch = watch}; /* events of this turn may follow */
	TAILQ_INSERT_HEAD(&all->unused, c, link);
	all->open--;
}
