/* SPDX-License-Identifier: MIT */
/* Composes the request, field by field. */
#include "config.h"

#include "refresher/request.h"

#include "base/mem.h"
#include "conf/headers.h"
#include "token/token.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SPACE " \t\r\n"

/* ---- texts ---- */

static struct place_value
look_up(void *arg, const char *name)
{
	return secrets_find(arg, name);
}

/* A text with its places filled, in memory of its own; NULL with *err, which
 * begins with where that is. */
static char *
fill(const char *where, const char *text, enum place_encoding usual,
    const struct secrets *s, size_t max, struct err *err)
{
	char *scratch = mem_alloc(max + 1, 1), *out = NULL;
	struct err why;
	struct buf b;

	buf_init(&b, scratch, max + 1);
	if (place_fill(text, usual, look_up, (void *)(uintptr_t)s, &b, &why) ==
	    -1)
		err_set(err, "%s: %s", where, why.text);
	else if (b.overflow || b.len > max)
		err_set(err, "%s: longer than %zu bytes with its secrets",
		    where, max);
	else
		out = mem_strdup(buf_text(&b));
	explicit_bzero(scratch, max + 1);
	free(scratch);
	return out;
}

char *
request_place(const struct conf_token *t, const struct request_given *given)
{
	if (given != NULL && given->document != NULL)
		return mem_strdup(given->document);
	if (given != NULL && given->logout != NULL)
		return conf_url(t, t->logout_path);
	return t->grant == CONF_GRANT_NONE ? conf_url(t, t->path)
					   : assertion_url(t, given);
}

/* ---- the URL ---- */

static int
add_url(const struct conf_token *t, const char *option, const char *template,
    const struct secrets *s, struct request *out, struct err *err)
{
	char *path = fill(option, template, PLACE_URL, s, REQUEST_URL_MAX, err);
	const char *p;
	int status = 0;

	if (path == NULL)
		return -1;
	for (p = path; *p != '\0' && status == 0; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"<>#", *p) != NULL)
			status = err_set(err,
			    "%s: a value has a character that is not allowed in a URL; take :raw away",
			    option);
	if (status == 0)
		out->url = conf_url(t, path);
	mem_free_secret(path);
	return status;
}

/* ---- fields ---- */

/* Whether request-header has a field of this name, and its value. */
static const char *
given(const struct conf_token *t, const char *name)
{
	size_t len = strlen(name), i;
	const char *field;

	for (i = 0; i < t->request_fields.count; i++) {
		field = t->request_fields.item[i];
		if (strncasecmp(field, name, len) == 0 && field[len] == ':')
			return field + len + 1;
	}
	return NULL;
}

/* Why a value cannot be sent; NULL: it can.  libcurl takes an empty one for the
 * wish not to send the field. */
static const char *
value_problem(const char *value)
{
	if (value[strspn(value, " \t")] == '\0')
		return "is empty";
	for (; *value != '\0'; value++)
		if (((unsigned char)*value < ' ' && *value != '\t') ||
		    *value == 0x7f)
			return "has a control character, such as a line end, which cannot be sent";
	return NULL;
}

/* Add a field, which is taken over. */
static int
add_field(struct request *out, char *field, struct err *err)
{
	int name = field == NULL ? 0 : (int)strcspn(field, ":");
	const char *problem;

	if (field == NULL)
		return -1;
	problem = value_problem(field + name + 1);
	if (problem != NULL) {
		err_set(err, "field %.*s: a value %s", name, field, problem);
		mem_free_secret(field);
		return -1;
	}
	assert(out->field_count < REQUEST_FIELDS_MAX);
	out->field[out->field_count++] = field;
	return 0;
}

/* Add one of ours, a template; NULL: none. */
static int
add_own(const struct conf_token *t, const struct secrets *s, const char *name,
    const char *value, struct request *out, struct err *err)
{
	char text[512];

	if (value == NULL || given(t, name) != NULL)
		return 0;
	snprintf(text, sizeof(text), "%s: %s", name, value);
	return add_field(out,
	    fill(name, text, PLACE_RAW, s, REQUEST_FIELD_MAX, err), err);
}

/* "user:password", of which neither need be there. */
static int
add_basic(const struct secrets *s, struct request *out, struct err *err)
{
	struct place_value user = secrets_find(s, "username");
	struct place_value password = secrets_find(s, "password");
	char *field = mem_alloc(REQUEST_FIELD_MAX, 1);
	char *both = mem_alloc(REQUEST_FIELD_MAX, 1);
	struct buf b;
	int n;

	n = snprintf(both, REQUEST_FIELD_MAX, "%s:%s",
	    user.text == NULL ? "" : user.text,
	    password.text == NULL ? "" : password.text);
	buf_init(&b, field, REQUEST_FIELD_MAX);
	buf_str(&b, "Authorization: Basic ");
	if (password.mask)
		buf_str(&b, password.text);
	else
		place_encode(PLACE_BASE64, both, (size_t)n, &b);
	explicit_bzero(both, REQUEST_FIELD_MAX);
	free(both);
	n = add_field(out, mem_strdup(buf_text(&b)), err);
	explicit_bzero(field, REQUEST_FIELD_MAX);
	free(field);
	return n;
}

static int
add_credentials(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	bool key = secrets_find(s, "api-key").text != NULL;

	switch (t->auth) {
	case CONF_AUTH_BASIC:
		return add_basic(s, out, err);
	case CONF_AUTH_BEARER:
		return add_own(t, s, "Authorization", "Bearer @{api-key}", out,
		    err);
	case CONF_AUTH_HEADER:
		return add_own(t, s, t->api_key_header,
		    key ? "@{api-key}" : NULL, out, err);
	default:
		return 0;
	}
}

/* ---- the body ---- */

/* Languages of a body: told by a field, or by how it begins. */
static const struct language {
	const char *type;  /* Content-Type */
	const char *word;  /* in a Content-Type of the configuration */
	const char *begin; /* first characters */
	enum place_encoding encoding;
} languages[] = {
    {"application/json", "json", "{[", PLACE_JSON},
    {"application/xml", "xml", "<", PLACE_XML},
    {"application/x-www-form-urlencoded", "form-urlencoded", "", PLACE_FORM},
};

static const struct language *
language_of(const char *body)
{
	size_t i, last = sizeof(languages) / sizeof(languages[0]) - 1;

	body += strspn(body, SPACE);
	for (i = 0; i < last; i++)
		if (*body != '\0' && strchr(languages[i].begin, *body) != NULL)
			return &languages[i];
	return &languages[last];
}

/* How places of the body are encoded: a type that is no language here leaves
 * plain text plain. */
static enum place_encoding
encoding_of(const struct conf_token *t)
{
	const char *type = given(t, "Content-Type");
	const struct language *seen = language_of(t->request_body);
	size_t i;

	if (type == NULL)
		return seen->encoding;
	for (i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (strcasestr(type, languages[i].word) != NULL)
			return languages[i].encoding;
	return seen->encoding == PLACE_FORM ? PLACE_RAW : seen->encoding;
}

static int
add_body(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	if (t->request_body == NULL)
		return 0;
	out->body = fill("request-body", t->request_body, encoding_of(t), s,
	    REQUEST_BODY_MAX, err);
	if (out->body == NULL)
		return -1;
	return add_own(t, s, "Content-Type", language_of(t->request_body)->type,
	    out, err);
}

/* ---- OAuth 2.0, and its documents ---- */

static int
add_oauth(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, struct request *out, struct err *err)
{
	char *value = NULL, *field;
	size_t len;

	if (oauth_form(t, s, given, &out->body, &value, err) == -1)
		return -1;
	out->method = "POST";
	out->url = request_place(t, given);
	if (add_own(t, s, "Content-Type", "application/x-www-form-urlencoded",
		out, err) == -1 ||
	    value == NULL)
		return value == NULL ? 0 : -1;
	len = strlen("Authorization: ") + strlen(value) + 1;
	field = mem_alloc(len, 1);
	snprintf(field, len, "Authorization: %s", value);
	mem_free_secret(value);
	return add_field(out, field, err);
}

/* A document. */
static int
get(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, struct request *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->method = "GET";
	out->url = request_place(t, given);
	return add_own(t, s, "Accept", "application/json", out, err);
}

/* ---- the end of a token ---- */

static int
add_header(const struct conf_token *t, const char *template,
    const struct request_given *given, struct request *out, struct err *err)
{
	size_t size = headers_size(t, TOKEN_MAX) + 1;
	char *scratch = mem_alloc(size, 1), *field;
	struct buf b;

	buf_init(&b, scratch, size);
	headers_fill(t, template, given->logout, given->logout_extra, &b);
	field = mem_strdup(buf_text(&b));
	explicit_bzero(scratch, size);
	free(scratch);
	return add_field(out, field, err);
}

static int
log_out(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, struct request *out, struct err *err)
{
	static const char *const methods[] = {
	    [CONF_LOGOUT_GET] = "GET",
	    [CONF_LOGOUT_POST] = "POST",
	    [CONF_LOGOUT_PUT] = "PUT",
	    [CONF_LOGOUT_PATCH] = "PATCH",
	    [CONF_LOGOUT_DELETE] = "DELETE",
	};
	int status;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->method = methods[t->logout_method];
	status = add_url(t, "logout-path", t->logout_path, s, out, err);
	for (i = 0; i < t->headers.count && status == 0; i++)
		status = add_header(t, t->headers.item[i], given, out, err);
	if (status == -1)
		request_wipe(out);
	return status;
}

/* ---- the whole ---- */

static bool
wants_json(const struct conf_token *t)
{
	return t->token_from == NULL || strcmp(t->token_from, "body") == 0;
}

static int
add_plain(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	return add_url(t, "path", t->path, s, out, err) == 0 &&
		add_credentials(t, s, out, err) == 0
	    ? 0
	    : -1;
}

static int
add_given(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	int status = 0;

	for (size_t i = 0; i < t->request_fields.count && status == 0; i++)
		status = add_field(out,
		    fill("request-header", t->request_fields.item[i], PLACE_RAW,
			s, REQUEST_FIELD_MAX, err),
		    err);
	return status;
}

int
request_make(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, struct request *out, struct err *err)
{
	static const char *const methods[] = {
	    [CONF_GET] = "GET",
	    [CONF_POST] = "POST",
	    [CONF_PUT] = "PUT",
	    [CONF_PATCH] = "PATCH",
	};

	if (given != NULL && given->document != NULL)
		return get(t, s, given, out, err);
	if (given != NULL && given->logout != NULL)
		return log_out(t, s, given, out, err);
	memset(out, 0, sizeof(*out));
	out->method = methods[t->method];
	if ((t->grant != CONF_GRANT_NONE ? add_oauth(t, s, given, out, err)
					 : add_plain(t, s, out, err)) == 0 &&
	    add_own(t, s, "Accept", wants_json(t) ? "application/json" : "*/*",
		out, err) == 0 &&
	    add_own(t, s, "Cache-Control", "no-cache", out, err) == 0 &&
	    add_given(t, s, out, err) == 0 && add_body(t, s, out, err) == 0)
		return 0;
	request_wipe(out);
	return -1;
}

void
request_wipe(struct request *r)
{
	while (r->field_count > 0)
		mem_free_secret(r->field[--r->field_count]);
	mem_free_secret(r->url);
	mem_free_secret(r->body);
	r->url = r->body = NULL;
}
