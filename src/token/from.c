/* SPDX-License-Identifier: MIT */
/* Texts in the header fields and cookies of an answer, and in the part of its
 * body that a regular expression matches. */
#include "config.h"

#include "token/private.h"

#include "base/mem.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
token_from_read(const char *text, struct token_from *out)
{
	static const char *const kinds[] = {
	    [TOKEN_IN_BODY] = "body",
	    [TOKEN_IN_TEXT] = "text",
	    [TOKEN_IN_HEADER] = "header:",
	    [TOKEN_IN_COOKIE] = "cookie:",
	    [TOKEN_IN_MATCH] = "match:",
	};
	size_t i, len;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		len = strlen(kinds[i]);
		if (strncmp(text, kinds[i], len) != 0)
			continue;
		*out = (struct token_from){.kind = (enum token_place)i,
		    .rest = text + len};
		return (kinds[i][len - 1] == ':') == (text[len] != '\0');
	}
	return false;
}

/* ---- pieces ---- */

/* Copy a piece of the answer; false: it is too long. */
static bool
put(const char *text, size_t len, char *out, size_t size)
{
	if (len >= size)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

bool
token_next_field(const char **at, struct token_field *out)
{
	const char *line = *at, *colon;
	size_t len = line == NULL ? 0 : strcspn(line, "\n");

	if (len == 0)
		return false;
	*at = line + len + (line[len] != '\0');
	colon = memchr(line, ':', len);
	out->name = line;
	out->name_len = colon == NULL ? len : (size_t)(colon - line);
	out->len = colon == NULL ? 0 : len - out->name_len - 1;
	out->value = token_trim(line + len - out->len, &out->len);
	return true;
}

bool
token_field_is(const struct token_field *f, const char *name)
{
	return f->name_len == strlen(name) &&
	    strncasecmp(f->name, name, f->name_len) == 0;
}

/* The value of the first field of this name from *at on, which goes behind it;
 * NULL: there is none. */
static const char *
next_field(const char **at, const char *name, size_t *len)
{
	struct token_field f;

	while (token_next_field(at, &f))
		if (token_field_is(&f, name)) {
			*len = f.len;
			return f.value;
		}
	return NULL;
}

bool
token_reply_text(const struct token_reply *reply, const char *field, char *out,
    size_t size)
{
	struct cJSON *json = token_json_parse(reply->body, reply->len);
	struct token_value root = token_json_value(json), parent, v;
	bool found;

	v = token_json_find(&root, field, &parent);
	found =
	    v.kind == TOKEN_STRING && put(v.text, strlen(v.text), out, size);
	token_json_free(json);
	return found;
}

bool
token_reply_has(const struct token_reply *reply, const char *field)
{
	struct cJSON *json = token_json_parse(reply->body, reply->len);
	struct token_value root = token_json_value(json), parent;
	bool found =
	    token_json_find(&root, field, &parent).kind == TOKEN_STRING;

	token_json_free(json);
	return found;
}

/* ---- cookies (RFC 6265, 4.1) ---- */

/* Find the value of a cookie, with its attributes; the last field that sets it
 * counts. */
static const char *
find_cookie(const struct token_reply *reply, const char *name, size_t *len)
{
	const char *at = reply->fields, *field, *found = NULL;
	size_t n = strlen(name), field_len;

	while ((field = next_field(&at, "Set-Cookie", &field_len)) != NULL)
		if (field_len > n && strncmp(field, name, n) == 0 &&
		    field[n] == '=') {
			found = field + n + 1;
			*len = field_len - n - 1;
		}
	return found;
}

/* Bytes before the next semicolon. */
static size_t
part_len(const char *text, size_t len)
{
	const char *end = memchr(text, ';', len);

	return end == NULL ? len : (size_t)(end - text);
}

/* The value of "NAME=VALUE" if it has this name, in letters of any case. */
static const char *
attribute_value(const char *part, size_t *len, const char *name)
{
	const char *equals = memchr(part, '=', *len);
	size_t name_len = equals == NULL ? 0 : (size_t)(equals - part);

	*len -= equals == NULL ? 0 : name_len + 1;
	part = token_trim(part, &name_len);
	if (equals == NULL || name_len != strlen(name) ||
	    strncasecmp(part, name, name_len) != 0)
		return NULL;
	return token_trim(equals + 1, len);
}

bool
token_cookie_attribute(const struct token_reply *reply, const char *name,
    const char *attribute, char *out, size_t size)
{
	size_t len = 0, part, value_len;
	const char *p = find_cookie(reply, name, &len), *value;

	if (p == NULL)
		return false;
	while ((part = part_len(p, len)) < len) {
		p += part + 1;
		len -= part + 1;
		value_len = part_len(p, len);
		value = attribute_value(p, &value_len, attribute);
		if (value != NULL)
			return put(value, value_len, out, size);
	}
	return false;
}

/* ---- the body ---- */

/* All of it; a JSON string is what it means. */
static bool
find_text(const struct token_reply *reply, char *out)
{
	struct cJSON *json = token_json_parse(reply->body, reply->len);
	struct token_value v = token_json_value(json);
	const char *text = v.kind == TOKEN_STRING ? v.text : reply->body;
	size_t len = v.kind == TOKEN_STRING ? strlen(text) : reply->len;
	bool found;

	text = token_trim(text, &len);
	found = len > 0 && put(text, len, out, TOKEN_ANSWER_MAX + 1);
	token_json_free(json);
	return found;
}

/* Of a body without a match, regexec(3) takes the square of its length: some
 * patterns need 6 s for 16 KiB, and the refresher would be taken for dead. */
static bool
find_match(const struct token_reply *reply, const char *pattern, char *out)
{
	size_t len =
	    reply->len < TOKEN_MATCH_MAX ? reply->len : TOKEN_MATCH_MAX;
	char *copy = mem_alloc(len + 1, 1);
	regmatch_t m[2];
	bool found = false;
	regex_t re;

	memcpy(copy, reply->body, len);
	if (regcomp(&re, pattern, REG_EXTENDED) == 0) {
		found = regexec(&re, copy, 2, m, 0) == 0 && m[1].rm_so >= 0 &&
		    put(copy + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so),
			out, TOKEN_ANSWER_MAX + 1);
		regfree(&re);
	}
	explicit_bzero(copy, len);
	free(copy);
	return found;
}

bool
token_from_find(const struct token_from *from, const struct token_reply *reply,
    char *out)
{
	const char *at = reply->fields, *text = NULL;
	size_t len = 0;

	switch (from->kind) {
	case TOKEN_IN_TEXT:
		return find_text(reply, out);
	case TOKEN_IN_MATCH:
		return find_match(reply, from->rest, out);
	case TOKEN_IN_HEADER:
		text = next_field(&at, from->rest, &len);
		break;
	case TOKEN_IN_COOKIE:
		text = find_cookie(reply, from->rest, &len);
		if (text != NULL)
			len = part_len(text, len);
		break;
	default:
		break;
	}
	return text != NULL && put(text, len, out, TOKEN_ANSWER_MAX + 1);
}
