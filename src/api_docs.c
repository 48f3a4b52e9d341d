/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "api_own.h"

#include "fingerprint.h"
#include "openapi.h"
#include "util.h"

#include <stdio.h>
#include <stdlib.h>

#define DOCUMENT_MIN 65536
#define POLICY "default-src 'none'; style-src 'self'; img-src 'self' data:; " \
	"script-src 'self'; connect-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'"

/*
 * One form of the description.  It follows from the configuration, which does
 * not change while a worker lives: made when it is asked for first, and kept.
 */
struct api_document {
	char *bytes;
	size_t len;
	char etag[FINGERPRINT_LEN + 3]; /* quoted */
};

static void
make(const struct conf *conf, enum openapi_form form, struct api_document *d)
{
	char print[FINGERPRINT_LEN + 1], *bytes;
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
	d->bytes = realloc(bytes, b.len);
	if (d->bytes == NULL)
		d->bytes = bytes;
	d->len = b.len;
	fingerprint(d->bytes, d->len, print);
	snprintf(d->etag, sizeof(d->etag), "\"%s\"", print);
}

static const struct api_document *
document(struct api *a, enum openapi_form form)
{
	if (a->documents == NULL)
		a->documents = util_alloc(OPENAPI_FORMS,
		    sizeof(*a->documents));
	if (a->documents[form].bytes == NULL)
		make(a->conf, form, &a->documents[form]);
	return &a->documents[form];
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

enum api_verdict
api_docs(struct exchange *x)
{
	static const char page[] = "/docs";

	if (x->req->path.len != sizeof(page) - 1)
		return api_problem(x, 404, "", "There is nothing at this path.");
	return give(x, "text/html; charset=utf-8",
	    "Content-Security-Policy: " POLICY "\r\n",
	    document(x->api, OPENAPI_PAGE));
}
