/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/crypto.h"

#include "base/log.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

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

void
crypto_random(void *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len)
		log_die("getrandom: %s", strerror(errno));
}

double
crypto_random_unit(void)
{
	uint64_t r;

	crypto_random(&r, sizeof(r));
	return (double)(r >> 11) * 0x1.0p-53;
}

void
crypto_base64(const void *bytes, size_t len, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
}

void
crypto_hex(const void *bytes, size_t len, char *out)
{
	const unsigned char *p = bytes;
	size_t i;

	for (i = 0; i < len; i++) {
		out[2 * i] = "0123456789abcdef"[p[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
	}
	out[2 * len] = '\0';
}

int
crypto_unhex(const char *digits, size_t len, void *out)
{
	unsigned char *p = out;
	unsigned n;
	size_t i;

	for (i = 0; i < 2 * len; i++) {
		n = (unsigned)digits[i];
		if (n >= '0' && n <= '9')
			n -= '0';
		else if ((n | 32) >= 'a' && (n | 32) <= 'f')
			n = (n | 32) - 'a' + 10;
		else
			return -1;
		p[i / 2] = (unsigned char)(p[i / 2] << 4 | n);
	}
	return 0;
}

/* AES-256-GCM, the associated data taken in; NULL: it failed. */
static EVP_CIPHER_CTX *
gcm_begin(int encrypt, const unsigned char *key, const unsigned char *nonce,
    const char *about)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	if (c != NULL &&
	    EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce,
		encrypt) == 1 &&
	    EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)about,
		(int)strlen(about)) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

void
crypto_begin(void)
{
	unsigned char out[CRYPTO_SHA256_LEN];

	crypto_sha256("", 0, out);
}

void
crypto_seal(const unsigned char key[CRYPTO_KEY_LEN], const char *about,
    const void *message, size_t len, unsigned char *out)
{
	unsigned char *text = out + CRYPTO_NONCE_LEN;
	EVP_CIPHER_CTX *c;
	int n, rest;

	crypto_random(out, CRYPTO_NONCE_LEN);
	c = gcm_begin(1, key, out, about);
	if (c == NULL ||
	    EVP_CipherUpdate(c, text, &n, message, (int)len) != 1 ||
	    EVP_CipherFinal_ex(c, text + n, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG_LEN,
		text + len) != 1)
		log_die("AES-256-GCM is not available in libcrypto");
	EVP_CIPHER_CTX_free(c);
}

int
crypto_open(const unsigned char key[CRYPTO_KEY_LEN], const char *about,
    const unsigned char *sealed, size_t len, unsigned char *out)
{
	const unsigned char *text = sealed + CRYPTO_NONCE_LEN;
	unsigned char tag[CRYPTO_TAG_LEN];
	EVP_CIPHER_CTX *c;
	int n, rest, status = 0;

	if (len < CRYPTO_SEAL_LEN)
		return -1;
	len -= CRYPTO_SEAL_LEN;
	memcpy(tag, text + len, sizeof(tag));
	c = gcm_begin(0, key, sealed, about);
	if (c == NULL ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, CRYPTO_TAG_LEN, tag) !=
		1 ||
	    EVP_CipherUpdate(c, out, &n, text, (int)len) != 1 ||
	    EVP_CipherFinal_ex(c, out + n, &rest) != 1) {
		explicit_bzero(out, len);
		status = -1;
	}
	EVP_CIPHER_CTX_free(c);
	return status;
}
