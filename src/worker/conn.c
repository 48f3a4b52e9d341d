/* SPDX-License-Identifier: MIT */
/* The table of connections, and the order in which they are served. */
#include "config.h"

#include "worker/conn_private.h"

#include "base/mem.h"

#include <unistd.h>

#define OUT_EXTRA 16384 /* bytes of answers that one send collects */

void
conns_open(struct conns *all, struct api *api, int epoll, size_t max)
{
	size_t i, out_size = OUT_EXTRA + api_answer_max(api);

	*all = (struct conns){.api = api,
	    .epoll = epoll,
	    .size = max + CONN_ADMIN_RESERVE,
	    .due_at = INT64_MAX};
	all->all = mem_alloc(all->size, sizeof(*all->all));
	all->in = mem_alloc(1, CONN_TURN_BYTES);
	all->answer_max = api_answer_max(api);
	buf_init(&all->out, mem_alloc(1, out_size), out_size);
	TAILQ_INIT(&all->unused);
	for (i = 0; i < STATS_CONNECTION_COUNT; i++)
		TAILQ_INIT(&all->state[i]);
	TAILQ_INIT(&all->discarding);
	TAILQ_INIT(&all->for_pages);
	TAILQ_INIT(&all->again);
}

/* A connection in the list `again` waits for its turn, whatever it sends. */
static void
conn_ready(struct watch *w, uint32_t events)
{
	struct conn *c = (struct conn *)w;

	if (c->watch.fd == -1)
		return; /* closed earlier in this turn */
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		c->hung_up = true;
	if (c->again)
		return;
	if (c->hung_up || c->all->spent >= CONN_TURN_UNITS)
		conn_come_again(c);
	else
		conn_serve(c);
}

static struct conn *
take_unused(struct conns *all)
{
	struct conn *c = TAILQ_FIRST(&all->unused);

	if (c != NULL)
		TAILQ_REMOVE(&all->unused, c, link);
	else if (all->used < all->size)
		c = &all->all[all->used++];
	return c;
}

/* A connection is added to epoll only when it outlives its first request, which
 * saves a call for the others.  epoll reports bytes that came before. */
static void
register_conn(struct conn *c)
{
	struct epoll_event e = {.events = c->events, .data.ptr = c};

	if (epoll_ctl(c->all->epoll, EPOLL_CTL_ADD, c->watch.fd, &e) == -1)
		conn_drop(c);
	else
		c->registered = true;
}

/* True: the limit of open connections for this door is reached. */
static bool
at_limit(const struct conns *all, unsigned door)
{
	return all->open >=
	    all->size - ((door & GUARD_ADMIN) != 0 ? 0 : CONN_ADMIN_RESERVE);
}

bool
conns_full(struct conns *all, unsigned door)
{
	return at_limit(all, door) && conns_spare(all) == NULL;
}

void
conn_accept(struct conns *all, int fd, unsigned door)
{
	struct conn *spare = at_limit(all, door) ? conns_spare(all) : NULL;
	struct conn *c;

	if (spare != NULL)
		conn_drop(spare);
	c = take_unused(all);
	if (c == NULL) {
		close(fd);
		return;
	}
	*c = (struct conn){.watch = {conn_ready, fd},
	    .all = all,
	    .events = CONN_EVENTS,
	    .door = door,
	    .list = &all->state[IDLE],
	    .since = all->api->clock.now};
	TAILQ_INSERT_TAIL(c->list, c, link);
	stats_add(&all->api->own->connections[IDLE], 1);
	all->open++;
	conn_serve(c);
	if (c->watch.fd != -1)
		register_conn(c);
}

static bool
about_report(const struct channel_message *m)
{
	return m->kind != CHANNEL_PUBLISHED && m->kind != CHANNEL_FAILED;
}

/* True: a message concerns this wait; *over: the wait ends with it. */
static bool
concerns(const struct conn *c, const struct channel_message *m, bool *over)
{
	*over = true;
	if (c->wait.token != m->token || c->wait.reject != about_report(m))
		return false;
	if (about_report(m))
		return !c->woken && m->generation == c->wait.generation;
	if (m->kind == CHANNEL_PUBLISHED)
		*over = m->generation > c->wait.generation;
	return m->kind != CHANNEL_FAILED || m->at >= c->deadline_at;
}

/* Wake them over several turns: there may be thousands. */
void
conns_said(struct conns *all, const struct channel_message *m)
{
	struct conn *c;
	bool over;

	TAILQ_FOREACH (c, &all->state[WAITING], link) {
		if (!concerns(c, m, &over))
			continue;
		c->wait.said = *m;
		c->over |= over;
		c->woken = true;
		conn_come_again(c);
		if (about_report(m))
			return; /* each report gets its own answer */
	}
}

/* A page is finished: every request that waits for a page looks again. */
static void
wake_for_pages(struct conns *all)
{
	struct conn *c;

	TAILQ_FOREACH (c, &all->for_pages, link) {
		c->woken = true;
		conn_come_again(c);
	}
}

/* Serve a few connections of the list `again` each turn, so that the others do
 * not wait for them. */
static void
go_on(struct conns *all)
{
	uint32_t until = all->spent + CONN_AGAIN_UNITS;
	struct conn *c;
	bool hung_up;

	while (all->spent < until && (c = TAILQ_FIRST(&all->again)) != NULL) {
		TAILQ_REMOVE(&all->again, c, again_link);
		c->again = false;
		hung_up = c->hung_up;
		c->hung_up = false;
		conn_serve(c);
		if (hung_up && c->watch.fd != -1)
			conn_come_again(c); /* to see its end */
	}
}

void
conns_turn(struct conns *all)
{
	if (all->api->pages_begun > 0 && api_write_pages(all->api))
		wake_for_pages(all);
	if (!TAILQ_EMPTY(&all->again))
		go_on(all);
	if (all->due_at <= all->api->clock.now)
		conns_expire(all);
	if (all->kept_in > CONN_IN_MAX || all->kept_out > CONN_OUT_MAX)
		conns_trim(all);
	all->spent = 0;
}

void
conns_drain(struct conns *all)
{
	all->draining = true;
}
