/* SPDX-License-Identifier: MIT */
/*
 * sink.h - tokens in files, for gateways and programs that read one.
 *
 * Called by the refresher alone, whose only writer of files this is.  A sink
 * follows a slot: it looks at it at every turn of the refresher's loop, and so
 * sees what was obtained, adopted, taken over at the start, and buried.
 *
 * Invariants:
 *   - A file is whole or not there: it is written under another name in the
 *     same directory, and renamed.
 *   - It is gone once its token is dead (E - S), so that who reads it fails
 *     rather than uses a dead token; one that cannot be removed is emptied.
 *   - No failure is more than a line in the log, once in SINK_SAY_MS for each
 *     file, and another attempt after SINK_RETRY_MS.
 */
#ifndef BEARERD_SINK_H
#define BEARERD_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "shm.h"

#define SINK_RETRY_MS 5000
#define SINK_SAY_MS 60000

struct sinks;

/*
 * A sink for each token that has a file.  Files of `before` (may be NULL), a
 * configuration that was in force until now, are removed if no token has them
 * any more.  The configuration and the segment must outlive the sinks.
 */
struct sinks *sinks_open(const struct conf *conf, const struct conf *before,
    const struct shm *shm);

/* Bring the files in line with the slots; returns the boot time of what is due
 * next, INT64_MAX: nothing. */
int64_t sinks_turn(struct sinks *s, int64_t now);

/* Free them; `withdrawn`: and remove the files that were written, unless they
 * were replaced by somebody else meanwhile. */
void sinks_close(struct sinks *s, bool withdrawn);

/* The groups that files are given to, at most `max`, for a process that
 * changes its user; returns how many. */
size_t sinks_groups(const struct conf *conf, gid_t *out, size_t max);

#endif
