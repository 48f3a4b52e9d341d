/* SPDX-License-Identifier: MIT */
/*
 * master_own.h - the inner contract of master.c (signals, reload, the loop),
 * master_proc.c (children) and master_upgrade.c (successor and predecessor).
 */
#ifndef BEARERD_MASTER_OWN_H
#define BEARERD_MASTER_OWN_H

#include "generation.h"
#include "master.h"
#include "master_status.h"
#include "proc.h"
#include "upgrade.h"

#define REFRESHER_GRACE_MS 1000
#define TICK_MS 250

struct master {
	struct conf_source source;
	struct generation generation[2]; /* current, and the one draining */
	struct generation *current, *old; /* old: NULL unless it drains */
	struct proc refresher;
	struct upgrade upgrade;    /* towards a successor */
	struct heir heir;          /* towards a predecessor */
	bool stopping, announced;
	bool reload, replace;      /* asked for */
	int64_t stop_at;           /* shutdown-delay is over; 0: none runs */
	bool controlled, control_told; /* the control socket is open; or not */
	int signal_fd;
	int status;                /* to exit with */
	char *pid_file;            /* written, or NULL */
	int64_t ticked_at;
	struct told told;
};

/* Start the children that are not there but should be. */
void master_start_missing(struct master *m, int64_t now);

/* Wait for those that have ended; kill those that stall. */
void master_reap(struct master *m, int64_t now);
void master_watch(struct master *m, int64_t now);

/* Let the old workers go once the new ones do their work. */
void master_relieve(struct master *m, int64_t now);

/* Whether all processes do their work. */
bool master_works(const struct master *m);

/* Whether the refresher that writes where the old generation's slots are is
 * gone, if they are others than the current one's. */
bool master_old_is_ours(const struct master *m);

/* Stop, as on SIGTERM. */
void master_stop(struct master *m, int64_t now);

/* Whether neither a reload nor an upgrade is under way. */
bool master_is_free(const struct master *m);

/* SIGUSR2 came, earlier or now: start the new program once we are free. */
void master_replace(struct master *m, int64_t now);

/* Pass a signal on to the master that has taken over from us.  False: there is
 * none. */
bool master_forward(const struct master *m, int signal);

/* What successor and predecessor want. */
void master_mind_upgrade(struct master *m, int64_t now);

#endif
