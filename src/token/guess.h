/* SPDX-License-Identifier: MIT */
/*
 * guess.h - help for people whose answer of a backend brings no token: where it
 * may be, and the answer itself with secrets covered.
 *
 * Called by the refresher's try.c only; no token is ever taken from a guess.
 *
 * Invariants:
 *   - A guess names members, fields and cookies, never a value; a name that
 *     could be a secret is no guess.
 *   - Values under a name that promises a secret are covered whole.
 */
#ifndef BEARERD_TOKEN_GUESS_H
#define BEARERD_TOKEN_GUESS_H

#include "base/mask.h"
#include "token/token.h"

#define TOKEN_PLACE_MAX 256

/* Append the lines of the configuration that would find what looks most like a
 * token: "token-field = /data/accessToken".  False: nothing does. */
bool token_guess(const struct token_reply *reply,
    const struct token_rules *rules, struct buf *out);

/* Write the JSON Pointer of the first member with this token; false: none. */
bool token_locate(const struct token_reply *reply, const char *token,
    char out[TOKEN_PLACE_MAX]);

/* Write the value of a header field, which may be longer; false: none. */
bool token_reply_field(const struct token_reply *reply, const char *name,
    char *out, size_t size);

/* Append the fields, and the body, which is laid out if it is JSON. */
void token_show_fields(const struct token_reply *reply, const struct mask *m,
    struct buf *out);
void token_show_body(const struct token_reply *reply, const struct mask *m,
    struct buf *out);

#endif
