/* SPDX-License-Identifier: MIT */
/* Composes the form of a token request, pair by pair. */
#include "config.h"

#include "refresher/oauth.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/place.h"

#include <stdlib.h>
#include <string.h>

#define ASSERTION_JWT "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"

/* A form in the making. */
struct form {
	const struct conf_token *conf;
	const struct secrets *secrets;
	const struct request_given *given;
	struct buf text;
	char *authorization; /* NULL: none */
	struct err *err;
};

/* ---- pairs ---- */

static void
add(struct form *f, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (f->text.len > 0)
		buf_char(&f->text, '&');
	place_encode(PLACE_FORM, name, strlen(name), &f->text);
	buf_char(&f->text, '=');
	if (f->secrets->masked && strcmp(value, ASSERTION_MASK) == 0)
		buf_str(&f->text, value);
	else
		place_encode(PLACE_FORM, value, strlen(value), &f->text);
}

static void
add_or(struct form *f, const char *name, const char *value, const char *usual)
{
	add(f, name, value != NULL ? value : usual);
}

static void
add_secret(struct form *f, const char *name, const char *secret)
{
	add(f, name, secrets_find(f->secrets, secret).text);
}

/* Add a text of memory of its own, which is given back.  -1: it is NULL. */
static int
add_owned(struct form *f, const char *name, char *value)
{
	if (value == NULL)
		return -1;
	add(f, name, value);
	mem_free_secret(value);
	return 0;
}

/* ---- the client ---- */

/* "Basic" of both halves, each in an encoding (RFC 6749, 2.3.1). */
static int
add_basic(struct form *f, enum place_encoding encoding)
{
	struct place_value secret = secrets_find(f->secrets, "client-secret");
	const char *id = f->conf->client_id;
	char *both = mem_alloc(ASSERTION_MAX, 1);
	char *field = mem_alloc(2 * ASSERTION_MAX, 1);
	struct buf b, out;

	buf_init(&b, both, ASSERTION_MAX);
	place_encode(encoding, id, strlen(id), &b);
	buf_char(&b, ':');
	place_encode(encoding, secret.text, strlen(secret.text), &b);
	buf_init(&out, field, 2 * ASSERTION_MAX);
	buf_str(&out, "Basic ");
	if (secret.mask)
		buf_str(&out, secret.text);
	else
		place_encode(PLACE_BASE64, buf_text(&b), b.len, &out);
	f->authorization = mem_strdup(buf_text(&out));
	explicit_bzero(both, ASSERTION_MAX);
	explicit_bzero(field, 2 * ASSERTION_MAX);
	free(both);
	free(field);
	return 0;
}

static int
by_basic(struct form *f)
{
	if (secrets_find(f->secrets, "client-secret").text != NULL)
		return add_basic(f, PLACE_FORM);
	/* a public client; the assertion of jwt-bearer tells who asks */
	if (f->conf->grant != CONF_GRANT_JWT_BEARER)
		add(f, "client_id", f->conf->client_id);
	return 0;
}

static int
by_raw_basic(struct form *f)
{
	return add_basic(f, PLACE_RAW);
}

static int
by_post(struct form *f)
{
	add(f, "client_id", f->conf->client_id);
	add_secret(f, "client_secret", "client-secret");
	return 0;
}

static int
by_assertion(struct form *f, char *assertion)
{
	add(f, "client_id", f->conf->client_id);
	add_or(f, "client_assertion_type", f->conf->client_assertion_type,
	    ASSERTION_JWT);
	return add_owned(f, "client_assertion", assertion);
}

/* Issuer and subject are the client (RFC 7523, 3). */
static int
by_jwt(struct form *f, const char *secret)
{
	const struct assertion a = {.sub = f->conf->client_id,
	    .secret = secret};

	return by_assertion(f,
	    assertion_make(f->conf, f->secrets, f->given, &a, f->err));
}

static int
by_secret_jwt(struct form *f)
{
	return by_jwt(f, secrets_find(f->secrets, "client-secret").text);
}

static int
by_key_jwt(struct form *f)
{
	return by_jwt(f, NULL);
}

static int
by_file(struct form *f)
{
	return by_assertion(f,
	    assertion_read(f->conf->client_assertion_file, f->secrets->masked,
		f->err));
}

/* The certificate tells the rest (RFC 8705, 2). */
static int
by_tls(struct form *f)
{
	add(f, "client_id", f->conf->client_id);
	return 0;
}

static int (*const clients[])(struct form *) = {
    [CONF_CLIENT_BASIC] = by_basic,
    [CONF_CLIENT_BASIC_RAW] = by_raw_basic,
    [CONF_CLIENT_POST] = by_post,
    [CONF_CLIENT_SECRET_JWT] = by_secret_jwt,
    [CONF_CLIENT_KEY_JWT] = by_key_jwt,
    [CONF_CLIENT_ASSERTION_FILE] = by_file,
    [CONF_CLIENT_TLS] = by_tls,
};

/* ---- grants ---- */

static int
add_password(struct form *f)
{
	add_secret(f, "username", "username");
	add_secret(f, "password", "password");
	return 0;
}

static int
add_refresh_token(struct form *f)
{
	const char *given = f->given->refresh_token;

	return add_owned(f, "refresh_token",
	    given != NULL && !f->secrets->masked
		? mem_strdup(given)
		: assertion_read(f->conf->refresh_token_file,
		      f->secrets->masked, f->err));
}

/* One that another issued, or one of ours. */
static int
add_assertion(struct form *f)
{
	const struct conf_token *t = f->conf;
	const struct assertion a = {
	    .sub = t->username != NULL ? t->username : t->client_id,
	    .secret = assertion_secret(t, f->secrets),
	    .more = t->claims,
	};

	return add_owned(f, "assertion",
	    t->subject_token != NULL
		? assertion_source(t->subject_token, f->given->subject,
		      f->secrets->masked, f->err)
		: assertion_make(t, f->secrets, f->given, &a, f->err));
}

static int
add_tokens(struct form *f)
{
	const struct conf_token *t = f->conf;

	add_or(f, "subject_token_type", t->subject_token_type, ACCESS_TOKEN);
	add(f, "requested_token_type", t->requested_token_type);
	if (add_owned(f, "subject_token",
		assertion_source(t->subject_token, f->given->subject,
		    f->secrets->masked, f->err)) == -1)
		return -1;
	if (t->actor_token == NULL)
		return 0;
	add_or(f, "actor_token_type", t->actor_token_type, ACCESS_TOKEN);
	return add_owned(f, "actor_token",
	    assertion_source(t->actor_token, f->given->actor,
		f->secrets->masked, f->err));
}

static const struct {
	const char *type;
	int (*add)(struct form *); /* NULL: nothing */
} grants[] = {
    [CONF_GRANT_CLIENT] = {"client_credentials", NULL},
    [CONF_GRANT_PASSWORD] = {"password", add_password},
    [CONF_GRANT_REFRESH] = {"refresh_token", add_refresh_token},
    [CONF_GRANT_JWT_BEARER] = {"urn:ietf:params:oauth:grant-type:jwt-bearer",
	add_assertion},
    [CONF_GRANT_EXCHANGE] = {"urn:ietf:params:oauth:grant-type:token-exchange",
	add_tokens},
};

static int
add_grant(struct form *f)
{
	int (*more)(struct form *) = grants[f->conf->grant].add;

	add(f, "grant_type", grants[f->conf->grant].type);
	return more == NULL ? 0 : more(f);
}

/* ---- the whole ---- */

static void
add_wishes(struct form *f)
{
	const struct conf_token *t = f->conf;
	size_t i, len;
	char *name;

	add(f, "scope", t->scope);
	add(f, "audience", t->audience);
	for (i = 0; i < t->resources.count; i++)
		add(f, "resource", t->resources.item[i]);
	for (i = 0; i < t->parameters.count; i++) {
		name = mem_strdup(t->parameters.item[i]);
		len = strcspn(name, "=");
		name[len] = '\0';
		add(f, name, t->parameters.item[i] + len + 1);
		free(name);
	}
}

int
oauth_form(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, char **form, char **authorization,
    struct err *err)
{
	static const struct request_given nothing = {0};
	char *scratch = mem_alloc(OAUTH_FORM_MAX, 1);
	struct form f = {.conf = t,
	    .secrets = s,
	    .given = given != NULL ? given : &nothing,
	    .err = err};
	int status;

	*form = *authorization = NULL;
	buf_init(&f.text, scratch, OAUTH_FORM_MAX);
	status = add_grant(&f);
	if (status == 0)
		status = clients[t->client_auth](&f);
	add_wishes(&f);
	if (status == 0 && f.text.overflow)
		status = err_set(err, "the form is longer than %d bytes",
		    OAUTH_FORM_MAX - 1);
	if (status == 0) {
		*form = mem_strdup(buf_text(&f.text));
		*authorization = f.authorization;
	} else
		mem_free_secret(f.authorization);
	explicit_bzero(scratch, OAUTH_FORM_MAX);
	free(scratch);
	return status;
}
