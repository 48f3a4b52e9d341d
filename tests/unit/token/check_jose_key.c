/* SPDX-License-Identifier: MIT */
/* Signatures that others verify, byte for byte those of the standards, and keys
 * that sign with no other algorithm than theirs. */
#include "config.h"

#include "jose_keys.h"
#include "unit.h"

#include "base/base64url.h"
#include "token/jose_key.h"

#include <openssl/err.h>

#define TEXT "header.claims"
/* The key of RFC 7515, A.1. */
#define RFC_SECRET                                                         \
	"\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f" \
	"\x5a\xb3\x28\xe6\xf0\x54\xc9\x28\xa9\x0f\x84\xb2\xd2\x50\x2e\xbf" \
	"\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22" \
	"\x3d\x2e\x21\x72\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3"
#define RFC_CLAIMS \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

static const char *const files[] = {"rsa", "ed", "p256", "p384", "p521", "k1",
    "bp256", "p224", "x", "small", "public", "cert", "other", "locked", "mixed",
    "big", "empty"};

static void
make_keys(void)
{
	keys_write("rsa", RFC_RSA);
	keys_write("ed", RFC_ED25519);
	keys_make("p256", "P-256");
	keys_make("p384", "P-384");
	keys_make("p521", "P-521");
}

static void
remove_keys(void)
{
	keys_remove(files, COUNT(files));
}

static struct jose_key *
opened(enum jose_alg alg, const char *file, const char *secret)
{
	struct err err = {0};
	struct jose_key *key = jose_key_open(alg,
	    file == NULL ? NULL : keys_path(file), secret, &err);

	ck_assert_msg(key != NULL, "%d with %s: %s", alg, file, err.text);
	ck_assert_int_eq((int)ERR_peek_error(), 0);
	return key;
}

/* The signature in base64url. */
static const char *
signature(enum jose_alg alg, const char *file, const char *secret,
    const char *text)
{
	static char out[BASE64URL_LEN(JOSE_SIGNATURE_MAX) + 1];
	unsigned char bytes[JOSE_SIGNATURE_MAX];
	struct jose_key *key = opened(alg, file, secret);

	base64url_encode(bytes, jose_key_sign(key, text, strlen(text), bytes),
	    out);
	jose_key_close(key);
	return out;
}

START_TEST(signatures_are_those_of_the_standards)
{
	make_keys();
	/* RFC 7515, A.1 */
	ck_assert_str_eq(
	    signature(JOSE_HS256, NULL, RFC_SECRET,
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." RFC_CLAIMS),
	    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	/* RFC 7515, A.2 */
	ck_assert_str_eq(signature(JOSE_RS256, "rsa", NULL,
			     "eyJhbGciOiJSUzI1NiJ9." RFC_CLAIMS),
	    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
	/* RFC 8037, A.4 */
	ck_assert_str_eq(signature(JOSE_EDDSA, "ed", NULL,
			     "eyJhbGciOiJFZERTQSJ9."
			     "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"),
	    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
	remove_keys();
}
END_TEST

static const struct {
	enum jose_alg alg;
	const char *name, *file;
	size_t len;
} pairs[] = {
    {JOSE_RS256, "RS256", "rsa", 256},
    {JOSE_RS384, "RS384", "rsa", 256},
    {JOSE_RS512, "RS512", "rsa", 256},
    {JOSE_PS256, "PS256", "rsa", 256},
    {JOSE_PS384, "PS384", "rsa", 256},
    {JOSE_PS512, "PS512", "rsa", 256},
    {JOSE_ES256, "ES256", "p256", 64},
    {JOSE_ES384, "ES384", "p384", 96},
    {JOSE_ES512, "ES512", "p521", 132},
    {JOSE_EDDSA, "EdDSA", "ed", 64},
};

/* Sign often: a number with zeros in front comes once in 256 times. */
static void
sign_often(size_t row, EVP_PKEY *peer, int times)
{
	unsigned char bytes[JOSE_SIGNATURE_MAX];
	struct jose_key *key = opened(pairs[row].alg, pairs[row].file, NULL);
	size_t n = 0;

	ck_assert_str_eq(jose_key_name(key), pairs[row].name);
	ck_assert(!jose_key_is_secret(key));
	while (times-- > 0) {
		n = jose_key_sign(key, TEXT, strlen(TEXT), bytes);
		ck_assert_msg(n == pairs[row].len, "%s: %zu bytes",
		    pairs[row].name, n);
		ck_assert_msg(keys_verify(pairs[row].name, peer, TEXT,
				  strlen(TEXT), bytes, n),
		    "%s", pairs[row].name);
	}
	ck_assert(!keys_verify(pairs[row].name, peer, "other", 5, bytes, n));
	jose_key_close(key);
}

START_TEST(each_algorithm_signs_what_its_key_verifies)
{
	EVP_PKEY *peer;
	size_t i;

	make_keys();
	for (i = 0; i < COUNT(pairs); i++) {
		peer = keys_load(pairs[i].file);
		sign_often(i, peer, pairs[i].name[0] == 'E' ? 300 : 3);
		EVP_PKEY_free(peer);
		ERR_clear_error();
	}
	remove_keys();
}
END_TEST

START_TEST(a_key_signs_with_no_other_algorithm)
{
	enum jose_alg alg;
	struct jose_key *key;
	struct err err;
	size_t i, fits = 0;

	make_keys();
	for (alg = JOSE_RS256; alg < JOSE_ALGS; alg++)
		for (i = 0; i < COUNT(pairs); i++) {
			key = jose_key_open(alg, keys_path(pairs[i].file),
			    "a secret that is of no use beside a key in a file",
			    &err);
			fits += key != NULL;
			ck_assert_msg(pairs[i].alg != alg || key != NULL, "%s",
			    pairs[i].name);
			if (key == NULL)
				ck_assert_ptr_nonnull(
				    strstr(err.text, " needs a"));
			jose_key_close(key);
			ck_assert_int_eq((int)ERR_peek_error(), 0);
		}
	/* six of RSA for each of its rows, one of each other */
	ck_assert_uint_eq(fits, 6 * 6 + 4);
	remove_keys();
}
END_TEST

START_TEST(a_key_without_algorithm_signs_with_its_own)
{
	static const char *const own[][2] = {{"rsa", "RS256"},
	    {"p256", "ES256"}, {"p384", "ES384"}, {"p521", "ES512"},
	    {"ed", "EdDSA"}};
	struct jose_key *key;
	size_t i;

	make_keys();
	for (i = 0; i < COUNT(own); i++) {
		key = opened(JOSE_NONE, own[i][0], NULL);
		ck_assert_str_eq(jose_key_name(key), own[i][1]);
		jose_key_close(key);
	}
	key = opened(JOSE_NONE, NULL, RFC_SECRET);
	ck_assert_str_eq(jose_key_name(key), "HS256");
	ck_assert(jose_key_is_secret(key));
	jose_key_close(key);
	remove_keys();
}
END_TEST

/* Why a key is refused. */
static const char *
refused(enum jose_alg alg, const char *file, const char *secret)
{
	static struct err err;
	struct jose_key *key = jose_key_open(alg,
	    file == NULL ? NULL : keys_path(file), secret, &err);

	ck_assert_msg(key == NULL, "%s", file);
	ck_assert_int_eq((int)ERR_peek_error(), 0);
	if (file == NULL || strncmp(err.text, keys_dir, strlen(keys_dir)) != 0)
		return err.text;
	return strchr(strchr(err.text + 1, '/') + 1, '/') + 1;
}

#define SECRET_32 "0123456789abcdef0123456789abcdef"

START_TEST(a_secret_is_as_long_as_the_hash)
{
	ck_assert_str_eq(refused(JOSE_HS256, NULL, &SECRET_32[1]),
	    "HS256 needs a secret of 32 bytes or more");
	ck_assert_str_eq(refused(JOSE_NONE, NULL, "short"),
	    "HS256 needs a secret of 32 bytes or more");
	ck_assert_str_eq(refused(JOSE_HS384, NULL, SECRET_32 "0123456789abcde"),
	    "HS384 needs a secret of 48 bytes or more");
	ck_assert_str_eq(refused(JOSE_HS512, NULL, &(SECRET_32 SECRET_32)[1]),
	    "HS512 needs a secret of 64 bytes or more");
	jose_key_close(opened(JOSE_HS256, NULL, SECRET_32));
	jose_key_close(opened(JOSE_HS512, NULL, SECRET_32 SECRET_32));
	ck_assert_str_eq(refused(JOSE_HS256, NULL, NULL),
	    "there is neither a key nor a secret to sign with");
	ck_assert_str_eq(refused(JOSE_RS256, NULL, SECRET_32),
	    "RS256 needs an RSA key of 2048 bits or more");
}
END_TEST

#define NOT_PEM ": must be a private key in PEM, without a password"
#define NO_KIND                                                          \
	"the key must be an RSA key of 2048 bits or more, an EC key of " \
	"P-256, P-384 or P-521, or an Ed25519 key"

static void
make_odd_keys(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	FILE *f;

	keys_save("small", key, NULL);
	keys_save("locked", key, "password");
	f = keys_open("public", "we");
	PEM_write_PUBKEY(f, key);
	fclose(f);
	EVP_PKEY_free(key);
	keys_make("k1", "secp256k1");
	keys_make("bp256", "brainpoolP256r1");
	keys_make("p224", "P-224");
	keys_write("x", "-----BEGIN PRIVATE KEY-----\nMC4C\n");
	keys_write("empty", "");
}

START_TEST(what_is_no_key_or_too_weak_a_one_is_refused)
{
	make_odd_keys();
	ck_assert_str_eq(refused(JOSE_NONE, "none", NULL),
	    "none: No such file or directory");
	ck_assert_str_eq(refused(JOSE_NONE, "", NULL), ": Is a directory");
	ck_assert_str_eq(refused(JOSE_NONE, "empty", NULL), "empty" NOT_PEM);
	ck_assert_str_eq(refused(JOSE_NONE, "x", NULL), "x" NOT_PEM);
	ck_assert_str_eq(refused(JOSE_NONE, "public", NULL), "public" NOT_PEM);
	ck_assert_str_eq(refused(JOSE_NONE, "locked", NULL), "locked" NOT_PEM);
	ck_assert_str_eq(refused(JOSE_NONE, "small", NULL), NO_KIND);
	ck_assert_str_eq(refused(JOSE_RS256, "small", NULL),
	    "RS256 needs an RSA key of 2048 bits or more");
	/* curves of 256 bits that are not P-256 */
	ck_assert_str_eq(refused(JOSE_ES256, "k1", NULL),
	    "ES256 needs an EC key of the curve P-256");
	ck_assert_str_eq(refused(JOSE_NONE, "bp256", NULL), NO_KIND);
	ck_assert_str_eq(refused(JOSE_NONE, "p224", NULL), NO_KIND);
	remove_keys();
}
END_TEST

START_TEST(a_key_with_one_byte_changed_signs_nothing_that_verifies)
{
	static const char pem[] = RFC_RSA;
	char mutant[sizeof(pem)];
	unsigned char bytes[JOSE_SIGNATURE_MAX];
	struct jose_key *key;
	struct err err;
	EVP_PKEY *peer;
	size_t i, n, made = 0;

	make_keys();
	peer = keys_load("rsa");
	for (i = 0; i < sizeof(pem) - 1; i += 37) {
		memcpy(mutant, pem, sizeof(pem));
		mutant[i] = mutant[i] == 'A' ? 'Q' : 'A';
		keys_write("x", mutant);
		key = jose_key_open(JOSE_RS256, keys_path("x"), NULL, &err);
		ck_assert_int_eq((int)ERR_peek_error(), 0);
		if (key == NULL)
			continue;
		n = jose_key_sign(key, TEXT, strlen(TEXT), bytes);
		ck_assert_int_eq((int)ERR_peek_error(), 0);
		jose_key_close(key);
		/* libcrypto finds a fault in a prime and signs without it */
		made += n == 0 ||
		    !keys_verify("RS256", peer, TEXT, strlen(TEXT), bytes, n);
		ERR_clear_error();
	}
	ck_assert_uint_gt(made, 0);
	EVP_PKEY_free(peer);
	remove_keys();
}
END_TEST

START_TEST(a_key_may_stand_behind_other_things)
{
	make_keys();
	keys_write("mixed",
	    "Key of the gateway\n-----BEGIN EC PARAMETERS-----\n"
	    "BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" RFC_RSA);
	jose_key_close(opened(JOSE_RS256, "mixed", NULL));
	remove_keys();
}
END_TEST

START_TEST(no_more_than_a_bounded_part_of_a_file_is_read)
{
	char line[65] = "", text[70000];
	size_t len = 0;

	memset(line, ' ', 63);
	line[63] = '\n';
	while (len < 65536)
		len += (size_t)sprintf(text + len, "%s", line);
	sprintf(text + len, "%s", RFC_RSA);
	keys_write("big", text);
	ck_assert_str_eq(refused(JOSE_NONE, "big", NULL), "big" NOT_PEM);
	remove_keys();
}
END_TEST

START_TEST(a_thumbprint_is_of_the_certificate_of_the_key_only)
{
	char print[JOSE_THUMBPRINT_LEN + 1], want[JOSE_THUMBPRINT_LEN + 1];
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct jose_key *key;
	struct err err;

	make_keys();
	keys_certify("other", "p256", digest);
	keys_certify("cert", "rsa", digest);
	base64url_encode(digest, 32, want);
	key = opened(JOSE_PS256, "rsa", NULL);
	ck_assert_int_eq(jose_key_thumbprint(key, keys_path("cert"), print,
			     &err),
	    0);
	ck_assert_str_eq(print, want);
	ck_assert_int_eq(jose_key_thumbprint(key, keys_path("other"), print,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "other: is not the certificate of the key"));
	ck_assert_int_eq(jose_key_thumbprint(key, keys_path("rsa"), print,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "rsa: must be a certificate in PEM"));
	ck_assert_int_eq(jose_key_thumbprint(key, keys_path("none"), print,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.text, "none: No such file"));
	ck_assert_int_eq((int)ERR_peek_error(), 0);
	jose_key_close(key);
	remove_keys();
}
END_TEST

UNIT_MAIN("jose_key", signatures_are_those_of_the_standards,
    each_algorithm_signs_what_its_key_verifies,
    a_key_signs_with_no_other_algorithm,
    a_key_without_algorithm_signs_with_its_own, a_secret_is_as_long_as_the_hash,
    what_is_no_key_or_too_weak_a_one_is_refused,
    a_key_with_one_byte_changed_signs_nothing_that_verifies,
    a_key_may_stand_behind_other_things,
    no_more_than_a_bounded_part_of_a_file_is_read,
    a_thumbprint_is_of_the_certificate_of_the_key_only)
