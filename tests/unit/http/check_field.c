/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "http_rows.h"

#define FIELD(line) GET_HOST line "\r\n\r\n"
#define BAD_FIELD(line) GET_HOST line "\r\n"
#define CONNECTION(value) GET_HOST "Connection:" value "\r\n\r\n"
#define OLD(lines) "GET / HTTP/1.0\r\n" lines "\r\n"

START_TEST(a_field_line_is_a_token_a_colon_and_a_value)
{
	/* clang-format off */
	static const struct row rows[] = {
		TAKEN("9112 5", FIELD("A: b"), "GET / 1.1 keep"),
		TAKEN("9112 5.1", FIELD("A:b"), "GET / 1.1 keep"),
		TAKEN("9112 5.1", FIELD("A:"), "GET / 1.1 keep"),
		TAKEN("9112 5.1", FIELD("A: "), "GET / 1.1 keep"),
		TAKEN("9112 5.1", FIELD("A: \t b c\t "), "GET / 1.1 keep"),
		TAKEN("9110 5.1", FIELD("!#$%&'*+-.^_`|~09: b"),
		    "GET / 1.1 keep"),
		TAKEN("9110 5.5", FIELD("A: \x80\xff caf\xc3\xa9"),
		    "GET / 1.1 keep"),
		TAKEN("9110 5.5", FIELD("A: \"(),/:;<=>?@[\\]{}~"),
		    "GET / 1.1 keep"),
		TAKEN("9110 5.3", FIELD("A: b\r\nA: c"), "GET / 1.1 keep"),
		REFUSED("9112 5.1", BAD_FIELD("A : b"), 400),
		REFUSED("9112 5.1", BAD_FIELD("A\t: b"), 400),
		REFUSED("9112 5.1", BAD_FIELD(": b"), 400),
		REFUSED("9112 5.1", BAD_FIELD("A"), 400),
		REFUSED("9112 5.1", BAD_FIELD("A b"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A b: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A(b): c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A@b: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A/b: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("\"A\": c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("\xc3\xa9: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A\0: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A\x7f: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A,b: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A;b: c"), 400),
		REFUSED("9110 5.1", BAD_FIELD("A=b: c"), 400),
		REFUSED("9112 2.2", GET " Host: a\r\n", 400),
		REFUSED("9112 2.2", GET "\tHost: a\r\n", 400),
		REFUSED("9112 5.2", BAD_FIELD("A: b\r\n c"), 400),
		REFUSED("9112 5.2", BAD_FIELD("A: b\r\n\tc"), 400),
		REFUSED("9112 5.2", BAD_FIELD("A: b\r\n "), 400),
	};
	/* clang-format on */
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(control_characters_and_bare_line_ends_are_refused_in_values)
{
	/* clang-format off */
	static const struct row rows[] = {
		TAKEN("9110 5.5", FIELD("A: b\tc"), "GET / 1.1 keep"),
		TAKEN("9110 5.5", FIELD("A: \xff\x80\t\t\xff end of value"),
		    "GET / 1.1 keep"),
		REFUSED("9110 5.5", BAD_FIELD("A: b\0c"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: b\x01"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: b\x1f"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: b\x7f"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A:\v"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: b\f"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: a value of 31 bytes\b"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: \x80\x80\x80\x80\x08"), 400),
		REFUSED("9110 5.5", BAD_FIELD("A: \xff\x7f"), 400),
		REFUSED("9112 2.2", BAD_FIELD("A: b\r"), 400),
		REFUSED("9112 2.2", BAD_FIELD("A: b\rc"), 400),
		REFUSED("9112 2.2", BAD_FIELD("A: b\r c"), 400),
		REFUSED("9112 2.2", GET_HOST "A: b\n", 400),
		REFUSED("9112 2.2", GET_HOST "A:\n", 400),
		REFUSED("9112 2.2", GET_HOST "A\n", 400),
		REFUSED("9112 2.2", GET "Host: a\n", 400),
		REFUSED("9112 2.2", GET_HOST "\n", 400),
		REFUSED("9112 2.2", GET_HOST "\r\r\n", 400),
		REFUSED("9112 2.2", GET_HOST "\rA: b\r\n", 400),
	};
	/* clang-format on */
	CHECK_ROWS(rows);
}
END_TEST

START_TEST(any_byte_at_any_place_of_a_value_is_judged_alike)
{
	char head[] = GET_HOST "A: 0123456789abcdefghi\r\n\r\n", text[512];
	size_t place, head_len, first = sizeof(GET_HOST "A:") - 1;
	int byte, good;

	for (place = first; place < sizeof(head) - 5; place++)
		for (byte = 0; byte < 256; byte++) {
			char was = head[place];

			good = byte == '\t' || (byte >= ' ' && byte != 0x7f);
			head[place] = (char)byte;
			ck_assert_msg(row_parse(head, sizeof(head) - 1, text,
					  &head_len) == (good ? 200 : 400),
			    "byte %d at %zu", byte, place);
			head[place] = was;
		}
}
END_TEST

START_TEST(http_1_1_needs_exactly_one_host)
{
	/* clang-format off */
	static const struct row rows[] = {
		TAKEN("9112 3.2", GET "Host: a\r\n\r\n", "GET / 1.1 keep"),
		TAKEN("9112 3.2", GET "A: b\r\nhost:a\r\n\r\n",
		    "GET / 1.1 keep"),
		TAKEN("9112 3.2", OLD(""), "GET / 1.0 close"),
		TAKEN("9112 3.2", OLD("Host: a\r\n"), "GET / 1.0 close"),
		REFUSED("9112 3.2", GET "\r\n", 400),
		REFUSED("9112 3.2", GET "A: b\r\n\r\n", 400),
		REFUSED("9112 3.2", GET "Hos: a\r\n\r\n", 400),
		REFUSED("9112 3.2", GET "Hosta: a\r\n\r\n", 400),
		REFUSED("9112 3.2", GET "Hosu: a\r\n\r\n", 400),
		REFUSED("9112 3.2", GET "X-Host: a\r\n\r\n", 400),
		REFUSED("9112 3.2", GET "Host: a\r\nHost: a\r\n", 400),
		REFUSED("9112 3.2", GET "Host: a\r\nHost: b\r\n", 400),
		REFUSED("9112 3.2", GET "Host: a\r\nA: b\r\nhOST:a\r\n", 400),
		REFUSED("9112 3.2", GET "host:a\r\nHost: a\r\n", 400),
		REFUSED("9112 3.2", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n",
		    400),
		REFUSED("9112 3.2", "GET http://a/ HTTP/1.1\r\n\r\n", 400),
	};
	/* clang-format on */
	CHECK_ROWS(rows);
}
END_TEST

/* Whether a Host of this spelling and value is taken. */
static bool
host_taken(const char *name, const char *value, const char *behind)
{
	char head[512], text[512];
	size_t head_len;
	int len = snprintf(head, sizeof(head), GET "%s%s%s\r\n\r\n", name,
	    value, behind);

	return row_parse(head, (size_t)len, text, &head_len) == 200;
}

static const struct {
	const char *value; /* by 3986 3.2.2, 9110 4.2.1 and 7.2 */
	bool valid;
} hosts[] = {
    {"a", true},
    {"a.b-c_d~e", true},
    {"127.0.0.1:8000", true},
    {"A.EXAMPLE.", true},
    {"a:", true},
    {"a:80", true},
    {"%41b", true},
    {"a!$&'()*+,;=b", true},
    {"[::1]", true},
    {"[::1]:80", true},
    {"[2001:DB8::a]", true},
    {"[::]:", true},
    {"[::ffff:1.2.3.4]", true},
    {"[1111:2222:3333:4444:5555:6666:255.255.255.255]:1", true},
    {"", true},
    {":80", false},
    {"a:b", false},
    {"a:80x", false},
    {"a:80:81", false},
    {"a:-1", false},
    {"u@a", false},
    {"u:p@a", false},
    {"a b", false},
    {"a\tb", false},
    {"a/", false},
    {"a/b", false},
    {"http://a", false},
    {"a?b", false},
    {"a#b", false},
    {"a\\b", false},
    {"a\"b", false},
    {"<a>", false},
    {"a|b", false},
    {"{a}", false},
    {"a^", false},
    {"a`", false},
    {"%", false},
    {"%4", false},
    {"%4g", false},
    {"a\xc3\xa9", false},
    {"::1", false},
    {"[]", false},
    {"[", false},
    {"[::1", false},
    {"[::1]a", false},
    {"[:::]", false},
    {"[::1%25lo]", false},
    {"[1.2.3.4]", false},
    {"[v1.a]", false},
    {"a]", false},
    {"[12345::]", false},
    {"a[::1]", false},
    {"[1111:2222:3333:4444:5555:6666:255.255.255.2550]", false},
};

START_TEST(a_host_is_a_host_and_an_optional_port_however_it_is_spelt)
{
	static const char *const names[] = {"Host: ", "Host:", "host: ",
	    "HOST:\t ", "hOsT:  "};
	size_t h, n;

	for (h = 0; h < sizeof(hosts) / sizeof(hosts[0]); h++)
		for (n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			ck_assert_msg(host_taken(names[n], hosts[h].value,
					  "") == hosts[h].valid,
			    "%s%s", names[n], hosts[h].value);
			ck_assert_msg(host_taken(names[n], hosts[h].value,
					  " \t") == hosts[h].valid,
			    "%s%s and space", names[n], hosts[h].value);
		}
}
END_TEST

START_TEST(connection_options_decide_whether_to_keep_alive)
{
	/* clang-format off */
	static const struct row rows[] = {
		TAKEN("9112 9.3", GET_HOST "\r\n", "GET / 1.1 keep"),
		TAKEN("9112 9.6", CONNECTION("close"), "GET / 1.1 close"),
		TAKEN("9110 7.6.1", CONNECTION(" CLOSE"), "GET / 1.1 close"),
		TAKEN("9110 7.6.1", CONNECTION("a, close"), "GET / 1.1 close"),
		TAKEN("9110 7.6.1", CONNECTION("close,a"), "GET / 1.1 close"),
		TAKEN("9110 5.6.1.2", CONNECTION(",, close\t,"),
		    "GET / 1.1 close"),
		TAKEN("9110 7.6.1", CONNECTION(" a\r\nConnection: Close"),
		    "GET / 1.1 close"),
		TAKEN("9112 9.3", CONNECTION("close, keep-alive"),
		    "GET / 1.1 close"),
		TAKEN("9112 9.3", CONNECTION(" keep-alive, close"),
		    "GET / 1.1 close"),
		TAKEN("9112 9.3", CONNECTION(" keep-alive"), "GET / 1.1 keep"),
		TAKEN("9110 7.6.1", CONNECTION(""), "GET / 1.1 keep"),
		TAKEN("9110 7.6.1", CONNECTION("closed"), "GET / 1.1 keep"),
		TAKEN("9110 7.6.1", CONNECTION("clos"), "GET / 1.1 keep"),
		TAKEN("9110 7.8", CONNECTION(" Upgrade\r\nUpgrade: websocket"),
		    "GET / 1.1 keep"),
		TAKEN("9112 9.3", OLD("Connection: keep-alive\r\n"),
		    "GET / 1.0 keep"),
		TAKEN("9112 9.3", OLD("connection: x, Keep-Alive\r\n"),
		    "GET / 1.0 keep"),
		TAKEN("9112 9.3", OLD("Connection: keep-alive, close\r\n"),
		    "GET / 1.0 close"),
		TAKEN("9112 9.3", OLD("Connection: a\r\n"), "GET / 1.0 close"),
		TAKEN("9112 C.2.2", OLD("Proxy-Connection: keep-alive\r\n"),
		    "GET / 1.0 close"),
		TAKEN("9112 C.2.2", OLD("Keep-Alive: 5\r\n"),
		    "GET / 1.0 close"),
	};
	/* clang-format on */
	CHECK_ROWS(rows);
}
END_TEST

static bool
slice_is(struct slice s, const char *text)
{
	return text == NULL ? s.ptr == NULL
			    : s.ptr != NULL && s.len == strlen(text) &&
		memcmp(s.ptr, text, s.len) == 0;
}

START_TEST(four_fields_are_kept_trimmed_in_any_case_and_the_first_counts)
{
	static const char head[] =
	    GET_HOST "IF-NONE-MATCH:\t \"a\" , W/\"b\" \r\nif-none-match: *\r\n"
		     "Authorization: Bearer x y\r\nAUTHORIZATION: z\r\n"
		     "cache-control:\r\nCache-Control: no-store\r\n"
		     "X-If-Match: c\r\nIf-Match2: d\r\n\r\n";
	struct http_request r;

	memset(&r, 0xa5, sizeof(r));
	ck_assert_int_eq(http_parse(head, sizeof(head) - 1, &r), 200);
	ck_assert(slice_is(r.if_none_match, "\"a\" , W/\"b\""));
	ck_assert(slice_is(r.authorization, "Bearer x y"));
	ck_assert(slice_is(r.cache_control, ""));
	ck_assert(slice_is(r.if_match, NULL));
	ck_assert(!r.chunked);
	ck_assert_uint_eq(r.content_length, 0);
}
END_TEST

START_TEST(fields_beyond_the_limit_are_431)
{
	static char head[HTTP_FIELDS_MAX * 8 + 256];
	char text[512];
	size_t head_len, len = sizeof(GET_HOST) - 1;
	int i;

	memcpy(head, GET_HOST, len);
	for (i = 1; i < HTTP_FIELDS_MAX; i++, len += 5)
		memcpy(head + len, "A:b\r\n", 5);
	memcpy(head + len, "\r\n", 2);
	ck_assert_int_eq(row_parse(head, len + 2, text, &head_len), 200);
	memcpy(head + len, "A:b\r\n", 5);
	ck_assert_int_eq(row_parse(head, len + 4, text, &head_len), 0);
	ck_assert_int_eq(row_parse(head, len + 5, text, &head_len), 431);
}
END_TEST

START_TEST(a_head_beyond_the_limit_is_431)
{
	static char head[HTTP_HEAD_MAX + 8];
	const char begin[] = GET_HOST "A: ";
	char text[512];
	size_t head_len;

	memset(head, 'a', sizeof(head));
	memcpy(head, begin, sizeof(begin) - 1);
	memcpy(head + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	ck_assert_int_eq(row_parse(head, HTTP_HEAD_MAX - 1, text, &head_len),
	    0);
	ck_assert_int_eq(row_parse(head, sizeof(head), text, &head_len), 200);
	ck_assert_uint_eq(head_len, HTTP_HEAD_MAX);
	memcpy(head + HTTP_HEAD_MAX - 4, "a\r\n\r\n", 5);
	ck_assert_int_eq(row_parse(head, HTTP_HEAD_MAX - 1, text, &head_len),
	    0);
	ck_assert_int_eq(row_parse(head, HTTP_HEAD_MAX, text, &head_len), 431);
	ck_assert_int_eq(row_parse(head, sizeof(head), text, &head_len), 431);
	memcpy(head + HTTP_HEAD_MAX - 1, "\x01\r\n", 3);
	ck_assert_int_eq(row_parse(head, sizeof(head), text, &head_len), 431);
}
END_TEST

/* The values of a field, each behind a "|". */
static const char *
values_of(const char *head, const char *name)
{
	static char text[512];
	struct http_request r;
	struct slice value = {.ptr = NULL};
	size_t len = 0;

	text[0] = '\0';
	ck_assert_int_eq(http_parse(head, strlen(head), &r), 200);
	while (http_field(&r, name, strlen(name), &value))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "|%.*s",
		    (int)value.len, value.ptr);
	return text;
}

START_TEST(any_field_is_found_by_its_name_in_any_case)
{
	static const char head[] =
	    "\r\n\r\nGET /x-a:1 HTTP/1.1\r\n"
	    "X-A: 1\r\nHost: a\r\nX-AB: 2\r\nX: 3\r\nx-a:\r\n"
	    "x-A: \t4 \t\r\nX-B: X-A: 5\r\n\r\nX-A: 6\r\n\r\n";

	ck_assert_str_eq(values_of(head, "X-A"), "|1||4");
	ck_assert_str_eq(values_of(head, "x-ab"), "|2");
	ck_assert_str_eq(values_of(head, "X"), "|3");
	ck_assert_str_eq(values_of(head, "HOST"), "|a");
	ck_assert_str_eq(values_of(head, "x-b"), "|X-A: 5");
	ck_assert_str_eq(values_of(head, "x-c"), "");
	ck_assert_str_eq(values_of("GET / HTTP/1.0\r\n\r\n", "x-c"), "");
}
END_TEST

START_TEST(who_is_asked_for_is_kept_as_it_was_said)
{
	static const char head[] =
	    "GET http://[::1]:80/b HTTP/1.1\r\n"
	    "Host: A.b:1 \r\nSec-Fetch-Site: none\r\n\r\n";
	struct http_request r;

	ck_assert_int_eq(http_parse(head, sizeof(head) - 1, &r), 200);
	ck_assert_uint_eq(r.host.len, 5);
	ck_assert_int_eq(memcmp(r.host.ptr, "A.b:1", 5), 0);
	ck_assert_uint_eq(r.authority.len, 8);
	ck_assert_int_eq(memcmp(r.authority.ptr, "[::1]:80", 8), 0);
	ck_assert(!r.foreign_page);
	ck_assert_int_eq(http_parse(GET_HOST "\r\n", strlen(GET_HOST) + 2, &r),
	    200);
	ck_assert_uint_eq(r.host.len, 1);
	ck_assert_ptr_null(r.authority.ptr);
}
END_TEST

UNIT_MAIN("http_field", a_field_line_is_a_token_a_colon_and_a_value,
    control_characters_and_bare_line_ends_are_refused_in_values,
    any_byte_at_any_place_of_a_value_is_judged_alike,
    http_1_1_needs_exactly_one_host,
    a_host_is_a_host_and_an_optional_port_however_it_is_spelt,
    connection_options_decide_whether_to_keep_alive,
    four_fields_are_kept_trimmed_in_any_case_and_the_first_counts,
    fields_beyond_the_limit_are_431, a_head_beyond_the_limit_is_431,
    any_field_is_found_by_its_name_in_any_case,
    who_is_asked_for_is_kept_as_it_was_said)
