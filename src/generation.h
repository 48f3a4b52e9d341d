/* SPDX-License-Identifier: MIT */
/*
 * generation.h - what one configuration has running: its segment, counters,
 * sockets, channels and workers.
 *
 * Called by the master, which has one, and two while a reload drains the old.
 * Segment and counters are shared by two generations with the same tokens, so
 * that one refresher serves both.
 *
 * The first one takes over what a predecessor handed down (handover.h), step by
 * step, so that until generation_settle() all can go back to as it was.
 *
 * Invariant: a generation whose workers are all gone owns nothing but what the
 * next one shares.
 */
#ifndef BEARERD_GENERATION_H
#define BEARERD_GENERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "channel.h"
#include "conf.h"
#include "listen.h"
#include "proc.h"
#include "shm.h"
#include "stats.h"

struct generation {
	unsigned number;
	struct conf *conf;
	struct shm shm;
	struct stats stats;
	struct listeners listeners;
	struct proc *workers;
	struct channel *channels;
	size_t count; /* of workers */
	int64_t max_connections;
	bool retired; /* the workers were told to drain */
	bool shares;  /* segment and counters are also the next one's */
	uint64_t *followed; /* what of the next one's was passed on to our slots */
	bool provisional; /* the segment has not got its name yet */
};

/*
 * Set a generation up beside `before` (may be NULL), taking conf over.
 * 0, or -1 with *err, nothing changed and conf still the caller's.
 */
int generation_open(struct generation *g, struct conf *conf,
    struct generation *before, struct err *err);

/* Give everything back but what `next` (may be NULL) shares. */
void generation_close(struct generation *g, struct generation *next);

/* The predecessor's last refresher is gone, our first one starts: if its segment
 * is another than ours, take what was published there since we looked. */
void generation_succeed(struct generation *g);

/* Pass on what the current generation publishes to workers of the old one, or
 * of a predecessor, that have other slots.  Only while no refresher of theirs
 * is left, and a predecessor cannot start one any more. */
void generation_follow(struct generation *old,
    const struct generation *current);
void generation_lead(const struct generation *g);

/* The predecessor's things are ours now, for good; without one nothing. */
void generation_settle(struct generation *g);

/* Close the listening sockets, and remove what only we made, to stop; what a
 * predecessor has besides stays its own. */
void generation_disown(struct generation *g);

/* Start the workers that are not running and may be; `old` (may be NULL) is
 * the generation that is draining. */
void generation_start(struct generation *g, struct generation *old,
    int64_t now);

/* In a child that serves `current` (NULL: none) give up what only this
 * generation has: sockets, segment, secrets. */
void generation_leave(struct generation *g, const struct generation *current);

/* Let the workers drain. */
void generation_retire(struct generation *g, int64_t now);

/* End a drain now. */
void generation_kill(struct generation *g, int64_t now);

/* The worker with this process id, or NULL. */
struct proc *generation_find(struct generation *g, pid_t pid);

/* How many workers run; how many of them do their work. */
size_t generation_running(const struct generation *g);
size_t generation_ready(const struct generation *g);

#endif
