/* SPDX-License-Identifier: MIT */
/*
 * worker/ is for the process that serves callers.
 *
 * worker.h - start a worker and run its event loop.
 *
 * Only workers read bytes from strangers.  A worker maps the slots read-only,
 * has no secret but the tokens, and makes no connection.  The master starts as
 * many as configured; all accept on the same sockets.  worker/conn.h does the
 * work on connections.
 *
 * Invariants:
 *   - Every secret of the configuration is wiped before the first accept.
 *   - A drain ends after drain-timeout, or without a master after
 *     PROC_ORPHAN_MS.
 */
#ifndef BEARERD_WORKER_H
#define BEARERD_WORKER_H

#include "shared/channel.h"
#include "conf/conf.h"
#include "process/listen.h"
#include "shared/segment.h"
#include "shared/stats.h"

/* Set by the master before it forks; the pointers stay its own. */
struct worker_args {
	struct conf *conf;       /* its secrets are wiped in the child */
	struct segment *segment; /* made read-only in the child */
	struct stats *stats;     /* restricted to `block` in the child */
	const struct listeners *listeners; /* the crew's sockets */
	struct channel channel;            /* to the refresher */
	size_t number;                     /* of the worker, for the log */
	size_t block;                      /* of its counters (stats.h) */
	int64_t max_connections;           /* of this worker */
};

/* Run the child until it is drained.  Returns its exit status (enum proc_exit);
 * a failed start ends the process. */
int worker_run(struct worker_args *args);

#endif
