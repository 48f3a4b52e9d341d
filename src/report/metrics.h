/* SPDX-License-Identifier: MIT */
/*
 * report/ is for what /metrics and /status print.
 *
 * metrics.h - the counters as Prometheus text (exposition format 0.0.4).
 *
 * Called by a worker for GET /metrics, step by step, since thousands of tokens
 * take long.  Prints sums over the blocks of all processes.
 * Names, help and labels are those of stats_tbl.h.
 */
#ifndef BEARERD_METRICS_H
#define BEARERD_METRICS_H

#include "report/page.h"

/* Append a step of the page, which is a family or one token of it
 * (page_writer.step). */
size_t metrics_step(const struct page_source *source, size_t at,
    struct buf *out);

#endif
