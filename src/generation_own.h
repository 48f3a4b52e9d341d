/* SPDX-License-Identifier: MIT */
/*
 * generation_own.h - the inner contract of generation.c and
 * generation_heir.c.
 */
#ifndef BEARERD_GENERATION_OWN_H
#define BEARERD_GENERATION_OWN_H

#include "generation.h"

/*
 * Get a segment with these slots from a predecessor: its own, or one beside it
 * that holds its valid tokens and gets the name in generation_settle().  0, or
 * -1 with *err.
 */
int generation_inherit(struct generation *g, const char *const *names,
    struct err *err);

#endif
