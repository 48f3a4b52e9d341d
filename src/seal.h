/* SPDX-License-Identifier: MIT */
/*
 * seal.h - a text encrypted for one place in a store that others can read.
 *
 * A sealed value is printable:
 *
 *   bearerd1.ID.BASE64URL(nonce, ciphertext, tag)
 *
 * AES-256-GCM with the key that ID names.  The associated data are the version,
 * ID, the generation and the name of the place: a value that was put in another
 * place, or declared as of another generation, does not open.
 *
 * Keys are in a file, one a line: ID HEX, the id of 1 to 16 of A-Z a-z 0-9 _ -
 * and the key as 64 hexadecimal digits; empty lines, and what follows a #, do
 * not count.  There may be two while one replaces the other: the first seals,
 * both open.
 *
 * Called by the refresher, through store.h; by conf, to check the file.  Pure,
 * but for reading the file and for the nonce.
 *
 * Invariants:
 *   - No error holds a text from the file: it may be a key in a wrong place.
 *   - Keys and opened texts are the caller's to wipe.
 */
#ifndef BEARERD_SEAL_H
#define BEARERD_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto.h"
#include "util.h"

#define SEAL_KEYS_MAX 2
#define SEAL_ID_MAX 16
#define SEAL_NAME_MAX 512 /* bytes of a place's name */

struct seal_key {
	char id[SEAL_ID_MAX + 1];
	unsigned char bytes[CRYPTO_KEY_LEN];
};

/* At least one, from wherever they were read. */
struct seal_keys {
	size_t count;
	struct seal_key key[SEAL_KEYS_MAX];
};

/* Where a value belongs. */
struct seal_place {
	const char *name; /* of the key in Redis */
	uint64_t generation;
};

enum seal_outcome {
	SEAL_OPENED,
	SEAL_UNKNOWN_KEY,
	SEAL_BAD, /* damaged, or of another place or generation */
};

/* Read a file of keys, found as util_read_secret() does.  0, or -1 with *err,
 * "FILE:LINE: ..." or "FILE: ..."; out is wiped then. */
int seal_read_keys(const char *path, struct seal_keys *out, struct err *err);

/* The same from a text, which is cut up; path is for the error. */
int seal_parse_keys(const char *path, char *text, struct seal_keys *out,
    struct err *err);

/* Overwrite keys. */
void seal_forget_keys(struct seal_keys *keys);

/* Whether a value is sealed, by this version or a later one: no token, that is,
 * even when it cannot be opened. */
bool seal_is_sealed(const char *value, size_t len);

/* The id of the key that a value was sealed with.  0, or -1: it is damaged. */
int seal_key_id(const char *value, size_t len, char id[SEAL_ID_MAX + 1]);

/* Bytes of a value, and a NUL, for a text of len bytes at most. */
#define SEAL_ROOM(len)                                                        \
	(sizeof("bearerd1..") + SEAL_ID_MAX +                                 \
	    CRYPTO_BASE64URL_ROOM((len) + CRYPTO_SEAL_LEN))

/* Seal a text with the first key: a NUL-terminated value, to out. */
void seal_close(const struct seal_keys *keys, const struct seal_place *place,
    const char *text, size_t len, char *out);

/*
 * Open a value.  When it is SEAL_OPENED its text, which is not terminated, is
 * in out and its length in *out_len; out has room for len bytes, of which a
 * text needs less.
 */
enum seal_outcome seal_open(const struct seal_keys *keys,
    const struct seal_place *place, const char *value, size_t len, char *out,
    size_t *out_len);

#endif
