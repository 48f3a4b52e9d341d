/* SPDX-License-Identifier: MIT */
/* Connections to the nodes, of the subscriber, and to the replica. */
#include "config.h"

#include "store/nodes.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/sentinel.h"
#include "store/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNREACHABLE "Redis is unreachable"

struct store_node {
	struct store_nodes *all;
	struct redis *redis; /* NULL: there is none */
	int64_t used_at;
	struct store_log log;
};

struct store_nodes {
	struct store_node node[STORE_LINKS];
	int nodes, seeds; /* seeds are those of the configuration */
	int subscribed;   /* the node that the subscriber is at */
	struct store_sentinel *sentinel; /* NULL: not asked */
	struct redis_server server;
	struct tls *tls; /* NULL: without encryption */
	bool refused;    /* our credentials were, at some time */
	struct store_node_events events;
	void *arg;
	struct stats_process *stats;
};

static int
number_of(const struct store_node *k)
{
	return (int)(k - k->all->node);
}

bool
store_nodes_up(const struct store_nodes *l)
{
	int i;

	for (i = 0; i < l->nodes; i++)
		if (redis_ready(l->node[i].redis))
			return true;
	return false;
}

bool
store_nodes_replica_up(const struct store_nodes *l)
{
	return l->node[STORE_REPLICA].redis != NULL &&
	    redis_ready(l->node[STORE_REPLICA].redis);
}

void
store_nodes_show(struct store_nodes *l)
{
	stats_set(&l->stats->redis_up,
	    store_nodes_up(l) && stats_get(&l->stats->redis_refusing) == 0
		? STATS_REDIS_UP
		: STATS_REDIS_DOWN);
	/* At the start a refusal ends the program: say nothing before. */
	if (!l->refused || store_nodes_up(l))
		stats_set(&l->stats->redis_known, 1);
}

static void
on_up(void *arg)
{
	struct store_node *k = arg;

	store_nodes_show(k->all);
	store_log_up(&k->log, redis_host(k->redis), redis_port(k->redis));
	store_sentinel_relax(k->all->sentinel);
	k->all->events.up(k->all->arg, number_of(k));
}

static void
on_down(void *arg, const char *why)
{
	struct store_node *k = arg;

	store_nodes_show(k->all);
	store_log_lost(&k->log, UNREACHABLE, why);
	store_sentinel_ask(k->all->sentinel);
	k->all->events.down(k->all->arg, number_of(k));
}

static void
on_replica_down(void *arg, const char *why)
{
	struct store_node *k = arg;

	store_log_lost(&k->log,
	    "redis-read-host is unreachable, reading from the primary", why);
}

static void
on_refused(void *arg, const char *why)
{
	struct store_node *k = arg;

	k->all->refused = true;
	k->all->events.refused(k->all->arg, why);
}

static void
on_subscriber_up(void *arg)
{
	struct store_node *k = arg;

	k->all->events.subscribe(k->all->arg, k->redis);
}

/* Every node of a cluster passes on what is published: go to the next. */
static void
on_subscriber_down(void *arg, const char *why)
{
	struct store_node *k = arg;
	struct store_nodes *l = k->all;
	const struct redis *next;

	log_debug("Redis subscription: %s", why);
	if (l->sentinel != NULL)
		return; /* a Sentinel names the server */
	l->subscribed = (l->subscribed + 1) % l->nodes;
	next = l->node[l->subscribed].redis;
	redis_aim(k->redis, redis_host(next), redis_port(next));
}

static void
on_subscriber_refused(void *arg, const char *why)
{
	(void)arg;
	log_debug("Redis subscription: %s", why);
}

static void
on_push(void *arg, const struct proto_answer *a)
{
	struct store_node *k = arg;

	k->all->events.push(k->all->arg, a);
}

/* The Sentinels name a primary. */
static void
on_primary(void *arg, const char *host, int port)
{
	struct store_nodes *l = arg;

	if (strcmp(host, redis_host(l->node[0].redis)) != 0 ||
	    port != redis_port(l->node[0].redis))
		log_notice("the Sentinels name %s port %d as the primary", host,
		    port);
	redis_aim(l->node[0].redis, host, port);
	redis_aim(l->node[STORE_SUBSCRIBER].redis, host, port);
}

/* None of them names one. */
static void
on_no_primary(void *arg, const char *why)
{
	struct store_nodes *l = arg;

	store_nodes_show(l);
	store_log_lost(&l->node[0].log, UNREACHABLE, why);
}

static const struct redis_events node_events = {on_up, on_down, on_refused,
    NULL};
static const struct redis_events replica_events = {NULL, on_replica_down,
    on_replica_down, NULL};
static const struct redis_events subscriber_events = {on_subscriber_up,
    on_subscriber_down, on_subscriber_refused, on_push};

static void
link_open(struct store_nodes *l, int number, const struct redis_events *events,
    const char *host, int port)
{
	struct store_node *k = &l->node[number];

	l->server.host = host;
	l->server.port = port;
	k->all = l;
	k->redis = redis_open(&l->server, events, k, l->stats);
	l->server.host = NULL;
}

static void
seed(struct store_nodes *l, const char *host, int port)
{
	link_open(l, l->nodes, &node_events, host, port);
	redis_keep(l->node[l->nodes].redis);
	l->seeds = ++l->nodes;
}

static void
seed_cluster(struct store_nodes *l, const struct conf_list *nodes)
{
	char host[ADDRESS_HOST_MAX];
	size_t i;
	int port;

	for (i = 0; i < nodes->count && l->nodes < CONF_CLUSTER_MAX; i++)
		if (address_of_server(nodes->item[i], strlen(nodes->item[i]),
			host, &port) == 0)
			seed(l, host, port);
}

/* The configuration was checked with these files; a problem now means that this
 * process may not read them, or that they changed. */
static struct tls *
open_tls(const struct conf *conf)
{
	struct tls_files files = {conf->redis_ca_file,
	    conf->redis_client_cert_file, conf->redis_client_key_file};
	struct tls *t = conf->redis_tls ? tls_open(&files) : NULL;

	if (t != NULL && tls_problem(t) != NULL)
		log_err("redis-tls: %s", tls_problem(t));
	return t;
}

struct store_nodes *
store_nodes_open(const struct conf *conf,
    const struct store_node_events *events, void *arg,
    struct stats_process *stats)
{
	static const struct store_sentinel_events sentinel = {on_primary,
	    on_no_primary};
	struct store_nodes *l = mem_alloc(1, sizeof(*l));

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
	    redis_host(l->node[0].redis), redis_port(l->node[0].redis));
	redis_keep(l->node[STORE_SUBSCRIBER].redis);
	if (conf->redis_read_host != NULL) {
		link_open(l, STORE_REPLICA, &replica_events,
		    conf->redis_read_host, (int)conf->redis_port);
		redis_keep(l->node[STORE_REPLICA].redis);
	}
	if (conf->redis_sentinels.count > 0)
		l->sentinel =
		    store_sentinel_open(conf, &sentinel, l, l->tls, stats);
	return l;
}

void
store_nodes_close(struct store_nodes *l)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		redis_close(l->node[i].redis);
	store_sentinel_close(l->sentinel);
	tls_close(l->tls);
	free(l);
}

static int
send_to(struct store_nodes *l, int number, const struct redis_command *command,
    void (*done)(void *, const struct proto_answer *), void *arg)
{
	struct store_node *k = &l->node[number];

	if (k->redis == NULL || redis_send(k->redis, command, done, arg) == -1)
		return -1;
	k->used_at = clock_boot_ms();
	return number;
}

int
store_nodes_send(struct store_nodes *l, int node,
    const struct redis_command *command,
    void (*done)(void *, const struct proto_answer *), void *arg)
{
	int i, sent = -1;

	if (node != STORE_ANY)
		return send_to(l, node, command, done, arg);
	for (i = 0; i < l->nodes && sent == -1; i++)
		if (redis_ready(l->node[i].redis))
			sent = send_to(l, i, command, done, arg);
	for (i = 0; i < l->nodes && sent == -1; i++)
		sent = send_to(l, i, command, done, arg);
	return sent;
}

/* A place for one more node, but not that of node `from`, which named it. */
static int
make_room(struct store_nodes *l, int from)
{
	int i, oldest = l->seeds + (l->seeds == from);

	if (l->nodes < STORE_NODES) {
		link_open(l, l->nodes, &node_events, NULL, 0);
		return l->nodes++;
	}
	for (i = l->seeds; i < l->nodes; i++)
		if (i != from && l->node[i].used_at < l->node[oldest].used_at)
			oldest = i;
	return oldest;
}

int
store_nodes_find(struct store_nodes *l, const char *answer, int from)
{
	const char *space = strrchr(answer, ' ');
	char host[ADDRESS_HOST_MAX];
	int i, port;

	if (space == NULL ||
	    address_of_server(space + 1, strlen(space + 1), host, &port) == -1)
		return STORE_ANY;
	if (host[0] == '\0' || strcmp(host, "?") == 0)
		snprintf(host, sizeof(host), "%s",
		    redis_host(l->node[from].redis));
	for (i = 0; i < l->nodes; i++)
		if (redis_port(l->node[i].redis) == port &&
		    strcmp(redis_host(l->node[i].redis), host) == 0)
			return i;
	i = make_room(l, from);
	redis_aim(l->node[i].redis, host, port);
	return i;
}

void
store_nodes_abandon(struct store_nodes *l, int node, const char *why)
{
	redis_abandon(l->node[node].redis, why);
}

int64_t
store_nodes_timeout_ms(const struct store_nodes *l)
{
	return l->server.timeout_ms;
}

void
store_nodes_pollfds(const struct store_nodes *l, struct pollfd *out)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		if (l->node[i].redis != NULL)
			redis_pollfd(l->node[i].redis, &out[i]);
	if (l->sentinel != NULL)
		store_sentinel_pollfds(l->sentinel, out + STORE_LINKS);
}

int64_t
store_nodes_next_at(const struct store_nodes *l)
{
	int64_t at, next = store_sentinel_next_at(l->sentinel);
	int i;

	for (i = 0; i < STORE_LINKS; i++) {
		if (l->node[i].redis == NULL)
			continue;
		at = redis_next_at(l->node[i].redis);
		next = at < next ? at : next;
	}
	return next;
}

void
store_nodes_turn(struct store_nodes *l, const struct pollfd *fds, int64_t now)
{
	int i;

	for (i = 0; i < STORE_LINKS; i++)
		if (l->node[i].redis != NULL)
			redis_turn(l->node[i].redis, fds[i].revents, now);
	if (l->sentinel != NULL)
		store_sentinel_turn(l->sentinel, fds + STORE_LINKS, now);
}
