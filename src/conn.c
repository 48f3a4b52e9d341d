/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conn_own.h"

#include "util.h"

#include <stdlib.h>
#include <unistd.h>

#define OUT_EXTRA 65536 /* of answers are collected before a send */

static void conn_ready(struct watch *w, uint32_t events);

void
conns_open(struct conns *all, struct api *api, int epoll, size_t max)
{
	*all = (struct conns){.api = api, .epoll = epoll,
	    .size = max + CONN_ADMIN_RESERVE};
	all->all = util_alloc(all->size, sizeof(*all->all));
	all->in = util_alloc(1, CONN_TURN_BYTES);
	all->out_size = OUT_EXTRA + api_answer_max(api);
	all->out = util_alloc(1, all->out_size);
	TAILQ_INIT(&all->unused);
	TAILQ_INIT(&all->waiting);
	TAILQ_INIT(&all->closing);
	TAILQ_INIT(&all->again);
}

static struct stats_counter *
gauge(const struct conn *c, enum stats_connection state)
{
	return &c->all->api->own->connections[state];
}

/* The list of a state whose deadlines are kept in order; NULL: none. */
static struct conn_list *
state_list(struct conn *c)
{
	if (c->state == WAITING)
		return &c->all->waiting;
	return c->state == CLOSING ? &c->all->closing : NULL;
}

void
conn_enter(struct conn *c, enum stats_connection state, int64_t deadline_at)
{
	if (state_list(c) != NULL)
		TAILQ_REMOVE(state_list(c), c, link);
	stats_add(gauge(c, c->state), (uint64_t)-1);
	stats_add(gauge(c, state), 1);
	c->state = state;
	c->since = conn_now(c);
	c->deadline_at = deadline_at;
	if (state_list(c) != NULL)
		TAILQ_INSERT_TAIL(state_list(c), c, link);
}

void
conn_drop(struct conn *c)
{
	struct conns *all = c->all;

	conn_enter(c, IDLE, 0);
	stats_add(gauge(c, IDLE), (uint64_t)-1);
	if (c->again)
		TAILQ_REMOVE(&all->again, c, again_link);
	close(c->watch.fd);
	conn_forget(&c->in, &c->in_len);
	conn_forget(&c->out, &c->out_len);
	*c = (struct conn){.watch = {conn_ready, -1}}; /* events may follow */
	TAILQ_INSERT_HEAD(&all->unused, c, link);
	all->open--;
}

void
conn_come_again(struct conn *c)
{
	if (c->again)
		return;
	c->again = true;
	TAILQ_INSERT_TAIL(&c->all->again, c, again_link);
}

/* Do what the state calls for. */
static void
advance(struct conn *c)
{
	if (c->state == IDLE || c->state == READING)
		conn_receive(c);
	else if (c->state == WRITING)
		conn_go_on_writing(c);
	else if (c->state == CLOSING)
		conn_linger(c);
}

static void
conn_ready(struct watch *w, uint32_t events)
{
	struct conn *c = (struct conn *)w;

	if (c->watch.fd == -1)
		return; /* closed earlier in this turn */
	advance(c);
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) &&
	    c->watch.fd != -1)
		conn_come_again(c); /* to see its end */
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

/* Only a connection that outlives its first request is worth the call; what
 * arrived meanwhile is reported all the same. */
static void
register_conn(struct conn *c)
{
	struct epoll_event e = {.events = c->events, .data.ptr = c};

	if (epoll_ctl(c->all->epoll, EPOLL_CTL_ADD, c->watch.fd, &e) == -1)
		conn_drop(c);
	else
		c->registered = true;
}

void
conn_accept(struct conns *all, int fd, bool admin)
{
	struct conn *c = take_unused(all);

	if (c == NULL) {
		close(fd);
		return;
	}
	*c = (struct conn){.watch = {conn_ready, fd}, .all = all,
	    .events = CONN_EVENTS, .admin = admin,
	    .since = all->api->clock.now};
	stats_add(gauge(c, IDLE), 1);
	all->open++;
	conn_receive(c);
	if (c->watch.fd != -1)
		register_conn(c);
}

static struct conn *
oldest_idle(struct conns *all)
{
	struct conn *oldest = NULL, *c;

	for (c = all->all; c < all->all + all->used; c++)
		if (c->watch.fd != -1 && c->state == IDLE &&
		    (oldest == NULL || c->since < oldest->since))
			oldest = c;
	return oldest;
}

bool
conns_full(struct conns *all, bool admin)
{
	size_t room = admin ? all->size : all->size - CONN_ADMIN_RESERVE;
	struct conn *oldest;

	if (all->open < room)
		return false;
	oldest = oldest_idle(all);
	if (oldest != NULL)
		conn_drop(oldest);
	return all->open >= room;
}

/* Whether a message concerns a wait, and whether that is then over. */
static bool
concerns(const struct conn *c, const struct channel_message *m, bool *over)
{
	bool about_report = m->kind != CHANNEL_PUBLISHED &&
	    m->kind != CHANNEL_FAILED;

	*over = true;
	if (c->wait.token != m->token || c->wait.reject != about_report)
		return false;
	if (about_report)
		return m->generation == c->wait.generation;
	if (m->kind == CHANNEL_PUBLISHED)
		*over = m->generation > c->wait.generation;
	return m->kind != CHANNEL_FAILED || m->at >= c->deadline_at;
}

void
conns_said(struct conns *all, const struct channel_message *m)
{
	struct conn *c, *next;
	bool over;

	for (c = TAILQ_FIRST(&all->waiting); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (!concerns(c, m, &over))
			continue;
		c->wait.said = *m;
		conn_resume(c, over);
		if (m->kind != CHANNEL_PUBLISHED && m->kind != CHANNEL_FAILED)
			return; /* each report has an answer of its own */
	}
}

void
conns_turn(struct conns *all)
{
	struct conn_list again = TAILQ_HEAD_INITIALIZER(again);
	int64_t at = all->api->clock.now;
	struct conn *c;

	TAILQ_CONCAT(&again, &all->again, again_link);
	while ((c = TAILQ_FIRST(&again)) != NULL) {
		TAILQ_REMOVE(&again, c, again_link);
		c->again = false;
		advance(c);
	}
	while ((c = TAILQ_FIRST(&all->waiting)) != NULL && c->deadline_at <= at)
		conn_resume(c, true);
	while ((c = TAILQ_FIRST(&all->closing)) != NULL && c->deadline_at <= at)
		conn_drop(c);
}

static void
sweep_one(struct conn *c)
{
	const struct conf *conf = c->all->api->conf;
	int64_t age = conn_now(c) - c->since;

	if (c->state == READING && age >= conf->header_timeout_ms) {
		conn_refuse(c, 408);
	} else if ((c->state == IDLE || c->state == WRITING) &&
	    age >= conf->idle_timeout_ms)
		conn_drop(c);
}

void
conns_sweep(struct conns *all)
{
	struct conn *c;

	for (c = all->all; c < all->all + all->used; c++)
		if (c->watch.fd != -1)
			sweep_one(c);
}

int64_t
conns_due_at(const struct conns *all)
{
	const struct conn *w = TAILQ_FIRST(&all->waiting);
	const struct conn *l = TAILQ_FIRST(&all->closing);
	int64_t due = INT64_MAX;

	if (!TAILQ_EMPTY(&all->again))
		return 0;
	if (w != NULL)
		due = w->deadline_at;
	if (l != NULL && l->deadline_at < due)
		due = l->deadline_at;
	return due;
}

void
conns_drain(struct conns *all)
{
	all->draining = true;
}
