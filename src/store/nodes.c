/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_link.h"

#include "clock.h"
#include "log.h"
#include "store_sentinel.h"
#include "store_tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store_link {
	struct store_links *all;
	struct redis *redis; /* NULL: there is none */
	int64_t used_at;
	struct store_told told;
};

struct store_links {
	struct store_link link[STORE_LINKS];
	int nodes, seeds; /* seeds are those of the configuration */
	int heard_at;     /* the node that the subscriber is at */
	struct store_sentinel *sentinel; /* NULL: not asked */
	struct redis_server server;
	struct tls *tls;  /* NULL: without encryption */
	bool refused;     /* our credentials were, at some time */
	struct store_link_events events;
	void *arg;
	struct stats_process *stats;
};

static int
number_of(const struct store_link *k)
{
	return (int)(k - k->all->link);
}

bool
store_links_up(const struct store_links *l)
{
	int i;

	for (i = 0; i < l->nodes; i++)
		if (redis_ready(l->link[i].redis))
			return true;
	return false;
}

bool
store_links_replica_up(const struct store_links *l)
{
	const struct redis *replica = l->link[STORE_REPLICA].redis;

	return replica != NULL && redis_ready(replica);
}

static void
show(struct store_links *l)
{
	stats_set(&l->stats->redis_up, store_links_up(l));
	/* At the start a refusal is the end; nobody is to announce service. */
	if (!l->refused || store_links_up(l))
		stats_set(&l->stats->redis_known, 1);
}

static void
on_up(void *arg)
{
	struct store_link *k = arg;

	show(k->all);
	store_tell_up(&k->told, redis_host(k->redis), redis_port(k->redis));
	store_sentinel_content(k->all->sentinel);
	k->all->events.up(k->all->arg, number_of(k));
}

static void
on_down(void *arg, const char *why)
{
	struct store_link *k = arg;

	show(k->all);
	store_tell_lost(&k->told, why);
	store_sentinel_ask(k->all->sentinel);
	k->all->events.down(k->all->arg, number_of(k));
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
	struct store_link *k = arg;

	k->all->refused = true;
	k->all->events.refused(k->all->arg, why);
}

static void
on_quiet_up(void *arg)
{
	(void)arg;
}

static void
on_subscriber_up(void *arg)
{
	struct store_link *k = arg;

	k->all->events.subscribe(k->all->arg, k->redis);
}

/* What a cluster publishes is heard at each of its nodes: go to the next. */
static void
on_subscriber_down(void *arg, const char *why)
{
	struct store_link *k = arg;
	struct store_links *l = k->all;
	const struct redis *next;

	log_debug("Redis subscription: %s", why);
	if (l->sentinel != NULL)
		return; /* it says where to go */
	l->heard_at = (l->heard_at + 1) % l->nodes;
	next = l->link[l->heard_at].redis;
	redis_aim(k->redis, redis_host(next), redis_port(next));
}

static void
on_subscriber_refused(void *arg, const char *why)
{
	(void)arg;
	log_debug("Redis subscription: %s", why);
}

static void
on_push(void *arg, const struct resp_answer *a)
{
	struct store_link *k = arg;

	k->all->events.push(k->all->arg, a);
}

/* The Sentinels name a primary. */
static void
on_primary(void *arg, const char *host, int port)
{
	struct store_links *l = arg;

	if (strcmp(host, redis_host(l->link[0].redis)) != 0 ||
	    port != redis_port(l->link[0].redis))
		log_notice("the Sentinels name %s port %d as the primary",
		    host, port);
	redis_aim(l->link[0].redis, host, port);
	redis_aim(l->link[STORE_SUBSCRIBER].redis, host, port);
}

/* None of them names one. */
static void
on_no_primary(void *arg, const char *why)
{
	struct store_links *l = arg;

	show(l);
	log_warning("Redis is unreachable: %s", why);
}

static const struct redis_events node_events = {on_up, on_down, on_refused,
    NULL};
static const struct redis_events replica_events = {on_quiet_up,
    on_replica_down, on_replica_down, NULL};
static const struct redis_events subscriber_events = {on_subscriber_up,
    on_subscriber_down, on_subscriber_refused, on_push};

static void
link_open(struct store_links *l, int number, const struct redis_events *events,
    const char *host, int port)
{
	struct store_link *k = &l->link[number];

	l->server.host = host;
	l->server.port = port;
	k->all = l;
	k->redis = redis_open(&l->server, events, k, l->stats);
	l->server.host = NULL;
}

static void
seed(struct store_links *l, const char *host, int port)
{
	link_open(l, l->nodes, &node_events, host, port);
	redis_keep(l->link[l->nodes].redis);
	l->seeds = ++l->nodes;
}

static void
seed_cluster(struct store_links *l, const struct conf_list *nodes)
{
	char host[DIAL_HOST_MAX];
	size_t i;
	int port;

	for (i = 0; i < nodes->count && l->nodes < CONF_CLUSTER_MAX; i++)
		if (dial_split(nodes->item[i], host, &port) == 0)
			seed(l, host, port);
}

/* Files that are of no use were refused at the start; what is found now is a
 * matter of this process' rights, or came later. */
static struct tls *
open_tls(const struct conf *conf)
{
	struct tls *t;

	if (!conf->redis_tls)
		return NULL;
	t = tls_open(&(struct tls_files){conf->redis_ca_file,
	    conf->redis_client_cert_file, conf->redis_client_key_file});
	if (tls_problem(t) != NULL)
		log_err("redis-tls: %s", tls_problem(t));
	return t;
}

struct store_links *
store_links_open(const struct conf *conf,
    const struct store_link_events *events, void *arg,
    struct stats_process *stats)
{
	static const struct store_sentinel_events sentinel = {on_primary,
	    on_no_primary};
	struct store_links *l = util_alloc(1, sizeof(*l));

	l->events = *events;
	l->arg = arg;
	l->stats = stats;
	l->tls = open_tls(conf);
	l->server = (struct redis_server){
	    .db = conf->redis_db,
	    .user = conf->redis_user,
	    .password = conf->redis_password,
	    .password_file = conf->redis_password_file,
	    .timeout_ms = conf->redis_timeout_ms,
	    .tls = l->tls,
	};
	seed_cluster(l, &conf->redis_cluster);
	if (l->nodes == 0)
		seed(l, conf->redis_host, (int)conf->redis_port);
	link_open(l, STORE_SUBSCRIBER, &subscriber_events,
	    redis_host(l->link[0].redis), redis_port(l->link[0].redis));
	redis_keep(l->link[STORE_SUBSCRIBER].redis);
	if (conf->redis_read_host != NULL) {
		link_open(l, STORE_REPLICA, &replica_events,
		    conf->redis_read_host, (int)conf->redis_port);
		redis_keep(l->link[STORE_REPLICA].redis);
	}
	if (conf->redis_sentinels.count > 0)
		l->sentinel = store_sentinel_open(conf, &sentinel, l, l->tls,
		    stats);
	return l;
}

void
store_links_close(struct store_links *l)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		redis_close(l->link[i].redis);
	store_sentinel_close(l->sentinel);
	tls_close(l->tls);
	free(l);
}

static int
send_to(struct store_links *l, int number, const struct redis_command *command,
    void (*done)(void *, const struct resp_answer *), void *arg)
{
	struct store_link *k = &l->link[number];

	if (k->redis == NULL || redis_send(k->redis, command, done, arg) == -1)
		return -1;
	k->used_at = clock_boot_ms();
	return number;
}

int
store_links_send(struct store_links *l, int node,
    const struct redis_command *command,
    void (*done)(void *, const struct resp_answer *), void *arg)
{
	int i, sent = -1;

	if (node != STORE_ANY)
		return send_to(l, node, command, done, arg);
	for (i = 0; i < l->nodes && sent == -1; i++)
		if (redis_ready(l->link[i].redis))
			sent = send_to(l, i, command, done, arg);
	for (i = 0; i < l->nodes && sent == -1; i++)
		sent = send_to(l, i, command, done, arg);
	return sent;
}

/* A place for one more node, but not that of the one that told of it. */
static int
make_room(struct store_links *l, int from)
{
	int i, oldest = l->seeds + (l->seeds == from);

	if (l->nodes < STORE_NODES) {
		link_open(l, l->nodes, &node_events, NULL, 0);
		return l->nodes++;
	}
	for (i = l->seeds; i < l->nodes; i++)
		if (i != from &&
		    l->link[i].used_at < l->link[oldest].used_at)
			oldest = i;
	return oldest;
}

int
store_links_find(struct store_links *l, const char *answer, int from)
{
	const char *space = strrchr(answer, ' ');
	char host[DIAL_HOST_MAX];
	int i, port;

	if (space == NULL || dial_split(space + 1, host, &port) == -1)
		return STORE_ANY;
	if (host[0] == '\0' || strcmp(host, "?") == 0)
		snprintf(host, sizeof(host), "%s",
		    redis_host(l->link[from].redis));
	for (i = 0; i < l->nodes; i++)
		if (redis_port(l->link[i].redis) == port &&
		    strcmp(redis_host(l->link[i].redis), host) == 0)
			return i;
	i = make_room(l, from);
	redis_aim(l->link[i].redis, host, port);
	return i;
}

void
store_links_condemn(struct store_links *l, int node, const char *why)
{
	redis_condemn(l->link[node].redis, why);
}

int64_t
store_links_timeout_ms(const struct store_links *l)
{
	return l->server.timeout_ms;
}

void
store_links_pollfds(const struct store_links *l, struct pollfd *out)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		if (l->link[i].redis != NULL)
			redis_pollfd(l->link[i].redis, &out[i]);
	if (l->sentinel != NULL)
		store_sentinel_pollfds(l->sentinel, out + STORE_LINKS);
}

int64_t
store_links_next_at(const struct store_links *l)
{
	int64_t at, next = store_sentinel_next_at(l->sentinel);
	int i;

	for (i = 0; i < STORE_LINKS; i++) {
		if (l->link[i].redis == NULL)
			continue;
		at = redis_next_at(l->link[i].redis);
		next = at < next ? at : next;
	}
	return next;
}

void
store_links_turn(struct store_links *l, const struct pollfd *fds, int64_t now)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		if (l->link[i].redis != NULL)
			redis_turn(l->link[i].redis, fds[i].revents, now);
	if (l->sentinel != NULL)
		store_sentinel_turn(l->sentinel, fds + STORE_LINKS, now);
}
