/* SPDX-License-Identifier: MIT */
/*
 * store/seal.h - seal tokens for Redis, and open them again.
 *
 * With redis-key-file a text is sealed (token/seal.h) before it is written, and
 * only sealed texts are accepted, unless redis-accept-plain is set.  Without it
 * texts are written as they are, and sealed ones are refused.  A refusal is
 * counted, and logged once a minute for each reason.  Called by store.c and
 * store/key.c.
 *
 * Invariants:
 *   - With redis-key-file only sealed texts are written.
 *   - A sealed value is never taken for a token.
 *   - Keys are read for each use and wiped after it.
 */
#ifndef BEARERD_STORE_SEAL_H
#define BEARERD_STORE_SEAL_H

#include "base/log_limit.h"
#include "conf/conf.h"
#include "redis/proto.h"
#include "token/seal.h"
#include "shared/stats.h"
#include "token/token.h"

struct store_seal {
	const char *key_file;        /* redis-key-file; NULL: seal nothing */
	bool accept_plain;           /* redis-accept-plain */
	struct stats_process *stats; /* counts refusals */
	struct log_limit limit;      /* by reason, and one for the key file */
	char opened[SEAL_ROOM(TOKEN_ROOM_MAX)]; /* opened last; secret */
	char sealed[SEAL_ROOM(TOKEN_ROOM_MAX)]; /* the value sealed last */
};

/* Set up *s, which is all zeros; conf and stats stay the caller's. */
void store_seal_init(struct store_seal *s, const struct conf *conf,
    struct stats_process *stats);

/* The value to write for a token and, behind a space, its extras under this
 * name, valid until the next call; NULL: the key file cannot be read, which is
 * logged. */
const char *store_seal_text(struct store_seal *s, const char *name,
    const struct token *t);

/* Likewise for any text of this place; NULL also without redis-key-file. */
const char *store_seal_bytes(struct store_seal *s,
    const struct seal_place *place, const char *text, size_t len);

/*
 * Replace a value of Redis by its text, valid until store_seal_wipe().  0; or
 * -1: refused, counted and logged; treat it as absent.
 */
int store_seal_open(struct store_seal *s, const struct seal_place *place,
    struct proto_value *value);

/* Count and log a refused value; detail, unless "", ends the message.  Returns
 * -1. */
int store_seal_refuse(struct store_seal *s, enum stats_refused reason,
    const char *name, const char *detail);

/* Overwrite the text that was opened last. */
void store_seal_wipe(struct store_seal *s);

#endif
