/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_link.h"

#include "log.h"
#include "util.h"

#include <stdlib.h>

struct store_links {
	struct redis *link[STORE_LINKS]; /* replica: NULL without one */
	struct redis_server server;
	const char *host;
	struct store_link_events events;
	void *arg;
	struct stats_process *stats;
};

static void
on_up(void *arg)
{
	struct store_links *l = arg;

	stats_set(&l->stats->redis_up, 1);
	stats_set(&l->stats->redis_known, 1);
	log_notice("Redis %s is up", l->host);
	l->events.up(l->arg);
}

static void
on_down(void *arg, const char *why)
{
	struct store_links *l = arg;

	stats_set(&l->stats->redis_up, 0);
	stats_set(&l->stats->redis_known, 1);
	log_warning("Redis is unreachable: %s", why);
}

static void
on_replica_down(void *arg, const char *why)
{
	(void)arg;
	log_warning("redis-read-host is unreachable, reading from the primary:"
	    " %s", why);
}

static void
on_refused(void *arg, const char *why)
{
	struct store_links *l = arg;

	l->events.refused(l->arg, why);
}

static void
on_quiet_up(void *arg)
{
	(void)arg;
}

/* The subscriber shares the primary's fate; one line about it is enough. */
static void
on_subscriber_up(void *arg)
{
	struct store_links *l = arg;

	l->events.subscribe(l->arg, l->link[STORE_SUBSCRIBER]);
}

static void
on_subscriber_quiet(void *arg, const char *why)
{
	(void)arg;
	log_debug("Redis subscription: %s", why);
}

static void
on_push(void *arg, const struct resp_answer *a)
{
	struct store_links *l = arg;

	l->events.push(l->arg, a);
}

static const struct redis_events redis_events[STORE_LINKS] = {
    [STORE_PRIMARY] = {on_up, on_down, on_refused, NULL},
    [STORE_REPLICA] = {on_quiet_up, on_replica_down, on_replica_down, NULL},
    [STORE_SUBSCRIBER] = {on_subscriber_up, on_subscriber_quiet,
	on_subscriber_quiet, on_push},
};

static void
link_open(struct store_links *l, int which, const char *host)
{
	l->server.host = host;
	l->link[which] = redis_open(&l->server, &redis_events[which], l,
	    l->stats);
	redis_keep(l->link[which]);
}

struct store_links *
store_links_open(const struct conf *conf,
    const struct store_link_events *events, void *arg,
    struct stats_process *stats)
{
	struct store_links *l = util_alloc(1, sizeof(*l));

	l->events = *events;
	l->arg = arg;
	l->stats = stats;
	l->host = conf->redis_host;
	l->server = (struct redis_server){
	    .port = (int)conf->redis_port,
	    .db = conf->redis_db,
	    .user = conf->redis_user,
	    .password = conf->redis_password,
	    .password_file = conf->redis_password_file,
	    .timeout_ms = conf->redis_timeout_ms,
	};
	link_open(l, STORE_PRIMARY, conf->redis_host);
	link_open(l, STORE_SUBSCRIBER, conf->redis_host);
	if (conf->redis_read_host != NULL)
		link_open(l, STORE_REPLICA, conf->redis_read_host);
	return l;
}

void
store_links_close(struct store_links *l)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		redis_close(l->link[i]);
	free(l);
}

struct redis *
store_link(const struct store_links *l, int which)
{
	return l->link[which];
}

void
store_links_pollfds(const struct store_links *l, struct pollfd *out)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++) {
		out[i] = (struct pollfd){.fd = -1};
		if (l->link[i] != NULL)
			redis_pollfd(l->link[i], &out[i]);
	}
}

int64_t
store_links_next_at(const struct store_links *l)
{
	int64_t at, next = INT64_MAX;
	int i;

	for (i = 0; i < STORE_LINKS; i++) {
		if (l->link[i] == NULL)
			continue;
		at = redis_next_at(l->link[i]);
		next = at < next ? at : next;
	}
	return next;
}

void
store_links_turn(struct store_links *l, const struct pollfd *fds, int64_t now)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		if (l->link[i] != NULL)
			redis_turn(l->link[i], fds[i].revents, now);
}
