/* SPDX-License-Identifier: MIT */
/*
 * http_rows.h - tables of request heads and what becomes of them.
 *
 * A row is bytes as they come in, and either what the parser makes of them
 * ("GET /path 1.1 keep", "close", "odd", "chunked", "length=N") or the status
 * that refuses them.  A refused row ends with the line that is at fault: one
 * byte less is not refused yet.  Every row is fed at every split point.
 */
#ifndef BEARERD_TEST_HTTP_ROWS_H
#define BEARERD_TEST_HTTP_ROWS_H

#include "http/http.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct row {
	const char *rfc; /* the section that the row comes from */
	const char *bytes;
	size_t len;
	int status;
	const char *parsed;
};

#define TAKEN(rfc, bytes, parsed)                          \
	{                                                  \
		rfc, bytes, sizeof(bytes) - 1, 200, parsed \
	}
#define REFUSED(rfc, bytes, status)                       \
	{                                                 \
		rfc, bytes, sizeof(bytes) - 1, status, "" \
	}

#define GET "GET / HTTP/1.1\r\n"
#define GET_HOST GET "Host: a\r\n"
#define POST_HOST "POST / HTTP/1.1\r\nHost: a\r\n"

/* Memory of exactly this size, so that a read behind it is found out. */
static inline char *
row_copy(const char *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	return copy;
}

static inline const char *
row_method(enum http_method method)
{
#define ROW_NAME(id, name) name,
	static const char *const names[] = {HTTP_METHODS(ROW_NAME) "unknown"};
#undef ROW_NAME

	return names[method];
}

/* Parse a copy; describe the request into text[512] if it is complete. */
static inline int
row_parse(const char *bytes, size_t len, char *text, size_t *head_len)
{
	char *copy = row_copy(bytes, len);
	struct http_request r;
	int status = http_parse(copy, len, &r), n;

	text[0] = '\0';
	if (status == 200) {
		n = snprintf(text, 512, "%s %.*s 1.%d %s", row_method(r.method),
		    (int)r.path.len, r.path.ptr, r.minor,
		    r.keep_alive ? "keep" : "close");
		if (r.odd)
			n += snprintf(text + n, 512 - (size_t)n, " odd");
		if (r.chunked)
			n += snprintf(text + n, 512 - (size_t)n, " chunked");
		if (r.content_length > 0)
			snprintf(text + n, 512 - (size_t)n, " length=%llu",
			    (unsigned long long)r.content_length);
		*head_len = r.head.len;
	}
	free(copy);
	return status;
}

/* Bytes behind a row never change its verdict. */
static inline void
row_check_longer(const struct row *row)
{
	static const char *const more[] = {"\n", "\r\n\r\n", GET_HOST "\r\n",
	    "\xff"};
	char longer[1024], text[512];
	size_t i, head_len = row->len;

	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		memcpy(longer, row->bytes, row->len);
		memcpy(longer + row->len, more[i], strlen(more[i]));
		ck_assert_msg(row_parse(longer, row->len + strlen(more[i]),
				  text, &head_len) == row->status,
		    "%s, then more: %s", row->rfc, row->bytes);
		ck_assert_str_eq(text, row->parsed);
		ck_assert_uint_eq(head_len, row->len);
	}
}

static inline void
row_check(const struct row *row)
{
	char text[512];
	size_t n, head_len = row->len;
	int status = row_parse(row->bytes, row->len, text, &head_len);

	ck_assert_msg(status == row->status && strcmp(text, row->parsed) == 0,
	    "%s: %d %s, not %d %s: %s", row->rfc, status, text, row->status,
	    row->parsed, row->bytes);
	ck_assert_uint_eq(head_len, row->len);
	for (n = 0; n < row->len; n++) {
		status = row_parse(row->bytes, n, text, &head_len);
		ck_assert_msg(status == 0, "%s: %d after %zu of %zu bytes: %s",
		    row->rfc, status, n, row->len, row->bytes);
	}
	if (row->len < 800)
		row_check_longer(row);
}

#define CHECK_ROWS(rows)                                                  \
	do {                                                              \
		size_t row_i;                                             \
                                                                          \
		for (row_i = 0; row_i < sizeof(rows) / sizeof((rows)[0]); \
		     row_i++)                                             \
			row_check(&(rows)[row_i]);                        \
	} while (0)

#endif
