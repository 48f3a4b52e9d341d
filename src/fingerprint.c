/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fingerprint.h"

#include "log.h"
#include "util.h"

#include <openssl/evp.h>

void
fingerprint(const char *text, size_t len, char *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL) != 1)
		log_die("SHA-256 is not available in libcrypto");
	util_hex(digest, FINGERPRINT_LEN / 2, out);
}
