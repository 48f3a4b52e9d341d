/* SPDX-License-Identifier: MIT */
/*
 * store_key.h - what Redis holds for one token: names and values.
 *
 * The inner side of store.h; called by store.c only.
 */
#ifndef BEARERD_STORE_KEY_H
#define BEARERD_STORE_KEY_H

#include "resp.h"
#include "store.h"
#include "store_seal.h"

/* The keys, in the order that the scripts get them. */
enum store_name {
	STORE_TEXT,
	STORE_META,
	STORE_OWNER,
	STORE_GENERATION,
	STORE_CALLS,
	STORE_REJECTED,
	STORE_NAMES
};
#define STORE_NAMES_TEXT "6"

/* A token's keys; also the argument of every callback about it. */
struct store_key {
	struct store *store;
	struct store_seal *seal;
	size_t token;
	int64_t lease_ms;
	int64_t calls_per_hour; /* 0: any number */
	int node;    /* of store_link.h that it lives at, or STORE_ANY */
	bool lost;   /* no server could be reached for it the last time */
	bool locked; /* as far as we know */
	int64_t asked_at; /* of the look-up or lock under way */
	int64_t ahead_ms; /* Redis' clock less ours, when it gave the lock */
	char note[24]; /* of the call that the lock was taken for */
	char *name[STORE_NAMES];
	char *channel;
};

/* Make the names.  seal is the store's. */
void store_key_init(struct store_key *k, struct store *s,
    struct store_seal *seal, size_t token, const struct conf_token *conf);
void store_key_free(struct store_key *k);

/* The decimal number of a value, or `otherwise` when it is none. */
int64_t store_key_number(const struct resp_value *v, int64_t otherwise);

/*
 * Read STORE_READS values: text, PTTL, meta's generation, fingerprint,
 * expires_at_ms, obtained_at_ms, and the counter.  Meta data that belong to
 * another text are those of a token that was since written over; a sealed text
 * is refused then, which always comes with its own.  What cannot be a generation
 * or a life counts as unknown; of a text that cannot be used it is said why, at
 * most every ten seconds.  The text is valid as long as the values, and until
 * store_seal_wipe().
 */
#define STORE_READS 7
void store_key_decode(const struct store_key *k, const struct resp_value *v,
    struct store_value *out);

/* Log what Redis complains of, at most every ten seconds. */
void store_key_complain(const struct store_key *k, const char *what,
    const char *error);

/*
 * Whether an answer is an error, or has not this many values; Redis' complaint
 * is logged, at most every ten seconds.
 */
bool store_key_failed(const struct store_key *k, const char *what,
    const struct resp_answer *a, size_t count);

/* Read a rotation message, "generation fingerprint"; false: it is none. */
bool store_key_message(const struct resp_value *v, uint64_t *generation,
    char *fingerprint);

#endif
