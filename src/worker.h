/* SPDX-License-Identifier: MIT */
/*
 * worker.h - the process that serves callers.
 *
 * The only one that reads bytes from strangers.  Maps the slots for reading
 * only, knows no secret but the tokens it hands out, and makes no connection.
 * Started by the master, as many as configured; all accept on the same
 * sockets.  conn.h does the work, this is its event loop.
 *
 * Invariants:
 *   - Every secret of the configuration is wiped before the first accept.
 *   - A drain ends after drain-timeout, or without a master after
 *     PROC_ORPHAN_MS.
 */
#ifndef BEARERD_WORKER_H
#define BEARERD_WORKER_H

#include "channel.h"
#include "conf.h"
#include "listen.h"
#include "shm.h"
#include "stats.h"

struct worker_of {
	struct conf *conf;
	struct shm *shm;
	struct stats *stats;
	const struct listeners *listeners;
	struct channel channel; /* to the refresher */
	size_t number, block;   /* among the workers; of the counters */
	int64_t max_connections;
};

/* Run the child; returns its exit status (enum proc_exit). */
int worker_run(struct worker_of *of);

#endif
