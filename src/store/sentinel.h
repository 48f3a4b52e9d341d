/* SPDX-License-Identifier: MIT */
/*
 * store/sentinel.h - which server the Sentinels name as the primary.
 *
 * Asks one of redis-sentinels for the address of redis-sentinel-master, and the
 * next one when it gives none: every half minute, every half second while the
 * primary cannot be reached, and at once when a Sentinel announces a change
 * (+switch-master).  See "Guidelines for Redis clients with support for Redis
 * Sentinel" in the documentation of Redis.  Called by store/nodes.c.
 *
 * Invariants:
 *   - One question at a time.
 *   - The announcements are heard from the Sentinel that answered last.
 */
#ifndef BEARERD_STORE_SENTINEL_H
#define BEARERD_STORE_SENTINEL_H

#include "conf/conf.h"
#include "redis/redis.h"

struct store_sentinel;

struct store_sentinel_events {
	/* the primary, as named in each answer */
	void (*primary)(void *arg, const char *host, int port);
	/* none of them named one */
	void (*none)(void *arg, const char *why);
};

/* Asks at the first turn; tls, which is the caller's, may be NULL. */
struct store_sentinel *store_sentinel_open(const struct conf *conf,
    const struct store_sentinel_events *events, void *arg, struct tls *tls,
    struct stats_process *stats);
void store_sentinel_close(struct store_sentinel *s); /* NULL is allowed */

/* The primary cannot be reached: ask now and often; it can: ask seldom.  NULL
 * is allowed. */
void store_sentinel_ask(struct store_sentinel *s);
void store_sentinel_relax(struct store_sentinel *s);

/* As those of redis.h, for two descriptors; next_at of NULL is never. */
void store_sentinel_pollfds(const struct store_sentinel *s,
    struct pollfd out[2]);
int64_t store_sentinel_next_at(const struct store_sentinel *s);
void store_sentinel_turn(struct store_sentinel *s, const struct pollfd fds[2],
    int64_t now);

#endif
