/* SPDX-License-Identifier: MIT */
/*
 * http.h - HTTP/1.1 on bytes: parse a request; words that answers need.
 *
 * Pure functions: no socket, no clock, no allocation, no global state.  The
 * only code that reads bytes from strangers; called by workers, once per
 * request.  Strict as RFC 9112 lets a server be: whatever two parsers could
 * read differently is refused with 400, and the caller then closes.
 *
 * http.c reads request heads, http_target.c the rarer targets, http_body.c
 * bodies, http_value.c field values; http_lex.h is what they share.
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

#define HTTP_HEAD_MAX 65536  /* bytes of a request head: beyond it 431 */
#define HTTP_LINE_MAX 16384  /* bytes of a request line: beyond it 414 */
#define HTTP_FIELDS_MAX 256  /* fields of a request: beyond it 431 */
#define HTTP_BLANK_MAX 4     /* blank lines before a request: beyond it 400 */
#define HTTP_DATE_LEN 29     /* "Sun, 06 Nov 1994 08:49:37 GMT" */

enum http_method {
	HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_CONNECT,
	HTTP_OPTIONS, HTTP_TRACE, HTTP_PATCH,
	HTTP_UNKNOWN, /* a valid method that RFC 9110 and 5789 do not name */
};

/* A piece of the request's bytes; not NUL-terminated; absent: ptr NULL. */
struct slice {
	const char *ptr;
	size_t len;
};

struct http_request {
	enum http_method method;
	int minor;               /* of HTTP/1.x: 0 or 1 (2 to 9 count as 1) */
	bool keep_alive;         /* what version and Connection ask for */
	bool chunked;            /* body with Transfer-Encoding: chunked */
	uint64_t content_length; /* 0 without the field */
	size_t head_len;         /* bytes up to the end of the blank line */
	struct slice path;       /* of the target, without the query; "*" */
	struct slice if_match;   /* field values, white space trimmed; when a */
	struct slice if_none_match; /* field comes twice: the first one */
	struct slice authorization;
	struct slice cache_control;
	struct slice accept_encoding;
};

/*
 * Parse one request head at buf[0 .. len).
 *
 * Returns 200: complete, *out is filled.  0: more bytes are needed.  Another
 * number is the status to answer before closing the connection:
 *   400 not HTTP, or ambiguous; 413 Content-Length above 2^63 - 1;
 *   414, 431 too long; 501 transfer coding other than chunked;
 *   505 HTTP major version other than 1.
 * *out means something after a 200 only.
 *
 * Only complete lines are judged, each at once, in order; and the first byte
 * of a request, which may show at once that it is none.  So there is no use
 * in a call with more bytes unless an LF or the first bytes are among them, or
 * HTTP_LINE_MAX or HTTP_HEAD_MAX bytes are reached.
 *
 * Blank lines (CRLF) before the request line are skipped (RFC 9112, 2.2), up
 * to HTTP_BLANK_MAX, and count into head_len.
 *
 * A target in absolute form is accepted (RFC 9112, 3.2.2; http and https), in
 * authority form with CONNECT only (it is the path then), "*" with OPTIONS
 * only.  Host is not compared with it.  An empty Host is refused.
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
 * Whether a comma-separated list of entity tags (RFC 9110, 13.1) has this one
 * (with its quotation marks) or is "*".  weak: W/"x" matches "x" as well.
 * What is behind a malformed tag does not count.
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
