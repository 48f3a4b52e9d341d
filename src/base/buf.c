/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
buf_init(struct buf *b, void *memory, size_t size)
{
	*b = (struct buf){.data = memory, .size = size};
}

void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (b->overflow || len > b->size - b->len) {
		b->overflow = true;
		return;
	}
	if (len > 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
}

void
buf_str(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	size_t room = b->size - b->len;
	int n;

	if (b->overflow)
		return;
	va_start(ap, format);
	n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		b->overflow = true;
	else
		b->len += (size_t)n;
}

void
buf_int(struct buf *b, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		*--p = (char)('0' + rest % 10);
	} while ((rest /= 10) > 0);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

/* The bytes of the UTF-8 character (RFC 3629, 4) at p, or 0 for none. */
static size_t
utf8_len(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last; /* range of the leading byte */
		unsigned char low, high;   /* range of the second byte */
		size_t len;
	} forms[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t i, j;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (*p < forms[i].first || *p > forms[i].last)
			continue;
		if (forms[i].len > left || p[1] < forms[i].low ||
		    p[1] > forms[i].high)
			return 0;
		for (j = 2; j < forms[i].len; j++)
			if ((p[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/*
 * The code point of a character of n bytes that ends a line or steers a
 * terminal, by itself or by turning the direction of text; 0x100 instead of 0
 * for NUL; 0 for any other character.
 */
static unsigned
control(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned first, last;
	} ranges[] = {
	    {0x7f, 0x9f},
	    {0x200e, 0x200f},
	    {0x2028, 0x202e},
	    {0x2066, 0x2069},
	};
	unsigned c = *p;
	size_t i;

	if (n == 1 && c < 0x20)
		return c == 0 ? 0x100 : c;
	if (n == 2)
		c = (*p & 0x1fu) << 6 | (p[1] & 0x3fu);
	if (n == 3)
		c = (*p & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	for (i = 0; n < 4 && i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return c;
	return 0;
}

void
buf_plain(struct buf *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = strlen(text), n;

	for (; left > 0; p += n, left -= n) {
		n = *p < 0x80 ? 1 : utf8_len(p, left);
		if (n == 0 || control(p, n) != 0)
			buf_char(b, '?');
		else
			buf_add(b, p, n);
		n = n > 0 ? n : 1;
	}
}

/* Append one character as it stands in a JSON string; returns its bytes. */
static size_t
json_character(struct buf *b, const unsigned char *p, size_t left)
{
	size_t n = *p < 0x80 ? 1 : utf8_len(p, left);
	unsigned c = n > 0 ? control(p, n) : 0;

	if (*p == '"' || *p == '\\')
		buf_char(b, '\\');
	if (c != 0)
		buf_printf(b, "\\u%04x", c & 0xfeff);
	else if (n == 0)
		buf_str(b, "\\ufffd");
	else
		buf_add(b, p, n);
	return n > 0 ? n : 1;
}

void
buf_json(struct buf *b, const char *text, size_t len)
{
	size_t i = 0, start = b->len;

	buf_char(b, '"');
	while (i < len)
		i +=
		    json_character(b, (const unsigned char *)text + i, len - i);
	buf_char(b, '"');
	if (b->overflow)
		b->len = start;
}

const char *
buf_text(struct buf *b)
{
	if (b->size == 0)
		return "";
	if (b->len == b->size)
		b->len--;
	b->data[b->len] = '\0';
	return b->data;
}
