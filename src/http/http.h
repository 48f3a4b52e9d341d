/* SPDX-License-Identifier: MIT */
/*
 * http/ is for HTTP/1.1 as bytes: requests, routes, who may call.
 *
 * http.h - HTTP/1.1 on bytes: parse a request; words that answers need.
 *
 * Pure functions: no socket, no clock, no allocation, no global state.  The
 * only code that reads bytes from strangers; called by workers, once per
 * request.  Strict as RFC 9112 lets a server be: whatever two parsers could
 * read differently is refused with 400, and the caller then closes.
 *
 * http.c reads request heads, http/target.c the rarer targets, http/body.c
 * bodies, http/value.c field values; http/lex.h is what they share.
 *
 * Invariants:
 *   - Nothing at or behind buf + len is read; slices point into buf.
 *   - The result depends on the bytes alone, not on how they were split:
 *     http_parse() and http_body() of a longer prefix never take an earlier
 *     verdict back, and a 200 depends on no byte behind the head or body.
 *   - Framing (RFC 9112, 6) is judged here, so before method and path.
 */
#ifndef BEARERD_HTTP_H
#define BEARERD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 65536 /* bytes of a request head: beyond it 431 */
#define HTTP_LINE_MAX 16384 /* bytes of a request line: beyond it 414 */
#define HTTP_FIELDS_MAX 256 /* fields of a request: beyond it 431 */
#define HTTP_BLANK_MAX 1024 /* blank lines before a request: beyond it 400 */
#define HTTP_DATE_LEN 29    /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* The methods of RFC 9110 and 5789: M(constant, name). */
#define HTTP_METHODS(M)            \
	M(HTTP_GET, "GET")         \
	M(HTTP_HEAD, "HEAD")       \
	M(HTTP_POST, "POST")       \
	M(HTTP_PUT, "PUT")         \
	M(HTTP_DELETE, "DELETE")   \
	M(HTTP_CONNECT, "CONNECT") \
	M(HTTP_OPTIONS, "OPTIONS") \
	M(HTTP_TRACE, "TRACE")     \
	M(HTTP_PATCH, "PATCH")

#define HTTP_METHOD_ID(id, name) id,
enum http_method {
	HTTP_METHODS(HTTP_METHOD_ID) HTTP_UNKNOWN /* any other valid one */
};

/* A piece of the request's bytes; not NUL-terminated; absent: ptr NULL. */
struct slice {
	const char *ptr;
	size_t len;
};

/*
 * The slices of a request, listed once, so that whoever moves the bytes can
 * move them all.  Field values are without white space at their ends; of a
 * field that comes twice, the first one.
 *   head       all of the head, for http_field()
 *   path       of the target, without the query; "*"
 *   authority  of a target in absolute form: host[:port]
 */
#define HTTP_SLICE_LIST(S) \
	S(head)            \
	S(path)            \
	S(authority)       \
	S(host)            \
	S(if_match)        \
	S(if_none_match)   \
	S(authorization)   \
	S(cache_control)   \
	S(accept_encoding)

#define HTTP_SLICE_ONE(name) +1
#define HTTP_SLICE_MEMBER(name) struct slice name;
enum { HTTP_SLICES = 0 HTTP_SLICE_LIST(HTTP_SLICE_ONE) };

struct http_request {
	enum http_method method;
	int minor;               /* of HTTP/1.x: 0 or 1 (2 to 9 count as 1) */
	bool keep_alive;         /* what version and Connection ask for */
	bool chunked;            /* body with Transfer-Encoding: chunked */
	uint64_t content_length; /* 0 without the field */
	bool odd;                /* bytes in the target that no URI has */
	bool foreign_page;       /* Sec-Fetch-Site: cross-site or same-site */
	union {
		struct {
			HTTP_SLICE_LIST(HTTP_SLICE_MEMBER)
		};
		struct slice slices[HTTP_SLICES]; /* the same */
	};
};

/*
 * Parse one request head at buf[0 .. len).
 *
 * Returns 200: complete, *out is filled.  0: more bytes are needed.  Another
 * number is the status to answer before closing the connection:
 *   400 not HTTP, or ambiguous; 413 Content-Length above 2^63 - 1;
 *   414, 431 too long; 501 transfer coding other than chunked, or a method
 *   that is longer than a request line may be;
 *   505 HTTP major version other than 1.
 * *out means something after a 200 only.
 *
 * Only complete lines are judged, each at once, in order; and the first byte
 * of a request, which may show at once that it is none.  So there is no use
 * in a call with more bytes unless an LF or the first bytes are among them, or
 * HTTP_LINE_MAX or HTTP_HEAD_MAX bytes are reached.
 *
 * Blank lines (CRLF) before the request line are skipped (RFC 9112, 2.2), up
 * to HTTP_BLANK_MAX, and count into head.
 *
 * A target in absolute form is accepted (RFC 9112, 3.2.2; http and https), in
 * authority form with CONNECT only (it is the path then), "*" with OPTIONS
 * only.  Host is not compared with it; it may be empty (RFC 9112, 3.2).
 *
 * A target may have "#", which ends its path, and bytes beyond ASCII: gateways
 * append what their users sent.  *out says so; there is no URI like that.
 */
int http_parse(const char *buf, size_t len, struct http_request *out);

/*
 * Find the end of the body that *req announces, in buf[0 .. len) behind the
 * head.  Returns 200: wholly there, *used is its length in bytes, trailers
 * included.  0: not wholly there.  400: malformed chunks.  413: a chunk of
 * more than 2^63 - 1 bytes.  431: the line of a chunk's size, or all trailers
 * together, beyond HTTP_LINE_MAX bytes.  Trailers are read over.
 */
int http_body(const char *buf, size_t len, const struct http_request *req,
    size_t *used);

/*
 * The next field of this name, in any case, in a head that was parsed.  Begin
 * with value->ptr NULL; then with the value that was found before.
 */
bool http_field(const struct http_request *req, const char *name, size_t len,
    struct slice *value);

/*
 * Whether a comma-separated list of entity tags (RFC 9110, 13.1) has this one
 * (with its quotation marks) or is "*".  weak: W/"x" matches "x" as well.
 * Tags behind a malformed one do not count.
 */
bool http_etag_listed(struct slice list, const char *etag, bool weak);

/*
 * The seconds of min-fresh in a Cache-Control value (RFC 9111, 5.2.1.3), at
 * most 2^31; 0 when absent or malformed.  Given twice: the first one.
 */
int64_t http_min_fresh(struct slice cache_control);

/*
 * Whether an Accept-Encoding value (RFC 9110, 12.5.3) asks for gzip, by name
 * or with "*", and not with q=0.  Absent or empty: it does not.
 */
bool http_takes_gzip(struct slice accept_encoding);

/*
 * The credentials of "Bearer x" (RFC 6750, 2.1; the scheme in any case): any
 * visible ASCII, as tokens are that backends hand out.  ptr NULL if the value
 * is of another form.
 */
struct slice http_bearer(struct slice authorization);

/* The reason phrase of a status that bearerd sends; "Unknown" otherwise. */
const char *http_reason(int status);

/*
 * Write HTTP_DATE_LEN bytes of an IMF-fixdate (RFC 9110, 5.6.7), no NUL, for
 * the years 1970 to 9999.
 */
void http_date(int64_t wall_ms, char *out);

#endif
