/* SPDX-License-Identifier: MIT */
/* A table of algorithms, keys that fit them, and signatures. */
#include "config.h"

#include "token/jose_key.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 65536    /* bytes of a key or certificate */
#define RSA_BITS_MIN 2048 /* RFC 7518, 3.3 */
#define SECRET "HMAC"
#define NEEDS_RSA "an RSA key of 2048 bits or more"

struct algorithm {
	const char *name;
	const char *kind;   /* of the key */
	const char *digest; /* NULL: none */
	const char *curve;  /* NULL: none */
	bool pss;
	int bits;          /* of the curve; of the least RSA key or secret */
	const char *needs; /* in words */
};

struct jose_key {
	const struct algorithm *algorithm;
	EVP_PKEY *pkey;
};

static const struct algorithm algorithms[JOSE_ALGS] = {
    [JOSE_RS256] = {"RS256", "RSA", "SHA256", NULL, false, RSA_BITS_MIN,
	NEEDS_RSA},
    [JOSE_RS384] = {"RS384", "RSA", "SHA384", NULL, false, RSA_BITS_MIN,
	NEEDS_RSA},
    [JOSE_RS512] = {"RS512", "RSA", "SHA512", NULL, false, RSA_BITS_MIN,
	NEEDS_RSA},
    [JOSE_PS256] = {"PS256", "RSA", "SHA256", NULL, true, RSA_BITS_MIN,
	NEEDS_RSA},
    [JOSE_PS384] = {"PS384", "RSA", "SHA384", NULL, true, RSA_BITS_MIN,
	NEEDS_RSA},
    [JOSE_PS512] = {"PS512", "RSA", "SHA512", NULL, true, RSA_BITS_MIN,
	NEEDS_RSA},
    [JOSE_ES256] = {"ES256", "EC", "SHA256", "prime256v1", false, 256,
	"an EC key of the curve P-256"},
    [JOSE_ES384] = {"ES384", "EC", "SHA384", "secp384r1", false, 384,
	"an EC key of the curve P-384"},
    [JOSE_ES512] = {"ES512", "EC", "SHA512", "secp521r1", false, 521,
	"an EC key of the curve P-521"},
    [JOSE_EDDSA] = {"EdDSA", "ED25519", NULL, NULL, false, 0, "an Ed25519 key"},
    [JOSE_HS256] = {"HS256", SECRET, "SHA256", NULL, false, 256,
	"a secret of 32 bytes or more"},
    [JOSE_HS384] = {"HS384", SECRET, "SHA384", NULL, false, 384,
	"a secret of 48 bytes or more"},
    [JOSE_HS512] = {"HS512", SECRET, "SHA512", NULL, false, 512,
	"a secret of 64 bytes or more"},
};

/* ---- files ---- */

/* No one is asked for the password of a key. */
static int
no_password(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* A file as a BIO over scratch, which the caller wipes. */
static BIO *
read_file(const char *path, char *scratch, struct err *err)
{
	int fd = file_open(path);
	ssize_t len = fd == -1 ? -1 : file_read(fd, scratch, FILE_MAX);
	BIO *bio = NULL;

	if (len == -1)
		err_set(err, "%s: %s", path, strerror(errno));
	else if ((bio = BIO_new_mem_buf(scratch, (int)len)) == NULL)
		err_set(err, "%s: libcrypto has no memory for it", path);
	if (fd != -1)
		close(fd);
	return bio;
}

static void
close_file(BIO *bio, char *scratch)
{
	BIO_free(bio);
	explicit_bzero(scratch, FILE_MAX);
	free(scratch);
}

static EVP_PKEY *
read_key(const char *path, struct err *err)
{
	char *scratch = mem_alloc(FILE_MAX, 1);
	BIO *bio = read_file(path, scratch, err);
	EVP_PKEY *pkey = NULL;

	if (bio != NULL) {
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
		if (pkey == NULL)
			err_set(err,
			    "%s: must be a private key in PEM, without a password",
			    path);
	}
	close_file(bio, scratch);
	return pkey;
}

static EVP_PKEY *
take_secret(const char *secret, struct err *err)
{
	EVP_PKEY *pkey = NULL;

	if (secret != NULL)
		pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL,
		    (const unsigned char *)secret, strlen(secret));
	if (pkey == NULL)
		err_set(err,
		    "there is neither a key nor a secret to sign with");
	return pkey;
}

int
jose_key_thumbprint(const struct jose_key *key, const char *file,
    char out[JOSE_THUMBPRINT_LEN + 1], struct err *err)
{
	char *scratch = mem_alloc(FILE_MAX, 1);
	BIO *bio = read_file(file, scratch, err);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;
	X509 *cert = NULL;
	int status = -1;

	if (bio != NULL) {
		cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
		if (cert == NULL)
			err_set(err, "%s: must be a certificate in PEM", file);
		else if (X509_check_private_key(cert, key->pkey) != 1)
			err_set(err, "%s: is not the certificate of the key",
			    file);
		else if (X509_digest(cert, EVP_sha256(), digest, &len) == 1) {
			base64url_encode(digest, len, out);
			status = 0;
		}
	}
	X509_free(cert);
	close_file(bio, scratch);
	ERR_clear_error();
	return status;
}

/* ---- algorithms ---- */

static bool
is_secret(const struct algorithm *a)
{
	return strcmp(a->kind, SECRET) == 0;
}

static bool
is_on_curve(const EVP_PKEY *pkey, const char *curve)
{
	char name[64];

	return EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 &&
	    strcmp(name, curve) == 0;
}

static bool
fits(const struct algorithm *a, const EVP_PKEY *pkey, const char *secret)
{
	if (EVP_PKEY_is_a(pkey, a->kind) != 1)
		return false;
	if (a->curve != NULL)
		return is_on_curve(pkey, a->curve);
	if (is_secret(a))
		return strlen(secret) * 8 >= (size_t)a->bits;
	return EVP_PKEY_get_bits(pkey) >= a->bits;
}

/* The algorithm that is wanted, or the key's first; NULL with *err. */
static const struct algorithm *
choose(enum jose_alg alg, const EVP_PKEY *pkey, const char *secret,
    struct err *err)
{
	const struct algorithm *a = &algorithms[alg];
	size_t i;

	if (alg != JOSE_NONE) {
		if (fits(a, pkey, secret))
			return a;
		err_set(err, "%s needs %s", a->name, a->needs);
		return NULL;
	}
	for (i = 1; i < JOSE_ALGS; i++)
		if (fits(&algorithms[i], pkey, secret))
			return &algorithms[i];
	if (EVP_PKEY_is_a(pkey, SECRET) == 1)
		err_set(err, "HS256 needs %s", algorithms[JOSE_HS256].needs);
	else
		err_set(err,
		    "the key must be an RSA key of 2048 bits or more, an EC key of P-256, P-384 or P-521, or an Ed25519 key");
	return NULL;
}

/* ---- keys ---- */

struct jose_key *
jose_key_open(enum jose_alg alg, const char *file, const char *secret,
    struct err *err)
{
	EVP_PKEY *pkey =
	    file != NULL ? read_key(file, err) : take_secret(secret, err);
	const struct algorithm *a = NULL;
	struct jose_key *key = NULL;

	if (pkey != NULL)
		a = choose(alg, pkey, secret, err);
	if (a != NULL) {
		key = mem_alloc(1, sizeof(*key));
		key->algorithm = a;
		key->pkey = pkey;
	} else
		EVP_PKEY_free(pkey);
	ERR_clear_error();
	return key;
}

void
jose_key_close(struct jose_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

const char *
jose_key_name(const struct jose_key *key)
{
	return key->algorithm->name;
}

bool
jose_key_is_secret(const struct jose_key *key)
{
	return is_secret(key->algorithm);
}

/* ---- signatures ---- */

/* ECDSA as two numbers of fixed width (RFC 7518, 3.4), not as DER. */
static size_t
flatten(const struct algorithm *a, unsigned char *bytes, size_t len)
{
	const unsigned char *at = bytes;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	int width = (a->bits + 7) / 8;

	if (sig == NULL)
		return 0;
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), bytes, width);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), bytes + width, width);
	ECDSA_SIG_free(sig);
	return 2 * (size_t)width;
}

/* Salt as long as the digest (RFC 7518, 3.5). */
static bool
set_padding(const struct algorithm *a, EVP_PKEY_CTX *ctx)
{
	return !a->pss ||
	    (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) ==
		    1);
}

size_t
jose_key_sign(const struct jose_key *key, const char *text, size_t len,
    unsigned char out[JOSE_SIGNATURE_MAX])
{
	const struct algorithm *a = key->algorithm;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;
	size_t n = JOSE_SIGNATURE_MAX;
	bool done = ctx != NULL &&
	    EVP_DigestSignInit_ex(ctx, &how, a->digest, NULL, NULL, key->pkey,
		NULL) == 1 &&
	    set_padding(a, how) &&
	    EVP_DigestSign(ctx, out, &n, (const unsigned char *)text, len) == 1;

	EVP_MD_CTX_free(ctx);
	if (done && a->curve != NULL)
		n = flatten(a, out, n);
	ERR_clear_error();
	return done ? n : 0;
}
