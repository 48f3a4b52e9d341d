/* SPDX-License-Identifier: MIT */
/*
 * discovery.h - the token endpoint of an issuer, from its metadata.
 *
 * Called by renewals, which get the document through backend.h.  Pure.
 *
 * Invariants:
 *   - A document of another issuer is refused, to the letter (RFC 8414, 3.3).
 *   - An issuer that is asked over TLS has a token endpoint over TLS.
 */
#ifndef BEARERD_DISCOVERY_H
#define BEARERD_DISCOVERY_H

#include "base/err.h"
#include "conf/conf.h"
#include "token/token.h"

#define DISCOVERY_URL_MAX 2048

/* Places of the document, in the order in which they are tried. */
enum discovery_place {
	DISCOVERY_OAUTH,  /* RFC 8414, 3.1: before the issuer's path */
	DISCOVERY_OPENID, /* OpenID Connect Discovery 1.0, 4.1: behind it */
	DISCOVERY_PLACES
};

/* The URL of the document.  The caller frees it. */
char *discovery_url(const char *issuer, enum discovery_place place);

/* Read the token endpoint, with client-auth = tls the one of
 * mtls_endpoint_aliases (RFC 8705, 5).  The caller frees it; NULL with *err. */
char *discovery_read(const struct conf_token *t,
    const struct token_reply *reply, struct err *err);

#endif
