/* SPDX-License-Identifier: MIT */
/* openapi.json filled in, with a path for each token. */
#include "config.h"

#include "docs/openapi.h"

#include "conf/headers.h"
#include "docs/private.h"

#include "base/buf.h"
#include "base/embed.h"
#include "base/mem.h"
#include "http/problem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

EMBED(openapi_json, EMBED_SOURCE "/docs/openapi.json");

#define FIELD_MAX 1024 /* more than the longest `header` */

static void *
allocate(size_t size)
{
	return mem_alloc(1, size);
}

cJSON *
openapi_at(cJSON *node, const char *path)
{
	char key[64];
	size_t len;

	for (; node != NULL && *path != '\0'; path += len) {
		len = strcspn(path, "/");
		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		node = cJSON_GetObjectItemCaseSensitive(node, key);
		len += path[len] == '/';
	}
	return node;
}

const char *
openapi_text(cJSON *node, const char *path)
{
	const char *value = cJSON_GetStringValue(openapi_at(node, path));

	assert(value != NULL);
	return value;
}

cJSON *
openapi_follow(cJSON *root, cJSON *ref)
{
	return openapi_at(root, openapi_text(ref, "$ref") + strlen("#/"));
}

static void
set(cJSON *object, const char *name, const char *value)
{
	cJSON_ReplaceItemInObjectCaseSensitive(object, name,
	    cJSON_CreateString(value));
}

/* Paths begin with a slash, so the address must not end with one. */
static void
set_server(cJSON *root, const char *url)
{
	char *address;
	size_t len;

	if (url == NULL)
		return;
	address = mem_strdup(url);
	for (len = strlen(address); address[len - 1] == '/'; len--)
		address[len - 1] = '\0';
	set(openapi_at(root, "servers")->child, "url", address);
	free(address);
}

/* The example of a problem is its name; it becomes the body that is sent. */
static void
set_problems(cJSON *root)
{
	cJSON *response, *content;
	enum problem_id id;
	char memory[1024];
	struct buf body;

	cJSON_ArrayForEach(response, openapi_at(root, "components/responses"))
	{
		content = openapi_at(response, "content");
		if (content == NULL ||
		    strcmp(content->child->string,
			"application/problem+json") != 0)
			continue;
		id = problem_find(openapi_text(content->child, "example"));
		assert(id != PROBLEM_COUNT);
		buf_init(&body, memory, sizeof(memory));
		problem_write(id, &body);
		cJSON_ReplaceItemInObjectCaseSensitive(content->child,
		    "example", cJSON_Parse(buf_text(&body)));
	}
}

/* A report may name the token by the header field that /auth sends. */
static void
set_security(cJSON *root, const char *header)
{
	cJSON *scheme =
	    openapi_at(root, "components/securitySchemes/refusedToken");
	char name[FIELD_MAX];

	if (strcasecmp(header, "Authorization: Bearer %s") == 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(header, ":"), header);
	set(scheme, "type", "apiKey");
	cJSON_DeleteItemFromObject(scheme, "scheme");
	cJSON_AddStringToObject(scheme, "in", "header");
	cJSON_AddStringToObject(scheme, "name", name);
}

cJSON *
openapi_load(const struct conf *conf)
{
	cJSON_Hooks hooks = {.malloc_fn = allocate, .free_fn = free};
	cJSON *root;

	cJSON_InitHooks(&hooks);
	root = cJSON_Parse(openapi_json);
	assert(root != NULL);
	set(openapi_at(root, "info"), "version", PACKAGE_VERSION);
	set_server(root, conf->public_url);
	set_problems(root);
	set_security(root,
	    headers_first(&conf->token[conf_default_token(conf)]));
	return root;
}

/* A field of /auth with the token of the example; extras are "value". */
static cJSON *
filled(cJSON *field, const struct conf_token *t, const char *template)
{
	const char *token = strchr(openapi_text(field, "example"), ' ') + 1;
	cJSON *out = cJSON_Duplicate(field, true);
	char example[4 * FIELD_MAX];
	struct buf b;

	buf_init(&b, example, sizeof(example));
	headers_fill(t, template, token, "value value value value", &b);
	template = strchr(buf_text(&b), ':') + 1;
	set(out, "example", template + strspn(template, " "));
	return out;
}

/* Give an answer of /auth the header fields of a token. */
static void
set_headers(cJSON *answer, const struct conf_token *t)
{
	cJSON *fields = openapi_at(answer, "headers");
	cJSON *field = cJSON_DetachItemFromObject(fields, "Authorization");
	const char *template;
	char name[FIELD_MAX];
	size_t i;

	for (i = 0; i < t->headers.count; i++) {
		template = t->headers.item[i];
		snprintf(name, sizeof(name), "%.*s",
		    (int)strcspn(template, ":"), template);
		cJSON_AddItemToObject(fields, name, filled(field, t, template));
	}
	cJSON_Delete(field);
}

/* Turn an operation on any token into that on one; its parameter is first. */
static void
name_operation(cJSON *root, cJSON *operation, const struct conf_token *t)
{
	cJSON *parameters = openapi_at(operation, "parameters");
	cJSON *answers = openapi_at(operation, "responses");
	cJSON *ok = openapi_at(answers, "200");
	char id[CONF_NAME_MAX + 64];

	snprintf(id, sizeof(id), "%s_%s",
	    openapi_text(operation, "operationId"), t->name);
	set(operation, "operationId", id);
	cJSON_DeleteItemFromArray(parameters, 0);
	if (parameters->child == NULL)
		cJSON_DeleteItemFromObject(operation, "parameters");
	cJSON_DeleteItemFromObject(answers, "404");
	if (ok == NULL ||
	    strstr(openapi_text(ok, "$ref"), "/TokenHeader") == NULL)
		return;
	ok = cJSON_Duplicate(openapi_follow(root, ok), true);
	set_headers(ok, t);
	cJSON_ReplaceItemInObjectCaseSensitive(answers, "200", ok);
}

/* Replace each path of any token by one for each. */
static void
name_paths(cJSON *root, const struct conf *conf)
{
	cJSON *old = openapi_at(root, "paths"), *paths = cJSON_CreateObject();
	cJSON *path, *copy, *operation;
	const char *mark;
	char name[CONF_NAME_MAX + 64];
	size_t i;

	while ((path = old->child) != NULL) {
		cJSON_DetachItemViaPointer(old, path);
		mark = strstr(path->string, "{name}");
		if (mark == NULL) {
			cJSON_AddItemToArray(paths, path); /* keeps its key */
			continue;
		}
		for (i = 0; i < conf->token_count; i++) {
			snprintf(name, sizeof(name), "%.*s%s%s",
			    (int)(mark - path->string), path->string,
			    conf->token[i].name, mark + strlen("{name}"));
			copy = cJSON_Duplicate(path, true);
			cJSON_ArrayForEach(operation, copy)
			    name_operation(root, operation, &conf->token[i]);
			cJSON_AddItemToObject(paths, name, copy);
		}
		cJSON_Delete(path);
	}
	cJSON_ReplaceItemInObjectCaseSensitive(root, "paths", paths);
	cJSON_DeleteItemFromObject(openapi_at(root, "components/parameters"),
	    "Name");
	cJSON_DeleteItemFromObject(openapi_at(root, "components/responses"),
	    "NoSuchToken");
	cJSON_DeleteItemFromObject(openapi_at(root, "components/responses"),
	    "NoSuchTokenHeader");
}

/*
 * HEAD gets the header fields of GET.  Its answers must not have a type, or a
 * client that is generated from the document waits for a body.
 */
static void
strip_bodies(cJSON *root)
{
	cJSON *path, *answer, *full;

	cJSON_ArrayForEach(path, openapi_at(root, "paths"))
	    cJSON_ArrayForEach(answer, openapi_at(path, "head/responses"))
	{
		full = openapi_follow(root, answer);
		cJSON_DeleteItemFromObject(answer, "$ref");
		cJSON_AddItemToObject(answer, "description",
		    cJSON_Duplicate(openapi_at(full, "description"), true));
		cJSON_AddItemToObject(answer, "headers",
		    cJSON_Duplicate(openapi_at(full, "headers"), true));
	}
}

char *
openapi_document(const struct conf *conf)
{
	cJSON *root = openapi_load(conf);
	char *out;

	strip_bodies(root);
	if (conf->token_count <= OPENAPI_NAMES_MAX)
		name_paths(root, conf);
	set_headers(openapi_at(root, "components/responses/TokenHeader"),
	    &conf->token[conf_default_token(conf)]);
	out = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	return out;
}
