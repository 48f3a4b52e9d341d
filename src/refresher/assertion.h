/* SPDX-License-Identifier: MIT */
/*
 * assertion.h - assertions and tokens that are part of a request, or made
 * without one.
 *
 * Called by oauth.h for the form, by backend_request.c for places of a plain
 * request, and by renewals for a token that needs no backend.
 *
 * Invariants:
 *   - An assertion has a jti of its own each time, and lives for ASSERTION_S by
 *     the clock that the caller gives.
 *   - Keys and files are read anew each time, so that one that was replaced is
 *     used.
 *   - For secrets that are masked nothing is read or signed: asterisks stand
 *     there.
 */
#ifndef BEARERD_ASSERTION_H
#define BEARERD_ASSERTION_H

#include "base/err.h"
#include "conf/conf.h"
#include "conf/secrets.h"

#include <stdint.h>

#define ASSERTION_S 60
#define ASSERTION_MASK "********"
#define ASSERTION_MAX 16384 /* bytes of a token that is part of a request */

/* Input of a request that the configuration does not have.  The texts are the
 * caller's; NULL: there is none. */
struct request_given {
	const char *document;      /* URL to get, nothing else is sent */
	const char *logout;        /* token to end, instead of getting one */
	const char *logout_extra;  /* its further values, as in struct token */
	const char *token_url;     /* found by discovery */
	const char *subject;       /* of token:NAME in subject-token */
	const char *actor;         /* likewise of actor-token */
	const char *refresh_token; /* instead of that in the file */
	int64_t wall_at; /* ms since the epoch, by the backend's clock */
};

/* Where to ask for the token with a grant: found, configured, or made of
 * base-url and path.  The caller frees it. */
char *assertion_url(const struct conf_token *t,
    const struct request_given *given);

/* A file's text.  NULL with *err.  The caller wipes and frees it, as that of
 * all that follow. */
char *assertion_read(const char *path, bool masked, struct err *err);

/* The text behind "file:PATH" or "token:NAME"; the latter is `other`, NULL: it
 * is not there.  NULL with *err. */
char *assertion_source(const char *source, const char *other, bool masked,
    struct err *err);

/* The content of an assertion; the texts are the caller's. */
struct assertion {
	const char *sub;
	const char *secret; /* that signs it; NULL: signing-key-file */
	const char *more;   /* JSON object of further claims; NULL: none */
};

/* Sign one for the authorization server (RFC 7523, 3).  NULL with *err. */
char *assertion_make(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, const struct assertion *a,
    struct err *err);

/* The secret that signs if there is no key; NULL: there is a key. */
const char *assertion_secret(const struct conf_token *t,
    const struct secrets *s);

/* Sign a token (grant = self-signed) that lives for default-ttl.  NULL with
 * *err. */
char *assertion_sign_token(const struct conf_token *t, const struct secrets *s,
    int64_t wall_at, struct err *err);

#endif
