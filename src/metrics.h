/* SPDX-License-Identifier: MIT */
/*
 * metrics.h - the counters as Prometheus text (exposition format 0.0.4).
 *
 * Called by a worker for GET /metrics; adds the blocks of all processes up.
 * Names, help and labels are those of stats_tbl.h.
 */
#ifndef BEARERD_METRICS_H
#define BEARERD_METRICS_H

#include "buf.h"
#include "shm.h"
#include "stats.h"

/* Append every family; out overflows when it is too small. */
void metrics_write(const struct shm *shm, const struct stats *stats,
    int64_t now, struct buf *out);

#endif
