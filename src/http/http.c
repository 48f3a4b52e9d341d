/* SPDX-License-Identifier: MIT */
/* Reads request heads: every byte of a stranger's request comes by here. */
#include "config.h"

#include "http/lex.h"

#include <string.h>

/*
 * The state of one call.  Only complete lines are looked at, so that a verdict
 * never depends on what has not come yet.
 */
struct head {
	const char *p;   /* the next line */
	const char *end; /* behind the LF of the last complete line */
	struct http_request *out;
	bool has_host, has_length, wants_close, wants_keep_alive;
};

#define NAME(id, name) name,
static const char methods[][8] = {HTTP_METHODS(NAME)};
#undef NAME

static enum http_method
method_of(const char *p, const char *end)
{
	enum http_method method;
	const char *name;
	size_t i;

	if (end - p == 3 && memcmp(p, "GET", 3) == 0)
		return HTTP_GET;
	for (method = HTTP_HEAD; method < HTTP_UNKNOWN; method++) {
		name = methods[method];
		for (i = 0; name[i] != '\0' && name[i] == p[i]; i++)
			;
		if (name[i] == '\0' && p + i == end)
			break;
	}
	return method;
}

/* The version and the line's end at h->p (RFC 9112, 2.3). */
static int
version(struct head *h)
{
	static const char usual[] = "HTTP/1.1\r\n", form[] = "HTTP/0.0\r\n";
	const char *p = h->p;
	size_t i, len = sizeof(form) - 1;

	h->out->minor = 1;
	if (h->end - p < (ptrdiff_t)len || memcmp(p, usual, len) != 0) {
		for (i = 0; i < len; i++)
			if (form[i] == '0' ? !http_is(p[i], CHAR_DIGIT)
					   : p[i] != form[i])
				return 400;
		if (p[5] != '1')
			return 505;
		h->out->minor = p[7] > '0';
	}
	h->p += len;
	return 200;
}

static int
request_line(struct head *h)
{
	const char *space = http_skip(h->p, CHAR_TOKEN);
	const char *target = space + 1, *query, *end;
	int status;

	if (*space != ' ')
		return 400;
	h->out->method = method_of(h->p, space);
	query = http_skip(target, CHAR_PATH);
	end = http_skip(query, CHAR_TARGET);
	if (end == target || *end != ' ') {
		end = http_odd_target(target, &query);
		if (end == NULL)
			return 400;
		h->out->odd = true;
	}
	h->p = end + 1;
	status = version(h);
	if (status != 200)
		return status;
	if (*target != '/' || h->out->method == HTTP_CONNECT)
		return http_target(target, query, end, h->out);
	h->out->path =
	    (struct slice){.ptr = target, .len = (size_t)(query - target)};
	return 200;
}

/* A second Host is refused with 400, as is one that is no authority (RFC 9112,
 * 3.2). */
static int
take_host(struct head *h, struct slice value)
{
	bool second = h->has_host;

	h->has_host = true;
	h->out->host = value;
	return !second &&
		(value.len == 0 ||
		    http_authority_end(value.ptr) == value.ptr + value.len)
	    ? 200
	    : 400;
}

static int
take_site(struct head *h, struct slice value)
{
	if (http_same(value.ptr, value.len, "cross-site") ||
	    http_same(value.ptr, value.len, "same-site"))
		h->out->foreign_page = true;
	return 200;
}

static int
take_connection(struct head *h, struct slice value)
{
	struct slice option;

	while (http_list_next(&value, &option)) {
		if (http_same(option.ptr, option.len, "close"))
			h->wants_close = true;
		else if (http_same(option.ptr, option.len, "keep-alive"))
			h->wants_keep_alive = true;
	}
	return 200;
}

static int
take_content_length(struct head *h, struct slice value)
{
	uint64_t length = 0;
	const char *p;

	if (h->has_length || h->out->chunked || value.len == 0 ||
	    http_skip(value.ptr, CHAR_DIGIT) != value.ptr + value.len)
		return 400;
	for (p = value.ptr; http_is(*p, CHAR_DIGIT); p++) {
		if (length > ((uint64_t)INT64_MAX - (uint64_t)(*p - '0')) / 10)
			return 413;
		length = length * 10 + (uint64_t)(*p - '0');
	}
	h->has_length = true;
	h->out->content_length = length;
	return 200;
}

/* Nothing may follow "chunked", no parameter either (RFC 9112, 6.1 and 7.1). */
static int
take_transfer_encoding(struct head *h, struct slice value)
{
	struct slice coding;
	const char *end, *rest;
	int status = 200;

	if (h->has_length || h->out->minor == 0)
		return 400;
	while (http_list_next(&value, &coding)) {
		end = http_skip(coding.ptr, CHAR_TOKEN);
		rest = http_skip(end, CHAR_SPACE);
		if (h->out->chunked || end == coding.ptr ||
		    (end != coding.ptr + coding.len && *rest != ';'))
			return 400;
		if (!http_same(coding.ptr, (size_t)(end - coding.ptr),
			"chunked"))
			status = 501;
		else if (end != coding.ptr + coding.len)
			return 400;
		else
			h->out->chunked = true;
	}
	return status;
}

/*
 * The fields that mean something here, in lower case: each has a function, or
 * is kept at an offset of the request.  Hashed without collisions; a field
 * added where another one is makes the compiler warn of an override.
 */
#define HASH(first, len) (((size_t)(first) + 11 * (len)) & 31)
#define FIELD(first, name, ...) \
	[HASH(first, sizeof(name) - 1)] = {name, __VA_ARGS__}
#define KEPT(member) .kept_at = offsetof(struct http_request, member)

static const struct field {
	char name[18];
	int (*take)(struct head *h, struct slice value);
	size_t kept_at;
} fields[32] = {
    FIELD('a', "accept-encoding", KEPT(accept_encoding)),
    FIELD('a', "authorization", KEPT(authorization)),
    FIELD('c', "cache-control", KEPT(cache_control)),
    FIELD('c', "connection", .take = take_connection),
    FIELD('c', "content-length", .take = take_content_length),
    FIELD('h', "host", .take = take_host),
    FIELD('i', "if-match", KEPT(if_match)),
    FIELD('i', "if-none-match", KEPT(if_none_match)),
    FIELD('s', "sec-fetch-site", .take = take_site),
    FIELD('t', "transfer-encoding", .take = take_transfer_encoding),
};

/*
 * A valid Host line in its usual spelling; otherwise look closer.  Of a short
 * request, this saves a third of the work.
 */
static bool
take_usual_host(struct head *h)
{
	const char *p = h->p;

	if (h->has_host || h->end - p < 6 || memcmp(p, "Host: ", 6) != 0)
		return false;
	p = http_authority_end(p + 6);
	if (p == NULL || p[0] != '\r' || p[1] != '\n')
		return false;
	h->out->host = (struct slice){h->p + 6, (size_t)(p - h->p) - 6};
	h->p = p + 2;
	h->has_host = true;
	return true;
}

static int
take_field(struct head *h)
{
	const struct field *field;
	struct slice name, value, *kept;

	if (take_usual_host(h))
		return 200;
	h->p = http_field_line(h->p, h->end, &name, &value);
	if (h->p == NULL)
		return 400;
	field = &fields[HASH(name.ptr[0] | 0x20, name.len)];
	if (!http_same(name.ptr, name.len, field->name))
		return 200;
	if (field->take != NULL)
		return field->take(h, value);
	kept = (struct slice *)((char *)h->out + field->kept_at);
	if (kept->ptr == NULL)
		*kept = value;
	return 200;
}

/* The field lines and the blank line behind them. */
static int
field_lines(struct head *h)
{
	int count, status;

	for (count = 0; h->p < h->end; count++) {
		if (*h->p == '\r') {
			if (h->p[1] != '\n')
				return 400;
			h->p += 2;
			return h->has_host || h->out->minor == 0 ? 200 : 400;
		}
		if (count == HTTP_FIELDS_MAX)
			return 431;
		status = take_field(h);
		if (status != 200)
			return status;
	}
	return 0;
}

/* Skip blank lines; judge the byte behind them, whose line may be partial. */
static int
blank_lines(struct head *h, const char *limit)
{
	int count;

	for (count = 0; h->p < limit; count++) {
		if (http_is(*h->p, CHAR_TOKEN))
			return 200;
		if (*h->p != '\r')
			return 400;
		if (h->p + 1 == limit)
			return 0;
		if (h->p[1] != '\n' || count == HTTP_BLANK_MAX)
			return 400;
		h->p += 2;
	}
	return 0;
}

/*
 * The request line.  That it is too long is known before its end has come, so
 * that goes before any other fault of the line.
 */
static int
first_line(struct head *h, const char *limit)
{
	const char *line = h->p;
	int status = h->p < h->end ? request_line(h) : 0;

	if (status == 200 && h->p - line <= HTTP_LINE_MAX)
		return 200;
	if (limit - line >= HTTP_LINE_MAX &&
	    memchr(line, '\n', HTTP_LINE_MAX) == NULL)
		return http_method_only(line, HTTP_LINE_MAX) ? 501 : 414;
	return status;
}

/* Behind the last LF; it is the last byte as a rule. */
static const char *
lines_end(const char *buf, size_t len)
{
	const char *lf;

	if (len > 0 && buf[len - 1] == '\n')
		return buf + len;
	lf = memrchr(buf, '\n', len);
	return lf != NULL ? lf + 1 : buf;
}

int
http_parse(const char *buf, size_t len, struct http_request *out)
{
	size_t seen = len < HTTP_HEAD_MAX ? len : HTTP_HEAD_MAX;
	struct head h = {.p = buf, .end = lines_end(buf, seen), .out = out};
	int status;

	out->chunked = out->odd = out->foreign_page = false;
	out->content_length = 0;
	memset(out->slices, 0, sizeof(out->slices));
	status = blank_lines(&h, buf + seen);
	if (status == 200)
		status = first_line(&h, buf + seen);
	if (status == 200)
		status = field_lines(&h);
	if (status == 0 && seen == HTTP_HEAD_MAX)
		return 431;
	if (status != 200)
		return status;
	out->head = (struct slice){buf, (size_t)(h.p - buf)};
	out->keep_alive =
	    !h.wants_close && (out->minor > 0 || h.wants_keep_alive);
	return 200;
}
