/* SPDX-License-Identifier: MIT */
/*
 * Values of a backend's answer, and words in them.  Apart, since it is the only
 * user of cJSON.
 */
#include "config.h"

#include "token/private.h"

#include "base/mem.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SPACE " \t\r\n"

/* ---- JSON ---- */

struct cJSON *
token_json_parse(const char *body, size_t len)
{
	/* it may hold a token */
	cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = mem_free_wiped};
	const char *end = body;
	cJSON *root;

	cJSON_InitHooks(&hooks);
	root = cJSON_ParseWithLengthOpts(body, len, &end, 0);
	while (end < body + len && strchr(" \t\r\n", *end) != NULL)
		end++;
	if (end == body + len)
		return root;
	cJSON_Delete(root);
	return NULL;
}

void
token_json_free(struct cJSON *root)
{
	cJSON_Delete(root);
}

bool
token_is_object(const char *text)
{
	cJSON *root = token_json_parse(text, strlen(text));
	bool is_object = cJSON_IsObject(root);

	token_json_free(root);
	return is_object;
}

char *
token_json_merge(const char *object, const char *more)
{
	cJSON *to = token_json_parse(object, strlen(object)), *item;
	cJSON *from =
	    more == NULL ? NULL : token_json_parse(more, strlen(more));
	char *text = NULL;

	while (from != NULL && cJSON_IsObject(from) && from->child != NULL) {
		item = cJSON_DetachItemViaPointer(from, from->child);
		cJSON_DeleteItemFromObjectCaseSensitive(to, item->string);
		if (cJSON_IsNull(item))
			cJSON_Delete(item);
		else
			cJSON_AddItemToObject(to, item->string, item);
	}
	if (cJSON_IsObject(to) && (more == NULL || cJSON_IsObject(from)))
		text = cJSON_PrintUnformatted(to);
	token_json_free(to);
	token_json_free(from);
	return text;
}

static enum token_kind
kind_of(const cJSON *node)
{
	static const struct {
		int type;
		enum token_kind kind;
	} kinds[] = {
	    {cJSON_NULL, TOKEN_NULL},
	    {cJSON_False, TOKEN_FALSE},
	    {cJSON_True, TOKEN_TRUE},
	    {cJSON_Number, TOKEN_NUMBER},
	    {cJSON_String, TOKEN_STRING},
	    {cJSON_Object, TOKEN_OBJECT},
	    {cJSON_Array, TOKEN_ARRAY},
	};
	size_t i;

	for (i = 0; node != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((node->type & 0xff) == kinds[i].type)
			return kinds[i].kind;
	return TOKEN_ABSENT;
}

struct token_value
token_json_value(const struct cJSON *node)
{
	struct token_value v = {.kind = kind_of(node), .node = node};

	if (node == NULL)
		return v;
	if (v.kind == TOKEN_NUMBER)
		v.number = node->valuedouble;
	if (v.kind == TOKEN_STRING)
		v.text = node->valuestring;
	v.name = node->string;
	return v;
}

bool
token_json_next(const struct token_value *of, struct token_value *item)
{
	const cJSON *next = item->node != NULL ? item->node->next
	    : of->kind == TOKEN_OBJECT || of->kind == TOKEN_ARRAY
	    ? of->node->child
	    : NULL;

	*item = token_json_value(next);
	return next != NULL;
}

struct token_value
token_json_member(const struct token_value *object, const char *name)
{
	struct token_value item = {0}, found = {0};

	while (object->kind == TOKEN_OBJECT && token_json_next(object, &item))
		if (strcmp(item.name, name) == 0)
			found = item;
	return found;
}

/* One step of a JSON Pointer (RFC 6901): "~1" is "/", "~0" is "~". */
static struct token_value
pointer_step(const struct token_value *value, const char *step, size_t len)
{
	char name[256];
	size_t i, n = 0;

	for (i = 0; i < len && n < sizeof(name) - 1; i++) {
		char c = step[i];

		if (c == '~' && i + 1 < len)
			c = step[++i] == '1' ? '/' : '~';
		name[n++] = c;
	}
	name[n] = '\0';
	if (value->kind != TOKEN_ARRAY)
		return token_json_member(value, name);
	if (n == 0 || n > 6 || strspn(name, "0123456789") != n ||
	    (n > 1 && name[0] == '0'))
		return (struct token_value){0};
	return token_json_value(cJSON_GetArrayItem(value->node, atoi(name)));
}

struct token_value
token_json_find(const struct token_value *root, const char *field,
    struct token_value *parent)
{
	struct token_value value = *root;
	size_t len;

	*parent = *root;
	if (*field != '/')
		return token_json_member(root, field);
	while (value.kind != TOKEN_ABSENT && *field == '/') {
		*parent = value;
		len = strcspn(++field, "/");
		value = pointer_step(parent, field, len);
		field += len;
	}
	return value;
}

/* ---- words ---- */

static bool
is_space(char c)
{
	return c != '\0' && strchr(SPACE, c) != NULL;
}

const char *
token_trim(const char *text, size_t *len)
{
	for (; *len > 0 && is_space(*text); text++)
		--*len;
	while (*len > 0 && is_space(text[*len - 1]))
		--*len;
	return text;
}

bool
token_is_word(const char *text, const char *const *words)
{
	size_t len = strlen(text);

	text = token_trim(text, &len);
	for (; *words != NULL; words++)
		if (strlen(*words) == len &&
		    strncasecmp(text, *words, len) == 0)
			return true;
	return false;
}

bool
token_is_nothing(const char *text)
{
	static const char *const nothing[] = {"null", "(null)", "<null>", "nil",
	    "(nil)", "<nil>", "none", "(none)", "<none>", "undefined",
	    "nullptr", "nan", "n/a", "false", "true", "[]", "{}", "\"\"", "''",
	    "b''", NULL};

	return token_is_word(text, nothing);
}

bool
token_is_named(const char *name, const char *plain)
{
	for (; *name != '\0'; name++) {
		if (*name == '_' || *name == '-')
			continue;
		if ((*name >= 'A' && *name <= 'Z' ? *name + 32 : *name) !=
		    *plain)
			return false;
		plain++;
	}
	return *plain == '\0';
}
