/* SPDX-License-Identifier: MIT */
/*
 * master/announce.h - announce the state of the service: pid file, systemd, and
 * the log lines about addresses.
 *
 * systemd gets a line about the tokens, a sign of life, and the segment to
 * keep. The watchdog is fed only while a worker serves and the refresher
 * renews, so systemd restarts the service when the master hangs or its children
 * do not work.  One worker is enough, since it serves callers and a restart
 * would not.  While stopping the watchdog is always fed: stopping has its own
 * limits.
 *
 * The segment is kept by systemd because its name goes when the service does
 * (RemoveIPC=, DynamicUser=), and with it the tokens.  What is passed is open
 * for reading only, and has no part in the owner's lock.
 *
 * Called by the master.  systemd is told nothing where it does not listen.
 */
#ifndef BEARERD_MASTER_ANNOUNCE_H
#define BEARERD_MASTER_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "master/crew.h"
#include "process/proc.h"

/* The last announcements; zero at the start. */
struct announced {
	bool serving;        /* announce_serving() was called */
	char *pid_file;      /* that we have written, or NULL; owned */
	char status[160];    /* systemd's line */
	const void *segment; /* that systemd keeps */
	int64_t look_at;     /* awake clock: not to be looked at before */
};

/* Write the pid file and tell systemd and the log that we serve, once.  Ends
 * the process if there can be no pid file and we have no predecessor. */
void announce_serving(struct announced *a, const struct crew *c);

/* Tell systemd what has changed, and feed its watchdog if it is due and
 * deserved; old may be NULL, now is of the awake clock. */
void announce_status(struct announced *a, const struct crew *current,
    const struct crew *old, const struct proc *refresher, bool stopping,
    int64_t now);

/* Remove the pid file. */
void announce_end(struct announced *a);

#endif
