/* SPDX-License-Identifier: MIT */
/* crew_private.h - what crew.c, which calls, gets from crew_memory.c. */
#ifndef BEARERD_CREW_PRIVATE_H
#define BEARERD_CREW_PRIVATE_H

#include "master/crew.h"

/* Get segment and counters for the first crew, and for a reload.  0, or -1 with
 * *err. */
int crew_memory_first(struct crew *c, struct err *err);
int crew_memory_next(struct crew *c, struct crew *before, struct err *err);

/* Remove the segment if it has a provisional name only. */
void crew_memory_disown(struct crew *c);

#endif
