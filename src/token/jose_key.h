/* SPDX-License-Identifier: MIT */
/*
 * jose_key.h - keys that sign: JSON Web Signatures and their algorithms.
 *
 * Called by token/jose.c.  In token/ the only user of libcrypto.
 *
 * Invariants:
 *   - An algorithm signs with a key of its own kind, curve and size only.
 *   - A file is read anew each time, and what was read of it is wiped.
 *   - No error of libcrypto stays in its queue.
 */
#ifndef BEARERD_JOSE_KEY_H
#define BEARERD_JOSE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base64url.h"
#include "base/err.h"

#define JOSE_SIGNATURE_MAX 2048 /* bytes: RSA of 16384 bits */
#define JOSE_THUMBPRINT_LEN BASE64URL_LEN(32)

/* Signature algorithms (RFC 7518, 3.1; RFC 8037, 3.1), in the order of the
 * words of signing-alg. */
enum jose_alg {
	JOSE_NONE, /* that of the key */
	JOSE_RS256,
	JOSE_RS384,
	JOSE_RS512,
	JOSE_PS256,
	JOSE_PS384,
	JOSE_PS512,
	JOSE_ES256,
	JOSE_ES384,
	JOSE_ES512,
	JOSE_EDDSA,
	JOSE_HS256,
	JOSE_HS384,
	JOSE_HS512,
	JOSE_ALGS
};

struct jose_key;

/* Open a private key in PEM, or with file NULL a secret, to sign with alg.
 * NULL with *err: it cannot.  The caller closes it. */
struct jose_key *jose_key_open(enum jose_alg alg, const char *file,
    const char *secret, struct err *err);
void jose_key_close(struct jose_key *key);

/* The name of its algorithm, static; whether it is a secret. */
const char *jose_key_name(const struct jose_key *key);
bool jose_key_is_secret(const struct jose_key *key);

/* Sign a text (RFC 7515, 5.1): the signature's bytes in out, and how many; 0:
 * libcrypto cannot make it. */
size_t jose_key_sign(const struct jose_key *key, const char *text, size_t len,
    unsigned char out[JOSE_SIGNATURE_MAX]);

/* Write the SHA-256 thumbprint (RFC 7515, 4.1.8) of a certificate in PEM.  0,
 * or -1 with *err: it cannot be read, or is not the key's. */
int jose_key_thumbprint(const struct jose_key *key, const char *file,
    char out[JOSE_THUMBPRINT_LEN + 1], struct err *err);

#endif
