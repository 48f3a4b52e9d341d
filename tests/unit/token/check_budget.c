/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "token/budget.h"

#include <string.h>

#define SECOND 1000
#define MINUTE (60 * (int64_t)SECOND)
#define HOUR (60 * MINUTE)
#define BOOT (1000 * HOUR + 17 * SECOND) /* somewhere within a minute */

static struct budget budget;

/* Tests may run in one process. */
static void
begin(void)
{
	memset(&budget, 0, sizeof(budget));
}

static void
spend(int calls, int64_t now)
{
	while (calls-- > 0)
		budget_spend(&budget, 1, now);
}

START_TEST(nothing_was_spent_at_first)
{
	begin();
	ck_assert_int_eq(budget_spent(&budget, 0), 0);
	ck_assert_int_eq(budget_spent(&budget, BOOT), 0);
	ck_assert_int_eq(budget_wait_ms(&budget, 1, 0), 0);
	ck_assert_int_eq(budget_wait_ms(&budget, 1, BOOT), 0);
}
END_TEST

START_TEST(a_call_counts_for_an_hour_and_a_minute_at_most)
{
	int64_t now;

	begin();
	spend(1, BOOT);
	for (now = BOOT; now <= BOOT + HOUR; now += SECOND)
		ck_assert_int_eq(budget_spent(&budget, now), 1);
	ck_assert_int_eq(budget_spent(&budget, BOOT + HOUR + MINUTE), 0);
}
END_TEST

/* Whatever is asked for, no hour of the calls that were allowed has more. */
START_TEST(no_hour_has_more_calls_than_the_limit)
{
	enum { MOST = 7, HOURS = 5 };
	static int64_t at[MOST * (HOURS + 1)];
	int64_t now;
	int n = 0, step = 1;

	begin();
	for (now = BOOT; now < BOOT + HOURS * HOUR; now += step) {
		step = step * 7 % 86399 + 1;
		if (budget_wait_ms(&budget, MOST, now) > 0)
			continue;
		budget_spend(&budget, 1, now);
		ck_assert_int_lt(n, MOST * (HOURS + 1));
		at[n++] = now;
		if (n > MOST)
			ck_assert_int_gt(at[n - 1] - at[n - 1 - MOST], HOUR);
	}
	ck_assert_int_ge(n, MOST * (HOURS - 1));
}
END_TEST

START_TEST(the_wait_ends_just_when_a_call_is_allowed)
{
	static const int64_t after[] = {0, 1, 42 * SECOND, 43 * SECOND, MINUTE,
	    30 * MINUTE, HOUR - 1};
	int64_t now, wait;
	size_t i;

	begin();
	for (i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		budget = (struct budget){0};
		spend(2, BOOT);
		spend(1, BOOT + after[i]);
		now = BOOT + after[i];
		ck_assert_int_eq(budget_wait_ms(&budget, 4, now), 0);
		wait = budget_wait_ms(&budget, 3, now);
		ck_assert_int_gt(wait, 0);
		ck_assert_int_gt(wait, HOUR - after[i]);
		ck_assert_int_le(wait, HOUR + MINUTE - after[i]);
		ck_assert_int_eq(budget_wait_ms(&budget, 3, now + wait), 0);
		ck_assert_int_eq(budget_wait_ms(&budget, 3, now + wait - 1), 1);
	}
}
END_TEST

START_TEST(a_limit_that_was_lowered_waits_for_enough_calls_to_age)
{
	begin();
	spend(3, BOOT);
	spend(2, BOOT + 10 * MINUTE);
	ck_assert_int_gt(budget_wait_ms(&budget, 2, BOOT + 10 * MINUTE), HOUR);
	ck_assert_int_le(budget_wait_ms(&budget, 3, BOOT + 10 * MINUTE),
	    50 * MINUTE + MINUTE);
}
END_TEST

START_TEST(a_call_that_was_not_made_is_given_back)
{
	begin();
	spend(2, BOOT);
	budget_spend(&budget, -1, BOOT);
	ck_assert_int_eq(budget_spent(&budget, BOOT), 1);
	budget_spend(&budget, -1, BOOT);
	budget_spend(&budget, -1, BOOT);
	ck_assert_int_eq(budget_spent(&budget, BOOT), 0);
	spend(1, BOOT);
	ck_assert_int_eq(budget_spent(&budget, BOOT), 1);
}
END_TEST

START_TEST(it_is_given_back_to_the_minute_of_the_call)
{
	int64_t begun = BOOT / MINUTE * MINUTE + MINUTE - 1;

	begin();
	spend(1, begun);
	spend(1, begun + 1);
	budget_spend(&budget, -1, begun);
	ck_assert_int_eq(budget_spent(&budget, begun + 1), 1);
	ck_assert_int_eq(budget_spent(&budget, begun + HOUR), 1);
	ck_assert_int_eq(budget_spent(&budget, begun + 1 + HOUR), 1);
	ck_assert_int_eq(budget_spent(&budget, begun + 1 + HOUR + MINUTE), 0);
}
END_TEST

START_TEST(after_61_minutes_a_place_is_used_anew)
{
	int64_t again = BOOT + BUDGET_MINUTES * MINUTE;

	begin();
	spend(3, BOOT);
	ck_assert_int_eq(budget_spent(&budget, again), 0);
	budget_spend(&budget, -1, again); /* not one of the old ones */
	ck_assert_int_eq(budget_spent(&budget, again), 0);
	spend(1, again);
	ck_assert_int_eq(budget_spent(&budget, again), 1);
	ck_assert_int_eq(budget_spent(&budget, again + 1000 * HOUR), 0);
}
END_TEST

START_TEST(the_first_minutes_after_boot_are_like_any_other)
{
	begin();
	spend(2, 0);
	spend(1, MINUTE);
	ck_assert_int_eq(budget_spent(&budget, MINUTE), 3);
	ck_assert_int_eq(budget_wait_ms(&budget, 3, MINUTE), HOUR);
}
END_TEST

START_TEST(the_largest_limit_is_counted_within_one_minute)
{
	begin();
	spend(3599, BOOT);
	ck_assert_int_eq(budget_wait_ms(&budget, 3600, BOOT), 0);
	spend(1, BOOT);
	ck_assert_int_eq(budget_spent(&budget, BOOT), 3600);
	ck_assert_int_gt(budget_wait_ms(&budget, 3600, BOOT), HOUR);
}
END_TEST

START_TEST(reports_get_a_quarter_and_lives_what_they_need)
{
	static const struct {
		int64_t most, every, reports, kept;
	} rows[] = {
	    {1, HOUR, 1, 0},
	    {2, 42 * MINUTE, 1, 0},
	    {3, 42 * MINUTE, 1, 1},
	    {8, 42 * MINUTE, 2, 1},
	    {20, 7 * MINUTE, 5, 8},
	    {11, 7 * MINUTE, 2, 8},
	    {10, 3 * MINUTE, 2, 7},
	    {3600, 17 * HOUR, 900, 0},
	    {3600, SECOND, 900, 2699},
	    {100, 0, 25, 74},
	    {100, -5, 25, 74},
	};
	struct budget_share s;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s = budget_share(rows[i].most, rows[i].every);
		ck_assert_int_eq(s.most, rows[i].most);
		ck_assert_int_eq(s.reports, rows[i].reports);
		ck_assert_int_eq(s.kept, rows[i].kept);
	}
}
END_TEST

/* Strangers take all that they get, which begins a new life each time; the
 * schedule never finds nothing left. */
START_TEST(whoever_takes_what_can_be_spared_the_schedule_has_its_calls)
{
	static const int64_t every[] = {7 * MINUTE, 11 * MINUTE, 42 * MINUTE};
	int64_t now, due, taken;
	struct budget_share s;
	size_t i;

	for (i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		begin();
		s = budget_share(20, every[i]);
		taken = 0;
		for (due = now = BOOT; now < BOOT + 5 * HOUR; now += SECOND) {
			if (now >= due) {
				ck_assert_int_eq(budget_wait_ms(&budget, s.most,
						     now),
				    0);
				spend(1, now);
				due = now + every[i];
			} else if (budget_spare_wait_ms(&budget, &s, now) ==
			    0) {
				spend(1, now);
				due = now + every[i];
				taken++;
			}
		}
		ck_assert_int_gt(taken, 5);
	}
}
END_TEST

START_TEST(the_wait_for_what_can_be_spared_ends_just_when_it_can)
{
	struct budget_share s = budget_share(4, 30 * MINUTE);
	int64_t wait;

	begin();
	ck_assert_int_eq(budget_spare_wait_ms(&budget, &s, BOOT), 0);
	spend(3, BOOT);
	wait = budget_spare_wait_ms(&budget, &s, BOOT);
	ck_assert_int_gt(wait, 29 * MINUTE);
	ck_assert_int_le(wait, 31 * MINUTE);
	ck_assert_int_eq(budget_spare_wait_ms(&budget, &s, BOOT + wait), 0);
	ck_assert_int_gt(budget_spare_wait_ms(&budget, &s, BOOT + wait - 1), 0);
	spend(1, BOOT);
	ck_assert_int_gt(budget_spare_wait_ms(&budget, &s, BOOT),
	    HOUR - MINUTE);
	s.most = 0; /* any number */
	ck_assert_int_eq(budget_spare_wait_ms(&budget, &s, BOOT), 0);
}
END_TEST

UNIT_MAIN("budget", nothing_was_spent_at_first,
    a_call_counts_for_an_hour_and_a_minute_at_most,
    no_hour_has_more_calls_than_the_limit,
    the_wait_ends_just_when_a_call_is_allowed,
    a_limit_that_was_lowered_waits_for_enough_calls_to_age,
    a_call_that_was_not_made_is_given_back,
    it_is_given_back_to_the_minute_of_the_call,
    after_61_minutes_a_place_is_used_anew,
    the_first_minutes_after_boot_are_like_any_other,
    the_largest_limit_is_counted_within_one_minute,
    reports_get_a_quarter_and_lives_what_they_need,
    whoever_takes_what_can_be_spared_the_schedule_has_its_calls,
    the_wait_for_what_can_be_spared_ends_just_when_it_can)
