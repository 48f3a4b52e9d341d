/* SPDX-License-Identifier: MIT */
/* Which members of an answer tell a life, and which of them counts. */
#include "config.h"

#include "unit.h"

#include "expiry_try.h"

START_TEST(expiry_that_tells_nothing_is_as_if_missing)
{
	static const char *const values[] = {"0", "-1", "null", "\"0\"",
	    "\"-5\"", "\"\"", "\" \"", "-1e999", "0.0", "-0", "-0.0", "\"-0\"",
	    "\" -1 \"", "\"-5m\"", "\"PT0S\"", "\"0:00:00\"",
	    "\"1970-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\""};
	static const char *const fields[] = {"expires_in", "expires_on",
	    "expires_at", "expiresAt", "expiry", "exp", "ttl", "expires",
	    "expiration"};
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
	    "1700003600000000", "\"1700003600000000\"", "1.7000036e18",
	    "1700003600000000000", "\" 1700003600 \"",
	    "\"Tue, 14 Nov 2023 23:13:20 GMT\"", "\"PT1H\"", "\"3600s\"",
	    "\"2023-11-14T23:13:20Z\"", "\"2023-11-15T00:13:20+01:00\""};
	static const char *const fields[] = {"expires_on", "expires_at",
	    "expiresAt", "expiry", "exp", "expires", "expiration", "expiresOn",
	    "ExpiresAt", "expires-at", "expirationTime", "valid_until",
	    "expiresIn", "expires_in", "ttl"};
	char members[128];
	size_t i, j;

	for (i = 0; i < COUNT(fields); i++)
		for (j = 0; j < COUNT(values); j++) {
			struct expiry_row row = {"t", members, HOUR, fields[i]};

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

START_TEST(a_life_that_cannot_be_read_is_told_by_its_name)
{
	static const struct {
		const char *members, *unread;
	} rows[] = {
	    {"\"expires_in\":\"soon\"", "expires_in"},
	    {"\"Expires-In\":true", "Expires-In"},
	    {"\"expires_in\":false", "expires_in"},
	    {"\"expires_in\":[3600]", "expires_in"},
	    {"\"exp\":{}", "exp"},
	    {"\"expires_in\":3600,\"expires_at\":\"x\"", "expires_at"},
	    {"\"expires_in\":\"a\",\"ttl\":\"b\"", "expires_in, ttl"},
	    {"\"expires_in\":\"a\",\"expires_in\":60", ""}, /* the last */
	    {"\"expires_in\":null,\"expires_at\":\"\",\"ttl\":0", ""},
	    {"\"expired\":true,\"xexpires_in\":\"a\",\"ex\":1", ""},
	    {"\"expires_in_ms\":3600000", "expires_in_ms"},
	    {"\"expiresInMs\":1,\"EXPIRY_MINUTES\":5",
		"expiresInMs, EXPIRY_MINUTES"},
	    {"\"expires_in_ms\":60000,\"expires_in\":60", ""},
	    {"\"expires_in_ms\":null,\"refresh_expires_in\":60", ""},
	};
	static struct token_answer a;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(decode("t", rows[i].members, NULL, &a), 0);
		ck_assert_str_eq(a.unread, rows[i].unread);
	}
	ck_assert_int_eq(decode("{\"exp\":\"x\"}", "", NULL, &a), 0);
	ck_assert_str_eq(a.unread, "JWT exp");
	ck_assert_int_eq(decode("t", "\"l\":\"x\"", "l", &a), -1);
	ck_assert_str_eq(a.unread, "expiry-field");
}
END_TEST

START_TEST(members_beside_a_nested_token_tell_its_life)
{
	static const char body[] = "{\"data\":{\"t\":\"x\",\"expires_in\":60},"
				   "\"exp\":1700003600}";
	const struct token_rules rules = {.token_field = "/data/t",
	    .default_ttl_ms = DEFAULT_TTL,
	    .max_ttl_ms = MAX_TTL,
	    .max_len = TOKEN_MAX};
	const struct token_asked asked = {.wall_at = ASKED};
	static struct token_answer a;

	ck_assert_int_eq(token_decode(&(struct token_reply){.body = body,
					  .len = strlen(body)},
			     &rules, &asked, &a, &err),
	    0);
	ck_assert_int_eq(a.life_ms, MINUTE);
}
END_TEST

START_TEST(without_any_clock_a_point_in_time_is_worth_the_default)
{
	static const struct {
		const char *answer, *from;
		int64_t life;
	} rows[] = {
	    {"{\"token\":\"x\",\"expires_at\":1700003600}", "expires_at",
		DEFAULT_TTL},
	    {"{\"token\":\"x\",\"expires_at\":\"2023-11-14T22:13:20Z\"}",
		"expires_at", DEFAULT_TTL},
	    {"{\"token\":\"x\",\"expires_in\":60,\"exp\":1700003600}",
		"expires_in", MINUTE},
	    {"{\"token\":\"x\",\"expires_in\":7200}", "expires_in", 2 * HOUR},
	    {"{\"token\":\"e30.eyJleHAiOjE3MDAwMDM2MDB9.x\"}", "JWT exp",
		DEFAULT_TTL},
	};
	const struct token_rules rules = {.default_ttl_ms = DEFAULT_TTL,
	    .max_ttl_ms = MAX_TTL,
	    .max_len = TOKEN_MAX};
	const struct token_asked asked = {.wall_at = 0};
	static struct token_answer a;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(
		    token_decode(&(struct token_reply){.body = rows[i].answer,
				     .len = strlen(rows[i].answer)},
			&rules, &asked, &a, &err),
		    0);
		ck_assert_int_eq(a.life_ms, rows[i].life);
		ck_assert_str_eq(a.expiry, rows[i].from);
	}
}
END_TEST

START_TEST(what_a_cache_has_used_up_is_no_part_of_the_life)
{
	static const struct expiry_row rows[] = {
	    {"t", "\"expires_in\":3600", HOUR - 580000, "expires_in"},
	    {"t", "\"expires_in\":600", 20000, "expires_in"},
	    {"t", "\"expires_in\":\"PT10M\"", 20000, "expires_in"},
	    {"t", "\"expires_in\":580", -1, NULL},
	    {"t", "\"expires_in\":60", -1, NULL},
	    /* a point in time is where it is */
	    {"t", "\"expires_at\":1700003600", HOUR, "expires_at"},
	    {"t", "\"expires_in\":1700003600", HOUR, "expires_in"},
	    {"t", "", DEFAULT_TTL - 580000, "default-ttl"},
	};
	static struct token_answer a;

	age_ms = 580000;
	check_rows(rows, COUNT(rows), NULL);
	ck_assert_int_eq(decode("t", "\"expires_in\":60", NULL, &a), -1);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "the answer is from a cache and 580 s old"));
	age_ms = INT64_C(1000000000000);
	ck_assert_int_eq(decode("t", "", NULL, &a), -1);
	age_ms = 0;
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
	    {"a.=.c", "", NOTHING},
	    {"a.eyJleHAiOjE3MDAwMDM2MDB9====.c", "", HOUR, "JWT exp"},
	    {"a.eyJleHAiOjE3MDAwMDM2MDAgfQ==.c", "", HOUR, "JWT exp"},
	    {"a.eyJleHAi=OjE3MDAwMDM2MDB9.c", "", NOTHING},
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
	    {"{\"exp\":1700003600}", "\"expires_in\":60", MINUTE, "expires_in"},
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
	    {"{\"exp\":1700000060}", "\"d\":{\"ttl\":3600}", MINUTE, "JWT exp"},
	    {"t", "\"d\":{\"ttl\":\"300s\"}", 5 * MINUTE, "expiry-field"},
	    /* one that tells nothing is a malformed answer */
	    {"t", "\"expires_in\":60", -1, NULL},
	    {"t", "\"expires_in\":60,\"d\":{}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":null}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":0}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":-1}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":\"\"}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":\"soon\"}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":true}", -1, NULL},
	    {"t", "\"d\":{\"ttl\":{}}", -1, NULL},
	    {"t", "\"d\":7", -1, NULL},
	    {"{\"exp\":1700003600}", "", -1, NULL},
	};

	check_rows(rows, COUNT(rows), "/d/ttl");
	ck_assert_ptr_nonnull(strstr(err.text, "expiry-field /d/ttl"));
}
END_TEST

UNIT_MAIN("token_expiry", expiry_that_tells_nothing_is_as_if_missing,
    each_absolute_field_takes_seconds_milliseconds_and_dates,
    a_point_in_time_that_is_past_is_refused,
    a_life_that_cannot_be_read_is_told_by_its_name,
    members_beside_a_nested_token_tell_its_life,
    without_any_clock_a_point_in_time_is_worth_the_default,
    what_a_cache_has_used_up_is_no_part_of_the_life,
    a_jwt_tells_its_expiry_itself, of_two_sources_the_earlier_counts,
    a_named_expiry_field_replaces_the_usual_ones)
