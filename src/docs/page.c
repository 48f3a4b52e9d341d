/* SPDX-License-Identifier: MIT */
/* openapi.json as a page of HTML: for browsers without scripts, and curl. */
#include "config.h"

#include "docs/openapi.h"
#include "docs/private.h"

#include "docs/asset.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Print text that may have `code` in it. */
static void
html(FILE *out, const char *s)
{
	bool code = false;

	for (; *s != '\0'; s++) {
		if (*s == '`')
			fputs((code = !code) ? "<code>" : "</code>", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '<')
			fputs("&lt;", out);
		else
			putc(*s, out);
	}
}

/* The address in the examples: public-url, or one for callers here. */
static void
html_address(FILE *out, const struct conf *conf, cJSON *root)
{
	const char *address;
	size_t i;

	if (conf->public_url != NULL) {
		html(out,
		    openapi_text(openapi_at(root, "servers")->child, "url"));
		return;
	}
	fputs("http://localhost", out);
	for (i = 0; i < conf->listen.count; i++) {
		address = conf->listen.item[i];
		if (strncmp(address, "unix:", 5) != 0) {
			fputs(strrchr(address, ':'), out);
			return;
		}
	}
}

/* A command that sends the request, and the JSON that comes. */
static void
html_example(FILE *out, const struct conf *conf, cJSON *root, cJSON *path,
    cJSON *operation)
{
	cJSON *ok = openapi_at(operation, "responses/200"), *body;
	const char *c, *method = operation->string;
	char *json;

	fputs("<pre>curl ", out);
	if (strcmp(method, "head") == 0)
		fputs("-I ", out);
	if (strcmp(method, "delete") == 0)
		fprintf(out, "-X DELETE -H 'If-Match: %s' ",
		    openapi_text(root, "components/headers/EntityTag/example"));
	html_address(out, conf, root);
	for (c = path->string; *c != '\0'; c++) {
		if (*c != '{') {
			putc(*c, out);
			continue;
		}
		fputs(strncmp(c, "{name}", 6) == 0 ? conf->token[0].name
						   : "any/thing",
		    out);
		c += strcspn(c, "}");
	}
	body =
	    ok == NULL ? NULL : openapi_at(openapi_follow(root, ok), "content");
	if (body != NULL &&
	    strcmp(body->child->string, "application/json") == 0) {
		json =
		    cJSON_PrintUnformatted(openapi_at(body->child, "example"));
		fputs("\n\n", out);
		html(out, json);
		free(json);
	}
	fputs("</pre>\n", out);
}

/* One answer: the status, the meaning, the header fields. */
static void
html_answer(FILE *out, cJSON *root, cJSON *ref)
{
	cJSON *answer = openapi_follow(root, ref), *field;
	const char *separator = " ";

	fprintf(out, "<li>%s: ", ref->string);
	html(out, openapi_text(answer, "description"));
	cJSON_ArrayForEach(field, openapi_at(answer, "headers"))
	{
		fprintf(out, "%s<code>%s</code>", separator, field->string);
		separator = ", ";
	}
	fputs("</li>\n", out);
}

static void
html_operation(FILE *out, const struct conf *conf, cJSON *root, cJSON *path,
    cJSON *operation)
{
	const char *c;
	cJSON *ref, *parameter;

	fputs("<h4>", out);
	for (c = operation->string; *c != '\0'; c++)
		putc(toupper((unsigned char)*c), out);
	fprintf(out, ": %s</h4>\n<p>", openapi_text(operation, "summary"));
	html(out, openapi_text(operation, "description"));
	fputs("</p>\n", out);
	html_example(out, conf, root, path, operation);
	fputs("<ul>\n", out);
	cJSON_ArrayForEach(ref, openapi_at(operation, "parameters"))
	{
		parameter = openapi_follow(root, ref);
		fprintf(out, "<li><code>%s</code> (%s): ",
		    openapi_text(parameter, "name"),
		    openapi_text(parameter, "in"));
		html(out, openapi_text(parameter, "description"));
		fputs("</li>\n", out);
	}
	cJSON_ArrayForEach(ref, openapi_at(operation, "responses"))
	    html_answer(out, root, ref);
	fputs("</ul>\n", out);
}

/* The names that can stand for {name}. */
static void
html_names(FILE *out, const struct conf *conf)
{
	size_t i;

	if (conf->token_count > OPENAPI_NAMES_MAX) {
		fprintf(out, "<p><code>{name}</code>: one of %zu tokens.</p>\n",
		    conf->token_count);
		return;
	}
	fputs("<p><code>{name}</code>:", out);
	for (i = 0; i < conf->token_count; i++)
		fprintf(out, "%s <code>%s</code>", i > 0 ? "," : "",
		    conf->token[i].name);
	fputs("</p>\n", out);
}

static void
html_paths(FILE *out, const struct conf *conf, cJSON *root, const char *tag)
{
	cJSON *path, *operation, *tags;

	cJSON_ArrayForEach(path, openapi_at(root, "paths"))
	{
		tags = openapi_at(path->child, "tags");
		if (strcmp(cJSON_GetStringValue(tags->child), tag) != 0)
			continue;
		fprintf(out, "<h3><code>%s</code></h3>\n", path->string);
		if (strstr(path->string, "{name}") != NULL)
			html_names(out, conf);
		cJSON_ArrayForEach(operation, path)
		    html_operation(out, conf, root, path, operation);
	}
}

/* With Swagger UI, all else is for browsers without scripts. */
static const char swagger_ui[] =
    "<link rel=\"stylesheet\" href=\"docs/swagger-ui.css\">\n"
    "<script src=\"docs/swagger-ui-bundle.js\" defer></script>\n"
    "<script src=\"docs/page.js\" defer></script>\n"
    "</head>\n<body>\n<div id=\"swagger-ui\"></div>\n<noscript>\n";

static void
html_page(FILE *out, const struct conf *conf, cJSON *root)
{
	cJSON *tag;

	fprintf(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>bearerd</title>\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<link rel=\"stylesheet\" href=\"docs/page.css\">\n"
	    "%s<main id=\"plain\">\n<h1>bearerd " PACKAGE_VERSION "</h1>\n<p>",
	    asset_has_swagger_ui() ? swagger_ui : "</head>\n<body>\n");
	html(out, openapi_text(root, "info/description"));
	fputs(
	    "</p>\n<p>For programs: <a href=\"openapi.json\">OpenAPI 3.0.1</a>.</p>\n",
	    out);
	cJSON_ArrayForEach(tag, openapi_at(root, "tags"))
	{
		fprintf(out, "<h2>%s</h2>\n<p>", openapi_text(tag, "name"));
		html(out, openapi_text(tag, "description"));
		fputs("</p>\n", out);
		html_paths(out, conf, root, openapi_text(tag, "name"));
	}
	fputs("</main>\n", out);
	if (asset_has_swagger_ui())
		fputs(
		    "<p>Made with Swagger UI (<a href=\"docs/swagger-ui.txt\">licence</a>).</p>\n</noscript>\n",
		    out);
	fputs("</body>\n</html>\n", out);
}

char *
openapi_page(const struct conf *conf)
{
	cJSON *root = openapi_load(conf);
	char *page = NULL;
	size_t len;
	FILE *out = open_memstream(&page, &len);

	assert(out != NULL);
	html_page(out, conf, root);
	fclose(out);
	cJSON_Delete(root);
	return page;
}
