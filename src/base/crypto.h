/* SPDX-License-Identifier: MIT */
/*
 * crypto.h - digests, and encryption with AES-256-GCM.  The only user of
 * libcrypto, but for tls.c.
 *
 * Called by fingerprint.c and store_script.c, by seal.c, and once by master.c.  What libcrypto
 * should have but has not ends the process: nothing works without it.
 *
 * Invariant: a nonce is drawn anew for each message, here and nowhere else, so
 * that no caller can use one twice with the same key.
 */
#ifndef BEARERD_CRYPTO_H
#define BEARERD_CRYPTO_H

#include <stddef.h>
#include <sys/types.h>

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

/*
 * Encrypt a message: nonce, ciphertext and tag, len + CRYPTO_SEAL_LEN bytes, to
 * out.  about is the associated data: who opens it must know the same text,
 * which may not be empty.
 */
void crypto_seal(const unsigned char key[CRYPTO_KEY_LEN], const char *about,
    const void *message, size_t len, unsigned char *out);

/*
 * Decrypt what crypto_seal() made: len - CRYPTO_SEAL_LEN bytes to out.  0, or
 * -1 when anything of it, the key or about is not what it was; out is wiped
 * then.
 */
int crypto_open(const unsigned char key[CRYPTO_KEY_LEN], const char *about,
    const unsigned char *sealed, size_t len, unsigned char *out);

/* Characters that len bytes make in base64url without padding (RFC 4648), and
 * what crypto_base64url() needs to write them. */
#define CRYPTO_BASE64URL_LEN(len) (((len) * 4 + 2) / 3)
#define CRYPTO_BASE64URL_ROOM(len) (((len) + 2) / 3 * 4 + 1)

/* Write the characters and a NUL. */
void crypto_base64url(const void *bytes, size_t len, char *out);

/* The reverse; out has room for len + 1 bytes.  The number of bytes, or -1: it
 * is not base64url. */
ssize_t crypto_base64url_decode(const char *text, size_t len,
    unsigned char *out);

#endif
