/* SPDX-License-Identifier: MIT */
/* Reads field values and writes dates, for the answers that need them. */
#include "config.h"

#include "http/lex.h"

#include "base/clock.h"
#include "shared/stats_tbl.h"

#include <string.h>
#include <strings.h>

#define SECONDS_MAX ((int64_t)1 << 31) /* as RFC 9111, 1.2.2 has it */

/* The bytes of an entity tag between its quotation marks. */
static bool
in_tag(char c)
{
	return c != '"' && c != ' ' && c != '\t' && http_is(c, CHAR_VALUE);
}

/* The end of the opaque tag at p, quotation marks included; NULL if none. */
static const char *
tag_end(const char *p, const char *end)
{
	if (p == end || *p != '"')
		return NULL;
	for (p++; p < end && in_tag(*p); p++)
		;
	return p < end && *p == '"' ? p + 1 : NULL;
}

bool
http_field(const struct http_request *req, const char *name, size_t len,
    struct slice *value)
{
	const char *end = req->head.ptr + req->head.len, *p = req->head.ptr;
	struct slice found;

	if (value->ptr != NULL)
		p = value->ptr + value->len;
	else
		while (*p == '\r') /* blank lines before the request's */
			p += 2;
	p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	while (p < end && *p != '\r') {
		p = http_field_line(p, end, &found, value);
		if (p == NULL)
			break; /* never in a head that was parsed */
		if (found.len == len && strncasecmp(found.ptr, name, len) == 0)
			return true;
	}
	return false;
}

/* Not http_list_next(): a backslash means nothing in an entity tag. */
bool
http_etag_listed(struct slice list, const char *etag, bool weak)
{
	const char *p = list.ptr, *end, *tag;
	size_t len = strlen(etag);
	bool is_weak;

	if (list.len == 0)
		return false;
	if (list.len == 1 && *p == '*')
		return true;
	for (end = p + list.len; p < end;) {
		if (http_is(*p, CHAR_SPACE) || *p == ',') {
			p++;
			continue;
		}
		is_weak = end - p > 2 && p[0] == 'W' && p[1] == '/';
		tag = is_weak ? p + 2 : p;
		p = tag_end(tag, end);
		if (p == NULL ||
		    (p < end && *p != ',' && !http_is(*p, CHAR_SPACE)))
			return false;
		if ((weak || !is_weak) && (size_t)(p - tag) == len &&
		    memcmp(tag, etag, len) == 0)
			return true;
	}
	return false;
}

/* delta-seconds, as a token or as a quoted string (RFC 9111, 5.2). */
static int64_t
seconds(const char *p, const char *end)
{
	int64_t n = 0;

	if (end - p >= 2 && p[0] == '"' && end[-1] == '"') {
		p++;
		end--;
	}
	for (; p < end && http_is(*p, CHAR_DIGIT); p++)
		if (n < SECONDS_MAX)
			n = n * 10 + (*p - '0');
	if (p < end)
		return 0;
	return n < SECONDS_MAX ? n : SECONDS_MAX;
}

int64_t
http_min_fresh(struct slice cache_control)
{
	static const char name[] = "min-fresh";
	const size_t len = sizeof(name) - 1;
	struct slice item;

	while (http_list_next(&cache_control, &item))
		if (item.len > len && item.ptr[len] == '=' &&
		    http_same(item.ptr, len, name))
			return seconds(item.ptr + len + 1, item.ptr + item.len);
	return 0;
}

/* Whether the parameters behind a coding are a weight of zero. */
static bool
weightless(const char *p, const char *end)
{
	while (p < end && (*p == ';' || http_is(*p, CHAR_SPACE)))
		p++;
	if (end - p < 3 || (*p | 0x20) != 'q' || p[1] != '=' || p[2] != '0')
		return false;
	for (p += 3; p < end && (*p == '.' || *p == '0'); p++)
		;
	return p == end;
}

bool
http_takes_gzip(struct slice accept_encoding)
{
	bool named = false, takes = false, any = false;
	struct slice item;
	const char *end;
	size_t len;

	while (accept_encoding.ptr != NULL &&
	    http_list_next(&accept_encoding, &item)) {
		end = item.ptr + item.len;
		for (len = 0; len < item.len && item.ptr[len] != ';' &&
		     !http_is(item.ptr[len], CHAR_SPACE);
		     len++)
			;
		if (http_same(item.ptr, len, "gzip") ||
		    http_same(item.ptr, len, "x-gzip")) {
			named = true;
			takes |= !weightless(item.ptr + len, end);
		} else if (len == 1 && *item.ptr == '*')
			any = !weightless(item.ptr + len, end);
	}
	return named ? takes : any;
}

struct slice
http_bearer(struct slice authorization)
{
	const struct slice none = {.ptr = NULL};
	const char *p = authorization.ptr, *end, *token;

	if (authorization.len < 7 || !http_same(p, 6, "bearer") || p[6] != ' ')
		return none;
	end = p + authorization.len;
	for (p += 6; p < end && *p == ' '; p++)
		;
	for (token = p; p<end && * p> ' ' && *p <= '~'; p++)
		;
	if (p < end || p == token)
		return none;
	return (struct slice){.ptr = token, .len = (size_t)(end - token)};
}

const char *
http_reason(int status)
{
#define REASON(code, phrase) \
	case code:           \
		return phrase;
	switch (status) {
		STATS_CODES(REASON)
	default:
		return "Unknown";
	}
#undef REASON
}

/* Write a number's last digits, as many as asked for. */
static void
put_digits(char *out, int digits, int n)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + n % 10);
		n /= 10;
	}
}

void
http_date(int64_t wall_ms, char *out)
{
	static const char weekdays[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct clock_date d = clock_date(wall_ms);

	memcpy(out, "Thu, 01 Jan 1970 00:00:00 GMT", HTTP_DATE_LEN);
	memcpy(out, weekdays + d.weekday * 3, 3);
	put_digits(out + 5, 2, d.day);
	memcpy(out + 8, months + (d.month - 1) * 3, 3);
	put_digits(out + 12, 4, d.year);
	put_digits(out + 17, 2, d.hour);
	put_digits(out + 20, 2, d.minute);
	put_digits(out + 23, 2, d.second);
}
