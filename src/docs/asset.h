/* SPDX-License-Identifier: MIT */
/*
 * asset.h - files that are part of the program: what the page /docs loads.
 *
 * The assembler puts them in; they lie among the read-only data, so all
 * processes share one copy, and nobody who does not look at the page has it in
 * memory.  Those of Swagger UI are there when configure was given
 * --with-swagger-ui, and only compressed.  Called by api_docs.c and
 * openapi_page.c.
 */
#ifndef BEARERD_ASSET_H
#define BEARERD_ASSET_H

#include <stdbool.h>
#include <stddef.h>

struct asset {
	const char *name; /* NULL: behind the last one */
	const char *type;
	bool gzip; /* bytes are compressed */
	const char *bytes, *end;
};

extern const struct asset assets[];

/* The asset of this name, or NULL. */
const struct asset *asset_find(const char *name, size_t len);

/* Their number, and whether Swagger UI is among them. */
size_t asset_count(void);
bool asset_has_swagger_ui(void);

#endif
