/* SPDX-License-Identifier: MIT */
/* The rest of the life of a token that the backend answers again. */
#include "config.h"

#include "unit.h"

#include "token/token.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DEFAULT_TTL 1800000
#define AT 5000000 /* boot time of every answer */
#define WALL INT64_C(1700000000000)

static struct token_answer answer;
static struct err err;

/* The state before, as one word in the tables below. */
enum known {
	STATED,     /* answered, with a life */
	ASSUMED,    /* answered, without */
	ZERO,       /* answered, with 0 from the beginning */
	UNANSWERED, /* taken over from a slot or Redis */
	ENDED,      /* answered, and ended */
};

static void
fill(struct token_past *past, enum known known, int64_t life, int64_t left)
{
	memset(past, 0, TOKEN_PASTS * sizeof(*past));
	fingerprint("t", 1, past->fingerprint);
	past->life_ms = life;
	past->expires_at = AT + left;
	past->answered = known != UNANSWERED;
	past->stated = known == STATED || known == ENDED;
	past->zero = known == ZERO;
	past->ended = known == ENDED;
}

static int
decode(const struct token_past *past, const char *members,
    const char *expiry_field)
{
	const struct token_rules rules = {.default_ttl_ms = DEFAULT_TTL,
	    .expiry_field = expiry_field,
	    .max_ttl_ms = 86400000,
	    .max_len = TOKEN_MAX,
	    .past = past};
	const struct token_asked asked = {.at = AT, .wall_at = WALL};
	char body[256];

	memset(&err, 0, sizeof(err));
	snprintf(body, sizeof(body), "{\"token\":\"t\"%s%s}",
	    *members != '\0' ? "," : "", members);
	return token_decode(&(struct token_reply){.body = body,
				.len = strlen(body)},
	    &rules, &asked, &answer, &err);
}

struct row {
	enum known known;
	int64_t life, left; /* of the token that was there */
	const char *members;
	int64_t now_left, whole; /* -1: refused; -2: and ended */
};

static void
check(const struct row *rows, size_t count, const char *expiry_field)
{
	struct token_past past[TOKEN_PASTS];
	size_t i;
	int status;

	for (i = 0; i < count; i++) {
		const struct row *r = &rows[i];

		fill(past, r->known, r->life, r->left);
		status = decode(past, r->members, expiry_field);
		ck_assert_msg((status == 0) == (r->now_left >= 0) &&
			answer.ends == (r->now_left == -2),
		    "row %zu: %s", i, err.text);
		if (status == -1)
			continue;
		ck_assert_msg(answer.life_ms == r->now_left, "row %zu: %lld", i,
		    (long long)answer.life_ms);
		ck_assert_msg(answer.whole_ms == r->whole, "row %zu: L %lld", i,
		    (long long)answer.whole_ms);
	}
}

START_TEST(the_end_moves_later_only_by_a_life_that_is_told)
{
	static const struct row rows[] = {
	    /* told: later, or earlier */
	    {STATED, 60000, 18000, "\"expires_in\":60", 60000, 60000},
	    {STATED, 60000, 18000, "\"expires_in\":10", 10000, 60000},
	    {STATED, 60000, 18000, "\"expires_in\":3600", 3600000, 3600000},
	    {UNANSWERED, 60000, 18000, "\"expires_in\":18", 18000, 60000},
	    {ASSUMED, DEFAULT_TTL, 900000, "\"expires_in\":20", 20000, 20000},
	    {ENDED, 60000, -5, "\"expires_in\":60", 60000, 60000},
	    /* not told: it stays */
	    {STATED, 60000, 18000, "", 18000, 60000},
	    {STATED, 60000, 18000, "\"expires_in\":null", 18000, 60000},
	    {STATED, 60000, 18000, "\"expires_in\":\"soon\"", 18000, 60000},
	    {STATED, 60000, 18000, "\"expires_in\":true", 18000, 60000},
	    {ASSUMED, DEFAULT_TTL, 900000, "", 900000, DEFAULT_TTL},
	    {UNANSWERED, 60000, 18000, "", 18000, 60000},
	};

	check(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(nothing_left_means_that_it_ends_now)
{
	static const char *const over[] = {"\"expires_in\":0",
	    "\"expires_in\":-1", "\"expires_in\":\"0\"",
	    "\"expires_in\":\"-5\"", "\"expires_in\":-0.0", "\"ttl\":0",
	    "\"expires_in\":-1e308", "\"expires_in\":\"PT0S\"",
	    "\"expires_in\":\"0s\"", "\"expires_at\":0",
	    "\"expires_at\":1699999999",
	    "\"expires_at\":\"2023-11-14T22:13:20Z\"",
	    "\"expires\":\"Tue, 14 Nov 2023 22:13:19 GMT\"",
	    "\"expires_in\":0,\"expires_at\":1700003600"};
	size_t i;

	for (i = 0; i < COUNT(over); i++) {
		const struct row rows[] = {
		    {STATED, 60000, 18000, over[i], -2, 0},
		    {STATED, 60000, -1, over[i], -2, 0},
		    {UNANSWERED, 60000, 18000, over[i], -2, 0},
		    {ASSUMED, DEFAULT_TTL, 900000, over[i], -2, 0},
		    {ENDED, 60000, 18000, over[i], -2, 0},
		};

		check(rows, COUNT(rows), NULL);
	}
}
END_TEST

START_TEST(zero_means_nothing_where_it_never_meant_anything)
{
	static const struct row rows[] = {
	    {ZERO, DEFAULT_TTL, 900000, "\"expires_in\":0", 900000,
		DEFAULT_TTL},
	    {ZERO, DEFAULT_TTL, 20000, "\"expires_in\":0", DEFAULT_TTL,
		DEFAULT_TTL},
	    {ZERO, DEFAULT_TTL, 900000, "\"expires_at\":1699999999", -2, 0},
	    {UNANSWERED, DEFAULT_TTL, 900000, "\"expires_in\":0", 900000,
		DEFAULT_TTL},
	    {UNANSWERED, DEFAULT_TTL, 20000, "\"expires_in\":0", -1, 0},
	    {UNANSWERED, DEFAULT_TTL, 0, "\"expires_in\":0", DEFAULT_TTL,
		DEFAULT_TTL},
	};

	check(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(what_is_within_the_reserve_of_the_whole_life_is_dead)
{
	static const struct row rows[] = {
	    {STATED, 60000, 18000, "\"expires_in\":7", 7000, 60000},
	    {STATED, 60000, 18000, "\"expires_in\":6", -2, 0},
	    {STATED, 60000, 18000, "\"expires_in\":1", -2, 0},
	    {STATED, 60000, 6001, "", 6001, 60000},
	    {STATED, 60000, 6000, "", -1, 0},
	    {STATED, 60000, -9000, "", -1, 0},
	    {ENDED, 60000, 18000, "", -1, 0},
	    {UNANSWERED, 60000, 6000, "", -1, 0},
	};

	check(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(an_end_that_was_assumed_is_no_end_for_ever)
{
	static const struct row rows[] = {
	    {ASSUMED, DEFAULT_TTL, 30000, "", DEFAULT_TTL, DEFAULT_TTL},
	    {ASSUMED, DEFAULT_TTL, -1, "", DEFAULT_TTL, DEFAULT_TTL},
	    {UNANSWERED, DEFAULT_TTL, 30000, "", DEFAULT_TTL, DEFAULT_TTL},
	    /* nothing is known of it but its end, which is over */
	    {UNANSWERED, 60000, 0, "", DEFAULT_TTL, DEFAULT_TTL},
	};

	check(rows, COUNT(rows), NULL);
}
END_TEST

START_TEST(a_named_field_that_tells_nothing_stays_malformed)
{
	static const struct row rows[] = {
	    {STATED, 60000, 18000, "", -1, 0},
	    {STATED, 60000, 18000, "\"life\":null", -1, 0},
	    {STATED, 60000, 18000, "\"life\":0", -2, 0},
	    {STATED, 60000, 18000, "\"life\":30", 30000, 60000},
	};

	check(rows, COUNT(rows), "life");
}
END_TEST

START_TEST(another_token_is_measured_by_nothing_before_it)
{
	struct token_past past[TOKEN_PASTS];

	fill(past, ENDED, 60000, 18000);
	fingerprint("u", 1, past[0].fingerprint);
	ck_assert_int_eq(decode(past, "\"expires_in\":5", NULL), 0);
	ck_assert_int_eq(answer.life_ms, 5000);
	ck_assert_int_eq(answer.whole_ms, 5000);
	ck_assert_int_eq(decode(past, "\"expires_in\":0", NULL), 0);
	ck_assert_int_eq(answer.life_ms, DEFAULT_TTL);
}
END_TEST

START_TEST(a_token_from_before_the_last_one_is_remembered)
{
	struct token_past past[TOKEN_PASTS];

	fill(past, STATED, 60000, -18000);
	past[TOKEN_PASTS - 1] = past[0];
	fingerprint("u", 1, past[0].fingerprint);
	ck_assert_int_eq(decode(past, "\"expires_in\":0", NULL), -1);
	ck_assert(answer.ends);
	ck_assert_int_eq(decode(past, "\"expires_in\":30", NULL), 0);
	ck_assert_int_eq(answer.life_ms, 30000);
	ck_assert_int_eq(answer.whole_ms, 60000);
}
END_TEST

UNIT_MAIN("token_again", the_end_moves_later_only_by_a_life_that_is_told,
    nothing_left_means_that_it_ends_now,
    zero_means_nothing_where_it_never_meant_anything,
    what_is_within_the_reserve_of_the_whole_life_is_dead,
    an_end_that_was_assumed_is_no_end_for_ever,
    a_named_field_that_tells_nothing_stays_malformed,
    another_token_is_measured_by_nothing_before_it,
    a_token_from_before_the_last_one_is_remembered)
