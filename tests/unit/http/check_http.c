/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "http_rows.h"

#define HOST_END "Host: a\r\n\r\n"
#define TARGET(target) "GET " target " HTTP/1.1\r\n" HOST_END
#define METHOD(method) method " / HTTP/1.1\r\n" HOST_END

START_TEST(a_method_is_any_token_and_case_sensitive)
{
	static const struct row rows[] = {
	    TAKEN("9110 9.3.1", METHOD("GET"), "GET / 1.1 keep"),
	    TAKEN("9110 9.3.2", METHOD("HEAD"), "HEAD / 1.1 keep"),
	    TAKEN("9110 9.3.3", METHOD("POST"), "POST / 1.1 keep"),
	    TAKEN("9110 9.3.4", METHOD("PUT"), "PUT / 1.1 keep"),
	    TAKEN("9110 9.3.5", METHOD("DELETE"), "DELETE / 1.1 keep"),
	    TAKEN("9110 9.3.7", METHOD("OPTIONS"), "OPTIONS / 1.1 keep"),
	    TAKEN("9110 9.3.8", METHOD("TRACE"), "TRACE / 1.1 keep"),
	    TAKEN("5789 2", METHOD("PATCH"), "PATCH / 1.1 keep"),
	    TAKEN("9110 9.1", METHOD("get"), "unknown / 1.1 keep"),
	    TAKEN("9110 9.1", METHOD("GETS"), "unknown / 1.1 keep"),
	    TAKEN("9110 9.1", METHOD("GE"), "unknown / 1.1 keep"),
	    TAKEN("9110 9.1", METHOD("G"), "unknown / 1.1 keep"),
	    TAKEN("9110 9.1", METHOD("OPTIONSS"), "unknown / 1.1 keep"),
	    TAKEN("9110 9.1", METHOD("PROPFIND"), "unknown / 1.1 keep"),
	    TAKEN("9110 5.6.2", METHOD("!#$%&'*+-.^_`|~09azAZ"),
		"unknown / 1.1 keep"),
	    REFUSED("9110 5.6.2", "G(T / HTTP/1.1\r\n", 400),
	    REFUSED("9110 5.6.2", "G{T / HTTP/1.1\r\n", 400),
	    REFUSED("9110 5.6.2", "GET: / HTTP/1.1\r\n", 400),
	    REFUSED("9110 5.6.2", "G\x80T / HTTP/1.1\r\n", 400),
	    REFUSED("9110 5.6.2", "G\0T / HTTP/1.1\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(the_first_byte_of_a_request_is_judged_at_once)
{
	static const struct row rows[] = {
	    REFUSED("9112 3", " ", 400),
	    REFUSED("9112 3", "\t", 400),
	    REFUSED("9112 3", "/", 400),
	    REFUSED("9112 3", ":", 400),
	    REFUSED("9112 3", "\"", 400),
	    REFUSED("9112 3", "\0", 400),
	    REFUSED("9112 3", "\x80", 400),
	    REFUSED("9112 3", "\xff", 400),
	    REFUSED("9112 2.2", "\n", 400),
	    REFUSED("8446 5.1", "\x16", 400), /* a TLS handshake */
	    REFUSED("9112 2.2", "\r\r", 400),
	    REFUSED("9112 2.2", "\rG", 400),
	    REFUSED("9112 2.2", "\r\n\n", 400),
	    REFUSED("9112 2.2", "\r\n ", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(blank_lines_before_a_request_are_skipped)
{
	static const struct row rows[] = {
	    TAKEN("9112 2.2", "\r\n" METHOD("GET"), "GET / 1.1 keep"),
	    TAKEN("9112 2.2", "\r\n\r\n" METHOD("GET"), "GET / 1.1 keep"),
	    TAKEN("9112 2.2", "\r\n\r\n\r\n\r\n" METHOD("GET"),
		"GET / 1.1 keep"),
	    TAKEN("9112 2.2", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n" METHOD("GET"),
		"GET / 1.1 keep"),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(blank_lines_are_skipped_up_to_a_limit)
{
	static char head[2 * HTTP_BLANK_MAX + 64];
	char text[512];
	const char *request = METHOD("GET");
	size_t head_len, i, blank = 2 * HTTP_BLANK_MAX;
	size_t len = blank + strlen(request);

	for (i = 0; i < blank + 2; i++)
		head[i] = i % 2 == 0 ? '\r' : '\n';
	ck_assert_int_eq(row_parse(head, blank + 1, text, &head_len), 0);
	ck_assert_int_eq(row_parse(head, blank + 2, text, &head_len), 400);
	memcpy(head + blank, request, strlen(request));
	ck_assert_int_eq(row_parse(head, len, text, &head_len), 200);
	ck_assert_uint_eq(head_len, len);
}
END_TEST

START_TEST(one_space_parts_the_request_line)
{
	static const struct row rows[] = {
	    REFUSED("9112 3", "GET  / HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET /  HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET / HTTP/1.1 \r\n", 400),
	    REFUSED("9112 3", "GET\t/ HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET /\tHTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET\v/ HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET /\fHTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET /\rHTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET\r\n", 400),
	    REFUSED("9112 3", "GET \r\n", 400),
	    REFUSED("9112 3", "GET HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET / a HTTP/1.1\r\n", 400),
	    REFUSED("1945 4.1", "GET /\r\n", 400), /* HTTP/0.9 */
	    REFUSED("9112 3", "GET / \r\n", 400),
	    REFUSED("9112 2.2", "GET /\n", 400),
	    REFUSED("9112 2.2", "GET / HTTP/1.1\n", 400),
	    REFUSED("9112 2.2", "GET / HTTP/1.1\r\r\n", 400),
	    REFUSED("9112 2.2", "GET / HTTP/1.1\rX\n", 400),
	    REFUSED("9112 2.2", "GET / HTTP/1.1\0\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(major_version_1_is_spoken)
{
	static const struct row rows[] = {
	    TAKEN("9112 2.3", "GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close"),
	    TAKEN("9112 2.3", "GET / HTTP/1.1\r\n" HOST_END, "GET / 1.1 keep"),
	    TAKEN("9110 2.5", "GET / HTTP/1.2\r\n" HOST_END, "GET / 1.1 keep"),
	    TAKEN("9110 2.5", "GET / HTTP/1.9\r\n" HOST_END, "GET / 1.1 keep"),
	    REFUSED("9110 15.6.6", "GET / HTTP/0.9\r\n", 505),
	    REFUSED("9110 15.6.6", "GET / HTTP/2.0\r\n", 505),
	    REFUSED("9113 3.4", "PRI * HTTP/2.0\r\n", 505),
	    REFUSED("9110 15.6.6", "GET / HTTP/9.9\r\n", 505),
	    REFUSED("9112 2.3", "GET / HTTP/1.10\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/1.01\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/01.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/10.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/1.\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/11\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/1,1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/A.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/1.x\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/-1.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP /1.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / http/1.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / Http/1.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTPS/1.1\r\n", 400),
	    REFUSED("9112 2.3", "GET / ICAP/1.0\r\n", 400),
	    REFUSED("9112 2.3", "GET / HTTP/\r\n", 400),
	    REFUSED("9112 2.3", "GET / Host:a\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_target_in_origin_form_is_cut_at_the_query)
{
	static const struct row rows[] = {
	    TAKEN("9112 3.2.1", TARGET("/"), "GET / 1.1 keep"),
	    TAKEN("9112 3.2.1", TARGET("/token"), "GET /token 1.1 keep"),
	    TAKEN("9112 3.2.1", TARGET("/a/b;c=d"), "GET /a/b;c=d 1.1 keep"),
	    TAKEN("9112 3.2.1", TARGET("/a?b=c"), "GET /a 1.1 keep"),
	    TAKEN("9112 3.2.1", TARGET("/?"), "GET / 1.1 keep"),
	    TAKEN("9112 3.2.1", TARGET("/a?b?c/d"), "GET /a 1.1 keep"),
	    TAKEN("9112 3.2.1", TARGET("/a?http://b/"), "GET /a 1.1 keep"),
	    TAKEN("3986 3.3", TARGET("//a"), "GET //a 1.1 keep"),
	    TAKEN("3986 3.3", TARGET("/../a"), "GET /../a 1.1 keep"),
	    TAKEN("3986 2.1", TARGET("/%7Ea%00"), "GET /%7Ea%00 1.1 keep"),
	    TAKEN("3986 3.3", TARGET("/a:b@c!$&'()*+,;=-._~"),
		"GET /a:b@c!$&'()*+,;=-._~ 1.1 keep"),
	    REFUSED("9112 3.2", "GET token HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2", "GET ?a HTTP/1.1\r\n", 400),
	    REFUSED("3986 2", "GET /\x7f HTTP/1.1\r\n", 400),
	    REFUSED("3986 2", "GET /\x01 HTTP/1.1\r\n", 400),
	    REFUSED("3986 2", "GET /\0 HTTP/1.1\r\n", 400),
	    REFUSED("3986 2", "GET /a?\0 HTTP/1.1\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(bytes_that_no_URI_has_are_taken_and_told_of)
{
	static const struct row rows[] = {
	    TAKEN("3986 3.5", TARGET("/#a"), "GET / 1.1 keep odd"),
	    TAKEN("3986 3.5", TARGET("/a#b?c"), "GET /a 1.1 keep odd"),
	    TAKEN("3986 3.5", TARGET("/a?b#c"), "GET /a 1.1 keep odd"),
	    TAKEN("3986 2", TARGET("/\xc3\xa9/\xff"),
		"GET /\xc3\xa9/\xff 1.1 keep odd"),
	    TAKEN("3986 2", TARGET("/a?\x80"), "GET /a 1.1 keep odd"),
	    TAKEN("3986 2", TARGET("/a|b\\c\"d<e>^`{}%"),
		"GET /a|b\\c\"d<e>^`{}% 1.1 keep"),
	    TAKEN("3986 2", TARGET("http://a/\xc3\xa9?#"),
		"GET /\xc3\xa9 1.1 keep odd"),
	    REFUSED("3986 2", "GET /\xc3\x01 HTTP/1.1\r\n", 400),
	    REFUSED("3986 2", "GET /#\t HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET /# a HTTP/1.1\r\n", 400),
	    REFUSED("9112 3", "GET /#\r\n", 400),
	    REFUSED("9112 3.2", "GET \x80 HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2", "GET # HTTP/1.1\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(a_target_in_absolute_form_is_accepted)
{
	static const struct row rows[] = {
	    TAKEN("9112 3.2.2", TARGET("http://a/b"), "GET /b 1.1 keep"),
	    TAKEN("9112 3.2.2", TARGET("https://a/b"), "GET /b 1.1 keep"),
	    TAKEN("9112 3.2.2", TARGET("http://b/c?d"), "GET /c 1.1 keep"),
	    TAKEN("9110 4.2.3", TARGET("http://a"), "GET / 1.1 keep"),
	    TAKEN("9110 4.2.3", TARGET("https://a"), "GET / 1.1 keep"),
	    TAKEN("9110 4.2.3", TARGET("http://a?b"), "GET / 1.1 keep"),
	    TAKEN("9110 4.2.3", TARGET("HTTP://A:80/"), "GET / 1.1 keep"),
	    TAKEN("3986 3.2.2", TARGET("http://[::1]:80/b"), "GET /b 1.1 keep"),
	    REFUSED("9112 3.2", "GET http:/a HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2", "GET http: HTTP/1.1\r\n", 400),
	    REFUSED("9110 4.2.1", "GET http:// HTTP/1.1\r\n", 400),
	    REFUSED("9110 4.2.1", "GET http:///a HTTP/1.1\r\n", 400),
	    REFUSED("9110 4.2.2", "GET https:// HTTP/1.1\r\n", 400),
	    REFUSED("9110 4.2.1", "GET http://:80/ HTTP/1.1\r\n", 400),
	    REFUSED("9110 4.2.4", "GET http://u@a/ HTTP/1.1\r\n", 400),
	    REFUSED("9110 4.2.4", "GET http://u:p@a/ HTTP/1.1\r\n", 400),
	    REFUSED("3986 3.2.2", "GET http://[::1/ HTTP/1.1\r\n", 400),
	    REFUSED("9110 7.4", "GET ftp://a/ HTTP/1.1\r\n", 400),
	    REFUSED("9110 7.4", "GET ftps://ab/c HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2", "GET a:80 HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2", "* * HTTP/1.1\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(authority_and_asterisk_are_for_connect_and_options_only)
{
	static const struct row rows[] = {
	    TAKEN("9112 3.2.4", "OPTIONS * HTTP/1.1\r\n" HOST_END,
		"OPTIONS * 1.1 keep"),
	    TAKEN("9112 3.2.3", "CONNECT a:443 HTTP/1.1\r\n" HOST_END,
		"CONNECT a:443 1.1 keep"),
	    TAKEN("9112 3.2.3", "CONNECT [::1]:1 HTTP/1.1\r\n" HOST_END,
		"CONNECT [::1]:1 1.1 keep"),
	    REFUSED("9112 3.2.4", "GET * HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2.4", "options * HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2.4", "OPTIONS ** HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2.4", "OPTIONS *?a HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2.3", "CONNECT / HTTP/1.1\r\n", 400),
	    REFUSED("9110 9.3.6", "CONNECT a HTTP/1.1\r\n", 400),
	    REFUSED("9110 9.3.6", "CONNECT 80 HTTP/1.1\r\n", 400),
	    REFUSED("9110 9.3.6", "CONNECT a: HTTP/1.1\r\n", 400),
	    REFUSED("9110 9.3.6", "CONNECT :80 HTTP/1.1\r\n", 400),
	    REFUSED("9110 9.3.6", "CONNECT a:b HTTP/1.1\r\n", 400),
	    REFUSED("9110 9.3.6", "CONNECT a:80/ HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2.3", "CONNECT http://a/ HTTP/1.1\r\n", 400),
	    REFUSED("9112 3.2.3", "CONNECT u@a:80 HTTP/1.1\r\n", 400),
	};
	CHECK_ROWS(rows);
}
END_TEST

/* A request whose request line has line_len bytes, its end included. */
static size_t
long_target(char *out, size_t line_len)
{
	static const char begin[] = "GET /", end[] = " HTTP/1.1\r\n" HOST_END;
	size_t line_end_len = sizeof(end) - sizeof(HOST_END);

	memset(out, 'a', line_len);
	memcpy(out, begin, sizeof(begin) - 1);
	memcpy(out + line_len - line_end_len, end, sizeof(end) - 1);
	return line_len + sizeof(HOST_END) - 1;
}

START_TEST(a_request_line_beyond_the_limit_is_414_before_its_end_is_there)
{
	static char head[2 * HTTP_LINE_MAX];
	char text[HTTP_LINE_MAX + 512];
	size_t head_len, n, len = long_target(head, HTTP_LINE_MAX);
	struct http_request r;

	ck_assert_int_eq(http_parse(head, len, &r), 200);
	ck_assert_uint_eq(r.head.len, len);
	len = long_target(head, HTTP_LINE_MAX + 1);
	for (n = HTTP_LINE_MAX - 3; n <= len; n++)
		ck_assert_int_eq(row_parse(head, n, text, &head_len),
		    n < HTTP_LINE_MAX ? 0 : 414);
	head[HTTP_LINE_MAX / 2] = '\x80'; /* a fault that shows only later */
	for (n = HTTP_LINE_MAX - 3; n <= len; n++)
		ck_assert_int_eq(row_parse(head, n, text, &head_len),
		    n < HTTP_LINE_MAX ? 0 : 414);
}
END_TEST

START_TEST(a_method_that_is_longer_than_a_line_may_be_is_501)
{
	static char head[2 * HTTP_LINE_MAX];
	char text[512];
	size_t head_len, n;

	memset(head, 'A', sizeof(head));
	for (n = HTTP_LINE_MAX - 3; n < HTTP_LINE_MAX + 3; n++)
		ck_assert_int_eq(row_parse(head, n, text, &head_len),
		    n < HTTP_LINE_MAX ? 0 : 501);
	head[HTTP_LINE_MAX / 2] = ' ';
	ck_assert_int_eq(row_parse(head, sizeof(head), text, &head_len), 414);
	head[HTTP_LINE_MAX / 2] = 'A';
	memcpy(head + sizeof(head) - 16, " / HTTP/1.1\r\n", 13);
	ck_assert_int_eq(row_parse(head, sizeof(head), text, &head_len), 501);
}
END_TEST

UNIT_MAIN("http", a_method_is_any_token_and_case_sensitive,
    the_first_byte_of_a_request_is_judged_at_once,
    blank_lines_before_a_request_are_skipped,
    blank_lines_are_skipped_up_to_a_limit, one_space_parts_the_request_line,
    major_version_1_is_spoken, a_target_in_origin_form_is_cut_at_the_query,
    bytes_that_no_URI_has_are_taken_and_told_of,
    a_target_in_absolute_form_is_accepted,
    authority_and_asterisk_are_for_connect_and_options_only,
    a_request_line_beyond_the_limit_is_414_before_its_end_is_there,
    a_method_that_is_longer_than_a_line_may_be_is_501)
