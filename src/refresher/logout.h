/* SPDX-License-Identifier: MIT */
/*
 * logout.h - ends tokens at the backend some time after they were replaced.
 *
 * Called by renewals: the replica that has obtained a token ends the one that
 * it had in service before, so that a backend which bounds sessions has room.
 *
 * Invariants:
 *   - A token is ended once, logout-after after it was replaced, and never
 *     while it is in service.
 *   - At most LOGOUTS_MAX wait; for one more the oldest is forgotten, with a
 *     notice.
 *   - Those that wait are lost when the refresher ends: they end with their
 *     life.
 */
#ifndef BEARERD_LOGOUT_H
#define BEARERD_LOGOUT_H

#include "conf/conf.h"
#include "refresher/backend.h"
#include "token/token.h"

#define LOGOUTS_MAX 256

struct logouts;

struct logouts *logouts_open(const struct conf *conf);
void logouts_close(struct logouts *l);

/* Set the backend to use; its calls from the number of tokens on are for
 * logouts. */
void logouts_use(struct logouts *l, struct backend *backend);

/* Have a token ended that is replaced at this boot time (ms).  It is copied. */
void logouts_add(struct logouts *l, size_t number, const struct token *t,
    int64_t now);

/* Begin the calls that are due.  Returns the boot time of the next. */
int64_t logouts_turn(struct logouts *l, int64_t now);

/* Whether the end of a call is that of a logout; then it is done with. */
bool logouts_answered(struct logouts *l, const struct backend_result *result);

#endif
