/* SPDX-License-Identifier: MIT */
/* The three parts of a JWT, one after the other. */
#include "config.h"

#include "token/jose.h"

#include "base/base64url.h"
#include "base/buf.h"
#include "base/mem.h"
#include "token/private.h"

#include <stdlib.h>
#include <string.h>

#define JWT_MAX 65536    /* bytes of a signed token */
#define HEADER_MAX 16384 /* bytes of its header, decoded */

static void
add_member(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(b, "%s\"%s\":", b->len > 1 ? "," : "", name);
	buf_json(b, value, strlen(value));
}

/* Append bytes as a part of a JWT. */
static void
add_part(struct buf *b, const void *bytes, size_t len)
{
	char *part = mem_alloc(BASE64URL_LEN(len) + 1, 1);

	base64url_encode(bytes, len, part);
	buf_str(b, part);
	mem_free_secret(part);
}

static int
add_header(const struct jose_signer *s, const struct jose_key *key,
    struct buf *out, struct err *err)
{
	char text[HEADER_MAX], print[JOSE_THUMBPRINT_LEN + 1];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_char(&b, '{');
	add_member(&b, "alg", jose_key_name(key));
	add_member(&b, "typ", s->typ);
	if (!jose_key_is_secret(key))
		add_member(&b, "kid", s->key_id);
	if (s->cert_file != NULL) {
		if (jose_key_thumbprint(key, s->cert_file, print, err) == -1)
			return -1;
		add_member(&b, "x5t#S256", print);
	}
	buf_char(&b, '}');
	if (b.overflow)
		return err_set(err, "kid and typ are longer than %d bytes",
		    HEADER_MAX);
	add_part(out, text, b.len);
	return 0;
}

/* The registered claims; b has room for all. */
static void
write_claims(const struct jose_claims *c, struct buf *b)
{
	buf_char(b, '{');
	add_member(b, "iss", c->iss);
	add_member(b, "sub", c->sub);
	add_member(b, "aud", c->aud);
	add_member(b, "jti", c->jti);
	buf_printf(b, "%s\"iat\":%lld,\"exp\":%lld}", b->len > 1 ? "," : "",
	    (long long)c->issued_at, (long long)c->expires_at);
}

static int
add_claims(const struct jose_claims *c, struct buf *out, struct err *err)
{
	char *scratch = mem_alloc(JWT_MAX, 1), *all = NULL;
	struct buf b;

	buf_init(&b, scratch, JWT_MAX);
	write_claims(c, &b);
	if (b.overflow)
		err_set(err, "the claims are longer than %d bytes", JWT_MAX);
	else if ((all = token_json_merge(buf_text(&b), c->more)) == NULL)
		err_set(err, "the claims are no JSON object");
	free(scratch);
	if (all == NULL)
		return -1;
	buf_char(out, '.');
	add_part(out, all, strlen(all));
	mem_free_secret(all);
	return 0;
}

static int
add_signature(const struct jose_key *key, struct buf *out, struct err *err)
{
	unsigned char signature[JOSE_SIGNATURE_MAX];
	size_t len = 0;

	if (!out->overflow) {
		len = jose_key_sign(key, out->data, out->len, signature);
		if (len == 0)
			return err_set(err, "libcrypto cannot sign with %s",
			    jose_key_name(key));
	}
	buf_char(out, '.');
	add_part(out, signature, len);
	return out->overflow
	    ? err_set(err, "the claims are longer than %d bytes", JWT_MAX)
	    : 0;
}

char *
jose_sign(const struct jose_signer *s, const struct jose_claims *c,
    struct err *err)
{
	struct jose_key *key =
	    jose_key_open(s->alg, s->key_file, s->secret, err);
	char *scratch, *out = NULL;
	struct buf b;

	if (key == NULL)
		return NULL;
	scratch = mem_alloc(JWT_MAX + 1, 1);
	buf_init(&b, scratch, JWT_MAX);
	if (add_header(s, key, &b, err) == 0 && add_claims(c, &b, err) == 0 &&
	    add_signature(key, &b, err) == 0)
		out = mem_strdup(scratch); /* zeroed behind the text */
	jose_key_close(key);
	explicit_bzero(scratch, JWT_MAX);
	free(scratch);
	return out;
}

int
jose_check(const struct jose_signer *s, struct err *err)
{
	struct jose_key *key =
	    jose_key_open(s->alg, s->key_file, s->secret, err);
	char print[JOSE_THUMBPRINT_LEN + 1];
	int status = -1;

	if (key != NULL)
		status = s->cert_file == NULL
		    ? 0
		    : jose_key_thumbprint(key, s->cert_file, print, err);
	jose_key_close(key);
	return status;
}
