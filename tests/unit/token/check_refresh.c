/* SPDX-License-Identifier: MIT */
/* The record of a refresh token: each way that a call can end, and texts that
 * are no record. */
#include "config.h"

#include "unit.h"

#include "token/refresh.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct refresh r;
static char text[REFRESH_TEXT_MAX + 1];

/* Begin a call after what is in text, "" nothing; then text has the record. */
static bool
begin(const char *seed)
{
	bool known = text[0] != '\0', may;

	if (known)
		ck_assert(refresh_read(text, strlen(text), &r));
	may = refresh_begin(&r, known, seed);
	refresh_write(&r, text);
	return may;
}

static void
end(enum refresh_outcome outcome, const char *next)
{
	ck_assert(refresh_read(text, strlen(text), &r));
	refresh_end(&r, outcome, next);
	refresh_write(&r, text);
}

START_TEST(each_call_uses_the_token_that_the_one_before_gave)
{
	text[0] = '\0';
	ck_assert(begin("one"));
	ck_assert_str_eq(r.token, "one");
	end(REFRESH_GRANTED, "two");
	ck_assert(begin("one"));
	ck_assert_str_eq(r.token, "two");
	end(REFRESH_GRANTED, NULL);
	ck_assert(begin(NULL));
	ck_assert_str_eq(r.token, "two");
}
END_TEST

START_TEST(a_call_without_an_outcome_is_made_again_once)
{
	static const struct {
		enum refresh_outcome first, second;
		bool third;
	} rows[] = {
	    {REFRESH_UNKNOWN, REFRESH_UNKNOWN, false},
	    {REFRESH_UNKNOWN, REFRESH_GRANTED, true},
	    {REFRESH_UNKNOWN, REFRESH_UNUSED, true},
	    {REFRESH_UNKNOWN, REFRESH_REFUSED, false},
	    {REFRESH_UNUSED, REFRESH_UNKNOWN, true},
	    {REFRESH_UNUSED, REFRESH_UNUSED, true},
	    {REFRESH_GRANTED, REFRESH_UNKNOWN, true},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		text[0] = '\0';
		ck_assert(begin("seed"));
		end(rows[i].first,
		    rows[i].first == REFRESH_GRANTED ? "n" : NULL);
		ck_assert(begin("seed"));
		end(rows[i].second, NULL);
		ck_assert_int_eq(begin("seed"), rows[i].third);
	}
}
END_TEST

START_TEST(a_refused_family_is_asked_for_no_more_until_there_is_another_seed)
{
	text[0] = '\0';
	ck_assert(begin("seed"));
	end(REFRESH_REFUSED, NULL);
	ck_assert(!begin("seed"));
	ck_assert(!begin(NULL));
	ck_assert(begin("other"));
	ck_assert_str_eq(r.token, "other");
	ck_assert(!r.dead);
}
END_TEST

START_TEST(what_is_no_record_is_not_read)
{
	static const char *const bad[] = {"", "1", "2 0123456789abcdef 0 0 t",
	    "1 0123456789abcde 0 0 t", "1 0123456789abcdef 3 0 t",
	    "1 0123456789abcdef 0 2 t", "1 0123456789abcdef 0 0 ",
	    "1 0123456789abcdef 0 0 a\nb", "1 0123456789ABCDEF 0 0 t",
	    "1 0123456789abcdef -1 0 t", "1 0123456789abcdef 0 0 \xc3\xbc"};
	static char longest[REFRESH_TEXT_MAX + 2];
	size_t i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert(!refresh_read(bad[i], strlen(bad[i]), &r));
	ck_assert(!refresh_read("1 0123456789abcdef 0 0 a\0b", 26, &r));
	ck_assert(refresh_read("1 0123456789abcdef 2 1 a b", 26, &r));
	ck_assert_str_eq(r.token, "a b");
	strcpy(longest, "1 0123456789abcdef 0 0 ");
	memset(longest + 23, 'x', REFRESH_MAX);
	ck_assert(refresh_read(longest, 23 + REFRESH_MAX, &r));
	ck_assert(!refresh_read(longest, 23 + REFRESH_MAX + 1, &r));
	memset(longest + 23, 'x', REFRESH_MAX + 1);
	ck_assert(!refresh_read(longest, 23 + REFRESH_MAX + 1, &r));
}
END_TEST

UNIT_MAIN("refresh", each_call_uses_the_token_that_the_one_before_gave,
    a_call_without_an_outcome_is_made_again_once,
    a_refused_family_is_asked_for_no_more_until_there_is_another_seed,
    what_is_no_record_is_not_read)
