/* SPDX-License-Identifier: MIT */
/*
 * store_seal.h - tokens' texts on their way into Redis and back.
 *
 * With redis-key-file a text is sealed (seal.h) before it is written, and only
 * a sealed one is believed; without, it is written as it is, and a sealed one
 * is nothing that can be used.  What is refused is counted, and told in the log
 * at most every ten seconds.
 *
 * The inner side of store.h; called by store.c and store_key.c.
 *
 * Invariants:
 *   - With redis-key-file no text is written that is not sealed.
 *   - A sealed value is never taken for a token.
 *   - Keys are read for each use, and are in memory only meanwhile.
 */
#ifndef BEARERD_STORE_SEAL_H
#define BEARERD_STORE_SEAL_H

#include "conf.h"
#include "resp.h"
#include "seal.h"
#include "stats.h"
#include "token.h"

struct store_seal {
	const char *key_file; /* NULL: nothing is sealed */
	bool accept_plain;
	struct stats_process *stats;
	int64_t file_told_at, told_at[STATS_REFUSED_COUNT]; /* in the log */
	char opened[SEAL_ROOM(TOKEN_MAX)];
	char sealed[SEAL_ROOM(TOKEN_MAX)];
};

void store_seal_init(struct store_seal *s, const struct conf *conf,
    struct stats_process *stats);

/* What to write for a token, valid until the next call; NULL: nothing, because
 * there is no key. */
const char *store_seal_text(struct store_seal *s, const char *name,
    const struct token *t);

/*
 * Replace what was read by the text in it, valid until store_seal_wipe().  0,
 * or -1: refused, as if nothing had been there.
 */
int store_seal_open(struct store_seal *s, const struct seal_place *place,
    struct resp_value *value);

/* Refuse a value, for `detail` if that is not "".  Always -1. */
int store_seal_refuse(struct store_seal *s, enum stats_refused reason,
    const char *name, const char *detail);

/* Forget the text that was read last. */
void store_seal_wipe(struct store_seal *s);

#endif
