/* SPDX-License-Identifier: MIT */
/*
 * store_link.h - the connections to Redis that a store has.
 *
 * The primary, the replica that redis-read-host names, and a subscriber.
 * Called by store.c and store_call.c.
 */
#ifndef BEARERD_STORE_LINK_H
#define BEARERD_STORE_LINK_H

#include "conf.h"
#include "redis.h"

enum { STORE_PRIMARY, STORE_REPLICA, STORE_SUBSCRIBER, STORE_LINKS };

struct store_links;

struct store_link_events {
	void (*up)(void *arg); /* the primary, authenticated */
	void (*subscribe)(void *arg, struct redis *subscriber);
	void (*push)(void *arg, const struct resp_answer *answer);
	void (*refused)(void *arg, const char *why);
};

/* Connections that are kept up; none is made yet. */
struct store_links *store_links_open(const struct conf *conf,
    const struct store_link_events *events, void *arg,
    struct stats_process *stats);
void store_links_close(struct store_links *l);

/* One of them; NULL: there is none. */
struct redis *store_link(const struct store_links *l, int which);

/* What to wait for: STORE_LINKS entries; when to turn at the latest. */
void store_links_pollfds(const struct store_links *l, struct pollfd *out);
int64_t store_links_next_at(const struct store_links *l);
void store_links_turn(struct store_links *l, const struct pollfd *fds,
    int64_t now);

#endif
