/* SPDX-License-Identifier: MIT */
/*
 * private.h - the inside of openapi.h, shared by its parts: openapi.c (the
 * document) and page.c (the page).
 *
 * They use cJSON as the document's tree.  All that they parse is part of the
 * program; nothing comes from a stranger.
 */
#ifndef BEARERD_DOCS_PRIVATE_H
#define BEARERD_DOCS_PRIVATE_H

#include "conf/conf.h"

#include <cjson/cJSON.h>

/* The document, in which no token has a path of its own.  The caller gives it
 * to cJSON_Delete(). */
cJSON *openapi_load(const struct conf *conf);

/*
 * The node at a path of members, such as "components/responses"; NULL if there
 * is none.  The second is for a text that must be there.
 */
cJSON *openapi_at(cJSON *node, const char *path);
const char *openapi_text(cJSON *node, const char *path);

/* The component that ref = {"$ref": "#/components/..."} stands for. */
cJSON *openapi_follow(cJSON *root, cJSON *ref);

#endif
