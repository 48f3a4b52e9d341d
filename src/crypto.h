/* SPDX-License-Identifier: MIT */
/*
 * crypto.h - digests.  The only user of libcrypto, but for tls.c.
 *
 * Called by fingerprint.c and store_script.c.  A digest that libcrypto does
 * not have ends the process: nothing works without it.
 */
#ifndef BEARERD_CRYPTO_H
#define BEARERD_CRYPTO_H

#include <stddef.h>

#define CRYPTO_SHA1_LEN 20
#define CRYPTO_SHA256_LEN 32

/* Write the digest's bytes to out. */
void crypto_sha1(const void *bytes, size_t len, unsigned char *out);
void crypto_sha256(const void *bytes, size_t len, unsigned char *out);

#endif
