/* SPDX-License-Identifier: MIT */
/*
 * store_link.h - the servers: where they are, and which one is asked.
 *
 * The node at redis-host; or the one that the Sentinels name; or those of a
 * cluster, of which redis-cluster tells some and the answers MOVED and ASK the
 * others.  Beside them one connection that hears what is published, and one to
 * a replica for look-ups.  The inner side of store.h; called by store.c and
 * store_call.c.
 *
 * Invariants:
 *   - The nodes of the configuration are kept up; others are connected to when
 *     something is sent there.
 *   - A node that is one too many takes the place of the one not asked for the
 *     longest time: who still asks there is told where to go.
 */
#ifndef BEARERD_STORE_LINK_H
#define BEARERD_STORE_LINK_H

#include "conf.h"
#include "redis.h"

#define STORE_NODES 64
enum {
	STORE_ANY = -1, /* of the nodes */
	STORE_REPLICA = STORE_NODES,
	STORE_SUBSCRIBER,
	STORE_LINKS
};
#define STORE_LINK_FDS (STORE_LINKS + 2) /* and those of the Sentinel */

struct store_links;

struct store_link_events {
	/* a node: connected and authenticated; lost */
	void (*up)(void *arg, int node);
	void (*down)(void *arg, int node);
	void (*subscribe)(void *arg, struct redis *subscriber);
	void (*push)(void *arg, const struct resp_answer *answer);
	void (*refused)(void *arg, const char *why);
};

/* Know what the configuration names; no connection is made yet. */
struct store_links *store_links_open(const struct conf *conf,
    const struct store_link_events *events, void *arg,
    struct stats_process *stats);
void store_links_close(struct store_links *l);

/*
 * Send a command to a node, to STORE_ANY or to STORE_REPLICA, if there is one.
 * Returns the node, and done(arg, answer) is called later; or -1: it is not to
 * be reached now.
 */
int store_links_send(struct store_links *l, int node,
    const struct redis_command *command,
    void (*done)(void *arg, const struct resp_answer *answer), void *arg);

/*
 * The node at the HOST:PORT in which an answer of node `from` ends; without a
 * host it is that one's.  STORE_ANY: it names none.
 */
int store_links_find(struct store_links *l, const char *answer, int from);

/* This node is not what we need; connect to it anew, in a while. */
void store_links_condemn(struct store_links *l, int node, const char *why);

/* What each server is given for an answer: redis-timeout. */
int64_t store_links_timeout_ms(const struct store_links *l);

/* Whether any node answers; whether there is a replica that does. */
bool store_links_up(const struct store_links *l);
bool store_links_replica_up(const struct store_links *l);

/* What to wait for: STORE_LINK_FDS entries; when to turn at the latest. */
void store_links_pollfds(const struct store_links *l, struct pollfd *out);
int64_t store_links_next_at(const struct store_links *l);
void store_links_turn(struct store_links *l, const struct pollfd *fds,
    int64_t now);

#endif
