/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "token/jose.h"

#include "base/base64url.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "token/private.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 65536     /* bytes of a key or certificate */
#define JWT_MAX 65536      /* bytes of a signed token */
#define SIGNATURE_MAX 2048 /* bytes: RSA of 16384 bits */
#define RSA_BITS_MIN 2048  /* RFC 7518, 3.3 */
#define DIGEST_MAX 64

static const struct algorithm {
	const char *name;
	int kind;           /* of the key, as EVP_PKEY_get_base_id() */
	const char *digest; /* NULL: none */
	bool pss;
	int bits;          /* of the curve; of the least RSA key or secret */
	const char *needs; /* in words */
} algorithms[JOSE_ALGS] = {
    [JOSE_RS256] = {"RS256", EVP_PKEY_RSA, "SHA256", false, RSA_BITS_MIN,
	"an RSA key of 2048 bits or more"},
    [JOSE_RS384] = {"RS384", EVP_PKEY_RSA, "SHA384", false, RSA_BITS_MIN,
	"an RSA key of 2048 bits or more"},
    [JOSE_RS512] = {"RS512", EVP_PKEY_RSA, "SHA512", false, RSA_BITS_MIN,
	"an RSA key of 2048 bits or more"},
    [JOSE_PS256] = {"PS256", EVP_PKEY_RSA, "SHA256", true, RSA_BITS_MIN,
	"an RSA key of 2048 bits or more"},
    [JOSE_PS384] = {"PS384", EVP_PKEY_RSA, "SHA384", true, RSA_BITS_MIN,
	"an RSA key of 2048 bits or more"},
    [JOSE_PS512] = {"PS512", EVP_PKEY_RSA, "SHA512", true, RSA_BITS_MIN,
	"an RSA key of 2048 bits or more"},
    [JOSE_ES256] = {"ES256", EVP_PKEY_EC, "SHA256", false, 256,
	"an EC key of the curve P-256"},
    [JOSE_ES384] = {"ES384", EVP_PKEY_EC, "SHA384", false, 384,
	"an EC key of the curve P-384"},
    [JOSE_ES512] = {"ES512", EVP_PKEY_EC, "SHA512", false, 521,
	"an EC key of the curve P-521"},
    [JOSE_EDDSA] = {"EdDSA", EVP_PKEY_ED25519, NULL, false, 0,
	"an Ed25519 key"},
    [JOSE_HS256] = {"HS256", EVP_PKEY_HMAC, "SHA256", false, 256,
	"a secret of 32 bytes or more"},
    [JOSE_HS384] = {"HS384", EVP_PKEY_HMAC, "SHA384", false, 384,
	"a secret of 48 bytes or more"},
    [JOSE_HS512] = {"HS512", EVP_PKEY_HMAC, "SHA512", false, 512,
	"a secret of 64 bytes or more"},
};

/* ---- keys and certificates ---- */

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

/* A file in memory that BIO_free() wipes nothing of: wipe `scratch`. */
static BIO *
open_file(const char *path, char *scratch, struct err *err)
{
	int fd = file_open(path);
	ssize_t len = fd == -1 ? -1 : file_read(fd, scratch, FILE_MAX);

	if (len == -1)
		err_set(err, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	return len == -1 ? NULL : BIO_new_mem_buf(scratch, (int)len);
}

static EVP_PKEY *
read_key(const char *path, struct err *err)
{
	char *scratch = mem_alloc(FILE_MAX, 1);
	BIO *bio = open_file(path, scratch, err);
	EVP_PKEY *key = NULL;

	if (bio != NULL) {
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
		if (key == NULL)
			err_set(err,
			    "%s: must be a private key in PEM, without a password",
			    path);
		BIO_free(bio);
	}
	explicit_bzero(scratch, FILE_MAX);
	free(scratch);
	return key;
}

static EVP_PKEY *
key_of(const struct jose_signer *s, struct err *err)
{
	EVP_PKEY *key;

	if (s->key_file != NULL)
		return read_key(s->key_file, err);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL,
	    (const unsigned char *)s->secret, strlen(s->secret));
	if (key == NULL)
		err_set(err, "the secret cannot be used as a key");
	return key;
}

/* Write the thumbprint of a certificate, which must be the key's. */
static int
thumbprint(const char *path, const EVP_PKEY *key, char *out, struct err *err)
{
	char *scratch = mem_alloc(FILE_MAX, 1);
	BIO *bio = open_file(path, scratch, err);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	X509 *cert = NULL;
	int status = -1;

	if (bio != NULL) {
		cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
		if (cert == NULL)
			err_set(err, "%s: must be a certificate in PEM", path);
		else if (X509_check_private_key(cert, key) != 1)
			err_set(err, "%s: is not the certificate of the key",
			    path);
		else if (X509_digest(cert, EVP_sha256(), digest, &len) == 1) {
			base64url_encode(digest, len, out);
			status = 0;
		}
	}
	X509_free(cert);
	BIO_free(bio);
	free(scratch);
	return status;
}

/* ---- algorithms ---- */

static bool
fits(const struct algorithm *a, const EVP_PKEY *key, const char *secret)
{
	int kind = secret != NULL ? EVP_PKEY_HMAC : EVP_PKEY_get_base_id(key);

	if (a->name == NULL || kind != a->kind)
		return false;
	switch (kind) {
	case EVP_PKEY_HMAC:
		return strlen(secret) * 8 >= (size_t)a->bits;
	case EVP_PKEY_RSA:
		return EVP_PKEY_get_bits(key) >= a->bits;
	case EVP_PKEY_EC:
		return EVP_PKEY_get_bits(key) == a->bits;
	default:
		return true;
	}
}

/* The algorithm that is wanted, or the key's first; NULL with *err. */
static const struct algorithm *
choose(const struct jose_signer *s, const EVP_PKEY *key, struct err *err)
{
	const struct algorithm *a = &algorithms[s->alg];
	size_t i;

	if (s->alg != JOSE_NONE) {
		if (fits(a, key, s->key_file == NULL ? s->secret : NULL))
			return a;
		err_set(err, "%s needs %s", a->name, a->needs);
		return NULL;
	}
	for (i = 1; i < JOSE_ALGS; i++)
		if (fits(&algorithms[i], key,
			s->key_file == NULL ? s->secret : NULL))
			return &algorithms[i];
	err_set(err,
	    "must be an RSA key of 2048 bits or more, an EC key of P-256, P-384 or P-521, or an Ed25519 key");
	return NULL;
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

/* Bytes of the signature; 0: libcrypto cannot make it. */
static size_t
sign_bytes(const struct algorithm *a, EVP_PKEY *key, const char *text,
    size_t len, unsigned char *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;
	size_t n = SIGNATURE_MAX;
	bool done = ctx != NULL &&
	    EVP_DigestSignInit_ex(ctx, &how, a->digest, NULL, NULL, key,
		NULL) == 1 &&
	    (!a->pss ||
		(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) ==
			1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(how,
			RSA_PSS_SALTLEN_DIGEST) == 1)) &&
	    EVP_DigestSign(ctx, out, &n, (const unsigned char *)text, len) == 1;

	EVP_MD_CTX_free(ctx);
	if (!done)
		return 0;
	return a->kind == EVP_PKEY_EC ? flatten(a, out, n) : n;
}

/* ---- texts ---- */

static void
add_member(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(b, "%s\"%s\":", b->len > 1 ? "," : "", name);
	buf_json(b, value, strlen(value));
}

/* Append a part of a JWT: a JSON object, encoded. */
static void
add_part(struct buf *b, const char *json)
{
	size_t len = strlen(json);
	char *part = mem_alloc(BASE64URL_LEN(len) + 1, 1);

	base64url_encode(json, len, part);
	buf_str(b, part);
	mem_free_secret(part);
}

static int
add_header(const struct jose_signer *s, const struct algorithm *a,
    const EVP_PKEY *key, struct buf *out, struct err *err)
{
	char text[8192], print[BASE64URL_LEN(EVP_MAX_MD_SIZE) + 1];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_char(&b, '{');
	add_member(&b, "alg", a->name);
	add_member(&b, "typ", s->typ);
	if (a->kind != EVP_PKEY_HMAC)
		add_member(&b, "kid", s->key_id);
	if (s->cert_file != NULL) {
		if (thumbprint(s->cert_file, key, print, err) == -1)
			return -1;
		add_member(&b, "x5t#S256", print);
	}
	buf_char(&b, '}');
	add_part(out, buf_text(&b));
	return 0;
}

static int
add_claims(const struct jose_claims *c, struct buf *out, struct err *err)
{
	char *text = mem_alloc(JWT_MAX, 1), *all = NULL;
	struct buf b;

	buf_init(&b, text, JWT_MAX);
	buf_char(&b, '{');
	add_member(&b, "iss", c->iss);
	add_member(&b, "sub", c->sub);
	add_member(&b, "aud", c->aud);
	add_member(&b, "jti", c->jti);
	buf_printf(&b, "%s\"iat\":%lld,\"exp\":%lld}", b.len > 1 ? "," : "",
	    (long long)c->issued_at, (long long)c->expires_at);
	all = token_json_merge(buf_text(&b), c->more);
	free(text);
	if (all == NULL)
		return err_set(err, "the claims are no JSON object");
	buf_char(out, '.');
	add_part(out, all);
	free(all);
	return 0;
}

/* ---- the whole ---- */

static int
add_signature(const struct algorithm *a, EVP_PKEY *key, struct buf *out,
    struct err *err)
{
	unsigned char signature[SIGNATURE_MAX];
	char text[BASE64URL_LEN(SIGNATURE_MAX) + 1];
	size_t len;

	if (out->overflow)
		return err_set(err, "the claims are too long");
	len = sign_bytes(a, key, buf_text(out), out->len, signature);
	if (len == 0)
		return err_set(err, "libcrypto cannot sign with %s", a->name);
	base64url_encode(signature, len, text);
	buf_char(out, '.');
	buf_str(out, text);
	explicit_bzero(text, sizeof(text));
	return 0;
}

char *
jose_sign(const struct jose_signer *s, const struct jose_claims *c,
    struct err *err)
{
	EVP_PKEY *key = key_of(s, err);
	const struct algorithm *a = key == NULL ? NULL : choose(s, key, err);
	char *scratch = mem_alloc(JWT_MAX, 1), *out = NULL;
	struct buf b;

	buf_init(&b, scratch, JWT_MAX);
	if (a != NULL && add_header(s, a, key, &b, err) == 0 &&
	    add_claims(c, &b, err) == 0 && add_signature(a, key, &b, err) == 0)
		out = mem_strdup(buf_text(&b));
	EVP_PKEY_free(key);
	ERR_clear_error();
	explicit_bzero(scratch, JWT_MAX);
	free(scratch);
	return out;
}

int
jose_check(const struct jose_signer *s, struct err *err)
{
	EVP_PKEY *key = key_of(s, err);
	char print[BASE64URL_LEN(EVP_MAX_MD_SIZE) + 1];
	int status = -1;

	if (key != NULL && choose(s, key, err) != NULL)
		status = s->cert_file == NULL
		    ? 0
		    : thumbprint(s->cert_file, key, print, err);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return status;
}
