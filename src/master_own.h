/* SPDX-License-Identifier: MIT */
/*
 * master_own.h - the inner contract of master.c and master_upgrade.c.
 */
#ifndef BEARERD_MASTER_OWN_H
#define BEARERD_MASTER_OWN_H

#include "generation.h"
#include "master.h"
#include "proc.h"
#include "upgrade.h"

#define REFRESHER_GRACE_MS 1000

struct master {
	struct conf_source source;
	struct generation generation[2]; /* current, and the one draining */
	struct generation *current, *old; /* old: NULL unless it drains */
	struct proc refresher;
	struct upgrade upgrade;    /* towards a successor */
	struct heir heir;          /* towards a predecessor */
	bool stopping, announced;
	bool reload, replace;      /* asked for */
	int signal_fd;
	int status;                /* to exit with */
	char *pid_file;            /* written, or NULL */
	int64_t ticked_at, watchdog_at;
};

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
