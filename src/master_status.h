/* SPDX-License-Identifier: MIT */
/*
 * master_status.h - what systemd gets to know while the service runs: a line
 * about the tokens, that it is alive, and the segment, to keep.
 *
 * The watchdog is fed only while a worker serves and the refresher renews, so
 * systemd starts the service anew when the master stands still, and also when
 * it cannot get its children to work.  One worker is enough: callers are
 * served then, and would not be during a restart.  While stopping it is always
 * fed: that has limits of its own.
 *
 * The segment is kept by systemd because its name goes when the service does
 * (RemoveIPC=, DynamicUser=), and with it the tokens.  What is passed is open
 * for reading only, and has no part in the owner's lock.
 *
 * Called by the master.  Nothing happens where nobody listens.
 */
#ifndef BEARERD_MASTER_STATUS_H
#define BEARERD_MASTER_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "generation.h"
#include "proc.h"

/* What was told last; zero at the start. */
struct told {
	char text[160];
	const void *segment;
	int64_t look_at; /* awake clock: not to be looked at before */
};

/* What there is to tell about. */
struct tellable {
	const struct generation *current, *old; /* old may be NULL */
	const struct proc *refresher;
	bool announced, stopping;
};

/* Tell what has changed, and feed the watchdog if it is due and deserved. */
void master_tell(struct told *told, const struct tellable *what, int64_t now);

#endif
