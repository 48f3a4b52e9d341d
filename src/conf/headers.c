/* SPDX-License-Identifier: MIT */
/* Fills the templates, place by place. */
#include "config.h"

#include "conf/headers.h"

#include "base/place.h"
#include "token/token.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TEMPLATE_MAX 1024 /* bytes, with its NUL */
#define BEARER "Authorization: Bearer "

/* Values of one filling. */
struct filling {
	const struct conf_token *conf;
	const char *token, *extra;
	char value[TOKEN_EXTRA_MAX + 1]; /* the last extra that was found */
};

const char *
headers_first(const struct conf_token *t)
{
	return t->headers.item[0];
}

bool
headers_are_bearer(const struct conf_token *t)
{
	return strncmp(headers_first(t), BEARER, strlen(BEARER)) == 0;
}

const char *
headers_mark(const char *template, size_t *len)
{
	const char *mark = strstr(template, "%s");
	const char *at = template;
	struct place p;
	struct err err;

	*len = 2;
	if (mark != NULL)
		return mark;
	while (place_next(at, PLACE_RAW, &p, &err) == 1) {
		*len = (size_t)(p.end - p.at);
		if (strcmp(p.name, "token") == 0)
			return p.at;
		at = p.end;
	}
	return NULL;
}

/* The number of an extra; their count: there is none of this name. */
static size_t
number_of(const struct conf_token *t, const char *name)
{
	size_t len = strlen(name), i;
	const char *item;

	for (i = 0; i < t->extras.count; i++) {
		item = t->extras.item[i];
		if (strncmp(item, name, len) == 0 && item[len] == '=')
			break;
	}
	return i;
}

/* An option that is no secret. */
static const char *
open_value(const struct conf_token *t, const char *name)
{
	if (strcmp(name, "client-id") == 0)
		return t->client_id;
	return strcmp(name, "username") == 0 ? t->username : NULL;
}

bool
headers_have_place(const struct conf_token *t, const char *name)
{
	return strcmp(name, "token") == 0 || open_value(t, name) != NULL ||
	    number_of(t, name) < t->extras.count;
}

static struct place_value
look_up(void *arg, const char *name)
{
	struct filling *f = arg;
	size_t n = number_of(f->conf, name), len;
	const char *value;

	if (strcmp(name, "token") == 0)
		return (struct place_value){.text = f->token};
	if (n == f->conf->extras.count)
		return (struct place_value){.text = open_value(f->conf, name)};
	value = token_extra_find(f->extra, n, &len);
	if (len > TOKEN_EXTRA_MAX)
		len = 0;
	memcpy(f->value, value, len);
	f->value[len] = '\0';
	return (struct place_value){.text = f->value};
}

void
headers_fill(const struct conf_token *t, const char *template,
    const char *token, const char *extra, struct buf *out)
{
	struct filling f = {.conf = t, .token = token, .extra = extra};
	const char *mark = strstr(template, "%s");
	char text[TEMPLATE_MAX];
	struct err err;

	if (mark == NULL)
		snprintf(text, sizeof(text), "%s", template);
	else
		snprintf(text, sizeof(text), "%.*s@{token}%s",
		    (int)(mark - template), template, mark + 2);
	place_fill(text, PLACE_RAW, look_up, &f, out, &err);
	explicit_bzero(f.value, sizeof(f.value));
}

size_t
headers_size(const struct conf_token *t, size_t token_max)
{
	size_t size = 0, i;
	struct place p;
	struct err err;
	const char *at;

	for (i = 0; i < t->headers.count; i++) {
		at = t->headers.item[i];
		size += strlen(at) + 2;
		if (strstr(at, "%s") != NULL)
			size += token_max;
		for (; place_next(at, PLACE_RAW, &p, &err) == 1; at = p.end)
			size += 6 * /* as it is encoded at most */
			    (strcmp(p.name, "token") == 0 ? token_max
							  : TOKEN_EXTRA_MAX);
	}
	return size;
}
