/* SPDX-License-Identifier: MIT */
/*
 * master/private.h - the inside of master.h, downwards: master.c has the loop
 * and decides, children.c starts and watches processes, announce.c tells
 * systemd, log and pid file.
 */
#ifndef BEARERD_MASTER_PRIVATE_H
#define BEARERD_MASTER_PRIVATE_H

#include "master/announce.h"
#include "master/crew.h"
#include "master/master.h"
#include "process/proc.h"
#include "master/upgrade.h"

#define REFRESHER_GRACE_MS 1000
#define TICK_MS 250

struct master {
	struct conf_source source;
	struct crew crew[2];        /* current, and the one draining */
	struct crew *current, *old; /* old: NULL unless it drains */
	struct proc refresher;
	struct upgrade upgrade;   /* towards a successor */
	struct takeover takeover; /* from a predecessor */
	bool stopping;
	bool reload, replace; /* asked for, and not begun */
	int64_t stop_at;      /* shutdown-delay is over; 0: none runs */
	bool controlled;      /* the control socket is open */
	bool complained;      /* that it cannot be opened */
	int signal_fd;
	int status; /* enum proc_exit; not PROC_OK: stop */
	int64_t ticked_at;
	int64_t replace_at; /* a segment cut short: not to be tried before */
	struct announced announced;
};

/* Start the children that are not there but should be.  All times here are of
 * the awake clock. */
void children_start(struct master *m, int64_t now);

/* Wait for those that have ended.  One that makes the service end leaves its
 * status in m. */
void children_reap(struct master *m, int64_t now);

/* Kill stalled children. */
void children_watch(struct master *m, int64_t now);

/* Make a new segment if the file of this one was truncated.  Its tokens are
 * lost; Redis or the backend has others. */
void children_check_segment(struct master *m, int64_t now);

/* Let the old workers go once the new ones do their work. */
void children_relieve(struct master *m, int64_t now);

/* True: the workers serve; true: all processes are ready. */
bool children_serve(const struct master *m);
bool children_work(const struct master *m);

/* Whether the old crew, if there is one, may be written to by us: no refresher
 * is left that does. */
bool children_left_old(const struct master *m);

#endif
