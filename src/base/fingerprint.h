/* SPDX-License-Identifier: MIT */
/*
 * fingerprint.h - a short name for a token that does not betray it.
 *
 * The first 16 hexadecimal digits of SHA-256 of the token's text: in entity
 * tags, in Redis beside the token, in log lines.  Called by the refresher and
 * by workers that compare a reported token.
 */
#ifndef BEARERD_FINGERPRINT_H
#define BEARERD_FINGERPRINT_H

#include <stddef.h>

#define FINGERPRINT_LEN 16

/* Write FINGERPRINT_LEN digits and a NUL to out. */
void fingerprint(const char *text, size_t len, char *out);

#endif
