/* SPDX-License-Identifier: MIT */
/*
 * jose_keys.h - keys and certificates in files, and signatures that libcrypto
 * verifies, for the tests of token/jose and token/jose_key.
 *
 * All is made in a folder of its own, which keys_remove() takes away.
 */
#ifndef BEARERD_TEST_JOSE_KEYS_H
#define BEARERD_TEST_JOSE_KEYS_H

#include <check.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The key of RFC 7515, A.2. */
#define RFC_RSA                                                              \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO\n" \
	"jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL\n" \
	"aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn\n" \
	"juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5\n" \
	"ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf\n" \
	"toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg\n" \
	"VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW\n" \
	"PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G\n" \
	"O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj\n" \
	"kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6\n" \
	"XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB\n" \
	"4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K\n" \
	"pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr\n" \
	"0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE\n" \
	"lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6\n" \
	"kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP\n" \
	"rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw\n" \
	"kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp\n" \
	"5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2\n" \
	"9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/\n" \
	"evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG\n" \
	"yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj\n" \
	"OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2\n" \
	"tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3\n" \
	"ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56\n" \
	"03k2+ZQwVK0JKSHuLFkuQ3U=\n"                                         \
	"-----END PRIVATE KEY-----\n"

/* The key of RFC 8037, A.1. */
#define RFC_ED25519                                                          \
	"-----BEGIN PRIVATE KEY-----\n"                                      \
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n" \
	"-----END PRIVATE KEY-----\n"

static char keys_dir[32];

/* The path of a file in the folder. */
static inline const char *
keys_path(const char *name)
{
	static char path[4][64];
	static unsigned turn;
	char *out = path[turn++ % 4];

	if (keys_dir[0] == '\0') {
		strcpy(keys_dir, "/tmp/check_jose.XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(keys_dir));
	}
	snprintf(out, sizeof(path[0]), "%s/%s", keys_dir, name);
	return out;
}

static inline FILE *
keys_open(const char *name, const char *mode)
{
	FILE *f = fopen(keys_path(name), mode);

	ck_assert_ptr_nonnull(f);
	return f;
}

static inline void
keys_write(const char *name, const char *text)
{
	FILE *f = keys_open(name, "we");

	fputs(text, f);
	fclose(f);
}

/* Write a key as PEM, with a password if there is one. */
static inline void
keys_save(const char *name, EVP_PKEY *key, const char *password)
{
	FILE *f = keys_open(name, "we");

	ck_assert_int_eq(PEM_write_PKCS8PrivateKey(f, key,
			     password == NULL ? NULL : EVP_aes_128_cbc(), NULL,
			     0, NULL, (void *)(uintptr_t)password),
	    1);
	fclose(f);
}

static inline EVP_PKEY *
keys_load(const char *name)
{
	FILE *f = keys_open(name, "re");
	EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);

	fclose(f);
	ck_assert_ptr_nonnull(key);
	return key;
}

/* Make a key on a curve; "": Ed25519. */
static inline void
keys_make(const char *name, const char *curve)
{
	EVP_PKEY *key = curve[0] == '\0'
	    ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
	    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);

	ck_assert_ptr_nonnull(key);
	keys_save(name, key, NULL);
	EVP_PKEY_free(key);
}

/* Make a certificate of a key, and its SHA-256. */
static inline void
keys_certify(const char *name, const char *of, unsigned char *digest)
{
	EVP_PKEY *key = keys_load(of);
	X509 *cert = X509_new();
	FILE *f = keys_open(name, "we");

	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	PEM_write_X509(f, cert);
	fclose(f);
	X509_digest(cert, EVP_sha256(), digest, NULL);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* r and s of fixed width as DER; its length. */
static inline int
keys_der(const unsigned char *flat, size_t len, unsigned char *out)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int n, half = (int)len / 2;

	ECDSA_SIG_set0(sig, BN_bin2bn(flat, half, NULL),
	    BN_bin2bn(flat + half, half, NULL));
	n = i2d_ECDSA_SIG(sig, &out);
	ECDSA_SIG_free(sig);
	return n;
}

/* Whether a signature of an algorithm, RS256 to EdDSA, is that of a key. */
static inline bool
keys_verify(const char *alg, EVP_PKEY *key, const char *text, size_t len,
    const unsigned char *sig, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;
	char digest[8];
	unsigned char der[256];
	bool ok;

	snprintf(digest, sizeof(digest), "SHA%s", alg + 2);
	ck_assert_int_eq(EVP_DigestVerifyInit_ex(ctx, &how,
			     alg[1] == 'd' ? NULL : digest, NULL, NULL, key,
			     NULL),
	    1);
	if (alg[0] == 'P') {
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(how, atoi(alg + 2) / 8);
	}
	if (strncmp(alg, "ES", 2) == 0) {
		n = (size_t)keys_der(sig, n, der);
		sig = der;
	}
	ok = EVP_DigestVerify(ctx, sig, n, (const unsigned char *)text, len) ==
	    1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Take files away, and with the last one the folder. */
static inline void
keys_remove(const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		unlink(keys_path(names[i]));
	if (keys_dir[0] != '\0' && rmdir(keys_dir) == 0)
		keys_dir[0] = '\0';
}

#endif
