/* SPDX-License-Identifier: MIT */
/*
 * store/call.h - one script run for one token, wherever that must be.
 *
 * Sends EVALSHA, and EVAL to a server that does not know the script yet, so it
 * needs no right to SCRIPT LOAD.  Follows the redirections of a cluster (MOVED,
 * ASK, TRYAGAIN) and remembers the node.  Called by store.c.
 *
 * Invariants:
 *   - A call is answered exactly once; key->asked_at is then the time of its
 *     beginning, whatever was asked since.
 *   - The arguments, a token among them, are kept until then and wiped.
 */
#ifndef BEARERD_STORE_CALL_H
#define BEARERD_STORE_CALL_H

#include "store/key.h"
#include "store/nodes.h"
#include "store/script.h"

#define STORE_ARGS_MAX 14

struct store_call_args {
	enum store_script script;
	bool replica; /* ask there, not where the key lives */
	/* answer NULL: unreachable; done itself may be NULL */
	void (*done)(struct store_key *key, const struct proto_answer *answer);
	const char *argv[STORE_ARGS_MAX]; /* copied */
};

/* Run a script; -1: unreachable now, and done will not be called. */
int store_call(struct store_nodes *links, struct store_key *key,
    const struct store_call_args *args);

/* Some calls are made again after a moment: when, and do it. */
int64_t store_calls_next_at(void);
void store_calls_turn(int64_t now);

/* Forget the calls under way; after their connections were closed. */
void store_calls_forget(void);

#endif
