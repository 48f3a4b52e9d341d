/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "crypto.h"

#include "log.h"
#include "util.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define URL_ALPHABET                                                          \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

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

/* AES-256-GCM, the associated data taken in; NULL: it failed. */
static EVP_CIPHER_CTX *
gcm_begin(int encrypt, const unsigned char *key, const unsigned char *nonce,
    const char *about)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	if (c != NULL && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key,
	    nonce, encrypt) == 1 && EVP_CipherUpdate(c, NULL, &n,
	    (const unsigned char *)about, (int)strlen(about)) == 1)
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

	util_random(out, CRYPTO_NONCE_LEN);
	c = gcm_begin(1, key, out, about);
	if (c == NULL || EVP_CipherUpdate(c, text, &n, message,
	    (int)len) != 1 || EVP_CipherFinal_ex(c, text + n, &rest) != 1 ||
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
	if (c == NULL || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG,
	    CRYPTO_TAG_LEN, tag) != 1 || EVP_CipherUpdate(c, out, &n, text,
	    (int)len) != 1 || EVP_CipherFinal_ex(c, out + n, &rest) != 1) {
		explicit_bzero(out, len);
		status = -1;
	}
	EVP_CIPHER_CTX_free(c);
	return status;
}

/* Replace the characters that differ between two alphabets. */
static void
translate(char *text, const char *from, const char *to)
{
	const char *at;

	for (; *text != '\0'; text++)
		if ((at = strchr(from, *text)) != NULL)
			*text = to[at - from];
}

void
crypto_base64url(const void *bytes, size_t len, char *out)
{
	EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
	out[CRYPTO_BASE64URL_LEN(len)] = '\0';
	translate(out, "+/", "-_");
}

ssize_t
crypto_base64url_decode(const char *text, size_t len, unsigned char *out)
{
	size_t padded = (len + 3) / 4 * 4;
	char *copy = util_alloc(padded + 1, 1);
	int n = -1;

	memset(copy, '=', padded);
	memcpy(copy, text, len);
	if (strspn(copy, URL_ALPHABET) == len && padded - len < 3) {
		translate(copy, "-_", "+/");
		n = EVP_DecodeBlock(out, (unsigned char *)copy, (int)padded);
	}
	free(copy);
	return n == -1 ? -1 : n - (ssize_t)(padded - len);
}
