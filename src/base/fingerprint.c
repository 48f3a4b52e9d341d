/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/fingerprint.h"

#include "base/crypto.h"

void
fingerprint(const char *text, size_t len, char *out)
{
	unsigned char digest[CRYPTO_SHA256_LEN];

	crypto_sha256(text, len, digest);
	crypto_hex(digest, FINGERPRINT_LEN / 2, out);
}
