/* SPDX-License-Identifier: MIT */
/*
 * docs/ is for /openapi.json and /docs.
 *
 * openapi.h - the description of the interface, for programs and for people.
 *
 * Its text is src/docs/openapi.json, which is part of the program.  Here it is
 * filled in with what only the running program knows: version, address, names
 * and header fields of the tokens, problems.  Called by api_docs.c in a
 * worker, when somebody asks for the first time.  That the description agrees
 * with the answers is tested against a running server (tests/api).
 *
 * Invariants:
 *   - Neither form holds a secret, or an address of a backend or a Redis.
 *   - Their size is bounded: above OPENAPI_NAMES_MAX tokens none has a path of
 *     its own; /tokens/{name} stands for all of them.
 */
#ifndef BEARERD_OPENAPI_H
#define BEARERD_OPENAPI_H

#include "conf/conf.h"

#define OPENAPI_NAMES_MAX 64

/*
 * The document in JSON, and the same as a page of HTML that needs no script.
 * Allocated: the caller keeps or frees the text.
 */
char *openapi_document(const struct conf *conf);
char *openapi_page(const struct conf *conf);

#endif
