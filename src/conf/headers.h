/* SPDX-License-Identifier: MIT */
/*
 * headers.h - the fields that /auth sends: templates for a token and its
 * extras.
 *
 * Called by workers when they render an answer or read a report, by the
 * refresher when it ends a token, and by the configuration's checks.
 *
 * Invariants:
 *   - The first one has the token, once; "%s" is another word for "@{token}".
 *   - Places name the token, an extra, or an option that is no secret: workers
 *     know none.
 */
#ifndef BEARERD_CONF_HEADERS_H
#define BEARERD_CONF_HEADERS_H

#include "base/buf.h"
#include "conf/conf.h"

/* The option header's first value. */
const char *headers_first(const struct conf_token *t);

/* Whether that is "Authorization: Bearer ...", so that the token is a bearer
 * token. */
bool headers_are_bearer(const struct conf_token *t);

/* The place of the token in a template, *len bytes; NULL: it has none. */
const char *headers_mark(const char *template, size_t *len);

/* Append a template, filled; extra as in struct token. */
void headers_fill(const struct conf_token *t, const char *template,
    const char *token, const char *extra, struct buf *out);

/* Bytes that all of them have at most, filled, each with a line end. */
size_t headers_size(const struct conf_token *t, size_t token_max);

/* The value of a place in a template: whether there can be one.  Of a secret
 * there is none. */
bool headers_have_place(const struct conf_token *t, const char *name);

#endif
