/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "token/schedule.h"
#include "token/token.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ROUNDS 200000
#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define JUST_BELOW_1 0x1.fffffffffffffp-1

static const struct schedule_renewal usual = {70, 80, 0};

/* A small generator, the same in every run. */
static uint64_t state = 88172645463325252u;

static uint64_t
next(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % below;
}

static double
unit(void)
{
	return (double)next(1u << 30) / (1u << 30);
}

/* Lives from 1001 ms to 24 h, each order of magnitude as often. */
static int64_t
random_life(void)
{
	static const int64_t most[] = {2 * SECOND, 10 * SECOND, MINUTE,
	    10 * MINUTE, HOUR, 24 * HOUR};

	return 1001 + (int64_t)next((uint64_t)most[next(COUNT(most))] - 1000);
}

START_TEST(renewal_is_at_the_configured_share_of_the_life)
{
	static const struct {
		int64_t life, first, last;
	} rows[] = {
	    /* 70 and 80 percent */
	    {HOUR, 42 * MINUTE, 48 * MINUTE},
	    {15 * MINUTE, 630 * SECOND, 12 * MINUTE},
	    {5 * MINUTE, 210 * SECOND, 240 * SECOND},
	    {MINUTE, 42 * SECOND, 48 * SECOND},
	    {10 * SECOND, 7 * SECOND, 8 * SECOND},
	    {4 * SECOND, 2800, 3000}, /* S begins at 3 s */
	    {2 * SECOND, 1000, 1000},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq(schedule_renewal(&usual, 7, 7 + rows[i].life,
				     0),
		    7 + rows[i].first);
		ck_assert_int_le(schedule_renewal(&usual, 7, 7 + rows[i].life,
				     JUST_BELOW_1),
		    7 + rows[i].last);
		ck_assert_int_ge(schedule_renewal(&usual, 7, 7 + rows[i].life,
				     JUST_BELOW_1),
		    7 + rows[i].last - 1);
	}
}
END_TEST

START_TEST(renewal_is_drawn_uniformly)
{
	int hits[10] = {0}, i;

	for (i = 0; i < ROUNDS; i++) {
		int64_t at = schedule_renewal(&usual, 0, HOUR, unit());

		ck_assert(at >= 42 * MINUTE && at < 48 * MINUTE);
		hits[(at - 42 * MINUTE) * 10 / (6 * MINUTE)]++;
	}
	for (i = 0; i < 10; i++)
		ck_assert_msg(hits[i] > ROUNDS / 10 * 9 / 10 &&
			hits[i] < ROUNDS / 10 * 11 / 10,
		    "tenth %d: %d", i, hits[i]);
}
END_TEST

START_TEST(renewal_is_within_the_life_whatever_the_numbers)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int64_t t0 = (int64_t)next(1000000000), life = random_life();
		int64_t dead = t0 + life - token_reserve_ms(life), at;
		struct schedule_renewal r = {
		    .percent_min = 1 + (int64_t)next(90)};

		r.percent_max = r.percent_min + (int64_t)next(10);
		r.outage_budget_ms = next(2) ? (int64_t)next(48 * HOUR) : 0;
		at = schedule_renewal(&r, t0, t0 + life, unit());
		ck_assert_int_ge(at, t0);
		ck_assert_int_le(at, dead);
		if (r.outage_budget_ms == 0 && at < dead)
			ck_assert(at >= t0 + life * r.percent_min / 100 - 1 &&
			    at <= t0 + life * r.percent_max / 100);
	}
}
END_TEST

START_TEST(an_outage_of_the_budget_is_survived_where_the_life_allows)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int64_t life = random_life(), at;
		int64_t dead = life - token_reserve_ms(life);
		struct schedule_renewal r = {70, 80, 0};

		r.outage_budget_ms = 1 + (int64_t)next((uint64_t)life);
		at = schedule_renewal(&r, 0, life, unit());
		ck_assert_int_le(at, life / 2);
		if (dead - r.outage_budget_ms >= life * 3 / 20)
			ck_assert_int_le(at, dead - r.outage_budget_ms);
		else
			ck_assert_int_ge(at,
			    life / 10 < dead ? life / 10 : dead);
	}
}
END_TEST

START_TEST(an_outage_of_half_an_hour_is_survived_by_a_token_of_one_hour)
{
	static const struct schedule_renewal r = {70, 80, 30 * MINUTE};

	/* 29:30 would do for an attempt that succeeds at once */
	ck_assert_int_le(schedule_renewal(&r, 0, HOUR, 0), 28 * MINUTE);
	ck_assert_int_ge(schedule_renewal(&r, 0, HOUR, JUST_BELOW_1),
	    26 * MINUTE);
}
END_TEST

START_TEST(an_outage_budget_does_not_delay_an_early_renewal)
{
	static const struct schedule_renewal r = {20, 30, MINUTE};

	ck_assert_int_eq(schedule_renewal(&r, 0, HOUR, 0), 12 * MINUTE);
}
END_TEST

#define NOW ((int64_t)50 * HOUR)

START_TEST(retries_double_from_one_second_to_thirty)
{
	static const int64_t limits[] = {1, 2, 4, 8, 16, 30, 30, 30};
	struct schedule_retry r = {.failure = SCHEDULE_FAILED,
	    .now = NOW,
	    .dead_at = NOW + HOUR};
	int64_t wait, longest;
	int i;

	for (r.failures = 1; r.failures <= COUNT(limits); r.failures++) {
		longest = 0;
		for (i = 0; i < 2000; i++) {
			wait = schedule_retry(&r, unit()) - NOW;
			ck_assert_int_ge(wait, SCHEDULE_LEAST_MS);
			ck_assert_int_le(wait, limits[r.failures - 1] * SECOND);
			longest = wait > longest ? wait : longest;
		}
		ck_assert_int_ge(longest, limits[r.failures - 1] * 950);
	}
	r.failures = 4000000000u;
	ck_assert_int_le(schedule_retry(&r, JUST_BELOW_1), NOW + 30 * SECOND);
}
END_TEST

START_TEST(retries_have_full_jitter)
{
	struct schedule_retry r = {.failure = SCHEDULE_FAILED,
	    .now = NOW,
	    .failures = 9,
	    .dead_at = NOW + HOUR};

	ck_assert_int_eq(schedule_retry(&r, 0), NOW + SECOND);
	ck_assert_int_eq(schedule_retry(&r, 0.25), NOW + 7500);
	ck_assert_int_eq(schedule_retry(&r, 0.5), NOW + 15 * SECOND);
}
END_TEST

START_TEST(a_retry_is_within_a_tenth_of_the_remaining_life)
{
	static const struct {
		int64_t left, most;
	} rows[] = {
	    {HOUR, 30 * SECOND},
	    {5 * MINUTE, 30 * SECOND},
	    {4 * MINUTE, 24 * SECOND},
	    {MINUTE, 6 * SECOND},
	    {20 * SECOND, 2 * SECOND},
	    {10 * SECOND, SECOND},
	    {3 * SECOND, SECOND}, /* the least time between two calls */
	    {900, 900},
	    {1, 1},
	};
	struct schedule_retry r = {.failure = SCHEDULE_FAILED,
	    .now = NOW,
	    .failures = 20};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		r.dead_at = NOW + rows[i].left;
		ck_assert_int_le(schedule_retry(&r, JUST_BELOW_1),
		    NOW + rows[i].most);
		ck_assert_int_ge(schedule_retry(&r, JUST_BELOW_1),
		    NOW + rows[i].most - 1);
	}
}
END_TEST

START_TEST(without_a_token_retries_stay_below_five_seconds)
{
	struct schedule_retry r = {.failure = SCHEDULE_FAILED,
	    .now = NOW,
	    .failures = 20};

	ck_assert_int_le(schedule_retry(&r, JUST_BELOW_1), NOW + 5 * SECOND);
	ck_assert_int_ge(schedule_retry(&r, 0), NOW + SECOND);
	r.failure = SCHEDULE_NOT_REACHED;
	ck_assert_int_le(schedule_retry(&r, JUST_BELOW_1), NOW + 500);
	ck_assert_int_ge(schedule_retry(&r, 0), NOW + 250);
	r.dead_at = NOW - 1; /* a dead token is as none */
	ck_assert_int_le(schedule_retry(&r, JUST_BELOW_1), NOW + 500);
	r.dead_at = NOW + HOUR; /* with one there is no hurry */
	ck_assert_int_ge(schedule_retry(&r, 0), NOW + SECOND);
}
END_TEST

START_TEST(retry_after_is_honoured_up_to_an_hour_but_not_past_the_reserve)
{
	static const struct {
		int64_t left, asked, wait; /* left 0: no token */
	} rows[] = {
	    {0, 10 * SECOND, 10 * SECOND},
	    {0, 54 * SECOND, 54 * SECOND},
	    {0, MINUTE, 55 * SECOND}, /* callers wait: it is looked for */
	    {0, HOUR, 55 * SECOND},
	    {0, INT64_MAX, 55 * SECOND},
	    {3 * HOUR, 2 * MINUTE, 2 * MINUTE},
	    {3 * HOUR, 2 * HOUR, HOUR},
	    {HOUR, HOUR, HOUR},
	    {10 * MINUTE, HOUR, 10 * MINUTE},
	    {MINUTE, 30 * SECOND, 30 * SECOND},
	    {MINUTE, 61 * SECOND, MINUTE},
	    {500, MINUTE, 500},
	    /* shorter than what the backoff asks for: no reason to hurry */
	    {HOUR, 1, SECOND},
	    {HOUR, 0, SECOND},
	};
	struct schedule_retry r = {.failure = SCHEDULE_FAILED,
	    .now = NOW,
	    .failures = 1};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		r.dead_at = rows[i].left > 0 ? NOW + rows[i].left : 0;
		r.retry_after_ms = rows[i].asked;
		ck_assert_int_eq(schedule_retry(&r, 0.5), NOW + rows[i].wait);
	}
}
END_TEST

START_TEST(without_a_token_an_attempt_follows_within_a_minute)
{
	static const enum schedule_failure kinds[] = {SCHEDULE_NOT_REACHED,
	    SCHEDULE_FAILED, SCHEDULE_CREDENTIALS};
	struct schedule_retry r = {.now = NOW};
	int i;

	for (i = 0; i < ROUNDS; i++) {
		r.failure = kinds[next(COUNT(kinds))];
		r.failures = 1 + (unsigned)next(40);
		r.retry_after_ms = (int64_t)next(2 * HOUR);
		r.dead_at = next(2) ? 0 : NOW - (int64_t)next(HOUR);
		ck_assert_int_le(schedule_retry(&r, unit()), NOW + MINUTE);
	}
}
END_TEST

START_TEST(a_budget_of_ours_is_not_probed)
{
	struct schedule_retry r = {.now = NOW,
	    .failure = SCHEDULE_EXHAUSTED,
	    .failures = 1,
	    .retry_after_ms = HOUR};

	ck_assert_int_eq(schedule_retry(&r, unit()), NOW + HOUR);
}
END_TEST

START_TEST(wrong_credentials_are_tried_after_five_to_sixty_seconds)
{
	static const int64_t waits[] = {5, 10, 20, 40, 60, 60, 60};
	struct schedule_retry r = {.failure = SCHEDULE_CREDENTIALS, .now = NOW};
	int64_t dead[] = {0, NOW + HOUR, NOW + 3 * SECOND};
	size_t i;

	for (i = 0; i < COUNT(dead); i++)
		for (r.failures = 1; r.failures <= COUNT(waits); r.failures++) {
			int64_t at = NOW + waits[r.failures - 1] * SECOND;

			r.dead_at = dead[i];
			ck_assert_int_eq(schedule_retry(&r, unit()),
			    dead[i] > 0 && at > dead[i] ? dead[i] : at);
		}
}
END_TEST

START_TEST(a_retry_is_never_before_now_nor_after_the_reserve_begins)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct schedule_retry r = {.now = (int64_t)next(1u << 31),
		    .failure = (enum schedule_failure)next(3),
		    .failures = 1 + (unsigned)next(40)};
		int64_t at;

		if (next(2))
			r.retry_after_ms = (int64_t)next(2 * HOUR);
		if (next(2))
			r.dead_at = (int64_t)next(1u << 31);
		at = schedule_retry(&r, unit());
		ck_assert_int_gt(at, r.now);
		ck_assert_int_le(at, r.now + HOUR);
		if (r.dead_at > r.now)
			ck_assert_int_le(at, r.dead_at);
	}
}
END_TEST

UNIT_MAIN("schedule", renewal_is_at_the_configured_share_of_the_life,
    renewal_is_drawn_uniformly, renewal_is_within_the_life_whatever_the_numbers,
    an_outage_of_the_budget_is_survived_where_the_life_allows,
    an_outage_of_half_an_hour_is_survived_by_a_token_of_one_hour,
    an_outage_budget_does_not_delay_an_early_renewal,
    retries_double_from_one_second_to_thirty, retries_have_full_jitter,
    a_retry_is_within_a_tenth_of_the_remaining_life,
    without_a_token_retries_stay_below_five_seconds,
    retry_after_is_honoured_up_to_an_hour_but_not_past_the_reserve,
    without_a_token_an_attempt_follows_within_a_minute,
    a_budget_of_ours_is_not_probed,
    wrong_credentials_are_tried_after_five_to_sixty_seconds,
    a_retry_is_never_before_now_nor_after_the_reserve_begins)
