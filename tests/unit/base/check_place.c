/* SPDX-License-Identifier: MIT */
/* Places, filled in each language that a request can be written in. */
#include "config.h"

#include "unit.h"

#include "base/place.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UE "\xc3\xbc" /* u with two dots, in UTF-8 */

static char text[2048];
static struct err err;

static struct place_value
look_up(void *arg, const char *name)
{
	static const struct {
		const char *name;
		struct place_value value;
	} known[] = {
	    {"a", {.text = "x"}},
	    {"odd", {.text = "\"\\&%+" UE " <'>"}},
	    {"masked", {.text = "****", .mask = true}},
	    {"a-b_c.9", {.text = "y"}},
	};
	size_t i;

	(void)arg;
	for (i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].value;
	return (struct place_value){0};
}

static int
fill(const char *from, enum place_encoding usual)
{
	struct buf b;
	int status;

	buf_init(&b, text, sizeof(text));
	status = place_fill(from, usual, look_up, NULL, &b, &err);
	buf_text(&b);
	ck_assert(!b.overflow);
	return status;
}

START_TEST(a_value_is_encoded_for_where_it_stands)
{
	static const struct {
		const char *from;
		enum place_encoding usual;
		const char *to;
	} rows[] = {
	    {"", PLACE_RAW, ""},
	    {"no place @ { } @", PLACE_JSON, "no place @ { } @"},
	    {"@{a}", PLACE_RAW, "x"},
	    {"[@{a}@{a-b_c.9}]", PLACE_RAW, "[xy]"},
	    {"@{odd}", PLACE_RAW, "\"\\&%+" UE " <'>"},
	    {"@{odd}", PLACE_JSON, "\\\"\\\\&%+" UE " <'>"},
	    {"@{odd}", PLACE_FORM, "%22%5C%26%25%2B%C3%BC+%3C%27%3E"},
	    {"@{odd}", PLACE_URL, "%22%5C%26%25%2B%C3%BC%20%3C%27%3E"},
	    {"@{odd}", PLACE_XML, "&quot;\\&amp;%+" UE " &lt;&apos;&gt;"},
	    {"@{odd}", PLACE_BASE64, "IlwmJSvDvCA8Jz4="},
	    {"@{odd:raw}", PLACE_JSON, "\"\\&%+" UE " <'>"},
	    {"@{odd:json}", PLACE_RAW, "\\\"\\\\&%+" UE " <'>"},
	    {"@{odd:form}", PLACE_RAW, "%22%5C%26%25%2B%C3%BC+%3C%27%3E"},
	    {"@{odd:xml}", PLACE_RAW, "&quot;\\&amp;%+" UE " &lt;&apos;&gt;"},
	    {"@{a:base64}.@{odd:base64}", PLACE_RAW, "eA==.IlwmJSvDvCA8Jz4="},
	    {"@{masked:base64}@{masked}", PLACE_FORM, "********"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(fill(rows[i].from, rows[i].usual) == 0, "%s: %s",
		    rows[i].from, err.text);
		ck_assert_str_eq(text, rows[i].to);
	}
}
END_TEST

START_TEST(every_byte_is_encoded_so_that_it_can_be_read_back)
{
	static const struct {
		enum place_encoding encoding;
		const char *bytes;
		size_t len;
		const char *to;
	} rows[] = {
	    {PLACE_JSON, "\0\x01\x1f\n\t", 5,
		"\\u0000\\u0001\\u001F\\u000A\\u0009"},
	    {PLACE_JSON, "\xff\x7f", 2, "\xff\x7f"},
	    {PLACE_URL, "\0\n\xff", 3, "%00%0A%FF"},
	    {PLACE_URL, "aZ09-._~/?*", 11, "aZ09-._~%2F%3F%2A"},
	    {PLACE_FORM, "\0 \r", 3, "%00+%0D"},
	    {PLACE_XML, "\t\r\n", 3, "&#9;&#13;&#10;"},
	    {PLACE_BASE64, "", 0, ""},
	    {PLACE_BASE64, "f", 1, "Zg=="},
	    {PLACE_BASE64, "fo", 2, "Zm8="},
	    {PLACE_BASE64, "foo", 3, "Zm9v"},
	    {PLACE_BASE64, "\0\xff\xbe\xfb", 4, "AP+++w=="},
	};
	struct buf b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		buf_init(&b, text, sizeof(text));
		place_encode(rows[i].encoding, rows[i].bytes, rows[i].len, &b);
		ck_assert_str_eq(buf_text(&b), rows[i].to);
	}
}
END_TEST

/* As long as passwords get, and made of what each language minds. */
START_TEST(a_long_password_survives_in_every_language)
{
	static const struct {
		enum place_encoding encoding;
		const char *unit;
	} rows[] = {
	    {PLACE_RAW, "\"\\&%+" UE "0"},
	    {PLACE_JSON, "\\\"\\\\&%+" UE "0"},
	    {PLACE_FORM, "%22%5C%26%25%2B%C3%BC0"},
	    {PLACE_URL, "%22%5C%26%25%2B%C3%BC0"},
	    {PLACE_XML, "&quot;\\&amp;%+" UE "0"},
	};
	char password[201] = "", expected[2048];
	struct buf b;
	size_t i, n;

	for (n = 0; n < 25; n++)
		strcat(password, "\"\\&%+" UE "0");
	ck_assert_uint_eq(strlen(password), 200);
	for (i = 0; i < COUNT(rows); i++) {
		expected[0] = '\0';
		for (n = 0; n < 25; n++)
			strcat(expected, rows[i].unit);
		buf_init(&b, text, sizeof(text));
		place_encode(rows[i].encoding, password, 200, &b);
		ck_assert_str_eq(buf_text(&b), expected);
	}
}
END_TEST

START_TEST(what_is_no_place_is_refused_in_words)
{
	static const struct {
		const char *from, *said;
	} rows[] = {
	    {"@{}", "must be @{NAME} or @{NAME:ENCODING}"},
	    {"x@{a", "must be @{NAME} or @{NAME:ENCODING}"},
	    {"@{a b}", "must be @{NAME} or @{NAME:ENCODING}"},
	    {"@{:json}", "must be @{NAME} or @{NAME:ENCODING}"},
	    {"@{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}",
		"must be @{NAME} or @{NAME:ENCODING}"},
	    {"@{a:json", "has no } at its end"},
	    {"@{a:json }", "has no } at its end"},
	    {"@{a:}", "there are json, form, base64, xml and raw"},
	    {"@{a:url}", "there are json, form, base64, xml and raw"},
	    {"@{a:JSON}", "there are json, form, base64, xml and raw"},
	    {"@{a}@{b}", "there is no @{b}"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(fill(rows[i].from, PLACE_RAW), -1);
		ck_assert_msg(strstr(err.text, rows[i].said) != NULL, "%s: %s",
		    rows[i].from, err.text);
	}
}
END_TEST

START_TEST(what_has_no_room_is_noticed_and_not_cut)
{
	struct buf b;

	buf_init(&b, text, 4);
	ck_assert_int_eq(place_fill("@{odd}", PLACE_FORM, look_up, NULL, &b,
			     &err),
	    0);
	ck_assert(b.overflow);
}
END_TEST

START_TEST(names_are_letters_digits_and_three_signs)
{
	ck_assert(place_is_name("api-key"));
	ck_assert(place_is_name("A_b.9"));
	ck_assert(!place_is_name(""));
	ck_assert(!place_is_name("a b"));
	ck_assert(!place_is_name("a:json"));
	ck_assert(!place_is_name("a}"));
}
END_TEST

UNIT_MAIN("place", a_value_is_encoded_for_where_it_stands,
    every_byte_is_encoded_so_that_it_can_be_read_back,
    a_long_password_survives_in_every_language,
    what_is_no_place_is_refused_in_words,
    what_has_no_room_is_noticed_and_not_cut,
    names_are_letters_digits_and_three_signs)
