/* SPDX-License-Identifier: MIT */
/* An answer for people to look at, with secrets covered. */
#include "config.h"

#include "token/guess.h"
#include "token/private.h"

#include <string.h>

/* ---- names ---- */

/* Whether what has this name is a secret, whatever it looks like. */
static bool
is_secret_name(const char *name, size_t len)
{
	static const char *const parts[] = {"token", "secret", "passw",
	    "apikey", "session", "ticket", "jwt", "credential", "assertion",
	    "csrf", "xsrf", "api-key", "api_key", "authorization", NULL};
	static const char *const not [] = {"expir", "timeout", "time", "life",
	    "type", "duration", "ttl", "url", "authenticat", NULL};
	static const char *const whole[] = {"sid", "key", NULL};
	char word[64];
	size_t i;

	if (len >= sizeof(word))
		return true;
	memcpy(word, name, len);
	word[len] = '\0';
	for (i = 0; not [i] != NULL; i++)
		if (strcasestr(word, not [i]) != NULL)
			return false;
	for (i = 0; parts[i] != NULL; i++)
		if (strcasestr(word, parts[i]) != NULL)
			return true;
	return token_is_word(word, whole);
}

/* ---- fields ---- */

/* Cover a cookie's value, but not its attributes. */
static void
show_cookie(const struct token_field *f, const struct mask *m, struct buf *out)
{
	const char *equals = memchr(f->value, '=', f->len);
	const char *end = memchr(f->value, ';', f->len);
	size_t name = equals == NULL ? 0 : (size_t)(equals - f->value) + 1;

	mask_show(m, f->value, name, out);
	buf_str(out, MASK_STARS);
	if (end != NULL)
		mask_show(m, end, (size_t)(f->value + f->len - end), out);
}

void
token_show_fields(const struct token_reply *reply, const struct mask *m,
    struct buf *out)
{
	const char *at = reply->fields;
	struct token_field f;

	while (token_next_field(&at, &f)) {
		mask_show(m, f.name, f.name_len, out);
		buf_str(out, ": ");
		if (token_field_is(&f, "Set-Cookie"))
			show_cookie(&f, m, out);
		else if (is_secret_name(f.name, f.name_len))
			buf_str(out, MASK_STARS);
		else if (token_field_is(&f, "Date"))
			buf_add(out, f.value, f.len);
		else
			mask_show(m, f.value, f.len, out);
		buf_char(out, '\n');
	}
}

/* ---- the body ---- */

static void
indent(struct buf *out, int depth)
{
	buf_char(out, '\n');
	for (; depth > 0; depth--)
		buf_str(out, "  ");
}

/* A string with its quotation marks; nothing is said of one under the name of a
 * secret. */
static void
show_string(const char *text, bool secret, const struct mask *m,
    struct buf *out)
{
	static char masked[TOKEN_ANSWER_MAX];
	struct buf b;

	buf_init(&b, masked, sizeof(masked));
	if (secret && text[0] != '\0')
		buf_str(&b, MASK_STARS);
	else
		mask_show(m, text, strlen(text), &b);
	buf_json(out, masked, b.len);
	explicit_bzero(masked, b.len);
}

static void
show_plain(const struct token_value *v, bool secret, const struct mask *m,
    struct buf *out)
{
	static const char *const words[] = {[TOKEN_ABSENT] = "",
	    [TOKEN_NULL] = "null",
	    [TOKEN_FALSE] = "false",
	    [TOKEN_TRUE] = "true"};

	if (v->kind == TOKEN_STRING)
		show_string(v->text, secret, m, out);
	else if (v->kind == TOKEN_NUMBER && secret)
		buf_str(out, MASK_STARS);
	else if (v->kind == TOKEN_NUMBER)
		buf_printf(out, "%.15g", v->number);
	else
		buf_str(out, words[v->kind]);
}

static void
show_value(const struct token_value *v, bool secret, int depth,
    const struct mask *m, struct buf *out)
{
	bool object = v->kind == TOKEN_OBJECT;
	struct token_value item = {0};
	bool first = true;

	if (!object && v->kind != TOKEN_ARRAY) {
		show_plain(v, secret, m, out);
		return;
	}
	buf_char(out, object ? '{' : '[');
	for (; token_json_next(v, &item) && !out->overflow; first = false) {
		buf_str(out, first ? "" : ",");
		indent(out, depth + 1);
		if (object) {
			show_string(item.name, false, m, out);
			buf_str(out, ": ");
		}
		show_value(&item,
		    object ? is_secret_name(item.name, strlen(item.name))
			   : secret,
		    depth + 1, m, out);
	}
	if (!first)
		indent(out, depth);
	buf_char(out, object ? '}' : ']');
}

void
token_show_body(const struct token_reply *reply, const struct mask *m,
    struct buf *out)
{
	struct cJSON *json = token_json_parse(reply->body, reply->len);
	struct token_value root = token_json_value(json);

	if (json != NULL)
		show_value(&root, false, 0, m, out);
	else
		mask_show(m, reply->body, reply->len, out);
	token_json_free(json);
}
