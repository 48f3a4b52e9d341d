/* SPDX-License-Identifier: MIT */
/* The options of OAuth 2.0: whether each grant and client authentication has
 * the options that it needs, and no option is without effect. */
#include "config.h"

#include "conf/private.h"

#include "conf/secrets.h"

#include <string.h>

static const struct conf_token *
token_of(const struct conf_draft *d, size_t token)
{
	return &d->conf->token[token - 1];
}

static const char *
word_of(enum conf_id id, int64_t number)
{
	static char word[32];
	const char *words = conf_options[id].choices;

	for (; number > conf_options[id].least; number--)
		words += strcspn(words, " ") + 1;
	memcpy(word, words, strcspn(words, " "));
	word[strcspn(words, " ")] = '\0';
	return word;
}

static bool
has_text(const struct conf_token *t, enum conf_id id)
{
	const char *text;

	memcpy(&text, (const char *)t + conf_options[id].offset, sizeof(text));
	return text != NULL;
}

/* ---- options without effect ---- */

static const enum conf_id of_oauth[] = {CONF_ID_token_url, CONF_ID_issuer,
    CONF_ID_client_auth, CONF_ID_scope, CONF_ID_audience, CONF_ID_resources,
    CONF_ID_parameters, CONF_ID_signing_key_file, CONF_ID_signing_alg,
    CONF_ID_signing_key_id, CONF_ID_signing_cert_file,
    CONF_ID_assertion_audience, CONF_ID_assertion_typ,
    CONF_ID_client_assertion_file, CONF_ID_client_assertion_type,
    CONF_ID_claims, CONF_ID_requested_token_type, CONF_ID_refresh_token_file,
    CONF_ID_refresh_token_store};
static const enum conf_id of_requests[] = {CONF_ID_method, CONF_ID_auth,
    CONF_ID_api_key_header, CONF_ID_request_body};

/* Options that were given for this token, not as a default of many. */
static void
blame_useless(struct conf_draft *d, size_t token, const enum conf_id *ids,
    size_t count, const char *format)
{
	const struct conf_setting *s;
	size_t i;

	for (i = 0; i < count; i++) {
		s = conf_made_by(d, token, ids[i]);
		if (s != NULL && s->text[0] != '\0' &&
		    strcmp(s->text, s->option->fallback) != 0 &&
		    (s->rank == CONF_FROM_SECTION || d->section_count == 0))
			conf_error(d, s->where, conf_setting_name(s), "%s",
			    format);
	}
}

/* ---- options that are needed ---- */

static void
need(struct conf_draft *d, size_t token, enum conf_id of, int64_t number,
    enum conf_id id)
{
	if (!has_text(token_of(d, token), id))
		conf_blame(d, conf_made_by(d, token, of), conf_options[of].name,
		    "%s needs %s, which is not set", word_of(of, number),
		    conf_options[id].name);
}

/* A secret, or the file that holds it. */
static void
need_secret(struct conf_draft *d, size_t token, enum conf_id of, int64_t number,
    enum conf_id id, enum conf_id file)
{
	const struct conf_token *t = token_of(d, token);

	if (!has_text(t, id) && !has_text(t, file))
		conf_blame(d, conf_made_by(d, token, of), conf_options[of].name,
		    "%s needs %s or %s, of which none is set",
		    word_of(of, number), conf_options[id].name,
		    conf_options[file].name);
}

/* Whether assertions of the grant are signed. */
static bool
signs_grant(const struct conf_token *t)
{
	return t->grant == CONF_GRANT_JWT_BEARER ||
	    t->grant == CONF_GRANT_SELF_SIGNED;
}

static void
check_grant(struct conf_draft *d, size_t token)
{
	static const enum conf_id grant = CONF_ID_grant;
	const struct conf_token *t = token_of(d, token);

	if (t->grant == CONF_GRANT_PASSWORD) {
		need(d, token, grant, t->grant, CONF_ID_username);
		need_secret(d, token, grant, t->grant, CONF_ID_password,
		    CONF_ID_password_file);
	}
	if (t->grant == CONF_GRANT_REFRESH)
		need(d, token, grant, t->grant, CONF_ID_refresh_token_file);
	if (t->grant == CONF_GRANT_EXCHANGE)
		need(d, token, grant, t->grant, CONF_ID_subject_token);
	if (t->grant == CONF_GRANT_JWT_BEARER)
		need(d, token, grant, t->grant, CONF_ID_client_id);
	if (signs_grant(t) && t->signing_key_file == NULL)
		need_secret(d, token, grant, t->grant, CONF_ID_client_secret,
		    CONF_ID_client_secret_file);
	if (t->grant == CONF_GRANT_CLIENT && t->client_auth <= CONF_CLIENT_POST)
		need_secret(d, token, grant, t->grant, CONF_ID_client_secret,
		    CONF_ID_client_secret_file);
}

static void
check_client(struct conf_draft *d, size_t token)
{
	static const enum conf_id auth = CONF_ID_client_auth;
	const struct conf_token *t = token_of(d, token);
	const struct conf_setting *s = conf_made_by(d, token, auth);
	bool secret = t->client_secret != NULL || t->client_secret_file != NULL;

	if (t->client_auth != CONF_CLIENT_ASSERTION_FILE &&
	    (secret || t->client_auth > CONF_CLIENT_POST || s != NULL))
		need(d, token, auth, t->client_auth, CONF_ID_client_id);
	if (t->client_auth == CONF_CLIENT_SECRET_JWT ||
	    (t->client_auth <= CONF_CLIENT_POST && s != NULL))
		need_secret(d, token, auth, t->client_auth,
		    CONF_ID_client_secret, CONF_ID_client_secret_file);
	if (t->client_auth == CONF_CLIENT_KEY_JWT)
		need(d, token, auth, t->client_auth, CONF_ID_signing_key_file);
	if (t->client_auth == CONF_CLIENT_ASSERTION_FILE)
		need(d, token, auth, t->client_auth,
		    CONF_ID_client_assertion_file);
	if (t->client_auth == CONF_CLIENT_TLS)
		need(d, token, auth, t->client_auth, CONF_ID_client_cert_file);
}

/* ---- keys ---- */

static void
check_signer(struct conf_draft *d, size_t token, const char *secret,
    enum conf_id blamed)
{
	struct jose_signer signer = conf_signer(token_of(d, token), secret);
	struct err err;

	if (jose_check(&signer, &err) == -1)
		conf_blame(d, conf_made_by(d, token, blamed),
		    conf_options[blamed].name, "%s", err.text);
}

/* A secret in a file may be written later. */
static void
check_signers(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);
	bool by_secret = t->client_auth == CONF_CLIENT_SECRET_JWT ||
	    (signs_grant(t) && t->signing_key_file == NULL);

	if (t->signing_key_file != NULL)
		check_signer(d, token, NULL, CONF_ID_signing_key_file);
	if (by_secret && t->client_secret != NULL)
		check_signer(d, token, t->client_secret, CONF_ID_client_secret);
}

/* ---- other tokens ---- */

/* Whether a token needs another one, itself or through others.  No way is
 * longer than there are tokens. */
static bool
leads_to(const struct conf *conf, int from, int to, size_t steps)
{
	int next[2], i;

	if (from == -1 || steps == 0)
		return false;
	next[0] = conf_token_named(conf, conf->token[from].subject_token);
	next[1] = conf_token_named(conf, conf->token[from].actor_token);
	for (i = 0; i < 2; i++)
		if (next[i] == to || leads_to(conf, next[i], to, steps - 1))
			return true;
	return false;
}

static void
check_subject(struct conf_draft *d, size_t token, enum conf_id id,
    const char *text)
{
	const struct conf_setting *s = conf_made_by(d, token, id);
	int named = conf_token_named(d->conf, text);

	if (text == NULL)
		return;
	if (conf_file_named(text) != NULL)
		conf_check_file_of(d, s, conf_file_named(text));
	else if (named == -1)
		conf_blame(d, s, conf_options[id].name,
		    "names a token that is not there: '%s'",
		    conf_show(text + 6).text);
	else if (named == (int)token - 1 ||
	    leads_to(d->conf, named, (int)token - 1, 16))
		conf_blame(d, s, conf_options[id].name,
		    "goes round in a circle: token '%s' would need itself",
		    token_of(d, token)->name);
}

/* ---- refresh tokens ---- */

static void
check_refresh(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);
	const struct conf_setting *s = conf_made_by(d, token, CONF_ID_grant);

	if (t->grant != CONF_GRANT_REFRESH)
		return;
	if (!conf_has_redis(d->conf)) {
		need(d, token, CONF_ID_grant, t->grant,
		    CONF_ID_refresh_token_store);
		return;
	}
	if (t->refresh_token_store != NULL)
		conf_blame(d,
		    conf_made_by(d, token, CONF_ID_refresh_token_store),
		    "refresh-token-store", "is for use without Redis");
	if (d->conf->redis_key_file == NULL)
		conf_blame(d, s, "grant",
		    "refresh-token with Redis needs redis-key-file, which is not set: a refresh token never lies there as it is");
	if (!t->exclusive)
		conf_blame(d, s, "grant",
		    "refresh-token with Redis needs exclusive = yes: two calls at once would end the grant");
}

/* ---- the whole ---- */

void
conf_check_oauth(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);

	check_subject(d, token, CONF_ID_subject_token, t->subject_token);
	check_subject(d, token, CONF_ID_actor_token, t->actor_token);
	if (t->grant == CONF_GRANT_NONE) {
		blame_useless(d, token, of_oauth,
		    sizeof(of_oauth) / sizeof(of_oauth[0]),
		    "needs grant, which is none");
		return;
	}
	blame_useless(d, token, of_requests,
	    sizeof(of_requests) / sizeof(of_requests[0]),
	    "is for plain requests; with grant the request is that of OAuth 2.0");
	conf_check_secret_file(d, token, CONF_ID_client_secret_file,
	    t->client_secret_file);
	conf_check_secret_file(d, token, CONF_ID_client_assertion_file,
	    t->client_assertion_file);
	conf_check_secret_file(d, token, CONF_ID_refresh_token_file,
	    t->refresh_token_file);
	check_grant(d, token);
	if (t->grant != CONF_GRANT_SELF_SIGNED)
		check_client(d, token);
	check_signers(d, token);
	check_refresh(d, token);
}
