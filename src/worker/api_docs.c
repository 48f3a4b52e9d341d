/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "api_own.h"

#include "asset.h"
#include "fingerprint.h"
#include "openapi.h"
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT_MIN 65536
#define POLICY "default-src 'none'; style-src 'self'; img-src 'self' data:; " \
	"script-src 'self'; connect-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'"

/*
 * One form of the description, or an asset.  The former follows from the
 * configuration, which does not change while a worker lives: made when it is
 * asked for first, and kept.
 */
struct api_document {
	const char *bytes;
	size_t len;
	char etag[FINGERPRINT_LEN + 3]; /* quoted */
};

static void
keep(struct api_document *d, const char *bytes, size_t len)
{
	char print[FINGERPRINT_LEN + 1];

	d->bytes = bytes;
	d->len = len;
	fingerprint(bytes, len, print);
	snprintf(d->etag, sizeof(d->etag), "\"%s\"", print);
}

static void
make(const struct conf *conf, enum openapi_form form, struct api_document *d)
{
	char *bytes, *kept;
	size_t size = DOCUMENT_MIN;
	struct buf b;

	for (;;) {
		bytes = util_alloc(1, size);
		buf_init(&b, bytes, size);
		openapi_write(conf, form, &b);
		if (!b.overflow)
			break;
		free(bytes);
		size *= 2;
	}
	kept = util_alloc(1, b.len); /* and no more than that */
	memcpy(kept, bytes, b.len);
	free(bytes);
	keep(d, kept, b.len);
}

/* The forms come first, then the assets. */
static struct api_document *
place(struct api *a, size_t i)
{
	if (a->documents == NULL)
		a->documents = util_alloc(OPENAPI_FORMS + asset_count(),
		    sizeof(*a->documents));
	return &a->documents[i];
}

static const struct api_document *
document(struct api *a, enum openapi_form form)
{
	struct api_document *d = place(a, form);

	if (d->bytes == NULL)
		make(a->conf, form, d);
	return d;
}

/* Answer with bytes that stay; fields are further ones of a 200. */
static enum api_verdict
give(struct exchange *x, const char *type, const char *fields,
    const struct api_document *d)
{
	if (x->req->if_none_match.ptr != NULL &&
	    http_etag_listed(x->req->if_none_match, d->etag, true)) {
		api_head_begin_cached(x, 304, "no-cache");
		buf_printf(x->out, "ETag: %s\r\n\r\n", d->etag);
		return API_ANSWERED;
	}
	api_head_begin_cached(x, 200, "no-cache");
	buf_printf(x->out, "Content-Type: %s\r\nContent-Length: %zu\r\n"
	    "ETag: %s\r\nX-Content-Type-Options: nosniff\r\n%s\r\n", type,
	    d->len, d->etag, fields);
	if (x->req->method == HTTP_HEAD)
		return API_ANSWERED;
	*x->page = (struct slice){d->bytes, d->len};
	return API_LASTING;
}

enum api_verdict
api_openapi(struct exchange *x)
{
	enum openapi_form form = x->route->id == ROUTE_OPENAPI_3_0
	    ? OPENAPI_3_0 : x->route->id == ROUTE_OPENAPI_3_1
	    ? OPENAPI_3_1 : OPENAPI_2_0;

	return give(x, "application/json", "", document(x->api, form));
}

static enum api_verdict
give_asset(struct exchange *x, const struct asset *asset)
{
	struct api_document *d = place(x->api,
	    OPENAPI_FORMS + (size_t)(asset - assets));

	if (asset->gzip && !http_takes_gzip(x->req->accept_encoding))
		return api_problem(x, 406, "Vary: Accept-Encoding\r\n",
		    "This is there compressed only: say Accept-Encoding: gzip.");
	if (d->bytes == NULL)
		keep(d, asset->bytes, (size_t)(asset->end - asset->bytes));
	return give(x, asset->type, asset->gzip
	    ? "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n" : "", d);
}

/* The page loads its parts relative to /docs; behind another path too. */
enum api_verdict
api_docs(struct exchange *x)
{
	static const char page[] = "/docs";
	const struct slice *path = &x->req->path;
	const struct asset *asset;

	if (path->len == sizeof(page) - 1)
		return give(x, "text/html; charset=utf-8",
		    "Content-Security-Policy: " POLICY "\r\n",
		    document(x->api, OPENAPI_PAGE));
	if (path->len == sizeof(page))
		return api_empty(x, 308, "Location: ../docs\r\n");
	asset = asset_find(path->ptr + sizeof(page), path->len - sizeof(page));
	if (asset == NULL)
		return api_problem(x, 404, "", "There is nothing at this path.");
	return give_asset(x, asset);
}
