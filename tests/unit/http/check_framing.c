/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "http_rows.h"

#define LENGTH(value) POST_HOST "Content-Length: " value "\r\n\r\n"
#define BAD_LENGTH(value) POST_HOST "Content-Length:" value "\r\n"
#define CODING(value) POST_HOST "Transfer-Encoding: " value "\r\n\r\n"
#define BAD_CODING(value) POST_HOST "Transfer-Encoding:" value "\r\n"

START_TEST(a_content_length_is_one_decimal_number)
{
	static const struct row rows[] = {
	    TAKEN("9110 8.6", LENGTH("5"), "POST / 1.1 keep length=5"),
	    TAKEN("9110 8.6", LENGTH("0"), "POST / 1.1 keep"),
	    TAKEN("9110 8.6", LENGTH("5 \t"), "POST / 1.1 keep length=5"),
	    TAKEN("9110 8.6", LENGTH("007"), "POST / 1.1 keep length=7"),
	    TAKEN("9110 8.6", LENGTH("9223372036854775807"),
		"POST / 1.1 keep length=9223372036854775807"),
	    TAKEN("9110 8.6", LENGTH("00000000000000000000000012"),
		"POST / 1.1 keep length=12"),
	    TAKEN("9110 5.1", POST_HOST "CONTENT-length:3\r\n\r\n",
		"POST / 1.1 keep length=3"),
	    TAKEN("9110 8.6", "GET / HTTP/1.0\r\nContent-Length: 2\r\n\r\n",
		"GET / 1.0 close length=2"),
	    REFUSED("9110 8.6", BAD_LENGTH("9223372036854775808"), 413),
	    REFUSED("9110 8.6", BAD_LENGTH("9223372036854775810"), 413),
	    REFUSED("9110 8.6", BAD_LENGTH("18446744073709551617"), 413),
	    REFUSED("9110 8.6", BAD_LENGTH("99999999999999999999999"), 413),
	    REFUSED("9110 8.6", BAD_LENGTH(""), 400),
	    REFUSED("9110 8.6", BAD_LENGTH(" "), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("+5"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("-5"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("-0"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("5a"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("0x5"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("5.0"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("1e3"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("1_000"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("5 5"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("\"5\""), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("5;a"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("\xd9\xa5"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("5\v"), 400),
	    REFUSED("9110 8.6", BAD_LENGTH("99999999999999999999999999x"), 400),
	    REFUSED("9112 6.3", BAD_LENGTH("5, 5"), 400),
	    REFUSED("9112 6.3", BAD_LENGTH("5,5"), 400),
	    REFUSED("9112 6.3", BAD_LENGTH("5, 6"), 400),
	    REFUSED("9112 6.3", BAD_LENGTH("5,"), 400),
	    REFUSED("9112 6.3", BAD_LENGTH(",5"), 400),
	    REFUSED("9112 6.3",
		POST_HOST "Content-Length: 5\r\nContent-Length: 5\r\n", 400),
	    REFUSED("9112 6.3",
		POST_HOST "Content-Length: 5\r\ncontent-length:6\r\n", 400),
	    REFUSED("9112 6.3",
		POST_HOST "Content-Length: 0\r\nContent-Length: 0\r\n", 400),
	    REFUSED("9112 5.1", POST_HOST "Content-Length : 5\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(chunked_once_is_the_only_transfer_coding)
{
	static const struct row rows[] = {
	    TAKEN("9112 6.1", CODING("chunked"), "POST / 1.1 keep chunked"),
	    TAKEN("9112 7", CODING("CHUNKED"), "POST / 1.1 keep chunked"),
	    TAKEN("9112 7", CODING("\t Chunked \t"), "POST / 1.1 keep chunked"),
	    TAKEN("9110 5.1", POST_HOST "transfer-ENCODING:chunked\r\n\r\n",
		"POST / 1.1 keep chunked"),
	    TAKEN("9110 10.1.4", GET_HOST "TE: trailers\r\n\r\n",
		"GET / 1.1 keep"),
	    REFUSED("9112 6.1", BAD_CODING("gzip"), 501),
	    REFUSED("9112 6.1", BAD_CODING("identity"), 501),
	    REFUSED("9112 6.1", BAD_CODING("xchunked"), 501),
	    REFUSED("9112 6.1", BAD_CODING("chunkedx"), 501),
	    REFUSED("9112 6.1", BAD_CODING("chunke"), 501),
	    REFUSED("9112 6.1", BAD_CODING("chun-ked"), 501),
	    REFUSED("9112 6.1", BAD_CODING("gzip, chunked"), 501),
	    REFUSED("9112 6.1", BAD_CODING("gzip,deflate ,chunked"), 501),
	    REFUSED("9112 6.1", BAD_CODING("gzip;q=1"), 501),
	    REFUSED("9112 6.1", BAD_CODING("gzip ; q=\"a,b\", chunked"), 501),
	    REFUSED("9112 6.1", BAD_CODING("chunked, chunked"), 400),
	    REFUSED("9112 6.3", BAD_CODING("chunked, gzip"), 400),
	    REFUSED("9112 6.3", BAD_CODING("chunked, identity"), 400),
	    REFUSED("9112 6.1", BAD_CODING("chunked,"), 400),
	    REFUSED("9112 6.1", BAD_CODING(", chunked"), 400),
	    REFUSED("9112 6.1", BAD_CODING(""), 400),
	    REFUSED("9112 6.1", BAD_CODING(" \t"), 400),
	    REFUSED("9112 6.1", BAD_CODING("chunked chunked"), 400),
	    REFUSED("9112 6.1", BAD_CODING("gzip chunked"), 400),
	    REFUSED("9112 7.1", BAD_CODING("chunked;a=b"), 400),
	    REFUSED("9112 7.1", BAD_CODING("chunked ;a=b"), 400),
	    REFUSED("9112 7.1", BAD_CODING("chunked;"), 400),
	    REFUSED("9112 6.1", BAD_CODING("\"chunked\""), 400),
	    REFUSED("9112 6.1", BAD_CODING("chunked/1"), 400),
	    REFUSED("9112 6.1", BAD_CODING("=chunked"), 400),
	    REFUSED("9112 6.1", BAD_CODING("[chunked]"), 400),
	    REFUSED("9110 5.5", BAD_CODING("\vchunked"), 400),
	    REFUSED("9110 5.5", BAD_CODING("chunked\f"), 400),
	    REFUSED("9110 5.5", BAD_CODING("chunked\0"), 400),
	    REFUSED("9112 6.1",
		BAD_CODING("\x80"
			   "chunked"),
		400),
	    REFUSED("9112 6.1", BAD_CODING("chun\xc4\xb1ked"), 400),
	    REFUSED("9112 5.1", POST_HOST "Transfer-Encoding : chunked\r\n",
		400),
	    REFUSED("9112 5.2",
		POST_HOST "Transfer-Encoding: chunked\r\n ,a\r\n", 400),
	    REFUSED("9112 6.1",
		POST_HOST "Transfer-Encoding: chunked\r\n"
			  "Transfer-Encoding: chunked\r\n",
		400),
	    REFUSED("9112 6.3",
		POST_HOST "Transfer-Encoding: chunked\r\n"
			  "Transfer-Encoding: gzip\r\n",
		400),
	    REFUSED("9112 6.3",
		POST_HOST "Transfer-Encoding: chunked\r\n"
			  "Transfer-Encoding:\r\n",
		400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_transfer_coding_goes_with_neither_a_length_nor_http_1_0)
{
	static const struct row rows[] = {
	    REFUSED("9112 6.1",
		POST_HOST "Content-Length: 5\r\n"
			  "Transfer-Encoding: chunked\r\n",
		400),
	    REFUSED("9112 6.1",
		POST_HOST "Transfer-Encoding: chunked\r\n"
			  "Content-Length: 5\r\n",
		400),
	    REFUSED("9112 6.1",
		POST_HOST "Content-Length: 0\r\n"
			  "Transfer-Encoding: chunked\r\n",
		400),
	    REFUSED("9112 6.1",
		POST_HOST "Content-Length: 5\r\n"
			  "Transfer-Encoding: gzip\r\n",
		400),
	    REFUSED("9112 6.1",
		POST_HOST "Transfer-Encoding: chunked\r\n"
			  "A: b\r\nContent-Length: 99999999999999999999\r\n",
		400),
	    REFUSED("9112 6.1",
		"POST / HTTP/1.0\r\n"
		"Transfer-Encoding: chunked\r\n",
		400),
	    REFUSED("9112 6.1",
		"POST / HTTP/1.0\r\n"
		"Transfer-Encoding: gzip\r\n",
		400),
	    TAKEN("9110 2.5",
		"POST / HTTP/1.7\r\nHost: a\r\n"
		"Transfer-Encoding: chunked\r\n\r\n",
		"POST / 1.1 keep chunked"),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(framing_is_judged_whatever_the_method_and_the_path)
{
	static const struct row rows[] = {
	    REFUSED("9112 6.3",
		"BREW /no HTTP/1.1\r\nHost: a\r\n"
		"Content-Length: 1, 2\r\n",
		400),
	    REFUSED("9112 6.3",
		"TRACE /no HTTP/1.1\r\nHost: a\r\n"
		"Transfer-Encoding: gzip\r\n",
		501),
	    TAKEN("9110 9.3.1", GET_HOST "Content-Length: 3\r\n\r\n",
		"GET / 1.1 keep length=3"),
	    TAKEN("9110 9.3.1",
		GET_HOST "Transfer-Encoding: chunked\r\n"
			 "Expect: 100-continue\r\n\r\n",
		"GET / 1.1 keep chunked"),
	};
	CHECK_ROWS(rows);
}
END_TEST

UNIT_MAIN("http_framing", a_content_length_is_one_decimal_number,
    chunked_once_is_the_only_transfer_coding,
    a_transfer_coding_goes_with_neither_a_length_nor_http_1_0,
    framing_is_judged_whatever_the_method_and_the_path)
