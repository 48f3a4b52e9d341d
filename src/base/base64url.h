/* SPDX-License-Identifier: MIT */
/*
 * base64url.h - bytes as printable text (RFC 4648, 5), without padding.
 *
 * Called by token/seal.c for values in Redis, and by token/expiry.c for the
 * claims of a JWT.  Pure: nothing is allocated, so no copy of a secret is left
 * behind.
 */
#ifndef BEARERD_BASE64URL_H
#define BEARERD_BASE64URL_H

#include <stddef.h>
#include <sys/types.h>

/* Characters that len bytes make. */
#define BASE64URL_LEN(len) (((len)*4 + 2) / 3)

/* Write BASE64URL_LEN(len) characters and a NUL to out. */
void base64url_encode(const void *bytes, size_t len, char *out);

/*
 * Decode into out, which has room for size bytes.  The number of bytes, or -1:
 * the text is not base64url without padding, or needs more room.  out may have
 * been written then.
 */
ssize_t base64url_decode(const char *text, size_t len, void *out, size_t size);

#endif
