/* SPDX-License-Identifier: MIT */
/*
 * try.h - ask for a token once, as the daemon would, and tell what came of it.
 *
 * Called by main for --try.  No Redis, no shared memory, no file is touched but
 * to read secrets and certificates.
 *
 * Invariants:
 *   - One call for each token, with its own deadlines and no second attempt.
 *   - Neither a secret nor a token is printed.
 *   - The user of the daemon asks, so that a file it cannot read is noticed.
 */
#ifndef BEARERD_TRY_H
#define BEARERD_TRY_H

#include "conf/conf.h"

/* Try the token named conf->try_name, or all, one after the other, and print on
 * standard output.  Returns the exit status. */
int try_run(const struct conf *conf);

#endif
