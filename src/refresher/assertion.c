/* SPDX-License-Identifier: MIT */
/* Reads, or signs, what a request has in it. */
#include "config.h"

#include "refresher/assertion.h"

#include "base/crypto.h"
#include "base/mem.h"
#include "base/secret_file.h"
#include "token/jose.h"

#include <stdlib.h>
#include <string.h>

#define JTI_BYTES 16

char *
assertion_read(const char *path, bool masked, struct err *err)
{
	char *scratch, *out = NULL;

	if (masked)
		return mem_strdup(ASSERTION_MASK);
	scratch = mem_alloc(ASSERTION_MAX, 1);
	if (secret_file_read(path, scratch, ASSERTION_MAX, err) == 0)
		out = mem_strdup(scratch);
	explicit_bzero(scratch, ASSERTION_MAX);
	free(scratch);
	return out;
}

char *
assertion_source(const char *source, const char *other, bool masked,
    struct err *err)
{
	if (conf_file_named(source) != NULL)
		return assertion_read(conf_file_named(source), masked, err);
	if (other != NULL || masked)
		return mem_strdup(masked ? ASSERTION_MASK : other);
	err_set(err, "the token %.64s is not there yet",
	    source + strlen("token:"));
	return NULL;
}

char *
assertion_url(const struct conf_token *t, const struct request_given *given)
{
	const char *whole = given != NULL && given->token_url != NULL
	    ? given->token_url
	    : t->token_url;

	if (whole == NULL && t->base_url == NULL)
		whole = t->issuer != NULL ? t->issuer : "";
	return whole != NULL ? mem_strdup(whole) : conf_url(t, t->path);
}

static char *
sign(const struct conf_token *t, const struct secrets *s, const char *secret,
    const struct jose_claims *claims, struct err *err)
{
	struct jose_signer signer = conf_signer(t, secret);
	struct jose_claims c = *claims;
	unsigned char random[JTI_BYTES];
	char jti[2 * JTI_BYTES + 1];

	if (s->masked)
		return mem_strdup(ASSERTION_MASK);
	crypto_random(random, sizeof(random));
	crypto_hex(random, sizeof(random), jti);
	c.iss = t->client_id;
	c.jti = jti;
	return jose_sign(&signer, &c, err);
}

const char *
assertion_secret(const struct conf_token *t, const struct secrets *s)
{
	return t->signing_key_file != NULL
	    ? NULL
	    : secrets_find(s, "client-secret").text;
}

char *
assertion_make(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, const struct assertion *a,
    struct err *err)
{
	char *url = assertion_url(t, given), *out;
	int64_t now = given->wall_at / 1000;
	struct jose_claims c = {
	    .sub = a->sub,
	    .aud = t->assertion_audience != NULL ? t->assertion_audience
		: t->issuer != NULL              ? t->issuer
						 : url,
	    .issued_at = now,
	    .expires_at = now + ASSERTION_S,
	    .more = a->more,
	};

	out = sign(t, s, a->secret, &c, err);
	free(url);
	return out;
}

char *
assertion_sign_token(const struct conf_token *t, const struct secrets *s,
    int64_t wall_at, struct err *err)
{
	struct jose_claims c = {
	    .sub = t->username != NULL ? t->username : t->client_id,
	    .aud = t->assertion_audience != NULL ? t->assertion_audience
						 : t->audience,
	    .issued_at = wall_at / 1000,
	    .expires_at = (wall_at + t->default_ttl_ms) / 1000,
	    .more = t->claims,
	};

	return sign(t, s, assertion_secret(t, s), &c, err);
}
