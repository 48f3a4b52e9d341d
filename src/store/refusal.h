/* SPDX-License-Identifier: MIT */
/*
 * store/refusal.h - a Redis that answers and refuses.
 *
 * While a server refuses a script, nothing is shared through it, even if it can
 * be reached.  That is logged with a remedy, and shown as Redis being down.
 * Called by store.c, store/events.c and store/key.c.
 *
 * Invariants:
 *   - Redis counts as down while the last run of any script of any key was
 *     refused.
 *   - The same complaint is logged once a minute.
 */
#ifndef BEARERD_STORE_REFUSAL_H
#define BEARERD_STORE_REFUSAL_H

#include "store/key.h"
#include "store/script.h"

/* Log an error of Redis with a remedy. */
void store_refusal_log(const struct store_key *k, const char *what,
    const char *error);

/* A remedy against an error: a clause that begins with "; ", or "". */
#define STORE_HINT_MAX 1024
void store_refusal_hint(const char *name, const char *error,
    char out[STORE_HINT_MAX]);

/* True, and logged: an answer is an error, or has another number of values. */
bool store_refusal_check(const struct store_key *k, const char *what,
    const struct proto_answer *a, size_t count);

/* Likewise for a script's answer from the key's own server; it is noted. */
bool store_refusal_note(struct store_key *k, enum store_script script,
    const char *what, const struct proto_answer *a, size_t count);

/* Forget noted refusals: the server is another one. */
void store_refusal_forget(struct store_key *k);

#endif
