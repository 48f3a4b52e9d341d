/* SPDX-License-Identifier: MIT */
/* Whether an answer says no, whatever its status says. */
#include "config.h"

#include "token/private.h"

#include <string.h>

#define FIELD_MAX 256

/* ---- an error ---- */

/* Texts of an error that is none. */
static const char *const no_error[] = {"", "none", "null", "nil", "undefined",
    "false", "no", "no error", "no_error", "noerror", "ok", "success",
    "successful", NULL};

static bool
is_zero(const struct token_value *v)
{
	double n = v->number;
	const char *text;
	size_t len;

	if (v->kind == TOKEN_STRING) {
		len = strlen(v->text);
		text = token_trim(v->text, &len);
		if (!token_read_number(text, len, &n))
			return false;
	} else if (v->kind != TOKEN_NUMBER)
		return false;
	return n == 0;
}

/* Whether an error says that there is none. */
static bool
is_void(const struct token_value *v)
{
	struct token_value item = token_json_member(v, "code");

	switch (v->kind) {
	case TOKEN_ABSENT:
	case TOKEN_NULL:
	case TOKEN_FALSE:
		return true;
	case TOKEN_NUMBER:
	case TOKEN_STRING:
		return is_zero(v) ||
		    (v->kind == TOKEN_STRING &&
			token_is_word(v->text, no_error));
	case TOKEN_OBJECT:
	case TOKEN_ARRAY:
		break;
	default:
		return false;
	}
	if (is_zero(&item))
		return true;
	item.node = NULL;
	while (token_json_next(v, &item))
		if (!is_void(&item))
			return false;
	return true;
}

bool
token_is_error(const struct token_value *root)
{
	struct token_value error = token_json_member(root, "error");

	return !is_void(&error);
}

/* ---- a condition ---- */

/* Whether a value is what a text says, as JSON would write it; a string without
 * its quotation marks. */
static bool
is_written(const struct token_value *v, const char *text)
{
	double n;

	switch (v->kind) {
	case TOKEN_STRING:
		return strcmp(v->text, text) == 0;
	case TOKEN_NUMBER:
		return token_read_number(text, strlen(text), &n) &&
		    n == v->number;
	case TOKEN_TRUE:
		return strcmp(text, "true") == 0;
	case TOKEN_FALSE:
		return strcmp(text, "false") == 0;
	case TOKEN_NULL:
		return strcmp(text, "null") == 0;
	default:
		return false;
	}
}

bool
token_is_so(const struct token_value *root, const char *condition)
{
	struct token_value value, parent;
	char field[FIELD_MAX];
	size_t len;

	if (condition == NULL)
		return true;
	len = strcspn(condition, "=");
	if (len >= sizeof(field))
		return false;
	memcpy(field, condition, len);
	field[len] = '\0';
	value = token_json_find(root, field, &parent);
	return is_written(&value, condition + len + 1);
}
