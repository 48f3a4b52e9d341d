/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "http_rows.h"

#define BODY(rfc, bytes)                               \
	{                                              \
		rfc, bytes, sizeof(bytes) - 1, 200, "" \
	}
#define LAST "0\r\n\r\n"

static const struct http_request chunked = {.chunked = true};

/* Measure a copy of exactly this size. */
static int
body_of(const struct http_request *r, const char *bytes, size_t len,
    size_t *used)
{
	char *copy = row_copy(bytes, len);
	int status = http_body(copy, len, r, used);

	free(copy);
	return status;
}

static void
check_body(const struct row *row)
{
	char longer[256];
	size_t n, used = row->len;
	int status = body_of(&chunked, row->bytes, row->len, &used);

	ck_assert_msg(status == row->status && used == row->len,
	    "%s: %d, %zu bytes: %s", row->rfc, status, used, row->bytes);
	for (n = 0; n < row->len; n++) {
		status = body_of(&chunked, row->bytes, n, &used);
		ck_assert_msg(status == 0, "%s: %d after %zu of %zu bytes: %s",
		    row->rfc, status, n, row->len, row->bytes);
	}
	memcpy(longer, row->bytes, row->len);
	memcpy(longer + row->len, LAST, 5);
	status = body_of(&chunked, longer, row->len + 5, &used);
	ck_assert_int_eq(status, row->status);
	ck_assert_uint_eq(used, row->len);
}

#define CHECK_BODIES(rows)                                                  \
	do {                                                                \
		size_t body_i;                                              \
                                                                            \
		for (body_i = 0; body_i < sizeof(rows) / sizeof((rows)[0]); \
		     body_i++)                                              \
			check_body(&(rows)[body_i]);                        \
	} while (0)

START_TEST(a_body_of_known_length_is_there_when_its_bytes_are)
{
	const struct http_request none = {.chunked = false},
				  three = {.content_length = 3},
				  huge = {.content_length = INT64_MAX};
	size_t used = 9;

	ck_assert_int_eq(body_of(&none, "", 0, &used), 200);
	ck_assert_uint_eq(used, 0);
	used = 9;
	ck_assert_int_eq(body_of(&none, "GET", 3, &used), 200);
	ck_assert_uint_eq(used, 0);
	ck_assert_int_eq(body_of(&three, "ab", 2, &used), 0);
	ck_assert_int_eq(body_of(&three, "abc", 3, &used), 200);
	ck_assert_uint_eq(used, 3);
	used = 9;
	ck_assert_int_eq(body_of(&three, "abcd", 4, &used), 200);
	ck_assert_uint_eq(used, 3);
	ck_assert_int_eq(body_of(&huge, "abcd", 4, &used), 0);
}
END_TEST

START_TEST(chunks_of_any_bytes_end_with_an_empty_one)
{
	static const struct row rows[] = {
	    BODY("9112 7.1", LAST),
	    BODY("9112 7.1", "000\r\n\r\n"),
	    BODY("9112 7.1", "1\r\na\r\n" LAST),
	    BODY("9112 7.1", "5\r\nab\r\nc\r\n" LAST),
	    BODY("9112 7.1", "5\r\n" LAST "\r\n" LAST),
	    BODY("9112 7.1", "3\r\n\0\n\xff\r\n1\r\n\n\r\n" LAST),
	    BODY("9112 7.1", "9\r\n012345678\r\n" LAST),
	    BODY("9112 7.1", "a\r\n0123456789\r\n" LAST),
	    BODY("9112 7.1", "A\r\n0123456789\r\n" LAST),
	    BODY("9112 7.1", "0000000000000000000000003\r\nabc\r\n" LAST),
	    BODY("9112 7.1", "10\r\n0123456789abcdef\r\n1\r\nx\r\n" LAST),
	    REFUSED("9112 7.1", "\r\n", 400),
	    REFUSED("9112 7.1", "\n", 400),
	    REFUSED("9112 7.1", "1\n", 400),
	    REFUSED("9112 7.1", "0\n", 400),
	    REFUSED("9112 7.1", "1 \r\n", 400),
	    REFUSED("9112 7.1", "1\t\r\n", 400),
	    REFUSED("9112 7.1", " 1\r\n", 400),
	    REFUSED("9112 7.1", "+1\r\n", 400),
	    REFUSED("9112 7.1", "-1\r\n", 400),
	    REFUSED("9112 7.1", "0x1\r\n", 400),
	    REFUSED("9112 7.1", "1h\r\n", 400),
	    REFUSED("9112 7.1", "g\r\n", 400),
	    REFUSED("9112 7.1", "1,\r\n", 400),
	    REFUSED("9112 7.1", "1_0\r\n", 400),
	    REFUSED("9112 7.1", "1\r\r\n", 400),
	    REFUSED("9112 7.1", "1\0\r\n", 400),
	    REFUSED("9112 7.1", "1\r\nab", 400),
	    REFUSED("9112 7.1", "1\r\na\n", 400),
	    REFUSED("9112 7.1", "1\r\na\rx", 400),
	    REFUSED("9112 7.1", "1\r\na\r\n\r\n", 400),
	    REFUSED("9112 7.1", "1\r\na0", 400),
	    REFUSED("9112 7.1", "8000000000000000\r\n", 413),
	    REFUSED("9112 7.1", "10000000000000001\r\n", 413),
	    REFUSED("9112 7.1", "ffffffffffffffffffffffff\r\n", 413),
	};
	size_t used;

	CHECK_BODIES(rows);
	ck_assert_int_eq(body_of(&chunked, "7fffffffffffffff\r\na", 19, &used),
	    0);
}
END_TEST

START_TEST(chunk_extensions_are_read_over_strictly)
{
	static const struct row rows[] = {
	    BODY("9112 7.1.1", "1;a\r\nx\r\n" LAST),
	    BODY("9112 7.1.1", "1;a=b\r\nx\r\n0;c\r\n\r\n"),
	    BODY("9112 7.1.1", "1;a;b=c;d=\"e\"\r\nx\r\n" LAST),
	    BODY("9112 7.1.1", "1 ; a = b\t;\tc=\"d\" ;e\r\nx\r\n" LAST),
	    BODY("9112 7.1.1", "1;a=\"\"\r\nx\r\n" LAST),
	    BODY("9112 7.1.1", "1;a=\"b;\\\"\\\\ \t\xff\"\r\nx\r\n" LAST),
	    REFUSED("9112 7.1.1", "1;\r\n", 400),
	    REFUSED("9112 7.1.1", "0;\r\n", 400),
	    REFUSED("9112 7.1.1", "1;;\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a;\r\n", 400),
	    REFUSED("9112 7.1.1", "1; \r\n", 400),
	    REFUSED("9112 7.1.1", "1;=b\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a= \r\n", 400),
	    REFUSED("9112 7.1.1", "1;a \r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=b \r\n", 400),
	    REFUSED("9112 7.1.1", "1;a b\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=b=c\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a,b\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\"b\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\"b\"c\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\"b\\\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\"b\\\x01\"\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\"\x01\"\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a=\"\x7f\"\r\n", 400),
	    REFUSED("9112 7.1.1", "1;\0\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a\x01\r\n", 400),
	    REFUSED("9112 7.1.1", "1;\xff\r\n", 400),
	    REFUSED("9112 7.1.1", "1;a\n", 400),
	    REFUSED("9112 7.1.1", "1;a\r\r\n", 400),
	};
	CHECK_BODIES(rows);
}
END_TEST

START_TEST(trailers_are_field_lines_and_read_over)
{
	static const struct row rows[] = {
	    BODY("9112 7.1.2", "0\r\nA: b\r\n\r\n"),
	    BODY("9112 7.1.2", "0\r\nA:\r\nB: \t c \r\n\r\n"),
	    BODY("9110 6.5.1",
		"0\r\nContent-Length: 5\r\n"
		"Transfer-Encoding: gzip\r\nHost: b\r\n\r\n"),
	    REFUSED("9112 7.1.2", "0\r\nA : b\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\n A: b\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\nA: b\r\n c\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\nA\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\n: b\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\nA: \x01\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\nA: b\rc\r\n", 400),
	    REFUSED("9112 7.1.2", "0\r\nA: b\n", 400),
	    REFUSED("9112 7.1.2", "0\r\n\n", 400),
	    REFUSED("9112 7.1.2", "0\r\n\r\r\n", 400),
	};
	CHECK_BODIES(rows);
}
END_TEST

START_TEST(a_chunk_size_line_beyond_the_limit_is_431)
{
	static char body[HTTP_LINE_MAX + 16];
	const size_t line = HTTP_LINE_MAX;
	size_t used;

	memset(body, '0', sizeof(body));
	memcpy(body + line - 2, "\r\n\r\n", 4);
	ck_assert_int_eq(body_of(&chunked, body, line - 1, &used), 0);
	ck_assert_int_eq(body_of(&chunked, body, line + 2, &used), 200);
	ck_assert_uint_eq(used, line + 2);
	memcpy(body + line - 2, "0\r\n\r\n", 5);
	ck_assert_int_eq(body_of(&chunked, body, line - 1, &used), 0);
	ck_assert_int_eq(body_of(&chunked, body, line, &used), 431);
	ck_assert_int_eq(body_of(&chunked, body, line + 3, &used), 431);
}
END_TEST

START_TEST(trailers_beyond_the_limit_together_are_431)
{
	static char body[HTTP_LINE_MAX + 64];
	size_t used, len = 3;

	memcpy(body, "0\r\n", 3);
	for (; len + 8 <= 3 + HTTP_LINE_MAX - 8; len += 8)
		memcpy(body + len, "Abc:de\r\n", 8);
	memcpy(body + len, "Ab:d\r\n\r\n", 8);
	ck_assert_uint_eq(len + 8, 3 + HTTP_LINE_MAX);
	ck_assert_int_eq(body_of(&chunked, body, len + 7, &used), 0);
	ck_assert_int_eq(body_of(&chunked, body, len + 8, &used), 200);
	ck_assert_uint_eq(used, len + 8);
	memcpy(body + len, "Abc:d\r\n\r\n", 9);
	ck_assert_int_eq(body_of(&chunked, body, len + 7, &used), 0);
	ck_assert_int_eq(body_of(&chunked, body, len + 8, &used), 431);
	ck_assert_int_eq(body_of(&chunked, body, len + 9, &used), 431);
}
END_TEST

UNIT_MAIN("http_body", a_body_of_known_length_is_there_when_its_bytes_are,
    chunks_of_any_bytes_end_with_an_empty_one,
    chunk_extensions_are_read_over_strictly,
    trailers_are_field_lines_and_read_over,
    a_chunk_size_line_beyond_the_limit_is_431,
    trailers_beyond_the_limit_together_are_431)
