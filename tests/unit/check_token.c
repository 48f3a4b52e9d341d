/* SPDX-License-Identifier: MIT */
/* A token's life and text; where an answer's expiry is looked for. */
#include "config.h"

#include "unit.h"

#include "token.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MINUTE 60000
#define HOUR 3600000
#define DEFAULT_TTL (30 * MINUTE)
#define MAX_TTL (24 * HOUR)
/* The wall clock of every test: 2023-11-14T22:13:20Z. */
#define ASKED 1700000000000

START_TEST(reserve_is_a_tenth_of_the_life_between_one_and_thirty_seconds)
{
	static const struct {
		int64_t life, reserve;
	} rows[] = {
	    {1, 1000}, {5000, 1000}, {9999, 1000}, {10000, 1000},
	    {10010, 1001}, {60000, 6000}, {299990, 29999}, {300000, 30000},
	    {300010, 30000}, {HOUR, 30000}, {INT64_MAX, 30000},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(token_reserve_ms(rows[i].life),
		    rows[i].reserve);
}
END_TEST

START_TEST(a_token_is_dead_when_its_reserve_begins)
{
	struct token t = {.obtained_at = 500, .expires_at = 500 + MINUTE};

	ck_assert_int_eq(token_life_ms(&t), MINUTE);
	ck_assert_int_eq(token_dead_at(&t), 500 + MINUTE - 6000);
}
END_TEST

START_TEST(only_printable_ascii_without_space_can_be_a_token)
{
	char text[3] = "a?z";
	int c;

	for (c = 0; c < 256; c++) {
		bool good = c > 0x20 && c < 0x7f;

		text[1] = (char)c;
		ck_assert_msg((token_text_problem(text, 3, 3) == NULL) == good,
		    "byte 0x%02x", (unsigned)c);
	}
}
END_TEST

START_TEST(token_texts_have_one_byte_up_to_the_maximum)
{
	static char text[TOKEN_MAX + 1];

	memset(text, 'x', sizeof(text));
	ck_assert_ptr_nonnull(token_text_problem(text, 0, TOKEN_MAX));
	ck_assert_ptr_null(token_text_problem(text, 1, TOKEN_MAX));
	ck_assert_ptr_null(token_text_problem(text, TOKEN_MAX, TOKEN_MAX));
	ck_assert_ptr_nonnull(
	    token_text_problem(text, TOKEN_MAX + 1, TOKEN_MAX));
	ck_assert_ptr_null(token_text_problem(text, 256, 256));
	ck_assert_ptr_nonnull(token_text_problem(text, 257, 256));
}
END_TEST

START_TEST(a_text_is_taken_over_with_its_fingerprint)
{
	struct token t;

	token_set_text(&t, "abcdef", 3);
	ck_assert_str_eq(t.text, "abc");
	ck_assert_uint_eq(t.len, 3);
	/* printf abc | sha256sum | cut -c 1-16 */
	ck_assert_str_eq(t.fingerprint, "ba7816bf8f01cfea");
	token_set_text(&t, "", 0);
	ck_assert_str_eq(t.fingerprint, "e3b0c44298fc1c14");
}
END_TEST

/* base64url without padding. */
static void
encode(const char *text, char *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t i, bits = 0, have = 0;

	for (i = 0; text[i] != '\0'; i++) {
		bits = bits << 8 | (unsigned char)text[i];
		for (have += 8; have >= 6; have -= 6)
			*out++ = set[bits >> (have - 6) & 63];
	}
	if (have > 0)
		*out++ = set[bits << (6 - have) & 63];
	*out = '\0';
}

/*
 * Decode an answer with these members besides the token.  A token in braces
 * stands for the JWT with this payload.
 */
static int
decode(const char *token, const char *members, const char *expiry_field,
    struct token_answer *out)
{
	const struct token_rules rules = {.expiry_field = expiry_field,
	    .default_ttl_ms = DEFAULT_TTL, .max_ttl_ms = MAX_TTL,
	    .max_len = TOKEN_MAX};
	char payload[512], jwt[600], body[2048];
	struct err err;

	if (*token == '{') {
		encode(token, payload);
		snprintf(jwt, sizeof(jwt), "eyJhbGciOiJub25lIn0.%s.c2ln",
		    payload);
		token = jwt;
	}
	snprintf(body, sizeof(body), "{\"token\":\"%s\"%s%s}", token,
	    *members != '\0' ? "," : "", members);
	return token_decode(body, strlen(body), &rules, ASKED, out, &err);
}

struct expiry_row {
	const char *token, *members;
	int64_t life; /* -1: refused */
	const char *from;
};

static void
check_rows(const struct expiry_row *row, size_t count, const char *field)
{
	static struct token_answer a;
	size_t i;
	int status;

	for (i = 0; i < count; i++) {
		status = decode(row[i].token, row[i].members, field, &a);
		ck_assert_msg((status == 0) == (row[i].life != -1),
		    "%s %s", row[i].token, row[i].members);
		if (status == -1)
			continue;
		ck_assert_msg(a.life_ms == row[i].life, "%s %s: %lld ms",
		    row[i].token, row[i].members, (long long)a.life_ms);
		ck_assert_msg(strcmp(a.expiry, row[i].from) == 0, "%s %s: %s",
		    row[i].token, row[i].members, a.expiry);
	}
}

#define NOTHING DEFAULT_TTL, "default-ttl"

START_TEST(expires_in_is_seconds_as_number_or_numeric_string)
{
	static const struct expiry_row rows[] = {
	    {"t", "\"expires_in\":3600", HOUR, "expires_in"},
	    {"t", "\"expires_in\":\"3600\"", HOUR, "expires_in"},
	    {"t", "\"expires_in\":3600.5", HOUR + 500, "expires_in"},
	    {"t", "\"expires_in\":\"3.6e3\"", HOUR, "expires_in"},
	    {"t", "\"expires_in\":86399", MAX_TTL - 1000, "expires_in"},
	    {"t", "\"expires_in\":86401", MAX_TTL, "expires_in"},
	    {"t", "\"expires_in\":9223372036854775807", MAX_TTL, "expires_in"},
	    {"t", "\"expires_in\":1e999", MAX_TTL, "expires_in"},
	    {"t", "\"expires_in\":2", 2000, "expires_in"},
	    {"t", "\"expires_in\":1", -1, NULL}, /* nothing beyond S */
	    {"t", "\"expires_in\":0.5", -1, NULL},
	};

	check_rows(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(expiry_that_tells_nothing_is_as_if_missing)
{
	static const char *const values[] = {"0", "-1", "null", "\"0\"",
	    "\"-5\"", "\"\"", "\"soon\"", "\"36OO\"", "\"3600 s\"", "\" 36\"",
	    "\"0x10\"", "\"nan\"", "\"inf\"", "\"infinity\"", "-1e999",
	    "true", "false", "{}", "[3600]", "0.0", "-0"};
	static const char *const fields[] = {"expires_in", "expires_on",
	    "expires_at", "expiresAt", "expiry", "exp"};
	char members[128];
	size_t i, j;

	for (i = 0; i < COUNT(fields); i++)
		for (j = 0; j < COUNT(values); j++) {
			struct expiry_row row = {"t", members, NOTHING};

			snprintf(members, sizeof(members), "\"%s\":%s",
			    fields[i], values[j]);
			check_rows(&row, 1, NULL);
		}
}
END_TEST

START_TEST(each_absolute_field_takes_seconds_milliseconds_and_dates)
{
	static const char *const values[] = {"1700003600", "1700003600.0",
	    "\"1700003600\"", "1700003600000", "\"1700003600000\"",
	    "\"2023-11-14T23:13:20Z\"", "\"2023-11-15T00:13:20+01:00\""};
	static const char *const fields[] = {"expires_on", "expires_at",
	    "expiresAt", "expiry", "exp"};
	char members[128];
	size_t i, j;

	for (i = 0; i < COUNT(fields); i++)
		for (j = 0; j < COUNT(values); j++) {
			struct expiry_row row = {"t", members, HOUR,
			    fields[i]};

			snprintf(members, sizeof(members), "\"%s\":%s",
			    fields[i], values[j]);
			check_rows(&row, 1, NULL);
		}
}
END_TEST

START_TEST(a_point_in_time_that_is_past_is_refused)
{
	static const struct expiry_row rows[] = {
	    {"t", "\"expires_at\":1700000000", -1, NULL},
	    {"t", "\"expires_at\":1699999999", -1, NULL},
	    {"t", "\"expires_at\":3600", -1, NULL},
	    {"t", "\"expires_at\":\"2023-11-14T22:13:20Z\"", -1, NULL},
	    {"t", "\"expires_at\":1700000001", -1, NULL}, /* inside S */
	    {"t", "\"expires_at\":1700000002", 2000, "expires_at"},
	    /* seconds end at 1e11, from there on they are milliseconds */
	    {"t", "\"expires_at\":100000000000", MAX_TTL, "expires_at"},
	    {"t", "\"expires_at\":100000000001", -1, NULL},
	    {"t", "\"expires_in\":3600,\"expires_at\":1", -1, NULL},
	};

	check_rows(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(dates_are_those_of_rfc_3339)
{
	static const struct {
		const char *text;
		int64_t life; /* 0: not a date */
	} rows[] = {
	    {"2023-11-14T23:13:20Z", HOUR},
	    {"2023-11-14t23:13:20z", HOUR},
	    {"2023-11-14 23:13:20Z", HOUR},
	    {"2023-11-14T23:13:20.5Z", HOUR + 500},
	    {"2023-11-14T23:13:20.123456789Z", HOUR + 123},
	    {"2023-11-14T23:13:20+00:00", HOUR},
	    {"2023-11-14T23:13:20-00:00", HOUR},
	    {"2023-11-15T04:43:20+05:30", HOUR},
	    {"2023-11-14T15:13:20-08:00", HOUR},
	    {"2023-11-14T19:43:20.250-03:30", HOUR + 250},
	    {"2023-11-14T23:12:60Z", HOUR - 20000}, /* leap second */
	    {"2024-02-29T00:00:00Z", MAX_TTL},
	    {"9999-12-31T23:59:59Z", MAX_TTL},
	    {"0001-01-01T00:00:00Z", 0}, /* a date that was never set */
	    {"1970-01-01T00:00:00Z", 0},
	    {"2024-02-30T00:00:00Z", 0},
	    {"2023-02-29T00:00:00Z", 0},
	    {"2023-13-14T23:13:20Z", 0},
	    {"2023-00-14T23:13:20Z", 0},
	    {"2023-12-00T23:13:20Z", 0},
	    {"2023-12-14T24:00:00Z", 0},
	    {"2023-12-14T23:60:00Z", 0},
	    {"2023-12-14T23:13:61Z", 0},
	    {"2023-12-14T23:13:20", 0},
	    {"2023-12-14T23:13:20.Z", 0},
	    {"2023-12-14T23:13:20.5e3Z", 0},
	    {"2023-12-14T23:13:20+0100", 0},
	    {"2023-12-14T23:13:20+24:00", 0},
	    {"2023-12-14T23:13:20+01:60", 0},
	    {"2023-12-14T23:13:20+01:00x", 0},
	    {"2023-12-14T23:13:20Z ", 0},
	    {"2023-12-14T23:13Z", 0},
	    {"2023-12-14T", 0},
	    {"2023-12-14", 0},
	    {" 023-12-14T23:13:20Z", 0},
	    {"2023-12-14T 3:13:20Z", 0},
	    {"20231214T231320Z", 0},
	    {"Thu, 14 Dec 2023 23:13:20 GMT", 0},
	};
	char members[128];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct expiry_row row = {"t", members, NOTHING};

		if (rows[i].life > 0) {
			row.life = rows[i].life;
			row.from = "expiresAt";
		}
		snprintf(members, sizeof(members), "\"expiresAt\":\"%s\"",
		    rows[i].text);
		check_rows(&row, 1, NULL);
	}
}
END_TEST

START_TEST(a_jwt_tells_its_expiry_itself)
{
	static const struct expiry_row rows[] = {
	    {"{\"exp\":1700003600}", "", HOUR, "JWT exp"},
	    {"{\"exp\":1700003600.5}", "", HOUR + 500, "JWT exp"},
	    {"{\"exp\":1700003600000}", "", HOUR, "JWT exp"},
	    {"{\"exp\":\"1700003600\"}", "", HOUR, "JWT exp"},
	    {"{\"sub\":\"~~~???\",\"exp\":1700003600}", "", HOUR, "JWT exp"},
	    {"{\"exp\":1699999999}", "", -1, NULL},
	    {"{\"exp\":0}", "", NOTHING},
	    {"{\"exp\":null}", "", NOTHING},
	    {"{\"iat\":1700000000}", "", NOTHING},
	    {"{\"exp\":", "", NOTHING},
	    {"a.b", "", NOTHING},
	    {"a..c", "", NOTHING},
	    {"a.!!!!.c", "", NOTHING},
	    {"a.bnVsbA.c", "", NOTHING}, /* null */
	    {"...", "", NOTHING},
	};

	check_rows(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(of_two_sources_the_earlier_counts)
{
	static const struct expiry_row rows[] = {
	    {"t", "\"expires_in\":60,\"expires_at\":1700003600", MINUTE,
	    "expires_in"},
	    {"t", "\"expires_in\":7200,\"expires_at\":1700003600", HOUR,
	    "expires_at"},
	    {"t", "\"expires_at\":1700003600,\"expires_in\":7200", HOUR,
	    "expires_at"},
	    {"t", "\"expires_in\":0,\"exp\":1700003600", HOUR, "exp"},
	    {"t", "\"expires_in\":-1,\"expiry\":null,\"exp\":1700000060",
	    MINUTE, "exp"},
	    {"{\"exp\":1700000060}", "\"expires_in\":3600", MINUTE, "JWT exp"},
	    {"{\"exp\":1700003600}", "\"expires_in\":60", MINUTE,
	    "expires_in"},
	    {"{\"exp\":1700003600}", "\"expires_in\":0", HOUR, "JWT exp"},
	    {"{\"exp\":1690000000}", "\"expires_in\":3600", -1, NULL},
	    {"t", "\"expires_in\":90000,\"expires_at\":1800000000", MAX_TTL,
	    "expires_in"},
	    /* the default is no source: it does not shorten a life */
	    {"t", "\"expires_in\":7200", 2 * HOUR, "expires_in"},
	};

	check_rows(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(a_named_expiry_field_replaces_the_usual_ones)
{
	static const struct expiry_row rows[] = {
	    {"t", "\"d\":{\"ttl\":3600}", HOUR, "expiry-field"},
	    {"t", "\"d\":{\"ttl\":\"3600\"}", HOUR, "expiry-field"},
	    {"t", "\"d\":{\"ttl\":1700003600}", HOUR, "expiry-field"},
	    {"t", "\"d\":{\"ttl\":1700003600000}", HOUR, "expiry-field"},
	    {"t", "\"d\":{\"ttl\":\"2023-11-14T23:13:20Z\"}", HOUR,
	    "expiry-field"},
	    {"t", "\"expires_in\":60,\"d\":{\"ttl\":3600}", HOUR,
	    "expiry-field"},
	    {"t", "\"expires_in\":60", NOTHING},
	    {"{\"exp\":1700000060}", "\"d\":{\"ttl\":3600}", MINUTE,
	    "JWT exp"},
	};

	check_rows(rows, COUNT(rows), "/d/ttl");
}
END_TEST

UNIT_MAIN("token",
    reserve_is_a_tenth_of_the_life_between_one_and_thirty_seconds,
    a_token_is_dead_when_its_reserve_begins,
    only_printable_ascii_without_space_can_be_a_token,
    token_texts_have_one_byte_up_to_the_maximum,
    a_text_is_taken_over_with_its_fingerprint,
    expires_in_is_seconds_as_number_or_numeric_string,
    expiry_that_tells_nothing_is_as_if_missing,
    each_absolute_field_takes_seconds_milliseconds_and_dates,
    a_point_in_time_that_is_past_is_refused, dates_are_those_of_rfc_3339,
    a_jwt_tells_its_expiry_itself, of_two_sources_the_earlier_counts,
    a_named_expiry_field_replaces_the_usual_ones)
