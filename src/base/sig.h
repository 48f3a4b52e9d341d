/* SPDX-License-Identifier: MIT */
/*
 * sig.h - signals as bytes in a pipe.
 *
 * A handler only sets a flag and pokes a pipe, so that an event loop of any
 * kind can wait for it.  Each process calls sig_open() once after its fork,
 * with all signals blocked: what came for the parent is forgotten, what came
 * for the child since the fork is not.
 *
 * Invariant: a handler writes nothing but the flag and one byte.
 */
#ifndef BEARERD_SIG_H
#define BEARERD_SIG_H

#include <stdbool.h>

/*
 * Catch these signals (a list that ends in 0) and ignore SIGPIPE; signals of
 * an earlier sig_open() that are not in the list get their default again.
 * Returns the descriptor that becomes readable, or ends the process.
 */
int sig_open(const int *signals);

/* Before another program is executed: defaults for all, none blocked. */
void sig_reset(void);

/* Empty the pipe.  Call before sig_taken(). */
void sig_drain(void);

/* Whether this signal came since the last call for it. */
bool sig_taken(int signal);

/* Whether TERM, INT or QUIT did. */
bool sig_stop_taken(void);

#endif
