/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "openapi_own.h"

#include <stdio.h>
#include <string.h>

struct buf *
openapi_item(struct openapi_writer *w)
{
	struct buf *out = w->out;

	if (out->len > 0 && strchr("{[", out->data[out->len - 1]) == NULL)
		buf_char(out, ',');
	return out;
}

void
openapi_key(struct openapi_writer *w, const char *name)
{
	buf_json(openapi_item(w), name, strlen(name));
	buf_char(w->out, ':');
}

void
openapi_text(struct openapi_writer *w, const char *name, const char *value)
{
	openapi_key(w, name);
	buf_json(w->out, value, strlen(value));
}

void
openapi_begin(struct openapi_writer *w, const char *name, char bracket)
{
	openapi_key(w, name);
	buf_char(w->out, bracket);
}

void
openapi_end(struct openapi_writer *w, char bracket)
{
	buf_char(w->out, bracket);
}

void
openapi_refer(struct openapi_writer *w, const char *kind, const char *name)
{
	const char *where = w->old ? "" : "components/";

	if (w->old && strcmp(kind, "schemas") == 0)
		kind = "definitions";
	buf_printf(w->out, "{\"$ref\":\"#/%s%s/%s\"}", where, kind, name);
}

/* The type of a simple value, where the form wants it. */
static void
type_of(struct openapi_writer *w, const char *type)
{
	if (w->old) {
		openapi_text(w, "type", type);
		return;
	}
	openapi_begin(w, "schema", '{');
	openapi_text(w, "type", type);
	openapi_end(w, '}');
}

static void
write_field(struct openapi_writer *w, const struct openapi_field *f)
{
	openapi_begin(w, f->name, '{');
	openapi_text(w, "description", f->about);
	type_of(w, f->type);
	if (!w->old) {
		openapi_key(w, "example");
		buf_str(w->out, f->example);
	}
	openapi_end(w, '}');
}

static void
write_fields(struct openapi_writer *w, const struct openapi_answer *a)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (a->fields & 1u << i)
			write_field(w, &openapi_fields[i]);
}

static void
write_example(struct openapi_writer *w, const struct openapi_answer *a)
{
	if (a->detail != NULL)
		openapi_problem(a, w->out);
	else
		buf_str(w->out, a->example);
}

static void
write_body(struct openapi_writer *w, const struct openapi_answer *a)
{
	if (!w->old) {
		openapi_begin(w, "content", '{');
		openapi_begin(w, a->type, '{');
	}
	openapi_key(w, "schema");
	openapi_refer(w, "schemas", a->schema);
	if (w->old) {
		openapi_begin(w, "examples", '{');
		openapi_key(w, a->type);
	} else
		openapi_key(w, "example");
	write_example(w, a);
	openapi_end(w, '}');
	if (!w->old)
		openapi_end(w, '}');
}

static void
write_answer(struct openapi_writer *w, const struct openapi_answer *a)
{
	openapi_begin(w, a->key, '{');
	openapi_text(w, "description", a->about);
	openapi_begin(w, "headers", '{');
	write_fields(w, a);
	openapi_end(w, '}');
	if (a->type != NULL)
		write_body(w, a);
	openapi_end(w, '}');
}

void
openapi_header_answer(struct openapi_writer *w, const struct conf_token *t)
{
	const struct openapi_answer *a = &openapi_answers[ANSWER_HEADER];
	const char *colon = strchr(t->header, ':');
	const char *format = colon + 1 + strspn(colon + 1, " ");
	char example[2048];

	openapi_text(w, "description", a->about);
	openapi_begin(w, "headers", '{');
	buf_printf(openapi_item(w), "\"%.*s\":{", (int)(colon - t->header),
	    t->header);
	openapi_text(w, "description", "The token, as the backend wants to be "
	    "sent it.");
	type_of(w, "string");
	snprintf(example, sizeof(example), "%.*s" OPENAPI_TOKEN "%s",
	    (int)(strstr(format, "%s") - format), format,
	    strstr(format, "%s") + 2);
	if (!w->old)
		openapi_text(w, "example", example);
	openapi_end(w, '}');
	write_fields(w, a);
	openapi_end(w, '}');
}

static void
write_param(struct openapi_writer *w, const struct openapi_param *p)
{
	openapi_begin(w, p->key, '{');
	openapi_text(w, "name", p->name);
	openapi_text(w, "in", p->in);
	openapi_text(w, "description", p->about);
	buf_printf(openapi_item(w), "\"required\":%s",
	    strcmp(p->in, "path") == 0 ? "true" : "false");
	type_of(w, "string");
	if (!w->old && p->example != NULL) {
		openapi_key(w, "example");
		buf_str(w->out, p->example);
	}
	openapi_end(w, '}');
}

static void
write_security(struct openapi_writer *w)
{
	openapi_begin(w, "refusedToken", '{');
	buf_str(w->out, w->old ? "\"type\":\"apiKey\",\"in\":\"header\","
	    "\"name\":\"Authorization\""
	    : "\"type\":\"http\",\"scheme\":\"bearer\"");
	openapi_text(w, "description", "No proof of identity: the token that "
	    "the backend refused, as it was sent there.");
	openapi_end(w, '}');
}

void
openapi_components(struct openapi_writer *w)
{
	size_t i;

	openapi_begin(w, w->old ? "definitions" : "schemas", '{');
	buf_str(w->out, openapi_schemas);
	openapi_end(w, '}');
	openapi_begin(w, "parameters", '{');
	for (i = 0; i < PARAM_COUNT; i++)
		if (i != PARAM_NAME || w->many)
			write_param(w, &openapi_params[i]);
	openapi_end(w, '}');
	openapi_begin(w, "responses", '{');
	for (i = ANSWER_END + 1; i < ANSWER_COUNT; i++)
		if (openapi_answers[i].key != NULL &&
		    (w->many || !openapi_about_name(i)))
			write_answer(w, &openapi_answers[i]);
	openapi_end(w, '}');
	openapi_begin(w, w->old ? "securityDefinitions" : "securitySchemes",
	    '{');
	write_security(w);
	openapi_end(w, '}');
}
