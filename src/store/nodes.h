/* SPDX-License-Identifier: MIT */
/*
 * store/nodes.h - the Redis servers: where they are, and which one is asked.
 *
 * One node, at redis-host or where the Sentinels say; or the nodes of a
 * cluster, some from redis-cluster, the others from its answers MOVED and ASK.
 * Beside them a connection that hears what is published, and one to a replica
 * for look-ups.  Called by store.c and its parts.
 *
 * Invariants:
 *   - The nodes of the configuration are kept connected, others while needed.
 *   - When there are too many, the node that was not asked for the longest time
 *     is forgotten: a cluster tells again where it is.
 */
#ifndef BEARERD_STORE_NODES_H
#define BEARERD_STORE_NODES_H

#include "conf/conf.h"
#include "redis/redis.h"

#define STORE_NODES 64
enum {
	STORE_ANY = -1, /* of the nodes */
	STORE_REPLICA = STORE_NODES,
	STORE_SUBSCRIBER,
	STORE_LINKS
};
#define STORE_LINK_FDS (STORE_LINKS + 2) /* and those of the Sentinel */

struct store_nodes;

struct store_node_events {
	/* a node: connected and authenticated; lost */
	void (*up)(void *arg, int node);
	void (*down)(void *arg, int node);
	void (*subscribe)(void *arg, struct redis *subscriber);
	void (*push)(void *arg, const struct proto_answer *answer);
	void (*refused)(void *arg, const char *why);
};

/* Take the servers from the configuration; no connection is made yet. */
struct store_nodes *store_nodes_open(const struct conf *conf,
    const struct store_node_events *events, void *arg,
    struct stats_process *stats);
void store_nodes_close(struct store_nodes *l);

/*
 * Send a command to a node, to STORE_ANY or to STORE_REPLICA.  Returns the
 * node, and done(arg, answer) is called later; or -1: it cannot be reached now.
 */
int store_nodes_send(struct store_nodes *l, int node,
    const struct redis_command *command,
    void (*done)(void *arg, const struct proto_answer *answer), void *arg);

/*
 * The node at the HOST:PORT in which an answer of node `from` ends; without a
 * host it is that one's.  STORE_ANY: it names none.
 */
int store_nodes_find(struct store_nodes *l, const char *answer, int from);

/* This node cannot serve us: reconnect after a while. */
void store_nodes_abandon(struct store_nodes *l, int node, const char *why);

/* The deadline of an answer in ms: redis-timeout. */
int64_t store_nodes_timeout_ms(const struct store_nodes *l);

/* Set redis_up in the counters: a node answers, and no script is refused. */
void store_nodes_show(struct store_nodes *l);

/* Whether any node answers; whether there is a replica that does. */
bool store_nodes_up(const struct store_nodes *l);
bool store_nodes_replica_up(const struct store_nodes *l);

/* Fill in what to wait for: STORE_LINK_FDS entries; when to turn at the latest.
 */
void store_nodes_pollfds(const struct store_nodes *l, struct pollfd *out);
int64_t store_nodes_next_at(const struct store_nodes *l);
void store_nodes_turn(struct store_nodes *l, const struct pollfd *fds,
    int64_t now);

#endif
