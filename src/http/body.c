/* SPDX-License-Identifier: MIT */
/* Finds the end of a body.  A file of its own: few requests have one. */
#include "config.h"

#include "http/lex.h"

#include <string.h>

/* Whether the line at p is complete: 200 or 0; 431 if it is beyond max. */
static int
line_complete(const char *p, const char *end, size_t max, const char **line_end)
{
	size_t len = (size_t)(end - p);
	const char *lf = memchr(p, '\n', len < max ? len : max);

	if (lf == NULL)
		return len < max ? 0 : 431;
	*line_end = lf + 1;
	return 200;
}

/* The end of a quoted string at p (RFC 9110, 5.6.4); NULL if malformed. */
static const char *
quoted_end(const char *p)
{
	for (p++; *p != '"'; p++) {
		if (*p == '\\')
			p++;
		if (!http_is(*p, CHAR_VALUE))
			return NULL;
	}
	return p + 1;
}

/* The end of a token at p; NULL if there is none. */
static const char *
token_end(const char *p)
{
	const char *end = http_skip(p, CHAR_TOKEN);

	return end > p ? end : NULL;
}

/*
 * The end of the chunk extensions at p (RFC 9112, 7.1.1), of which there may be
 * none; NULL if malformed.  White space is allowed right before ";" and around
 * "=" only.
 */
static const char *
extensions_end(const char *p)
{
	const char *next;

	while (*(next = http_skip(p, CHAR_SPACE)) == ';') {
		p = token_end(http_skip(next + 1, CHAR_SPACE));
		if (p == NULL)
			return NULL;
		next = http_skip(p, CHAR_SPACE);
		if (*next != '=')
			continue;
		next = http_skip(next + 1, CHAR_SPACE);
		p = *next == '"' ? quoted_end(next) : token_end(next);
		if (p == NULL)
			return NULL;
	}
	return next == p ? p : NULL;
}

static unsigned int
hex_value(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* The complete line of a chunk's size, LF included. */
static int
chunk_size(const char *p, uint64_t *size)
{
	const char *start = p;

	for (*size = 0; http_is(*p, CHAR_HEX); p++) {
		if (*size > (uint64_t)INT64_MAX / 16)
			return 413;
		*size = *size * 16 + hex_value(*p);
	}
	if (p == start)
		return 400;
	p = extensions_end(p);
	return p != NULL && p[0] == '\r' && p[1] == '\n' ? 200 : 400;
}

/* The trailer section and the blank line at *p; *p moves behind them. */
static int
trailers(const char **p, const char *end)
{
	const char *limit = *p + HTTP_LINE_MAX, *line_end;
	struct slice name, value;
	int status;

	for (;;) {
		status =
		    line_complete(*p, end, (size_t)(limit - *p), &line_end);
		if (status != 200)
			return status;
		if (line_end - *p == 2 && **p == '\r')
			break;
		*p = http_field_line(*p, line_end, &name, &value);
		if (*p == NULL)
			return 400;
	}
	*p = line_end;
	return 200;
}

/* The CRLF behind a chunk's bytes; only a part of it may be there yet. */
static int
chunk_end(const char *p, const char *end)
{
	if (p < end && p[0] != '\r')
		return 400;
	if (end - p < 2)
		return 0;
	return p[1] == '\n' ? 200 : 400;
}

static int
chunked(const char *buf, size_t len, size_t *used)
{
	const char *p = buf, *end = buf + len, *line_end;
	uint64_t size;
	int status;

	for (;;) {
		status = line_complete(p, end, HTTP_LINE_MAX, &line_end);
		if (status == 200)
			status = chunk_size(p, &size);
		if (status != 200)
			return status;
		p = line_end;
		if (size == 0)
			break;
		if (size > (uint64_t)(end - p))
			return 0;
		status = chunk_end(p + size, end);
		if (status != 200)
			return status;
		p += size + 2;
	}
	status = trailers(&p, end);
	if (status == 200)
		*used = (size_t)(p - buf);
	return status;
}

int
http_body(const char *buf, size_t len, const struct http_request *req,
    size_t *used)
{
	if (req->chunked)
		return chunked(buf, len, used);
	if (req->content_length > len)
		return 0;
	*used = (size_t)req->content_length;
	return 200;
}
