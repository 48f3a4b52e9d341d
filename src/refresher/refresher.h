/* SPDX-License-Identifier: MIT */
/*
 * refresher/ is for the process that renews tokens.
 *
 * refresher.h - start the refresher and run its event loop.
 *
 * Only the refresher has the secrets, talks to Redis and to backends, and
 * writes slots and token files.  Started by the master.  The renewals
 * themselves are in renewal.h.
 *
 * Invariant: at most one refresher per segment is alive.
 */
#ifndef BEARERD_REFRESHER_H
#define BEARERD_REFRESHER_H

#include <stdbool.h>

#include "conf/conf.h"
#include "shared/channel.h"
#include "shared/segment.h"
#include "shared/stats.h"

/* Set by the master before it forks; the pointers stay its own. */
struct refresher_args {
	const struct conf *conf;
	const struct conf *before; /* the configuration until now; NULL: none */
	struct segment *segment;   /* written by this process alone */
	struct stats *stats;
	const struct channel *channels; /* of the workers and the master */
	size_t channel_count;
	int master_end; /* the end of the master's channel; -1: none */
	bool first;     /* refused by Redis at the start: end with status 3 */
};

/* Run the child until it is told to end.  Returns its exit status (enum
 * proc_exit); a failed start ends the process. */
int refresher_run(const struct refresher_args *args);

#endif
