/* SPDX-License-Identifier: MIT */
/*
 * master.h - master/ is for the process that supervises the others.
 *
 * Opens the sockets and the segment, starts workers and refresher, replaces
 * whoever dies or stalls, carries signals out, and tells systemd.  Parses
 * nothing that comes from a network and never blocks.
 *
 * Its messages: an error at start is fatal; later, "fork" and reload errors
 * are warnings with which the service goes on; a failed assert is a bug.
 *
 * Invariants:
 *   - At most one refresher per segment lives: the next is started only when
 *     the one before is reaped.
 *   - At most two crews of workers live; a reload that comes earlier
 *     waits, and several of them are one.
 */
#ifndef BEARERD_MASTER_H
#define BEARERD_MASTER_H

#include "conf/conf.h"

/*
 * Run the service until it is told to stop.  Takes conf over; source is where
 * a reload reads it anew.  Returns the exit status of bearerd(8).
 */
int master_run(struct conf *conf, const struct conf_source *source);

#endif
