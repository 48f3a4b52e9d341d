/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "docs/asset.h"

#include "base/embed.h"

#include <string.h>

/* Where the tree's own files are, and those that make has compressed. */
#define ASSET_SOURCE EMBED_SOURCE "/docs"
#ifndef ASSET_BUILD
#define ASSET_BUILD "src/docs"
#endif

#define EMBEDDED(symbol) asset_##symbol, asset_##symbol##_end

#define CSS "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"

EMBED(asset_page_css, ASSET_SOURCE "/page.css");
#ifdef HAVE_SWAGGER_UI
EMBED(asset_page_js, ASSET_SOURCE "/page.js");
EMBED(asset_ui_css, ASSET_BUILD "/swagger-ui.css.gz");
EMBED(asset_ui_js, ASSET_BUILD "/swagger-ui-bundle.js.gz");
EMBED(asset_ui_licence, ASSET_BUILD "/swagger-ui.txt.gz");
#endif

const struct asset assets[] = {{"page.css", CSS, false, EMBEDDED(page_css)},
#ifdef HAVE_SWAGGER_UI
    {"page.js", SCRIPT, false, EMBEDDED(page_js)},
    {"swagger-ui.css", CSS, true, EMBEDDED(ui_css)},
    {"swagger-ui-bundle.js", SCRIPT, true, EMBEDDED(ui_js)},
    {"swagger-ui.txt", "text/plain; charset=utf-8", true, EMBEDDED(ui_licence)},
#endif
    {.name = NULL}};

const struct asset *
asset_find(const char *name, size_t len)
{
	const struct asset *a;

	for (a = assets; a->name != NULL; a++)
		if (strlen(a->name) == len && memcmp(a->name, name, len) == 0)
			return a;
	return NULL;
}

size_t
asset_count(void)
{
	return sizeof(assets) / sizeof(assets[0]) - 1;
}

bool
asset_has_swagger_ui(void)
{
	return asset_count() > 1;
}
