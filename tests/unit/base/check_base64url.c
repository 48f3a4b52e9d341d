/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/base64url.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

START_TEST(text_is_that_of_rfc_4648_without_padding)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} rows[] = {
	    {"", 0, ""},
	    {"f", 1, "Zg"},
	    {"fo", 2, "Zm8"},
	    {"foo", 3, "Zm9v"},
	    {"foob", 4, "Zm9vYg"},
	    {"fooba", 5, "Zm9vYmE"},
	    {"foobar", 6, "Zm9vYmFy"},
	    {"\xfb\xff\xbe", 3, "-_--"},
	    {"\0\0\0", 3, "AAAA"},
	    {"\0", 1, "AA"},
	};
	char bytes[6], text[BASE64URL_LEN(6) + 1];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		base64url_encode(rows[i].bytes, rows[i].len, text);
		ck_assert_str_eq(text, rows[i].text);
		ck_assert_uint_eq(strlen(text), BASE64URL_LEN(rows[i].len));
		ck_assert_int_eq(base64url_decode(text, strlen(text), bytes,
				     rows[i].len),
		    (ssize_t)rows[i].len);
		ck_assert_mem_eq(bytes, rows[i].bytes, rows[i].len);
	}
}
END_TEST

START_TEST(anything_else_is_refused)
{
	static const char *const bad[] = {"A", "AAAAA", "AA==", "AAA=", "=",
	    "AA+A", "AA/A", "AA A", "AAAA\n", " AAAA", "AAAA ", "AA.A",
	    "AA\xc3Z"};
	unsigned char bytes[16];
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(base64url_decode(bad[i], strlen(bad[i]), bytes,
				  sizeof(bytes)) == -1,
		    "row %zu", i);
	ck_assert_int_eq(base64url_decode("AA\0A", 4, bytes, sizeof(bytes)),
	    -1);
}
END_TEST

START_TEST(nothing_is_written_beyond_the_room)
{
	static const char text[] = "AAAAAAAA";
	char bytes[8];
	size_t len, size;

	for (len = 0; len < sizeof(text); len++)
		for (size = 0; size < sizeof(bytes); size++) {
			ssize_t n;

			memset(bytes, '#', sizeof(bytes));
			n = base64url_decode(text, len, bytes, size);
			ck_assert_int_le(n, (ssize_t)size);
			ck_assert_int_eq(bytes[size], '#');
			if (len % 4 != 1)
				ck_assert_int_eq(n == -1, len * 3 / 4 > size);
		}
}
END_TEST

UNIT_MAIN("base64url", text_is_that_of_rfc_4648_without_padding,
    anything_else_is_refused, nothing_is_written_beyond_the_room)
