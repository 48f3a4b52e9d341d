/* SPDX-License-Identifier: MIT */
/*
 * stub_wants.c - what a request for a token must be, exactly.
 *
 *   PUT /control?mode=ok&want_method=POST&want_target=/a%3fb=c
 *       &want_header=Name:%20value&want_body=%7b%7d
 *
 * Whatever differs is answered with 400, and told by GET /control.
 */
#include "config.h"

#include "stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 16
#define TEXT_MAX 65536

static struct {
	char method[16], target[2048], body[TEXT_MAX];
	char field[FIELDS_MAX][4096]; /* "Name: value" */
	size_t field_count;
	bool has_body; /* even an empty one is wanted exactly */
} wants;

static char last_head[65536], last_body[32768], unwanted[4096];

void
stub_wants_reset(void)
{
	memset(&wants, 0, sizeof(wants));
	unwanted[0] = '\0';
}

bool
stub_wants_set(const char *name, char *value)
{
	stub_decode_percent(value);
	if (strcmp(name, "want_method") == 0)
		snprintf(wants.method, sizeof(wants.method), "%s", value);
	else if (strcmp(name, "want_target") == 0)
		snprintf(wants.target, sizeof(wants.target), "%s", value);
	else if (strcmp(name, "want_body") == 0) {
		snprintf(wants.body, sizeof(wants.body), "%s", value);
		wants.has_body = true;
	} else if (strcmp(name, "want_header") == 0 &&
	    wants.field_count < FIELDS_MAX)
		snprintf(wants.field[wants.field_count++],
		    sizeof(wants.field[0]), "%s", value);
	else
		return false;
	return true;
}

/* Whether a head has a field with exactly this value, or for "Name:" none. */
static bool
has_field(const char *head, const char *field)
{
	char name[256];
	size_t len = strcspn(field, ":");
	const char *value = field + len + 1 + strspn(field + len + 1, " ");

	snprintf(name, sizeof(name), "%.*s", (int)len, field);
	return *value == '\0' ? stub_field(head, name) == NULL
			      : stub_field_is(head, name, value);
}

/* NULL, or what is not as it was wanted. */
static const char *
other(const char *head, const char *body)
{
	char method[16] = "", target[2048] = "";
	size_t i;

	sscanf(head, "%15s %2047s", method, target);
	if (wants.method[0] != '\0' && strcmp(method, wants.method) != 0)
		return "method";
	if (wants.target[0] != '\0' && strcmp(target, wants.target) != 0)
		return "target";
	for (i = 0; i < wants.field_count; i++)
		if (!has_field(head, wants.field[i]))
			return wants.field[i];
	return wants.has_body && strcmp(body, wants.body) != 0 ? "body" : NULL;
}

bool
stub_wants_take(const char *head, const char *body)
{
	const char *what = other(head, body);

	snprintf(last_head, sizeof(last_head), "%s", head);
	snprintf(last_body, sizeof(last_body), "%s", body);
	if (what != NULL)
		snprintf(unwanted, sizeof(unwanted), "%s", what);
	return what == NULL;
}

void
stub_wants_get(char *out, size_t size)
{
	snprintf(out, size, "unwanted %s\nlast_headers\n%s\nlast_body\n%s\n",
	    unwanted, last_head, last_body);
}
