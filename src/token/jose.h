/* SPDX-License-Identifier: MIT */
/*
 * jose.h - signed JSON Web Tokens: assertions, and tokens of our own.
 *
 * Called by the refresher when it makes a request, and by the configuration's
 * checks.  In token/ the only user of libcrypto.
 *
 * Invariants:
 *   - Keys and certificates are read anew each time and wiped after use.
 *   - An algorithm signs with a key of its own kind, curve and size only.
 *   - A secret is never told by a kid: servers then look for a public key.
 */
#ifndef BEARERD_JOSE_H
#define BEARERD_JOSE_H

#include <stdint.h>

#include "base/err.h"

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

/* Who signs; the texts are the caller's. */
struct jose_signer {
	enum jose_alg alg;
	const char *key_file;  /* private key, PEM; NULL: the secret signs */
	const char *secret;    /* of HS algorithms */
	const char *key_id;    /* kid; NULL: none */
	const char *cert_file; /* its x5t#S256 (RFC 7515, 4.1.8); NULL: none */
	const char *typ;       /* NULL: none */
};

/* Registered claims (RFC 7519, 4.1); NULL: not there. */
struct jose_claims {
	const char *iss, *sub, *aud, *jti;
	int64_t issued_at, expires_at; /* s since the epoch: iat, exp */
	const char *more; /* JSON object: further claims, which replace these;
			   * null takes one out */
};

/* Sign: a JWT in compact form (RFC 7515, 3.1).  NULL with *err.  The caller
 * wipes and frees it. */
char *jose_sign(const struct jose_signer *s, const struct jose_claims *c,
    struct err *err);

/* Whether this signer can sign: 0, or -1 with *err, which says what key,
 * certificate or secret there must be. */
int jose_check(const struct jose_signer *s, struct err *err);

#endif
