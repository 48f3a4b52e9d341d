/* SPDX-License-Identifier: MIT */
/*
 * openapi.h - what callers can ask, written down for programs and for people.
 *
 * One description (the tables of openapi_tbl.c) makes all forms: openapi.c the
 * three documents, openapi_page.c the page.  So they cannot disagree; that they
 * agree with what is answered is checked against a running server
 * (tests/api).  Called by api_docs.c in a worker, when somebody asks.
 *
 * Invariants:
 *   - No secret, no address of a backend or a Redis is in them.
 *   - Their size is bounded: of more than OPENAPI_NAMES_MAX tokens, none gets
 *     paths of its own; /tokens/{name} stands for all of them.
 */
#ifndef BEARERD_OPENAPI_H
#define BEARERD_OPENAPI_H

#include "buf.h"
#include "conf.h"

#define OPENAPI_NAMES_MAX 64

enum openapi_form {
	OPENAPI_3_0,  /* OpenAPI 3.0.1, which every importer takes */
	OPENAPI_3_1,  /* OpenAPI 3.1.0 */
	OPENAPI_2_0,  /* Swagger 2.0 */
	OPENAPI_PAGE, /* HTML, without scripts */
	OPENAPI_FORMS
};

/* Append the description in this form. */
void openapi_write(const struct conf *conf, enum openapi_form form,
    struct buf *out);

#endif
