/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "worker/api_private.h"

#include "docs/asset.h"
#include "base/fingerprint.h"
#include "base/mem.h"
#include "docs/openapi.h"

#include <stdio.h>
#include <string.h>

#define POLICY                                                         \
	"default-src 'none'; style-src 'self'; img-src 'self' data:; " \
	"script-src 'self'; connect-src 'self'; base-uri 'none'; "     \
	"form-action 'none'; frame-ancestors 'none'"

/*
 * The OpenAPI description in one of its two forms, or an asset.  A description
 * depends on the configuration alone, which is constant in a worker: it is
 * written at the first request and kept.
 */
struct api_document {
	const char *bytes;
	size_t len;
	char etag[FINGERPRINT_LEN + 3]; /* quoted */
};

enum { DOCUMENT, PAGE, ASSETS };

static struct api_document *
place(struct api *a, size_t i)
{
	if (a->documents == NULL)
		a->documents =
		    mem_alloc(ASSETS + asset_count(), sizeof(*a->documents));
	return &a->documents[i];
}

static void
keep(struct api_document *d, const char *bytes, size_t len)
{
	char print[FINGERPRINT_LEN + 1];

	d->bytes = bytes;
	d->len = len;
	fingerprint(bytes, len, print);
	snprintf(d->etag, sizeof(d->etag), "\"%s\"", print);
}

static const struct api_document *
description(struct api *a, size_t form)
{
	struct api_document *d = place(a, form);
	const char *bytes;

	if (d->bytes != NULL)
		return d;
	bytes =
	    form == PAGE ? openapi_page(a->conf) : openapi_document(a->conf);
	keep(d, bytes, strlen(bytes));
	return d;
}

/* Answer with constant bytes; fields are added to a 200. */
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
	buf_printf(x->out,
	    "Content-Type: %s\r\nContent-Length: %zu\r\n"
	    "ETag: %s\r\n%s\r\n",
	    type, d->len, d->etag, fields);
	if (x->req->method == HTTP_HEAD)
		return API_ANSWERED;
	*x->body = (struct api_body){.bytes = {d->bytes, d->len}};
	return API_BODY;
}

enum api_verdict
api_openapi(struct exchange *x)
{
	return give(x, "application/json", "", description(x->api, DOCUMENT));
}

static enum api_verdict
give_asset(struct exchange *x, const struct asset *asset)
{
	struct api_document *d =
	    place(x->api, ASSETS + (size_t)(asset - assets));

	if (asset->gzip && !http_takes_gzip(x->req->accept_encoding))
		return api_problem(x, PROBLEM_ENCODING,
		    "Vary: Accept-Encoding\r\n");
	if (d->bytes == NULL)
		keep(d, asset->bytes, (size_t)(asset->end - asset->bytes));
	return give(x, asset->type,
	    asset->gzip ? "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
			: "",
	    d);
}

/* The page loads its assets relative to /docs, so it also works behind a proxy
 * that adds a path. */
enum api_verdict
api_docs(struct exchange *x)
{
	static const char page[] = "/docs";
	const struct slice *path = &x->req->path;
	const struct asset *asset;

	if (path->len == sizeof(page) - 1)
		return give(x, "text/html; charset=utf-8",
		    "Content-Security-Policy: " POLICY "\r\n",
		    description(x->api, PAGE));
	if (path->len == sizeof(page))
		return api_empty(x, 308, "Location: ../docs\r\n");
	asset = asset_find(path->ptr + sizeof(page), path->len - sizeof(page));
	if (asset == NULL)
		return api_problem(x, PROBLEM_NO_PATH, "");
	return give_asset(x, asset);
}
