/* SPDX-License-Identifier: MIT */
/*
 * jose.h - signed JSON Web Tokens: assertions, and tokens of our own.
 *
 * Called by the refresher when it makes a request, and by the configuration's
 * checks.
 *
 * Invariants:
 *   - Keys and certificates are read anew each time and wiped after use.
 *   - A secret is never told by a kid: servers then look for a public key.
 */
#ifndef BEARERD_JOSE_H
#define BEARERD_JOSE_H

#include <stdint.h>

#include "base/err.h"
#include "token/jose_key.h"

/* A signer; the texts are the caller's. */
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
