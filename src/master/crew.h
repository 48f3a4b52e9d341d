/* SPDX-License-Identifier: MIT */
/*
 * crew.h - everything that runs for one configuration: workers, their sockets
 * and channels, the segment and the counters.
 *
 * Called by the master, which has one crew, and two while a reload drains the
 * old one.  Two crews with the same tokens share segment and counters, so that
 * one refresher serves both.
 *
 * The first crew of a program that replaces a running one takes over what the
 * predecessor has handed down (handover.h), step by step: until
 * crew_complete_takeover() the predecessor can go on as if nothing had been.
 *
 * Invariant: a crew whose workers are all gone owns nothing but what the next
 * one shares.
 */
#ifndef BEARERD_CREW_H
#define BEARERD_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/channel.h"
#include "conf/conf.h"
#include "process/listen.h"
#include "process/proc.h"
#include "shared/segment.h"
#include "shared/stats.h"

struct crew {
	unsigned number;   /* 0, 1, 2...: of two, one is even */
	struct conf *conf; /* owned */
	struct segment segment;
	struct stats stats;
	struct listeners listeners;
	struct proc *workers;     /* count of them */
	struct channel *channels; /* one for each worker */
	size_t count;
	int64_t max_connections; /* of each worker */
	bool retired;            /* the workers were told to drain */
	bool shares;    /* segment and counters are also the next crew's */
	uint64_t *seen; /* publications of the next crew's segment that were
			 * passed on to our slots; NULL: none yet */
	bool unnamed;   /* the segment has a provisional name */
};

/*
 * Set up the first crew: with what a predecessor hands down, else with the
 * valid tokens of whatever it has left behind.  Takes conf over.  0, or -1 with
 * *err, nothing changed and conf still the caller's.
 */
int crew_open_first(struct crew *c, struct conf *conf, struct err *err);

/* Set up the next crew, for a reload, beside the one that runs.  As above. */
int crew_open_next(struct crew *c, struct conf *conf, struct crew *before,
    struct err *err);

/* Give everything back but what `next` (may be NULL) shares. */
void crew_close(struct crew *c, struct crew *next);

/* Start the workers that are not running and may be; `old` (may be NULL) is
 * the crew that is draining.  now is of the awake clock, as everywhere here. */
void crew_start(struct crew *c, struct crew *old, int64_t now);

/* In a child that serves `current` (NULL: none) give up what only this crew
 * (may be NULL) has: sockets, segment, secrets. */
void crew_leave(struct crew *c, const struct crew *current);

/* Let the workers drain; end a drain now. */
void crew_retire(struct crew *c, int64_t now);
void crew_kill(struct crew *c, int64_t now);

/* Close the listening sockets that `current` has not got: with its workers
 * gone, the kernel refuses whoever comes. */
void crew_close_sockets(struct crew *c, const struct crew *current);

/* Close the listening sockets, and remove what only we made, to stop; what a
 * predecessor has besides stays its own. */
void crew_stop_listening(struct crew *c);

/* The worker with this process id, or NULL. */
struct proc *crew_find(struct crew *c, pid_t pid);

/* The number of workers that run; of those that are ready. */
size_t crew_running(const struct crew *c);
size_t crew_ready(const struct crew *c);

/* ---- crew_memory.c: segment and counters ---- */

/* The predecessor's last refresher is gone, our first one starts: if its
 * segment is another than ours, take what was published there since we looked.
 */
void crew_catch_up(struct crew *c);

/* The predecessor's things are ours now, for good; without one nothing. */
void crew_complete_takeover(struct crew *c);

/* Pass on what this crew publishes to workers with other slots: those of a
 * predecessor, and those of `old` (may be NULL).  Only while no refresher
 * writes there, nor can be started to. */
void crew_pass_on(const struct crew *c, struct crew *old);

/*
 * Make a new segment in the place of one that was cut short, and end the
 * workers, which would die of the old one one by one.  0, or -1 with *err and
 * nothing changed.  A crew that shares the old one has to be given the new one.
 */
int crew_replace_segment(struct crew *c, struct err *err);

#endif
