/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "openapi_own.h"

#include "asset.h"

#include <stdio.h>
#include <string.h>

/* Append text with `code` in it. */
static void
html(struct buf *out, const char *text)
{
	bool code = false;

	for (; *text != '\0'; text++) {
		if (*text == '`')
			buf_str(out, (code = !code) ? "<code>" : "</code>");
		else if (*text == '&')
			buf_str(out, "&amp;");
		else if (*text == '<')
			buf_str(out, "&lt;");
		else
			buf_char(out, *text);
	}
}

/* Where the examples' requests go to: what the operator says, else a guess. */
static void
server(const struct conf *conf, struct buf *out)
{
	const char *url = conf->public_url, *address;
	size_t i, len;

	if (url != NULL) {
		for (len = strlen(url); url[len - 1] == '/'; len--)
			;
		buf_add(out, url, len);
		return;
	}
	buf_str(out, "http://localhost");
	for (i = 0; i < conf->listen.count; i++) {
		address = conf->listen.item[i];
		if (strncmp(address, "unix:", 5) != 0) {
			buf_str(out, strrchr(address, ':'));
			return;
		}
	}
}

static void
example(const struct conf *conf, const struct openapi_path *p,
    const struct openapi_operation *op, struct buf *out)
{
	const char *c, *name = conf->token[0].name;
	const struct openapi_answer *a = &openapi_answers[op->answers[0]];

	buf_str(out, "<pre>curl ");
	html(out, op->curl);
	server(conf, out);
	for (c = p->path; *c != '\0'; c++) {
		if (strncmp(c, "NAME", 4) == 0) {
			buf_str(out, name);
			c += 3;
		} else if (*c == '{') {
			buf_str(out, "any/thing");
			c += strcspn(c, "}");
		} else
			buf_char(out, *c);
	}
	if (op->method == HTTP_GET && a->schema != NULL &&
	    strcmp(a->schema, "Token") == 0) {
		buf_str(out, "\n\n");
		html(out, a->example);
	}
	buf_str(out, "</pre>\n");
}

static void
operation(const struct conf *conf, const struct openapi_path *p,
    const struct openapi_operation *op, struct buf *out)
{
	const unsigned char *id;
	size_t i;

	buf_printf(out, "<h4>%s %s</h4>\n<p>", openapi_method(op->method),
	    p->summary != NULL ? p->summary : op->summary);
	html(out, op->about);
	buf_str(out, "</p>\n");
	example(conf, p, op, out);
	buf_str(out, "<ul>\n");
	for (i = 0; i < PARAM_COUNT; i++)
		if ((op->params | p->params) & 1u << i) {
			buf_printf(out, "<li><code>%s</code> (%s): ",
			    openapi_params[i].name, openapi_params[i].in);
			html(out, openapi_params[i].about);
			buf_str(out, "</li>\n");
		}
	buf_str(out, "<li>answers:");
	for (id = op->answers; *id != ANSWER_END; id++)
		if (openapi_named(p) || !openapi_about_name(*id))
			buf_printf(out, " <a href=\"#a%d\">%d</a>", *id,
			    openapi_answers[*id].status);
	buf_str(out, "</li>\n</ul>\n");
}

/* The names that can stand in the place of NAME. */
static void
names(const struct conf *conf, struct buf *out)
{
	size_t i;

	if (conf->token_count > OPENAPI_NAMES_MAX) {
		buf_printf(out, "<p><code>NAME</code>: one of %zu tokens.</p>\n",
		    conf->token_count);
		return;
	}
	buf_str(out, "<p><code>NAME</code>:");
	for (i = 0; i < conf->token_count; i++)
		buf_printf(out, "%s <code>%s</code>", i > 0 ? "," : "",
		    conf->token[i].name);
	buf_str(out, "</p>\n");
}

static void
answer(const struct openapi_answer *a, int id, struct buf *out)
{
	size_t i, n = 0;

	buf_printf(out, "<tr id=\"a%d\"><td>%d</td><td>%s</td><td>", id,
	    a->status, http_reason(a->status));
	html(out, a->about);
	buf_printf(out, "</td><td>%s</td><td>", a->type == NULL ? "" : a->type);
	for (i = 0; i < FIELD_COUNT; i++)
		if (a->fields & 1u << i)
			buf_printf(out, "%s%s", n++ > 0 ? ", " : "",
			    openapi_fields[i].name);
	buf_str(out, "</td></tr>\n");
}

static void
answers(struct buf *out)
{
	size_t i;

	buf_str(out, "<h2>answers</h2>\n<p>The body of an error is a problem "
	    "of RFC 9457:</p>\n<pre>");
	openapi_problem(&openapi_answers[ANSWER_NO_TOKEN], out);
	buf_str(out, "</pre>\n<table>\n<tr><th>status</th><th>in words</th>"
	    "<th>meaning</th><th>body</th><th>header fields</th></tr>\n");
	for (i = 1; i < ANSWER_COUNT; i++)
		answer(&openapi_answers[i], (int)i, out);
	buf_str(out, "</table>\n<h2>header fields</h2>\n<dl>\n");
	for (i = 0; i < FIELD_COUNT; i++) {
		buf_printf(out, "<dt><code>%s: ", openapi_fields[i].name);
		html(out, openapi_fields[i].example);
		buf_str(out, "</code></dt><dd>");
		html(out, openapi_fields[i].about);
		buf_str(out, "</dd>\n");
	}
	buf_str(out, "</dl>\n");
}

static void
tag(const struct conf *conf, const struct openapi_tag *t, struct buf *out)
{
	const struct openapi_path *p;
	const struct openapi_operation *op;

	buf_printf(out, "<h2>%s</h2>\n<p>", t->name);
	html(out, t->about);
	buf_str(out, "</p>\n");
	for (p = openapi_paths; p->path != NULL; p++) {
		if (strcmp(p->tag, t->name) != 0)
			continue;
		buf_printf(out, "<h3><code>%s</code></h3>\n", p->path);
		if (openapi_named(p))
			names(conf, out);
		for (op = p->operations; op->verb != NULL; op++)
			if (openapi_has(p, op))
				operation(conf, p, op, out);
	}
}

/* What comes before the page proper, which is for those without scripts then. */
static const char swagger_ui[] =
    "<link rel=\"stylesheet\" href=\"docs/swagger-ui.css\">\n"
    "<script src=\"docs/swagger-ui-bundle.js\" defer></script>\n"
    "<script src=\"docs/page.js\" defer></script>\n"
    "</head>\n<body>\n<div id=\"swagger-ui\"></div>\n<noscript>\n";

void
openapi_write_page(const struct conf *conf, struct buf *out)
{
	const struct openapi_tag *t;

	buf_printf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>bearerd</title>\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<link rel=\"stylesheet\" href=\"docs/page.css\">\n"
	    "%s<main id=\"plain\">\n<h1>bearerd " PACKAGE_VERSION "</h1>\n<p>",
	    asset_has_swagger_ui() ? swagger_ui : "</head>\n<body>\n");
	html(out, openapi_about);
	buf_str(out, "</p>\n<p>For programs: <a href=\"openapi.json\">OpenAPI "
	    "3.0.1</a>, <a href=\"openapi-3.1.json\">OpenAPI 3.1.0</a>, "
	    "<a href=\"swagger.json\">Swagger 2.0</a>.</p>\n");
	for (t = openapi_tags; t->name != NULL; t++)
		tag(conf, t, out);
	answers(out);
	buf_str(out, "</main>\n");
	if (asset_has_swagger_ui())
		buf_str(out, "<p>Made with Swagger UI "
		    "(<a href=\"docs/swagger-ui.txt\">licence</a>).</p>\n"
		    "</noscript>\n");
	buf_str(out, "</body>\n</html>\n");
}
