/* SPDX-License-Identifier: MIT */
/* Composes the request, field by field, and shows it to people. */
#include "config.h"

#include "refresher/request.h"

#include "base/mem.h"

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

static size_t
base_len(const struct conf_token *t)
{
	size_t len = strlen(t->base_url);

	while (len > 0 && t->base_url[len - 1] == '/')
		len--;
	return len;
}

static char *
join(const struct conf_token *t, const char *path)
{
	size_t base = base_len(t), len = strlen(path);
	char *url = mem_alloc(base + len + 1, 1);

	memcpy(url, t->base_url, base);
	memcpy(url + base, path, len);
	return url;
}

char *
request_place(const struct conf_token *t)
{
	return join(t, t->path);
}

/* ---- the URL ---- */

static int
add_url(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	char *path = fill("path", t->path, PLACE_URL, s, REQUEST_URL_MAX, err);
	const char *p;
	int status = 0;

	if (path == NULL)
		return -1;
	for (p = path; *p != '\0' && status == 0; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"<>#", *p) != NULL)
			status = err_set(err,
			    "path: a value has a character that is not allowed in a URL; take :raw away");
	if (status == 0)
		out->url = join(t, path);
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

/* ---- the whole ---- */

static bool
wants_json(const struct conf_token *t)
{
	return t->token_from == NULL || strcmp(t->token_from, "body") == 0;
}

static int
add_given(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	int status = 0;
	size_t i;

	for (i = 0; i < t->request_fields.count && status == 0; i++)
		status = add_field(out,
		    fill("request-header", t->request_fields.item[i], PLACE_RAW,
			s, REQUEST_FIELD_MAX, err),
		    err);
	return status;
}

int
request_make(const struct conf_token *t, const struct secrets *s,
    struct request *out, struct err *err)
{
	static const char *const methods[] = {
	    [CONF_GET] = "GET",
	    [CONF_POST] = "POST",
	    [CONF_PUT] = "PUT",
	    [CONF_PATCH] = "PATCH",
	};

	memset(out, 0, sizeof(*out));
	out->method = methods[t->method];
	if (add_url(t, s, out, err) == 0 &&
	    add_credentials(t, s, out, err) == 0 &&
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

/* ---- for people ---- */

/* A text as comments, a line each. */
static void
show_text(const char *text, struct buf *out)
{
	char *copy = mem_strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		buf_str(out, "#   ");
		buf_plain(out, line);
		buf_char(out, '\n');
	}
	free(copy);
}

static void
show_one(const struct conf_token *t, struct buf *out)
{
	struct secrets masked;
	struct request r;
	struct err err;
	size_t i;

	secrets_mask(t, &masked);
	buf_printf(out, "\n# The request for token %s:\n", t->name);
	if (request_make(t, &masked, &r, &err) == -1)
		show_text(err.text, out);
	else {
		buf_printf(out, "#   %s %s\n", r.method, r.url);
		for (i = 0; i < r.field_count; i++)
			show_text(r.field[i], out);
		if (r.body != NULL) {
			buf_str(out, "#\n");
			show_text(r.body, out);
		}
		request_wipe(&r);
	}
	secrets_wipe(&masked);
}

void
request_show(const struct conf *conf, struct buf *out)
{
	size_t i;

	for (i = 0; i < conf->token_count; i++)
		show_one(&conf->token[i], out);
}
