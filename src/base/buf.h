/* SPDX-License-Identifier: MIT */
/*
 * buf.h - a text buffer of fixed size with a sticky overflow mark.
 *
 * For whoever composes text: answers, log lines, metrics.  The memory is the
 * caller's.  Nothing is ever written past its end: an addition that does not
 * fit is left out whole and marks the buffer, so that a chain of additions
 * needs one check at its end.
 *
 * Invariants:
 *   - len <= size; data[0 .. len) is valid.  The text is not NUL-terminated
 *     unless buf_text() was called.
 *   - Once overflow is set, nothing more is added.
 */
#ifndef BEARERD_BUF_H
#define BEARERD_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t size;
	size_t len;
	bool overflow;
};

/* Begin an empty text in the caller's memory. */
void buf_init(struct buf *b, void *memory, size_t size);

/* Append bytes; a NUL-terminated string; one character; formatted text, which
 * needs room for a NUL behind it. */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a decimal number. */
void buf_int(struct buf *b, int64_t n);

/* Append a string with a question mark in the place of each character that
 * would end a line or steer a terminal (U+0000 to U+001F, U+007F to U+009F,
 * those that part lines or turn the direction), and of each byte that is not
 * UTF-8. */
void buf_plain(struct buf *b, const char *text);

/* Append a string as a JSON string with its quotation marks (RFC 8259, 7);
 * those characters are escaped, each byte that is not UTF-8 becomes U+FFFD. */
void buf_json(struct buf *b, const char *text, size_t len);

/* The text, NUL-terminated; cut by one character if there is no room. */
const char *buf_text(struct buf *b);

#endif
