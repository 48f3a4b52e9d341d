/* SPDX-License-Identifier: MIT */
/* How lives and points of time are written. */
#include "config.h"

#include "unit.h"

#include "expiry_try.h"

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
	    {"t", "\"expires_in\":1e308", MAX_TTL, "expires_in"},
	    {"t", "\"expires_in\":999999999", MAX_TTL, "expires_in"},
	    /* from 1e9 on it is a point in time */
	    {"t", "\"expires_in\":1700003600", HOUR, "expires_in"},
	    {"t", "\"expires_in\":\"1700003600\"", HOUR, "expires_in"},
	    {"t", "\"expires_in\":1700003600000", HOUR, "expires_in"},
	    {"t", "\"expires_in\":1000000000", -1, NULL},
	    {"t", "\"expires_in\":1699999999", -1, NULL},
	    {"t", "\"expires_in\":\" 300 \"", 300000, "expires_in"},
	    {"t", "\"expires_in\":\"300\\n\"", 300000, "expires_in"},
	    {"t", "\"expires_in\":\"+300\"", 300000, "expires_in"},
	    {"t", "\"expires_in\":\"300.\"", 300000, "expires_in"},
	    {"t", "\"expires_in\":2", 2000, "expires_in"},
	    {"t", "\"expires_in\":1", -1, NULL}, /* nothing beyond S */
	    {"t", "\"expires_in\":0.5", -1, NULL},
	};

	check_rows(rows, COUNT(rows), NULL);
}
END_TEST

static const struct {
	const char *text;
	int64_t life; /* 0: it cannot be read */
} lives[] = {
    {"300s", 300 * SECOND},
    {"300 s", 300 * SECOND},
    {"300S", 300 * SECOND},
    {" 300s\\t", 300 * SECOND},
    {"5m", 300 * SECOND},
    {"5min", 300 * SECOND},
    {"5 minutes", 300 * SECOND},
    {"300 seconds", 300 * SECOND},
    {"300000ms", 300 * SECOND},
    {"3e2", 300 * SECOND},
    {"1h", HOUR},
    {"1.5h", 90 * MINUTE},
    {"1h30m", 90 * MINUTE},
    {"1h30m0s", 90 * MINUTE},
    {"299.5s", 299500},
    {"1d", MAX_TTL},
    {"1 hour 30 minutes", 90 * MINUTE},
    {"2 days", MAX_TTL},
    {"PT5M", 300 * SECOND},
    {"pt5m", 300 * SECOND},
    {"PT300S", 300 * SECOND},
    {"PT1H30M", 90 * MINUTE},
    {"PT0.5H", 30 * MINUTE},
    {"PT0,5H", 30 * MINUTE},
    {"P1D", MAX_TTL},
    {"P0DT1H", HOUR},
    {"P1Y2M3DT4H5M6S", MAX_TTL},
    {"P1W", MAX_TTL},
    {"PT299.5S", 299500},
    {"+PT5M", 300 * SECOND},
    {"1:00:00", HOUR},
    {"01:00:00", HOUR},
    {"0:05:00", 300 * SECOND},
    {"0:05:00.5", 300500},
    {"00:59:59", HOUR - SECOND},
    {"100:00:00", MAX_TTL},
    {"s", 0},
    {"5x", 0},
    {"5m3", 0},
    {"m5", 0},
    {"5 m x", 0},
    {"1,800s", 0},
    {"1,800", 0},
    {"P", 0},
    {"PT", 0},
    {"P1", 0},
    {"PT5", 0},
    {"P5H", 0},
    {"PT5D", 0},
    {"PT5M1H", 0},
    {"P1DT", 0},
    {"PTM", 0},
    {"T5M", 0},
    {"5:00", 0},
    {"1:60:00", 0},
    {"1:00:60", 0},
    {"1:0:0", 0},
    {"1:00:00x", 0},
    {":00:00", 0},
    {"soon", 0},
    {"36OO", 0},
    {"0x10", 0},
    {"nan", 0},
    {"inf", 0},
    {"infinity", 0},
    {"1e", 0},
    {"e5", 0},
    {".5", 0},
    {"1.2.3", 0},
    {"--5", 0},
    {"- 5", 0},
    {"never", 0},
    {"none", 0},
    {"12345678901234567890123456789012345678901234567890123456789012345", 0},
};

START_TEST(lives_are_written_in_many_ways)
{
	char members[128];
	size_t i;

	for (i = 0; i < COUNT(lives); i++) {
		struct expiry_row row = {"t", members, NOTHING};

		if (lives[i].life > 0) {
			row.life = lives[i].life;
			row.from = "expires_in";
		}
		snprintf(members, sizeof(members), "\"expires_in\":\"%s\"",
		    lives[i].text);
		check_rows(&row, 1, NULL);
		ck_assert_str_eq(unread, lives[i].life > 0 ? "" : "expires_in");
	}
}
END_TEST

START_TEST(dates_are_those_of_rfc_9110)
{
	static const struct {
		const char *text;
		int64_t life; /* 0: it cannot be read; -1: it is past */
	} rows[] = {
	    {"Tue, 14 Nov 2023 23:13:20 GMT", HOUR},
	    {"Tuesday, 14-Nov-23 23:13:20 GMT", HOUR},
	    {"Tue Nov 14 23:13:20 2023", HOUR},
	    {"Tue, 14-Nov-2023 23:13:20 GMT", HOUR},
	    {"Tue, 14 Nov 23 23:13:20 GMT", HOUR},
	    {"Tue, 14 Nov 2023 23:13:20 UTC", HOUR},
	    {"Tue, 14 Nov 2023 23:13:20 +0000", HOUR},
	    {"Wed, 15 Nov 2023 00:13:20 +0100", HOUR},
	    {"Tue, 14 Nov 2023 23:12:60 GMT", HOUR - 20000},
	    {"Fri, 31 Dec 9999 23:59:59 GMT", MAX_TTL},
	    {"Thursday, 14-Nov-73 23:13:20 GMT", MAX_TTL},
	    {"Wednesday, 14-Nov-74 23:13:20 GMT", -1},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
	    {"Sun Nov  6 08:49:37 1994", -1},
	    {"Tue, 31 Feb 2024 23:13:20 GMT", 0},
	    {"Tue, 14 Nov 2023 24:13:20 GMT", 0},
	    {"Tue, 14 Nov 2023 23:13:61 GMT", 0},
	    {"Tue, 14 Nov 2023 23:13:20 CET", 0},
	    {"Tue, 14 Nov 2023", 0},
	    {"14 Nov", 0},
	};
	char members[128];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct expiry_row row = {"t", members, NOTHING};

		if (rows[i].life != 0) {
			row.life = rows[i].life;
			row.from = "expires";
		}
		snprintf(members, sizeof(members), "\"expires\":\"%s\"",
		    rows[i].text);
		check_rows(&row, 1, NULL);
		ck_assert_str_eq(unread, rows[i].life != 0 ? "" : "expires");
	}
}
END_TEST

static const struct {
	const char *text;
	int64_t life; /* 0: not a date */
} dates[] = {
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
    {"2023-11-14T23:13:20", HOUR},
    {" 2023-11-14T23:13:20Z ", HOUR},
    {"2023-11-14T23:13:20+0000", HOUR},
    {"2023-11-14T23:13:20+00", HOUR},
    {"2023-11-15T00:13:20+0100", HOUR},
    {"2023-11-15T00:13:20+01", HOUR},
    {"2023-11-14 23:13:20 +0000", HOUR},
    {"2023-11-14 23:13:20 UTC", HOUR},
    {"2023-11-14 23:13:20 GMT", HOUR},
    {"2023-11-14T23:13:20,25Z", HOUR + 250},
    {"2023-11-14T23:13:20.0000000", HOUR},
    {"2023-11-14T23:13:20.5-0330", HOUR + 500 + 210 * MINUTE},
    {"2023-11-14T23:12:60Z", HOUR - 20000}, /* leap second */
    {"2024-02-29T00:00:00Z", MAX_TTL},
    {"9999-12-31T23:59:59Z", MAX_TTL},
    {"2024-02-30T00:00:00Z", 0},
    {"2023-02-29T00:00:00Z", 0},
    {"2023-13-14T23:13:20Z", 0},
    {"2023-00-14T23:13:20Z", 0},
    {"2023-12-00T23:13:20Z", 0},
    {"2023-12-14T24:00:00Z", 0},
    {"2023-12-14T23:60:00Z", 0},
    {"2023-12-14T23:13:61Z", 0},
    {"2023-12-14T23:13:20.Z", 0},
    {"2023-12-14T23:13:20.5e3Z", 0},
    {"2023-12-14T23:13:20+24:00", 0},
    {"2023-12-14T23:13:20+01:60", 0},
    {"2023-12-14T23:13:20+01:00x", 0},
    {"2023-12-14T23:13Z", 0},
    {"2023-12-14T", 0},
    {"2023-12-14", 0},
    {" 023-12-14T23:13:20Z", 0},
    {"2023-12-14T 3:13:20Z", 0},
    {"20231214T231320Z", 0},
};

START_TEST(dates_have_any_offset_or_none)
{
	char members[128];
	size_t i;

	for (i = 0; i < COUNT(dates); i++) {
		struct expiry_row row = {"t", members, NOTHING};

		if (dates[i].life > 0) {
			row.life = dates[i].life;
			row.from = "expiresAt";
		}
		snprintf(members, sizeof(members), "\"expiresAt\":\"%s\"",
		    dates[i].text);
		check_rows(&row, 1, NULL);
		ck_assert_msg((unread[0] == '\0') == (dates[i].life > 0), "%s",
		    dates[i].text);
	}
}
END_TEST

UNIT_MAIN("token_time", expires_in_is_seconds_as_number_or_numeric_string,
    lives_are_written_in_many_ways, dates_are_those_of_rfc_9110,
    dates_have_any_offset_or_none)
