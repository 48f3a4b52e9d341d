/* SPDX-License-Identifier: MIT */
/*
 * mask.h - show a text to people with its secrets covered.
 *
 * Called by the refresher's try.c and, through token/show.h, for answers of a
 * backend: such a text may repeat what it was asked with.  Two things are
 * covered: texts that are known, and runs of characters that look like a token.
 *
 * Invariants:
 *   - A known text is covered wherever it stands, also encoded as place.h does
 *     and with hexadecimal digits in another case.
 *   - Nothing of what is covered can be told from the result, not even its
 *     length.
 */
#ifndef BEARERD_MASK_H
#define BEARERD_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define MASK_STARS "********"

struct mask {
	char **text; /* secrets; owned */
	size_t count;
};

/* Cover a secret from now on; an empty one is none. */
void mask_add(struct mask *m, const char *secret);

/* Append a text of len bytes with its secrets covered; a question mark takes
 * the place of a NUL. */
void mask_show(const struct mask *m, const char *text, size_t len,
    struct buf *out);

/* True: a text of len bytes looks like a token: long, of the characters of one,
 * and no word. */
bool mask_is_like_token(const char *text, size_t len);

/* Wipe and free the secrets. */
void mask_free(struct mask *m);

#endif
