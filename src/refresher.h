/* SPDX-License-Identifier: MIT */
/*
 * refresher.h - the process that renews the tokens.
 *
 * The only one that knows the secrets, talks to Redis and to backends, and
 * writes the slots.  Started by the master; renewal.h is what it does, this is
 * its event loop.
 *
 * Invariant: at most one refresher per segment is alive.
 */
#ifndef BEARERD_REFRESHER_H
#define BEARERD_REFRESHER_H

#include <stdbool.h>

#include "channel.h"
#include "conf.h"
#include "shm.h"
#include "stats.h"

struct refresher_of {
	const struct conf *conf;
	const struct conf *before; /* in force until now; NULL: none */
	struct shm *shm;
	struct stats *stats;
	const struct channel *channels; /* of the workers and the master */
	size_t channel_count;
	bool first; /* wrong Redis credentials end the start (exit status 3) */
};

/* Run the child; returns its exit status (enum proc_exit). */
int refresher_run(struct refresher_of *of);

#endif
