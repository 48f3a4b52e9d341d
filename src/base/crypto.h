/* SPDX-License-Identifier: MIT */
/*
 * crypto.h - digests, random numbers, hexadecimal, and encryption with
 * AES-256-GCM.
 *
 * Called by every process.  It is the only user of libcrypto besides net/tls
 * and token/jose_key, and ends the process if libcrypto lacks an algorithm:
 * nothing works then.
 *
 * Invariant: a nonce is drawn anew for each message, here and nowhere else, so
 * that no caller can use one twice with the same key.
 */
#ifndef BEARERD_CRYPTO_H
#define BEARERD_CRYPTO_H

#include <stddef.h>

#define CRYPTO_SHA1_LEN 20
#define CRYPTO_SHA256_LEN 32
#define CRYPTO_KEY_LEN 32
#define CRYPTO_NONCE_LEN 12
#define CRYPTO_TAG_LEN 16
#define CRYPTO_SEAL_LEN (CRYPTO_NONCE_LEN + CRYPTO_TAG_LEN)

/* Let libcrypto read its configuration now rather than at its first use: a
 * worker can open no file then.  Master, before its first child. */
void crypto_begin(void);

/* Write the digest's bytes to out. */
void crypto_sha1(const void *bytes, size_t len, unsigned char *out);
void crypto_sha256(const void *bytes, size_t len, unsigned char *out);

/* Random bytes from the kernel (getrandom(2)); ends the process if refused. */
void crypto_random(void *out, size_t len);

/* A random number, uniform in [0, 1). */
double crypto_random_unit(void);

/* Characters that len bytes make in base64 with padding (RFC 4648, 4). */
#define CRYPTO_BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Write these and a NUL to out. */
void crypto_base64(const void *bytes, size_t len, char *out);

/* Write 2 * len lower-case hexadecimal digits and a NUL to out. */
void crypto_hex(const void *bytes, size_t len, char *out);

/* Read 2 * len hexadecimal digits of either case as len bytes.  0, or -1: one
 * of the characters is not such a digit. */
int crypto_unhex(const char *digits, size_t len, void *out);

/*
 * Encrypt a message: nonce, ciphertext and tag, len + CRYPTO_SEAL_LEN bytes, to
 * out.  about is the associated data: who opens it must know the same text,
 * which may not be empty.
 */
void crypto_seal(const unsigned char key[CRYPTO_KEY_LEN], const char *about,
    const void *message, size_t len, unsigned char *out);

/* Decrypt what crypto_seal() made: len - CRYPTO_SEAL_LEN bytes to out.  0, or
 * -1 if the message, the key or about was changed; out is wiped then. */
int crypto_open(const unsigned char key[CRYPTO_KEY_LEN], const char *about,
    const unsigned char *sealed, size_t len, unsigned char *out);

#endif
