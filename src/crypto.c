/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypto.h"

#include "log.h"

#include <openssl/evp.h>

static void
digest(const EVP_MD *kind, const void *bytes, size_t len, unsigned char *out)
{
	if (EVP_Digest(bytes, len, out, NULL, kind, NULL) != 1)
		log_die("a digest is not available in libcrypto");
}

void
crypto_sha1(const void *bytes, size_t len, unsigned char *out)
{
	digest(EVP_sha1(), bytes, len, out);
}

void
crypto_sha256(const void *bytes, size_t len, unsigned char *out)
{
	digest(EVP_sha256(), bytes, len, out);
}
