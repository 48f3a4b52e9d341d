/* SPDX-License-Identifier: MIT */
/*
 * origin.h - the origin of a token, as two digests.
 *
 * A token belongs to the configuration that it was obtained with.  A token of
 * another place is never served; one of other credentials is renewed at once.
 * The digests are kept with the token, in its slot and in Redis.  Called by the
 * refresher, and by the master for the place alone, since it reads no secret.
 *
 * Invariants:
 *   - An option that is not set adds nothing to a digest, so a new option does
 *     not change the digests of old configurations.
 *   - No digest is 0, which means unknown.
 *   - The digest of the credentials depends on the place: a key that one
 * backend refused may be right for another.
 */
#ifndef BEARERD_CONF_ORIGIN_H
#define BEARERD_CONF_ORIGIN_H

#include "conf/conf.h"
#include "token/token.h"

#define ORIGIN_TEXT_LEN 33 /* "PLACE.CREDENTIALS", 16 digits each */

/* The digest of backend, request and answer: the text of the request without
 * the secrets in its places, and where the token is in the answer.  Never 0. */
uint64_t origin_place(const struct conf_token *t);

/* Both digests; the second is of auth, the user's name and every secret.  Reads
 * files of secrets; if one fails, credentials is 0. */
struct token_origin origin_of(const struct conf_token *t);

/* Write ORIGIN_TEXT_LEN characters and a NUL, the form in {K}:meta. */
void origin_text(const struct token_origin *origin, char *out);

/* Read that form; another text gives 0 for both. */
struct token_origin origin_read(const char *text, size_t len);

#endif
