/* SPDX-License-Identifier: MIT */
/*
 * store/key.h - what Redis holds for one token: names and values.
 *
 * Called by store.c and its parts.
 */
#ifndef BEARERD_STORE_KEY_H
#define BEARERD_STORE_KEY_H

#include "redis/proto.h"
#include "store/store.h"
#include "store/seal.h"

/* The keys, in the order that the scripts get them. */
enum store_name {
	STORE_TEXT,
	STORE_META,
	STORE_OWNER,
	STORE_GENERATION,
	STORE_CALLS,
	STORE_REJECTED,
	STORE_REPORTS,
	STORE_REFUSED,
	STORE_REFRESH_TOKEN,
	STORE_NAMES
};
#define STORE_NAMES_TEXT "9"

/* A token's keys; also the argument of every callback about it. */
struct store_key {
	struct store *store;
	struct store_seal *seal;
	size_t token;
	int64_t lease_ms;
	int64_t calls_per_hour; /* 0: any number */
	int node;         /* of store/nodes.h that it lives at, or STORE_ANY */
	bool lost;        /* no server could be reached for it the last time */
	bool locked;      /* as far as we know */
	unsigned refused; /* 1 << script: the last run of it was */
	bool foreign;     /* a value of another client was warned of */
	int64_t asked_at; /* of the answer that is being handled */
	int64_t ahead_ms; /* Redis' clock less ours, when it gave the lock */
	char note[24];    /* of the call that the lock was taken for */
	char tried[STORE_TRIED_LEN + 1]; /* the credentials of that; "": none */
	char *record;      /* of the refresh token, as it is there; sealed */
	char *record_sent; /* the next one, on its way */
	char *name[STORE_NAMES];
	char *channel;
};

/* Make the names.  seal is the store's. */
void store_key_init(struct store_key *k, struct store *s,
    struct store_seal *seal, size_t token, const struct conf_token *conf);
void store_key_free(struct store_key *k);

#define STORE_TIME_MAX INT64_C(9007199254740991) /* that a script counts to */

/* The decimal number of a value, limited to this range; `otherwise`: none. */
int64_t store_key_number(const struct proto_value *v, int64_t least,
    int64_t most, int64_t otherwise);

/*
 * Read STORE_READS values: text, PTTL, meta's generation, fingerprint,
 * expires_at_ms, obtained_at_ms, the counter, meta's origin and extra.  Meta
 * data of another text are left from a token that was written over by somebody
 * else, and are ignored; a sealed text, which we alone write, is refused then.
 * What cannot be a generation or a life counts as unknown.  It is logged why a
 * text cannot be used.  The text is valid as long as the values, and until
 * store_seal_wipe().
 */
#define STORE_READS 9
void store_key_decode(struct store_key *k, const struct proto_value *v,
    struct store_value *out);

/* Read a rotation message, "generation fingerprint"; false: it is none. */
bool store_key_message(const struct proto_value *v, uint64_t *generation,
    char *fingerprint);

#endif
