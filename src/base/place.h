/* SPDX-License-Identifier: MIT */
/*
 * place.h - texts with places in them, "@{NAME}" or "@{NAME:ENCODING}", that
 * values are put into.
 *
 * Called by the configuration's checks, and by the refresher when it composes a
 * request.  Pure: nothing is allocated, so no copy of a value is left behind.
 *
 * Invariants:
 *   - "@{" begins a place wherever it stands; there is no other way to write it
 *     than the one of the text's own language: "\u0040{", "%40{", "&#64;{".
 *   - A value is never changed but by its encoding, and none is cut.
 *   - No error holds a value.
 */
#ifndef BEARERD_PLACE_H
#define BEARERD_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define PLACE_NAME_MAX 64 /* letters, digits, points, "_" and "-" */

enum place_encoding {
	PLACE_RAW,
	PLACE_JSON,   /* within a string: RFC 8259, 7 */
	PLACE_FORM,   /* application/x-www-form-urlencoded: a space is "+" */
	PLACE_BASE64, /* RFC 4648, 4, with padding */
	PLACE_XML,    /* of text and of values of attributes */
	PLACE_URL,    /* percent-encoding, RFC 3986, 2.1 */
};

/* One place in a text. */
struct place {
	char name[PLACE_NAME_MAX + 1];
	enum place_encoding encoding;
	const char *at, *end; /* from its "@" to behind its "}" */
};

/* The value behind a name. */
struct place_value {
	const char *text;
	bool mask; /* it stands as it is, whatever the encoding */
};

/*
 * Find the next place in a text; one without an encoding has the usual one.  1,
 * 0: there is none; or -1 with *err: it is not written as one.
 */
int place_next(const char *text, enum place_encoding usual, struct place *out,
    struct err *err);

/* Whether a name is one that a place can have. */
bool place_is_name(const char *name);

/* Append a value in an encoding. */
void place_encode(enum place_encoding encoding, const char *text, size_t len,
    struct buf *out);

/*
 * Append a text with its places filled.  look_up() returns what a name stands
 * for, text NULL: nothing.  0, or -1 with *err; out may have some of it then,
 * and the caller looks at its overflow.
 */
int place_fill(const char *text, enum place_encoding usual,
    struct place_value (*look_up)(void *arg, const char *name), void *arg,
    struct buf *out, struct err *err);

#endif
