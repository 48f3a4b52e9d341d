/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/base64url.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_encode(const void *bytes, size_t len, char *out)
{
	const unsigned char *in = bytes;
	uint32_t bits = 0;
	int waiting = 0; /* low bits that are not written yet */
	size_t i;

	for (i = 0; i < len; i++) {
		bits = bits << 8 | in[i];
		for (waiting += 8; waiting >= 6; waiting -= 6)
			*out++ = alphabet[bits >> (waiting - 6) & 63];
	}
	if (waiting > 0)
		*out++ = alphabet[bits << (6 - waiting) & 63];
	*out = '\0';
}

ssize_t
base64url_decode(const char *text, size_t len, void *out, size_t size)
{
	unsigned char *to = out;
	uint32_t bits = 0;
	size_t i, n = 0;
	const char *at;

	if (len % 4 == 1 || len / 4 * 3 + len % 4 * 3 / 4 > size)
		return -1;
	for (i = 0; i < len; i++) {
		at = memchr(alphabet, text[i], sizeof(alphabet) - 1);
		if (at == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		if (i % 4 != 0)
			to[n++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	return (ssize_t)n;
}
