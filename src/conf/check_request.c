/* SPDX-License-Identifier: MIT */
/* The request for a token: whether its parts fit, and whether there is
 * something for each of its places. */
#include "config.h"

#include "conf/private.h"

#include "base/buf.h"
#include "conf/headers.h"
#include "conf/secrets.h"

#include <string.h>
#include <strings.h>

#define NAMES_MAX 512

/* The setting that one value of an option that has several is from. */
static const struct conf_setting *
setting_of(const struct conf_draft *d, size_t token, enum conf_id id,
    const char *value)
{
	const struct conf_setting *last = conf_made_by(d, token, id), *s;
	size_t i;

	for (i = 0; last != NULL && i < d->setting_count; i++) {
		s = &d->setting[i];
		if (s->option == last->option && s->rank == last->rank &&
		    s->section == last->section &&
		    strstr(s->text, value) != NULL)
			return s;
	}
	return last;
}

static const struct conf_token *
token_of(const struct conf_draft *d, size_t token)
{
	return &d->conf->token[token - 1];
}

/* ---- who asks ---- */

/* Whether a field of the request has this name. */
static bool
has_name(const char *field, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(field, name, len) == 0 && field[len] == ':';
}

/* Options that auth needs besides. */
static void
check_auth(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);
	const struct conf_setting *s = conf_made_by(d, token, CONF_ID_auth);
	const struct conf_setting *user =
	    conf_made_by(d, token, CONF_ID_username);

	if (t->auth == CONF_AUTH_BASIC && t->username == NULL)
		conf_blame(d, s, "auth",
		    "basic needs username, which is not set");
	else if (t->auth == CONF_AUTH_BASIC && strchr(t->username, ':') != NULL)
		conf_blame(d, user, "username",
		    "must not have a colon, which would end it with auth = basic");
	if (t->auth == CONF_AUTH_BEARER && t->api_key == NULL &&
	    t->api_key_file == NULL)
		conf_blame(d, s, "auth",
		    "bearer needs api-key or api-key-file, of which none is set");
}

/* A field that auth sends already. */
static void
check_field(struct conf_draft *d, size_t token, const char *field)
{
	const struct conf_token *t = token_of(d, token);
	const char *ours = t->auth == CONF_AUTH_NONE        ? NULL
	    : t->auth != CONF_AUTH_HEADER                   ? "Authorization"
	    : t->api_key == NULL && t->api_key_file == NULL ? NULL
							    : t->api_key_header;

	if (ours != NULL && has_name(field, ours))
		conf_blame(d,
		    setting_of(d, token, CONF_ID_request_fields, field),
		    "request-header",
		    "must not be %s, which auth sends; set auth = none", ours);
}

/* ---- places ---- */

/* Note that there is nothing for a place, and what there is. */
static void
blame_place(struct conf_draft *d, const struct conf_setting *s,
    const char *option, const char *name, const struct secrets *known)
{
	char names[NAMES_MAX];
	struct buf b;
	size_t i;

	buf_init(&b, names, sizeof(names));
	for (i = 0; i < known->count; i++)
		buf_printf(&b, "%s@{%s}", i > 0 ? ", " : "",
		    known->item[i].name);
	if (secrets_is_reserved(name) && strcmp(name, "token") != 0)
		conf_blame(d, s, option, "has a place @{%s}, but %s is not set",
		    name, name);
	else
		conf_blame(d, s, option,
		    "has a place @{%s}, but there is nothing of this name; there is %s (secret-file adds one)",
		    name, known->count > 0 ? buf_text(&b) : "none");
}

static void
check_places(struct conf_draft *d, const struct conf_setting *s,
    const char *option, const char *text, const struct secrets *known)
{
	struct place p;
	struct err err;
	int found;

	while ((found = place_next(text, PLACE_RAW, &p, &err)) == 1) {
		if (secrets_find(known, p.name).text == NULL)
			blame_place(d, s, option, p.name, known);
		text = p.end;
	}
	if (found == -1)
		conf_blame(d, s, option, "%s", err.text);
}

/* ---- further secrets ---- */

static void
check_secret_file(struct conf_draft *d, size_t token, size_t number)
{
	const struct conf_list *list = &token_of(d, token)->secret_files;
	const char *item = list->item[number];
	const struct conf_setting *s =
	    setting_of(d, token, CONF_ID_secret_files, item);
	size_t len = strcspn(item, "="), i;
	char name[PLACE_NAME_MAX + 1] = "";

	memcpy(name, item, len);
	if (secrets_is_reserved(name))
		conf_blame(d, s, "secret-file",
		    "must have another name than %s, which is that of an option",
		    name);
	for (i = 0; i < number; i++)
		if (strncmp(list->item[i], item, len + 1) == 0)
			conf_blame(d, s, "secret-file",
			    "is given twice for the name %s", name);
	conf_check_file_of(d, s, item + len + 1);
}

/* ---- the answer ---- */

static void
check_answer(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);

	if (t->success_status.count == 0)
		conf_blame(d, conf_made_by(d, token, CONF_ID_success_status),
		    "success-status", "must have at least one status");
	if (t->token_field != NULL && strcmp(t->token_from, "body") != 0)
		conf_blame(d, conf_made_by(d, token, CONF_ID_token_field),
		    "token-field", "needs token-from = body");
	if (t->expiry_field != NULL && t->expiry_from != NULL &&
	    strcmp(t->expiry_from, "body") != 0)
		conf_blame(d, conf_made_by(d, token, CONF_ID_expiry_field),
		    "expiry-field", "needs expiry-from = body");
}

/* ---- fields of /auth ---- */

static void
check_header(struct conf_draft *d, size_t token, const char *template,
    bool first)
{
	const struct conf_setting *s =
	    setting_of(d, token, CONF_ID_headers, template);
	const char *at = template;
	size_t tokens = strstr(at, "%s") != NULL;
	struct place p;
	struct err err;
	int found;

	while ((found = place_next(at, PLACE_RAW, &p, &err)) == 1) {
		tokens += strcmp(p.name, "token") == 0;
		if (!headers_have_place(token_of(d, token), p.name))
			conf_blame(d, s, "header",
			    "has a place @{%s}, but here are only token, client-id, username and the extras",
			    p.name);
		at = p.end;
	}
	if (found == -1)
		conf_blame(d, s, "header", "%s", err.text);
	if (tokens > 1 || (first && tokens == 0))
		conf_blame(d, s, "header",
		    "must have the token once, as %%s or @{token}%s",
		    first ? "" : ", if at all");
}

static void
check_headers(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);
	const struct conf_setting *s = conf_made_by(d, token, CONF_ID_headers);
	size_t i;

	if (t->headers.count == 0 && s->text[0] == '\0')
		conf_blame(d, s, "header", "must not be empty");
	for (i = 0; i < t->headers.count; i++)
		check_header(d, token, t->headers.item[i], i == 0);
}

static void
check_extras(struct conf_draft *d, size_t token)
{
	const struct conf_list *list = &token_of(d, token)->extras;
	const struct conf_setting *s = conf_made_by(d, token, CONF_ID_extras);
	size_t i, k, len;

	if (list->count > TOKEN_EXTRAS)
		conf_blame(d, s, "extra",
		    "must not be given more than 4 times");
	for (i = 0; i < list->count; i++) {
		len = strcspn(list->item[i], "=") + 1;
		for (k = 0; k < i; k++)
			if (strncmp(list->item[k], list->item[i], len) == 0)
				conf_blame(d, s, "extra",
				    "is given twice for the name %.*s",
				    (int)len - 1, list->item[i]);
	}
}

/* ---- the end of a token ---- */

static void
check_logout(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);
	const struct conf_setting *s =
	    conf_made_by(d, token, CONF_ID_logout_method);

	if (t->logout_method == CONF_LOGOUT_NONE)
		return;
	if (t->logout_path == NULL)
		conf_blame(d, s, "logout-method",
		    "needs logout-path, which is not set");
	if (t->base_url == NULL)
		conf_blame(d, s, "logout-method",
		    "needs base-url, which is not set");
	if (t->exclusive)
		conf_blame(d, s, "logout-method",
		    "is of no use with exclusive = yes: a new token ends the one before");
}

/* ---- the whole ---- */

void
conf_check_request(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = token_of(d, token);
	const struct conf_setting *body =
	    conf_made_by(d, token, CONF_ID_request_body);
	struct secrets known;
	size_t i;

	conf_check_secret_file(d, token, CONF_ID_password_file,
	    t->password_file);
	for (i = 0; i < t->secret_files.count; i++)
		check_secret_file(d, token, i);
	check_auth(d, token);
	check_answer(d, token);
	if (t->request_body != NULL && t->method == CONF_GET)
		conf_blame(d, body, "request-body",
		    "needs method = POST, PUT or PATCH; GET has no body");
	check_headers(d, token);
	check_extras(d, token);
	check_logout(d, token);
	secrets_mask(t, &known);
	if (t->path != NULL)
		check_places(d, conf_made_by(d, token, CONF_ID_path), "path",
		    t->path, &known);
	if (t->request_body != NULL)
		check_places(d, body, "request-body", t->request_body, &known);
	for (i = 0; i < t->request_fields.count; i++) {
		check_field(d, token, t->request_fields.item[i]);
		check_places(d,
		    setting_of(d, token, CONF_ID_request_fields,
			t->request_fields.item[i]),
		    "request-header", t->request_fields.item[i], &known);
	}
	if (t->logout_path != NULL) {
		secrets_add_token(&known, t, "", "");
		check_places(d, conf_made_by(d, token, CONF_ID_logout_path),
		    "logout-path", t->logout_path, &known);
	}
	secrets_wipe(&known);
}

bool
conf_has_places(const struct conf_token *t)
{
	size_t i;

	for (i = 0; i < t->request_fields.count; i++)
		if (strstr(t->request_fields.item[i], "@{") != NULL)
			return true;
	return (t->path != NULL && strstr(t->path, "@{") != NULL) ||
	    (t->request_body != NULL && strstr(t->request_body, "@{") != NULL);
}
