/* SPDX-License-Identifier: MIT */
/*
 * http/lex.h - the grammar that heads, bodies and field values of HTTP share:
 * characters, field lines, lists.  For the http*.c files alone.
 *
 * Invariants:
 *   - A scan that is given no end stops by itself: CR and LF belong to no
 *     class of characters, and the caller has seen the line's LF.
 */
#ifndef BEARERD_HTTP_LEX_H
#define BEARERD_HTTP_LEX_H

#include "http/http.h"

#include <endian.h>
#include <string.h>

enum http_char {
	CHAR_TOKEN = 1,  /* tchar of a token (RFC 9110, 5.6.2) */
	CHAR_VALUE = 2,  /* in a field value: no control character but HTAB */
	CHAR_TARGET = 4, /* visible ASCII but "#" */
	CHAR_PATH = 8,   /* of these, all but "?" */
	CHAR_HOST = 16,  /* unreserved, sub-delims (RFC 3986, 2.2 and 2.3) */
	CHAR_DIGIT = 32,
	CHAR_HEX = 64,
	CHAR_SPACE = 128, /* SP, HTAB */
};

extern const unsigned char http_chars[256];

static inline bool
http_is(char c, int classes)
{
	return (http_chars[(unsigned char)c] & classes) != 0;
}

/*
 * The first character that is not of these classes.  Four steps a round: half
 * of the work on a request is here.
 */
static inline const char *
http_skip(const char *p, int classes)
{
	for (;; p += 4) {
		if (!http_is(p[0], classes))
			return p;
		if (!http_is(p[1], classes))
			return p + 1;
		if (!http_is(p[2], classes))
			return p + 2;
		if (!http_is(p[3], classes))
			return p + 3;
	}
}

/* Whether s is this text, in any case.  lower: small letters, "-", ":", "/". */
static inline bool
http_same(const char *s, size_t len, const char *lower)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((s[i] | 0x20) != lower[i])
			return false;
	return lower[len] == '\0';
}

/* [start, end) without the white space at both ends. */
static inline struct slice
http_trim(const char *start, const char *end)
{
	while (start < end && http_is(*start, CHAR_SPACE))
		start++;
	while (start < end && http_is(end[-1], CHAR_SPACE))
		end--;
	return (struct slice){.ptr = start, .len = (size_t)(end - start)};
}

/*
 * The first byte at or behind p that cannot be in a value.  Looks at eight at a
 * time: the sums set the highest bit of each byte that is neither visible ASCII
 * nor SP.  A carry may set one too many, but only above a byte that was rightly
 * marked.
 */
static inline const char *
http_value_end(const char *p, const char *end)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t word, odd;

	while (end - p >= (ptrdiff_t)sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		word = le64toh(word);
		odd = ((word - ones * ' ') | (word + ones)) & ones * 0x80;
		if (odd == 0) {
			p += sizeof(word);
			continue;
		}
		p += __builtin_ctzll(odd) / 8;
		if (!http_is(*p, CHAR_VALUE))
			return p;
		p++;
	}
	return http_skip(p, CHAR_VALUE);
}

/*
 * Read one field line at p, in lines that end at end.  Returns the byte
 * behind it; NULL if it is malformed: obs-fold, white space before the colon,
 * a bare CR or LF, a control character.
 */
static inline const char *
http_field_line(const char *p, const char *end, struct slice *name,
    struct slice *value)
{
	const char *colon = http_skip(p, CHAR_TOKEN), *stop;

	if (colon == p || *colon != ':')
		return NULL;
	stop = http_value_end(colon + 1, end);
	if (stop[0] != '\r' || stop[1] != '\n')
		return NULL;
	*name = (struct slice){.ptr = p, .len = (size_t)(colon - p)};
	*value = http_trim(colon + 1, stop);
	return stop + 2;
}

/*
 * Take the first item, trimmed and maybe empty, off a comma-separated list;
 * commas in quoted strings do not count.  Returns false behind the last one.
 */
bool http_list_next(struct slice *list, struct slice *out);

/* The end of the uri-host [":" port] at p (RFC 9110, 7.2); NULL if none. */
const char *http_authority_end(const char *p);

/*
 * Find the path in a target [target, end) that is not in origin form (RFC
 * 9112, 3.2); its query begins at query, or that is end.  200 or 400.
 */
int http_target(const char *target, const char *query, const char *end,
    struct http_request *out);

/*
 * The end of a target that has bytes which no URI has, and in *query the end of
 * its path; NULL if no space follows it.
 */
const char *http_odd_target(const char *target, const char **query);

/* Whether all of these bytes could be a method's. */
bool http_method_only(const char *line, size_t len);

#endif
