/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fingerprint.h"

#include "crypto.h"
#include "util.h"

void
fingerprint(const char *text, size_t len, char *out)
{
	unsigned char digest[CRYPTO_SHA256_LEN];

	crypto_sha256(text, len, digest);
	util_hex(digest, FINGERPRINT_LEN / 2, out);
}
