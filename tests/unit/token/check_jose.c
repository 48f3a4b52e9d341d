/* SPDX-License-Identifier: MIT */
/* The parts of a JWT: what its header and claims say, and that its signature is
 * over both. */
#include "config.h"

#include "jose_keys.h"
#include "unit.h"

#include "base/base64url.h"
#include "base/mem.h"
#include "token/jose.h"

#define SECRET "a-secret-that-is-long-enough-for-hs256"
#define EXPECTED                                                               \
	"{\"iss\":\"me\",\"sub\":\"me\",\"aud\":\"https://as\",\"jti\":\"1\"," \
	"\"iat\":1700000000,\"exp\":1700000060}"

static const char *const files[] = {"rsa", "p256", "cert", "other"};

static const struct jose_claims claims = {.iss = "me",
    .sub = "me",
    .aud = "https://as",
    .jti = "1",
    .issued_at = 1700000000,
    .expires_at = 1700000060};

static char *
signed_by(const struct jose_signer *s, const struct jose_claims *c)
{
	struct err err = {0};
	char *jwt = jose_sign(s, c, &err);

	ck_assert_msg(jwt != NULL, "%s", err.text);
	return jwt;
}

/* Decode a part of a JWT, 0 to 2; its bytes. */
static size_t
part(const char *jwt, int number, char out[65536])
{
	ssize_t n;

	while (number-- > 0)
		jwt = strchr(jwt, '.') + 1;
	n = base64url_decode(jwt, strcspn(jwt, "."), out, 65535);
	ck_assert_int_ge(n, 0);
	out[n] = '\0';
	return (size_t)n;
}

static void
expect_part(const struct jose_signer *s, const struct jose_claims *c,
    int number, const char *want)
{
	static char text[65536];
	char *jwt = signed_by(s, c);

	part(jwt, number, text);
	ck_assert_str_eq(text, want);
	mem_free_secret(jwt);
}

START_TEST(header_and_claims_are_signed_as_they_stand)
{
	static char sig[65536];
	struct jose_signer s = {.typ = "JWT", .key_id = "k1"};
	EVP_PKEY *peer;
	char *jwt;
	size_t n;

	keys_make("p256", "P-256");
	s.key_file = keys_path("p256");
	peer = keys_load("p256");
	jwt = signed_by(&s, &claims);
	n = part(jwt, 2, sig);
	ck_assert_uint_eq(n, 64);
	ck_assert(keys_verify("ES256", peer, jwt,
	    (size_t)(strrchr(jwt, '.') - jwt), (unsigned char *)sig, n));
	mem_free_secret(jwt);
	EVP_PKEY_free(peer);
	expect_part(&s, &claims, 0,
	    "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
	expect_part(&s, &claims, 1, EXPECTED);
	keys_remove(files, COUNT(files));
}
END_TEST

START_TEST(a_secret_is_told_by_no_kid)
{
	struct jose_signer s = {.secret = SECRET, .key_id = "k1"};

	expect_part(&s, &claims, 0, "{\"alg\":\"HS256\"}");
	s.typ = "client-authentication+jwt";
	expect_part(&s, &claims, 0,
	    "{\"alg\":\"HS256\",\"typ\":\"client-authentication+jwt\"}");
}
END_TEST

START_TEST(a_certificate_is_told_by_its_thumbprint)
{
	struct jose_signer s = {.alg = JOSE_PS256};
	unsigned char digest[EVP_MAX_MD_SIZE];
	char print[JOSE_THUMBPRINT_LEN + 1], want[256];

	keys_write("rsa", RFC_RSA);
	keys_certify("cert", "rsa", digest);
	base64url_encode(digest, 32, print);
	snprintf(want, sizeof(want), "{\"alg\":\"PS256\",\"x5t#S256\":\"%s\"}",
	    print);
	s.key_file = keys_path("rsa");
	s.cert_file = keys_path("cert");
	expect_part(&s, &claims, 0, want);
	keys_remove(files, COUNT(files));
}
END_TEST

START_TEST(claims_that_are_missing_are_left_out)
{
	struct jose_signer s = {.secret = SECRET};
	struct jose_claims c = {.issued_at = 1, .expires_at = 2};

	expect_part(&s, &c, 1, "{\"iat\":1,\"exp\":2}");
	c.aud = "a\"\\\n\x01\xff\xc3\xbc";
	expect_part(&s, &c, 1,
	    "{\"aud\":\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xbc\",\"iat\":1,\"exp\":2}");
}
END_TEST

START_TEST(further_claims_are_added_or_take_the_place_of_others)
{
	struct jose_signer s = {.secret = SECRET};
	struct jose_claims c = claims;

	c.jti = NULL;
	c.more =
	    " {\"sub\":\"robot\",\"aud\":[\"a\",\"b\"],\"x\":{\"y\":null}} ";
	expect_part(&s, &c, 1,
	    "{\"iss\":\"me\",\"iat\":1700000000,\"exp\":1700000060,\"sub\":\"robot\",\"aud\":[\"a\",\"b\"],\"x\":{\"y\":null}}");
	c.more = "{}";
	expect_part(&s, &c, 1,
	    "{\"iss\":\"me\",\"sub\":\"me\",\"aud\":\"https://as\",\"iat\":1700000000,\"exp\":1700000060}");
	/* null takes one out (RFC 7396) */
	c.more = "{\"sub\":null,\"aud\":null,\"none\":null}";
	expect_part(&s, &c, 1,
	    "{\"iss\":\"me\",\"iat\":1700000000,\"exp\":1700000060}");
	/* the last one of a name, as everywhere */
	c.more = "{\"Sub\":1,\"sub\":2,\"sub\":3}";
	expect_part(&s, &c, 1,
	    "{\"iss\":\"me\",\"aud\":\"https://as\",\"iat\":1700000000,\"exp\":1700000060,\"Sub\":1,\"sub\":3}");
}
END_TEST

START_TEST(further_claims_must_be_an_object)
{
	static const char *const bad[] = {"", "[]", "1", "\"x\"", "null",
	    "{\"a\":1", "{\"a\":1}x", "{\"a\":1}{}"};
	struct jose_signer s = {.secret = SECRET};
	struct jose_claims c = claims;
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		c.more = bad[i];
		ck_assert_msg(jose_sign(&s, &c, &err) == NULL, "%s", bad[i]);
		ck_assert_str_eq(err.text, "the claims are no JSON object");
	}
}
END_TEST

/* A text of so many bytes. */
static char *
text_of(size_t len)
{
	char *text = mem_alloc(len + 1, 1);

	memset(text, '"', len);
	return text;
}

START_TEST(what_is_too_long_is_refused_not_cut)
{
	static const size_t lengths[] = {24600, 36000, 1000000};
	struct jose_signer s = {.secret = SECRET};
	struct jose_claims c = claims;
	struct err err;
	char *text;
	size_t i;

	for (i = 0; i < COUNT(lengths); i++) {
		text = text_of(lengths[i]);
		c.sub = text;
		ck_assert_ptr_null(jose_sign(&s, &c, &err));
		ck_assert_str_eq(err.text,
		    "the claims are longer than 65536 bytes");
		free(text);
	}
	c.sub = "me";
	text = text_of(9000);
	s.typ = text;
	ck_assert_ptr_null(jose_sign(&s, &c, &err));
	ck_assert_str_eq(err.text, "kid and typ are longer than 16384 bytes");
	free(text);
	text = text_of(2048); /* as long as an option may be, both of them */
	keys_make("p256", "P-256");
	s.key_file = keys_path("p256");
	s.typ = s.key_id = text;
	mem_free_secret(signed_by(&s, &claims));
	free(text);
	keys_remove(files, COUNT(files));
}
END_TEST

START_TEST(a_check_says_why_nothing_can_be_signed)
{
	struct jose_signer s = {.secret = "short"};
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct err err;

	ck_assert_int_eq(jose_check(&s, &err), -1);
	ck_assert_str_eq(err.text, "HS256 needs a secret of 32 bytes or more");
	ck_assert_ptr_null(jose_sign(&s, &claims, &err));
	s.secret = SECRET;
	ck_assert_int_eq(jose_check(&s, &err), 0);
	keys_write("rsa", RFC_RSA);
	keys_make("p256", "P-256");
	keys_certify("cert", "rsa", digest);
	keys_certify("other", "p256", digest);
	s.key_file = keys_path("rsa");
	s.cert_file = keys_path("cert");
	ck_assert_int_eq(jose_check(&s, &err), 0);
	s.cert_file = keys_path("other");
	ck_assert_int_eq(jose_check(&s, &err), -1);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "other: is not the certificate of the key"));
	ck_assert_ptr_null(jose_sign(&s, &claims, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "is not the certificate"));
	keys_remove(files, COUNT(files));
}
END_TEST

START_TEST(a_key_that_was_replaced_signs_from_then_on)
{
	struct jose_signer s = {0};

	keys_write("rsa", RFC_RSA);
	s.key_file = keys_path("rsa");
	expect_part(&s, &claims, 0, "{\"alg\":\"RS256\"}");
	keys_make("rsa", "P-384");
	expect_part(&s, &claims, 0, "{\"alg\":\"ES384\"}");
	keys_remove(files, COUNT(files));
}
END_TEST

UNIT_MAIN("jose", header_and_claims_are_signed_as_they_stand,
    a_secret_is_told_by_no_kid, a_certificate_is_told_by_its_thumbprint,
    claims_that_are_missing_are_left_out,
    further_claims_are_added_or_take_the_place_of_others,
    further_claims_must_be_an_object, what_is_too_long_is_refused_not_cut,
    a_check_says_why_nothing_can_be_signed,
    a_key_that_was_replaced_signs_from_then_on)
