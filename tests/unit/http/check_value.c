/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "http_rows.h"

#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A slice on memory of exactly its size; free its ptr. */
static struct slice
exact(const char *text)
{
	return (struct slice){.ptr = row_copy(text, strlen(text)),
	    .len = strlen(text)};
}

START_TEST(an_entity_tag_is_found_in_a_list)
{
	static const struct {
		const char *list; /* RFC 9110, 8.8.3, 13.1.1 and 13.1.2 */
		bool strong, weak;
	} lists[] = {
	    {"\"7-ab\"", true, true},
	    {"W/\"7-ab\"", false, true},
	    {"*", true, true},
	    {"\"x\", \"7-ab\"", true, true},
	    {"\"x\",\"7-ab\",\"y\"", true, true},
	    {"W/\"7-ab\", \"7-ab\"", true, true},
	    {", ,\t\"7-ab\" ,", true, true},
	    {"\"a,b\", \"7-ab\"", true, true},
	    {"\"a\\\", \"7-ab\"", true, true}, /* no escapes in a tag */
	    {"\"\", \"7-ab\"", true, true},
	    {"\"\xc3\xa9\"\t, W/\"7-ab\"", false, true},
	    {"", false, false},
	    {",", false, false},
	    {"\"", false, false},
	    {"\"7-ab", false, false},
	    {"7-ab\"", false, false},
	    {"7-ab", false, false},
	    {"\"7-a\"", false, false},
	    {"\"7-abc\"", false, false},
	    {"\"7-AB\"", false, false},
	    {"w/\"7-ab\"", false, false},
	    {"W\"7-ab\"", false, false},
	    {"W/ \"7-ab\"", false, false},
	    {"W/", false, false},
	    {"W/7-ab", false, false},
	    {"W/W/\"7-ab\"", false, false},
	    {"\"*\"", false, false},
	    {"*, \"x\"", false, false},
	    {"**", false, false},
	    {"\"x\", *", false, false},
	    {"x, \"7-ab\"", false, false},
	    {"\"a\"\"7-ab\"", false, false},
	    {"\"7-ab\"x", false, false},
	    {"\"a b\", \"7-ab\"", false, false},
	    {"\", \"7-ab\"", false, false},
	    {"x\", \"7-ab\"", false, false},
	};
	const struct slice absent = {.ptr = NULL};
	size_t i;

	ck_assert(!http_etag_listed(absent, "\"7-ab\"", true));
	for (i = 0; i < COUNT(lists); i++) {
		struct slice list = exact(lists[i].list);

		ck_assert_msg(http_etag_listed(list, "\"7-ab\"", false) ==
			lists[i].strong,
		    "strong: %s", lists[i].list);
		ck_assert_msg(http_etag_listed(list, "\"7-ab\"", true) ==
			lists[i].weak,
		    "weak: %s", lists[i].list);
		free((char *)list.ptr);
	}
}
END_TEST

START_TEST(min_fresh_is_read_from_cache_control)
{
	static const struct {
		const char *value; /* RFC 9111, 5.2 and 5.2.1.3 */
		int64_t seconds;
	} values[] = {
	    {"min-fresh=60", 60},
	    {"MIN-Fresh=60", 60},
	    {"no-cache, min-fresh=60", 60},
	    {"min-fresh=60 ,max-age=0", 60},
	    {",,min-fresh=60,", 60},
	    {"min-fresh=\"60\"", 60},
	    {"min-fresh=007", 7},
	    {"min-fresh=0", 0},
	    {"min-fresh=2147483647", 2147483647},
	    {"min-fresh=2147483648", 2147483648},
	    {"min-fresh=2147483649", 2147483648},
	    {"min-fresh=99999999999999999999999", 2147483648},
	    {"min-fresh=5, min-fresh=6", 5},
	    {"min-fresh=, min-fresh=6", 0},
	    {"a=\"b, min-fresh=5, c\", min-fresh=6", 6},
	    {"a=\"\\\", min-fresh=5, \\\"\", min-fresh=6", 6},
	    {"", 0},
	    {"min-fresh", 0},
	    {"min-fresh=", 0},
	    {"=60", 0},
	    {"min-fresh=\"\"", 0},
	    {"min-fresh=\"", 0},
	    {"min-fresh=\"60", 0},
	    {"min-fresh=60\"", 0},
	    {" ", 0},
	    {"min-fresh = 60", 0},
	    {"min-fresh= 60", 0},
	    {"min-fresh=-1", 0},
	    {"min-fresh=+1", 0},
	    {"min-fresh=1.5", 0},
	    {"min-fresh=1s", 0},
	    {"min-fresh=1 2", 0},
	    {"min-fresher=60", 0},
	    {"xmin-fresh=60", 0},
	    {"max-age=60", 0},
	    {"min-fresh;60", 0},
	    {"a=\"b, min-fresh=60", 0},
	    {"a=\"\\", 0},
	};
	const struct slice absent = {.ptr = NULL};
	size_t i;

	ck_assert_int_eq(http_min_fresh(absent), 0);
	for (i = 0; i < COUNT(values); i++) {
		struct slice value = exact(values[i].value);

		ck_assert_msg(http_min_fresh(value) == values[i].seconds, "%s",
		    values[i].value);
		free((char *)value.ptr);
	}
}
END_TEST

START_TEST(gzip_is_taken_when_it_is_named_and_has_weight)
{
	static const struct {
		const char *value; /* RFC 9110, 12.5.3 */
		bool takes;
	} values[] = {
	    {"gzip", true},
	    {"GZIP", true},
	    {"x-gzip", true},
	    {"gzip, deflate, br, zstd", true},
	    {"br;q=1.0, gzip;q=0.8", true},
	    {"gzip;q=0.001", true},
	    {"gzip ; q=1", true},
	    {"*", true},
	    {"*;q=0.5", true},
	    {"identity;q=0, *", true},
	    {"gzip;q=0", false},
	    {"gzip; q=0.000", false},
	    {"gzip;Q=0.0, *", false},
	    {"*;q=0", false},
	    {"", false},
	    {"identity", false},
	    {"br, deflate", false},
	    {"gzipped", false},
	    {"gzi", false},
	    {"xgzip", false},
	};
	const struct slice absent = {.ptr = NULL};
	size_t i;

	ck_assert(!http_takes_gzip(absent));
	for (i = 0; i < COUNT(values); i++) {
		struct slice value = exact(values[i].value);

		ck_assert_msg(http_takes_gzip(value) == values[i].takes, "%s",
		    values[i].value);
		free((char *)value.ptr);
	}
}
END_TEST

START_TEST(a_bearer_token_is_what_follows_the_scheme)
{
	static const struct {
		const char *value;  /* RFC 9110, 11.4; RFC 6750, 2.1 */
		const char *bearer; /* NULL: of another form */
	} values[] = {
	    {"Bearer a", "a"},
	    {"bearer a", "a"},
	    {"BEARER a", "a"},
	    {"Bearer   a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="},
	    {"Bearer !\"#$%&'(),:;<>?@[\\]^`{|}", "!\"#$%&'(),:;<>?@[\\]^`{|}"},
	    {"", NULL},
	    {"Bearer", NULL},
	    {"Bearer ", NULL},
	    {"Bearer  ", NULL},
	    {"Bearera", NULL},
	    {"Bearer\ta", NULL},
	    {"Bearer a b", NULL},
	    {"Bearer a ", NULL},
	    {"Bearer a\tb", NULL},
	    {"Bearer \xc3\xa9", NULL},
	    {"Bearer a\x7f", NULL},
	    {"Basic YTpi", NULL},
	    {"a", NULL},
	    {"Beare a", NULL},
	    {" Bearer a", NULL},
	    {"Bearer=a b", NULL},
	};
	const struct slice absent = {.ptr = NULL};
	size_t i;

	ck_assert_ptr_null(http_bearer(absent).ptr);
	for (i = 0; i < COUNT(values); i++) {
		struct slice value = exact(values[i].value);
		struct slice got = http_bearer(value);
		const char *want = values[i].bearer;

		ck_assert_msg(want == NULL
			? got.ptr == NULL
			: got.len == strlen(want) && got.ptr != NULL &&
			    memcmp(got.ptr, want, got.len) == 0,
		    "%s", values[i].value);
		free((char *)value.ptr);
	}
}
END_TEST

START_TEST(a_date_is_an_imf_fixdate_in_gmt)
{
	static const struct {
		int64_t wall_ms; /* as date -u -d @N says */
		const char *text;
	} dates[] = {
	    {784111777000, "Sun, 06 Nov 1994 08:49:37 GMT"},
	    {784111777999, "Sun, 06 Nov 1994 08:49:37 GMT"},
	    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {-1, "Thu, 01 Jan 1970 00:00:00 GMT"},
	    {86399999, "Thu, 01 Jan 1970 23:59:59 GMT"},
	    {86400000, "Fri, 02 Jan 1970 00:00:00 GMT"},
	    {951782400000, "Tue, 29 Feb 2000 00:00:00 GMT"},
	    {951868800000, "Wed, 01 Mar 2000 00:00:00 GMT"},
	    {1230767999000, "Wed, 31 Dec 2008 23:59:59 GMT"},
	    {1230768000000, "Thu, 01 Jan 2009 00:00:00 GMT"},
	    {1709164800000, "Thu, 29 Feb 2024 00:00:00 GMT"},
	    {4107542400000, "Mon, 01 Mar 2100 00:00:00 GMT"},
	    {253402300799000, "Fri, 31 Dec 9999 23:59:59 GMT"},
	};
	char out[HTTP_DATE_LEN + 1] = "";
	size_t i;

	for (i = 0; i < COUNT(dates); i++) {
		memset(out, '#', HTTP_DATE_LEN);
		http_date(dates[i].wall_ms, out);
		ck_assert_str_eq(out, dates[i].text);
	}
}
END_TEST

START_TEST(four_centuries_have_the_dates_of_the_c_library)
{
	char out[HTTP_DATE_LEN + 1] = "", want[64];
	struct tm tm;
	time_t t;

	for (t = 0; t < 400 * (time_t)31556952; t += 3600 * 23 + 61) {
		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		http_date((int64_t)t * 1000, out);
		ck_assert_str_eq(out, want);
	}
}
END_TEST

START_TEST(a_status_has_its_reason_phrase)
{
	ck_assert_str_eq(http_reason(200), "OK");
	ck_assert_str_eq(http_reason(304), "Not Modified");
	ck_assert_str_eq(http_reason(413), "Content Too Large");
	ck_assert_str_eq(http_reason(414), "URI Too Long");
	ck_assert_str_eq(http_reason(505), "HTTP Version Not Supported");
	ck_assert_str_eq(http_reason(0), "Unknown");
	ck_assert_str_eq(http_reason(299), "Unknown");
}
END_TEST

UNIT_MAIN("http_value", an_entity_tag_is_found_in_a_list,
    min_fresh_is_read_from_cache_control,
    gzip_is_taken_when_it_is_named_and_has_weight,
    a_bearer_token_is_what_follows_the_scheme, a_date_is_an_imf_fixdate_in_gmt,
    four_centuries_have_the_dates_of_the_c_library,
    a_status_has_its_reason_phrase)
