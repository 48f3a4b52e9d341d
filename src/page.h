/* SPDX-License-Identifier: MIT */
/*
 * page.h - /status and /status.json: how the service is, for people and for
 * programs.  No token and no secret.  Called by api.c.
 */
#ifndef BEARERD_PAGE_H
#define BEARERD_PAGE_H

#include "buf.h"
#include "shm.h"
#include "stats.h"

/* Append the status as JSON, or as text. */
void page_status_json(const struct shm *shm, const struct stats *stats,
    int64_t now, struct buf *out);
void page_status(const struct shm *shm, const struct stats *stats, int64_t now,
    struct buf *out);

#endif
