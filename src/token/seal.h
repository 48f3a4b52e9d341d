/* SPDX-License-Identifier: MIT */
/*
 * token/seal.h - a text encrypted for one key of a store that others can read.
 *
 * A sealed value is printable:
 *
 *   bearerd1.ID.BASE64URL(nonce, ciphertext, tag)
 *
 * AES-256-GCM (NIST SP 800-38D) with the key that ID names.  The associated
 * data are version, ID, generation and name of the place.  So a value that was
 * moved to another place, or to another generation, does not open.
 *
 * A key file has one key per line: ID HEX.  ID is 1 to 16 of A-Z a-z 0-9 _ -
 * and HEX 64 hexadecimal digits; # begins a comment.  Two keys are allowed
 * while one replaces the other: the first seals, both open.
 *
 * Called by the refresher, through store.h, and by conf to check the file.
 *
 * Invariants:
 *   - No error holds a text from the file: it may be a key in a wrong place.
 *   - Keys and opened texts are the caller's to wipe.
 */
#ifndef BEARERD_TOKEN_SEAL_H
#define BEARERD_TOKEN_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "base/err.h"

#define SEAL_KEYS_MAX 2   /* keys in a file */
#define SEAL_ID_MAX 16    /* bytes of an id */
#define SEAL_NAME_MAX 512 /* bytes of a place's name */

/* One key; a secret. */
struct seal_key {
	char id[SEAL_ID_MAX + 1];            /* NUL-terminated */
	unsigned char bytes[CRYPTO_KEY_LEN]; /* of AES-256 */
};

/* The keys of a file; the first one seals. */
struct seal_keys {
	size_t count; /* 1 or 2 after a successful read */
	struct seal_key key[SEAL_KEYS_MAX];
};

/* The place that a value belongs to. */
struct seal_place {
	const char *name;    /* of the key in Redis; the caller's */
	uint64_t generation; /* of the token */
};

enum seal_outcome {
	SEAL_OPENED,
	SEAL_UNKNOWN_KEY, /* no key has the id of the value */
	SEAL_BAD,         /* damaged, or of another place or generation */
};

/* Read a key file as secret_file_read() does.  0; or -1 with *err, "FILE:LINE:
 * ..." or "FILE: ...", and *out wiped. */
int seal_read_keys(const char *path, struct seal_keys *out, struct err *err);

/* Read keys from a text, which is overwritten; path is for the error.  Result
 * as above. */
int seal_parse_keys(const char *path, char *text, struct seal_keys *out,
    struct err *err);

/* Overwrite keys. */
void seal_forget_keys(struct seal_keys *keys);

/* True: a value is sealed, by this version or a later one.  Then it is no
 * token, even if it cannot be opened. */
bool seal_is_sealed(const char *value, size_t len);

/* Copy the key id of a value to id.  0, or -1: the value is damaged. */
int seal_key_id(const char *value, size_t len, char id[SEAL_ID_MAX + 1]);

/* Bytes of a value with its NUL, for a text of at most len bytes. */
#define SEAL_ROOM(len)                        \
	(sizeof("bearerd1..") + SEAL_ID_MAX + \
	    BASE64URL_LEN((len) + CRYPTO_SEAL_LEN))

/* Seal a text with the first key and a random nonce.  Writes a NUL-terminated
 * value of at most SEAL_ROOM(len) bytes to out.  Out of memory or of random
 * numbers, it ends the process. */
void seal_close(const struct seal_keys *keys, const struct seal_place *place,
    const char *text, size_t len, char *out);

/*
 * Open a value of len bytes.  On SEAL_OPENED its text, without a NUL, is in out
 * and its length in *out_len.  out has room for len bytes; texts are shorter.
 */
enum seal_outcome seal_open(const struct seal_keys *keys,
    const struct seal_place *place, const char *value, size_t len, char *out,
    size_t *out_len);

#endif
