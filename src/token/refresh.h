/* SPDX-License-Identifier: MIT */
/*
 * refresh.h - the record of a refresh token, and how each call changes it.
 *
 * A refresh token that rotates is used once: a second use of an old one ends
 * the whole family (RFC 9700, 4.14.2).  So the record is written before a call
 * (what is about to be used) and after it (what is used next), and from it
 * whoever comes next knows what may be done.  Called by the refresher.  Pure.
 *
 * Invariants:
 *   - A token is sent at most twice: again only if the first call ended without
 *     an outcome.
 *   - A dead family is never asked for again; another seed begins a new one.
 */
#ifndef BEARERD_REFRESH_H
#define BEARERD_REFRESH_H

#include "base/fingerprint.h"

#include <stdbool.h>
#include <stddef.h>

#define REFRESH_MAX 8192 /* bytes of a refresh token */
#define REFRESH_TEXT_MAX (REFRESH_MAX + 128)

struct refresh {
	char seed[FINGERPRINT_LEN + 1]; /* of the first token of the family */
	unsigned tried; /* calls with this token that have no outcome yet */
	bool dead;      /* the server refuses this family */
	char token[REFRESH_MAX + 1]; /* to use next; secret */
};

/* The end of a call. */
enum refresh_outcome {
	REFRESH_GRANTED,
	REFRESH_UNUSED,  /* it certainly did not use the token up */
	REFRESH_REFUSED, /* invalid_grant */
	REFRESH_UNKNOWN, /* no answer, or one that does not tell */
};

/* Read a record, as refresh_write() writes it; false: it is none. */
bool refresh_read(const char *text, size_t len, struct refresh *out);

/* Write a record as a text of at most REFRESH_TEXT_MAX bytes and a NUL. */
void refresh_write(const struct refresh *r, char *out);

/* Begin a call: make a record of the seed unless this one, if it is known, is
 * of its family or the seed is NULL, and count the call.  False: no call may be
 * made until the seed is another one. */
bool refresh_begin(struct refresh *r, bool known, const char *seed);

/* End it; next is the token to use from now on, NULL: the same. */
void refresh_end(struct refresh *r, enum refresh_outcome outcome,
    const char *next);

/* Whether a text can be a refresh token (RFC 6749, appendix A.17). */
bool refresh_is_token(const char *text);

#endif
