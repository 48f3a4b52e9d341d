/* SPDX-License-Identifier: MIT */
/* The log of an outage, minute by minute. */
#include "config.h"

#include "unit.h"

#include "refresher/renewal_private.h"

#include "seen.h"

#include <string.h>

static struct conf_token conf = {.name = (char *)(uintptr_t) "t"};
static struct renewal n = {.conf = &conf};

static size_t
lines(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		count++;
	return count;
}

START_TEST(an_outage_is_told_of_at_once_then_each_minute_and_when_it_ends)
{
	size_t total = 0;
	int i;

	see();
	renewal_log_failure(&n, STATS_RENEWAL_TIMEOUT, 0, "slow after %d ms",
	    1);
	ck_assert_ptr_nonnull(strstr(drain(), "err"));
	ck_assert_ptr_nonnull(strstr(seen.text, "token t: slow after 1 ms\n"));
	renewal_log_next(&n, 0);
	ck_assert_uint_eq(lines(drain()), 1);
	for (i = 1; i <= 420; i++) { /* seven minutes */
		clock_set(1000 + i * 1000, 0);
		renewal_log_failure(&n, STATS_RENEWAL_TIMEOUT, 0,
		    "slow after %d ms", 1000 + i);
		renewal_log_next(&n, 0);
		total += lines(drain());
	}
	ck_assert_uint_eq(total, 7 * 2);
	ck_assert_ptr_nonnull(strstr(seen.text,
	    "token t: slow after 1420 ms "
	    "(and 59 times more since it was logged last)\n"));
	renewal_log_recovery(&n);
	ck_assert_ptr_nonnull(strstr(drain(), "notice"));
	ck_assert_ptr_nonnull(strstr(seen.text,
	    "token t: there is a new token "
	    "after 421 failures in 420 s; the last: slow after 1420 ms\n"));
	renewal_log_recovery(&n);
	ck_assert_str_eq(drain(), "");
	unsee();
}
END_TEST

START_TEST(each_kind_of_failure_is_told_of_by_itself)
{
	see();
	renewal_log_failure(&n, STATS_RENEWAL_REFUSED, 500, "status %d", 500);
	renewal_log_failure(&n, STATS_RENEWAL_REFUSED, 503, "status %d", 503);
	renewal_log_failure(&n, STATS_RENEWAL_REFUSED, 500, "status %d", 500);
	renewal_log_failure(&n, STATS_RENEWAL_REFUSED, 503, "status %d", 503);
	ck_assert_uint_eq(lines(drain()), 2);
	renewal_log_failure(&n, STATS_RENEWAL_MALFORMED, 0, "no JSON");
	renewal_log_failure(&n, STATS_RENEWAL_MALFORMED, 0, "no token");
	renewal_log_failure(&n, STATS_RENEWAL_MALFORMED, 0, "no JSON");
	ck_assert_uint_eq(lines(drain()), 2);
	renewal_log_recovery(&n);
	drain();
	/* an end and a beginning are changes of state */
	renewal_log_failure(&n, STATS_RENEWAL_MALFORMED, 0, "no JSON");
	ck_assert_uint_eq(lines(drain()), 1);
	renewal_log_recovery(&n);
	unsee();
}
END_TEST

START_TEST(more_kinds_than_there_is_room_for_do_no_harm)
{
	int i;

	see();
	for (i = 0; i < 10000; i++)
		renewal_log_failure(&n, STATS_RENEWAL_REFUSED, i % 1000, "x");
	drain();
	renewal_log_recovery(&n);
	ck_assert_ptr_nonnull(strstr(drain(), "after 10000 failures"));
	unsee();
}
END_TEST

START_TEST(what_is_kept_back_is_there_for_those_who_debug)
{
	see();
	log_open(LVL_DEBUG, false);
	renewal_log_failure(&n, STATS_RENEWAL_TIMEOUT, 0, "slow");
	renewal_log_failure(&n, STATS_RENEWAL_TIMEOUT, 0, "slow");
	ck_assert_uint_eq(lines(drain()), 2);
	ck_assert_ptr_nonnull(strstr(seen.text, "debug"));
	unsee();
}
END_TEST

UNIT_MAIN("renewal_log",
    an_outage_is_told_of_at_once_then_each_minute_and_when_it_ends,
    each_kind_of_failure_is_told_of_by_itself,
    more_kinds_than_there_is_room_for_do_no_harm,
    what_is_kept_back_is_there_for_those_who_debug)
