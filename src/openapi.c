/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "openapi_own.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const versions[] = {
    [OPENAPI_3_0] = "{\"openapi\":\"3.0.1\"",
    [OPENAPI_3_1] = "{\"openapi\":\"3.1.0\"",
    [OPENAPI_2_0] = "{\"swagger\":\"2.0\"",
};

static void
write_answers(struct openapi_writer *w, const unsigned char *id, bool any_name,
    const struct conf_token *t)
{
	char status[16];

	openapi_begin(w, "responses", '{');
	for (; *id != ANSWER_END; id++) {
		const struct openapi_answer *a = &openapi_answers[*id];

		if (!any_name && openapi_about_name(*id))
			continue;
		snprintf(status, sizeof(status), "%d", a->status);
		openapi_key(w, status);
		if (a->key != NULL) {
			openapi_refer(w, "responses", a->key);
			continue;
		}
		buf_char(w->out, '{');
		openapi_header_answer(w, t);
		openapi_end(w, '}');
	}
	openapi_end(w, '}');
}

static void
write_params(struct openapi_writer *w, unsigned params)
{
	size_t i;

	if (params == 0)
		return;
	openapi_begin(w, "parameters", '[');
	for (i = 0; i < PARAM_COUNT; i++)
		if (params & 1u << i) {
			openapi_item(w);
			openapi_refer(w, "parameters", openapi_params[i].key);
		}
	openapi_end(w, ']');
}

/* "getNamedToken_orders": unique, since names are. */
static void
write_id(struct openapi_writer *w, const struct openapi_operation *op,
    const struct openapi_path *p, const char *name)
{
	openapi_key(w, "operationId");
	buf_printf(w->out, "\"%s%s%s%s\"", op->verb, p->noun,
	    name == NULL ? "" : "_", name == NULL ? "" : name);
}

/* What the answers' bodies are; Swagger 2.0 says it here. */
static void
write_types(struct openapi_writer *w, const struct openapi_operation *op)
{
	const char *type = openapi_answers[op->answers[0]].type;

	openapi_begin(w, "produces", '[');
	if (type != NULL)
		buf_printf(openapi_item(w), "\"%s\"", type);
	buf_str(openapi_item(w), "\"application/problem+json\"");
	openapi_end(w, ']');
}

/* name: NULL where the path has none, or a parameter in its place. */
static void
write_operation(struct openapi_writer *w, const struct openapi_operation *op,
    const struct openapi_path *p, const char *name, const struct conf_token *t)
{
	bool any_name = openapi_named(p) && name == NULL;
	char method[16];
	size_t i;

	snprintf(method, sizeof(method), "%s", openapi_method(op->method));
	for (i = 0; method[i] != '\0'; i++)
		method[i] = (char)tolower((unsigned char)method[i]);
	openapi_begin(w, method, '{');
	write_id(w, op, p, name);
	openapi_text(w, "summary", p->summary != NULL ? p->summary
	    : op->summary);
	openapi_text(w, "description", op->about);
	openapi_begin(w, "tags", '[');
	buf_printf(w->out, "\"%s\"", p->tag);
	openapi_end(w, ']');
	if (w->old)
		write_types(w, op);
	write_params(w, op->params | p->params |
	    (any_name ? 1u << PARAM_NAME : 0));
	if (op->secured)
		buf_str(openapi_item(w), "\"security\":[{\"refusedToken\":[]}"
		    ",{}]");
	write_answers(w, op->answers, any_name, t);
	openapi_end(w, '}');
}

static void
write_path(struct openapi_writer *w, const struct openapi_path *p,
    const char *name, const struct conf_token *t)
{
	const struct openapi_operation *op;
	const char *mark = strstr(p->path, "NAME");

	openapi_item(w);
	if (mark == NULL)
		buf_printf(w->out, "\"%s\":{", p->path);
	else
		buf_printf(w->out, "\"%.*s%s%s\":{", (int)(mark - p->path),
		    p->path, name == NULL ? "{name}" : name, mark + 4);
	for (op = p->operations; op->verb != NULL; op++)
		if (openapi_has(p, op))
			write_operation(w, op, p, name, t);
	openapi_end(w, '}');
}

static void
write_paths(struct openapi_writer *w)
{
	const struct conf_token *token = w->conf->token;
	const struct openapi_path *p;
	size_t i;

	openapi_begin(w, "paths", '{');
	for (p = openapi_paths; p->path != NULL; p++) {
		if (!openapi_named(p) || w->many) {
			write_path(w, p, NULL,
			    &token[conf_default_token(w->conf)]);
			continue;
		}
		for (i = 0; i < w->conf->token_count; i++)
			write_path(w, p, token[i].name, &token[i]);
	}
	openapi_end(w, '}');
}

/* Where callers find this service. */
static void
write_server(struct openapi_writer *w)
{
	const char *url = w->conf->public_url, *host, *path;
	size_t len;

	if (url == NULL) {
		if (!w->old)
			buf_str(openapi_item(w), "\"servers\":[{\"url\":"
			    "\"/\"}]");
		return;
	}
	for (len = strlen(url); url[len - 1] == '/'; len--)
		;
	if (!w->old) {
		openapi_begin(w, "servers", '[');
		buf_str(w->out, "{\"url\":");
		buf_json(w->out, url, len);
		buf_str(w->out, "}]");
		return;
	}
	host = strstr(url, "://") + 3;
	path = host + strcspn(host, "/");
	openapi_key(w, "schemes");
	buf_printf(w->out, "[\"%.*s\"]", (int)(host - 3 - url), url);
	openapi_key(w, "host");
	buf_json(w->out, host, (size_t)(path - host));
	openapi_key(w, "basePath");
	len -= (size_t)(path - url) < len ? (size_t)(path - url) : len;
	buf_json(w->out, len > 0 ? path : "/", len > 0 ? len : 1);
}

static void
write_info(struct openapi_writer *w)
{
	const struct openapi_tag *tag;

	openapi_begin(w, "info", '{');
	openapi_text(w, "title", "bearerd");
	openapi_text(w, "version", PACKAGE_VERSION);
	openapi_text(w, "description", openapi_about);
	buf_str(openapi_item(w), "\"contact\":{\"name\":"
	    "\"Whoever runs this bearerd\"},\"license\":{\"name\":\"MIT\",\"url\":"
	    "\"https://spdx.org/licenses/MIT\"}");
	openapi_end(w, '}');
	write_server(w);
	buf_str(openapi_item(w), "\"security\":[]");
	openapi_begin(w, "tags", '[');
	for (tag = openapi_tags; tag->name != NULL; tag++) {
		buf_char(openapi_item(w), '{');
		openapi_text(w, "name", tag->name);
		openapi_text(w, "description", tag->about);
		openapi_end(w, '}');
	}
	openapi_end(w, ']');
}

void
openapi_write(const struct conf *conf, enum openapi_form form, struct buf *out)
{
	struct openapi_writer w = {.conf = conf, .out = out,
	    .old = form == OPENAPI_2_0,
	    .many = conf->token_count > OPENAPI_NAMES_MAX};

	if (form == OPENAPI_PAGE) {
		openapi_write_page(conf, out);
		return;
	}
	buf_str(out, versions[form]);
	write_info(&w);
	write_paths(&w);
	if (!w.old)
		openapi_begin(&w, "components", '{');
	openapi_components(&w);
	if (!w.old)
		openapi_end(&w, '}');
	buf_str(out, "}\n");
}
