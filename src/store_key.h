/* SPDX-License-Identifier: MIT */
/*
 * store_key.h - what Redis holds for one token: names, values, scripts.
 *
 * The inner side of store.h; called by store.c only.  Pure.
 */
#ifndef BEARERD_STORE_KEY_H
#define BEARERD_STORE_KEY_H

#include "resp.h"
#include "store.h"

/* A token's keys; also the argument of every callback about it. */
struct store_key {
	struct store *store;
	size_t token;
	int64_t lease_ms;
	bool locked; /* as far as we know */
	char *key, *meta, *lock, *generation, *channel;
};

void store_key_init(struct store_key *k, struct store *s, size_t token,
    const struct conf_token *conf);
void store_key_free(struct store_key *k);

/* The decimal number of a value, or `otherwise` when it is none. */
int64_t store_key_number(const struct resp_value *v, int64_t otherwise);

/*
 * Read STORE_READS values: text, PTTL, meta's generation, fingerprint,
 * expires_at_ms, obtained_at_ms, and the counter.  Meta data that belong to
 * another text are those of a token that was since written over.
 */
#define STORE_READS 7
void store_key_decode(const struct resp_value *v, struct store_value *out);

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

/*
 * Publish, if the lock is still ours and nothing newer is there.
 * KEYS: token, meta, lock, generation.  ARGV: owner, text, PX, 1 for a fresh
 * token or 0 for one that was lost, least generation, expires_at_ms,
 * obtained_at_ms, fingerprint, instance, channel.
 * Answers the generation, or 0: fenced.
 */
extern const char store_publish_script[];

/* Delete KEYS[1], if it holds ARGV[1]. */
extern const char store_unlock_script[];

#endif
