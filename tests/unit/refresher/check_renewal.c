/* SPDX-License-Identifier: MIT */
/* Chains from a token's need to its publication, with time that is set. */
#include "config.h"

#include "renewal_world.h"

/* ---- tests ---- */

START_TEST(a_token_comes_from_the_backend_into_the_slot_and_to_redis)
{
	start();
	renewals_turn(r, now);
	ck_asked("look-up");
	looked_up(NULL, 0);
	ck_asked("lock for call");
	locked(STORE_GOT, NULL);
	ck_asked("call");
	ck_assert_str_eq(get(&segment, "one"), "");
	answered(200, ANSWER);
	ck_asked("publish");
	ck_assert_str_eq(get(&segment, "one"), "from-backend");
	ck_assert_int_eq(told.kind, CHANNEL_PUBLISHED);
	ck_assert_int_eq(n->phase, RENEWAL_PUBLISHING);
	renewals_store_events.published(r, 0, STORE_DONE);
	ck_asked(""); /* the script of the publication has released the lock */
	ck_assert_int_eq(n->phase, RENEWAL_IDLE);
	ck_assert_int_ge(renewals_turn(r, now), now);
	ck_assert_int_ge(n->due_at, now + LIFE * 70 / 100);
	ck_assert_int_le(n->due_at, now + LIFE * 80 / 100);
	finish();
}
END_TEST

START_TEST(a_token_that_redis_has_is_taken_without_a_call)
{
	start();
	renewals_turn(r, now);
	looked_up("from-redis", 5);
	ck_asked("look-up");
	ck_assert_str_eq(get(&segment, "one"), "from-redis");
	ck_assert_uint_eq(generation(&segment, "one"), 5);
	ck_assert_int_eq(n->phase, RENEWAL_IDLE);
	/* its PTTL is what may be handed out: the reserve is off already */
	ck_assert_int_eq(n->dead_at, now + LIFE - 30000);
	ck_assert_int_eq(n->expires_at, now + LIFE);
	finish();
}
END_TEST

START_TEST(redis_that_is_away_is_stepped_over_but_for_an_exclusive_token)
{
	start();
	redis_up = false;
	renewals_turn(r, now);
	ck_asked("call");
	answered(200, ANSWER);
	ck_asked("");
	ck_assert_int_eq(n->phase, RENEWAL_IDLE);
	ck_assert_str_eq(get(&segment, "one"), "from-backend");
	finish();
	start();
	redis_up = false;
	token_conf.exclusive = true;
	renewals_turn(r, now);
	ck_asked("");
	ck_assert_int_eq(n->phase, RENEWAL_IDLE);
	ck_assert_int_eq(told.kind, CHANNEL_FAILED);
	ck_assert_uint_eq(stats_get(
			      &n->stats->renewals[STATS_RENEWAL_WITHHELD]),
	    1);
	finish();
}
END_TEST

START_TEST(a_busy_lock_is_waited_for_until_its_owner_must_be_gone)
{
	int64_t lease = 5000 + STORE_LEASE_EXTRA_MS;
	int looks = 0;

	start();
	renewals_turn(r, now);
	looked_up(NULL, 0);
	locked(STORE_BUSY, NULL);
	while (strstr(asked, "call, ") == NULL &&
	    now < T0 + 10 * lease) { /* lock for call, ... */
		ck_assert_int_eq(n->phase, RENEWAL_WAITING);
		ck_assert_int_le(n->due_at, now + 2 * 1000);
		asked[0] = '\0';
		at(n->due_at);
		renewals_turn(r, now);
		looked_up(NULL, 0);
		looks++;
		locked(STORE_BUSY, NULL);
		if (strstr(asked, "lock for call, call") != NULL)
			break;
	}
	ck_asked("look-up, lock for call, call");
	ck_assert_int_gt(now, T0 + 3 * lease);
	ck_assert_int_le(now, T0 + 6 * lease + 2000);
	ck_assert_int_gt(looks, 30);
	finish();
}
END_TEST

START_TEST(a_call_is_not_begun_when_little_of_the_lease_is_left)
{
	start();
	renewals_turn(r, now);
	looked_up(NULL, 0);
	ck_asked("look-up, lock for call");
	at(now + STORE_LEASE_EXTRA_MS + 1); /* the answer was late */
	locked(STORE_GOT, NULL);
	ck_asked("unlock, look-up primary");
	finish();
}
END_TEST

START_TEST(a_failure_is_shared_and_the_next_call_is_at_least_a_second_later)
{
	int i;

	start();
	for (i = 0; i < 5; i++) {
		int64_t called = now;

		renewals_turn(r, now);
		looked_up(NULL, 0);
		locked(STORE_GOT, NULL);
		ck_asked("look-up, lock for call, call");
		answered(500, "");
		ck_asked("share refused");
		ck_assert_int_eq(told.kind, CHANNEL_FAILED);
		ck_assert_int_eq(told.at, n->due_at);
		ck_assert_int_ge(n->due_at, called + SCHEDULE_LEAST_MS);
		/* a caller does not make it sooner */
		ck_assert_int_eq(renewals_want(r, 0, 0).kind, CHANNEL_FAILED);
		renewals_turn(r, n->due_at - 1);
		ck_asked("");
		at(n->due_at);
	}
	finish();
}
END_TEST

START_TEST(the_failure_of_another_replica_is_one_of_ours)
{
	static const struct store_grant grant = {.wait_ms = 8000,
	    .last = {.failures = 4, .kind = "timeout"}};

	start();
	renewals_turn(r, now);
	looked_up(NULL, 0);
	locked(STORE_FAILED, &grant);
	ck_asked("look-up, lock for call");
	ck_assert_uint_eq(n->failures, 4);
	ck_assert_int_ge(n->due_at, now + 8000);
	ck_assert_int_le(n->due_at, now + 8250);
	ck_assert_int_eq(told.kind, CHANNEL_FAILED);
	finish();
}
END_TEST

START_TEST(a_token_published_during_a_call_is_served_and_the_answer_is_not)
{
	start_with_token();
	renewals_one(r, 0);
	at(now + SCHEDULE_LEAST_MS);
	renewals_turn(r, now);
	looked_up("from-backend", 1);
	locked(STORE_GOT, NULL);
	ck_asked("look-up, lock for call, call");
	renewals_store_events.rotated(r, 0, 2, "0123456789ab");
	ck_asked("look-up primary");
	looked_up("from-another", 2);
	ck_assert_str_eq(get(&segment, "one"), "from-another");
	answered(200, "{\"token\":\"too-late\",\"expires_in\":3600}");
	ck_assert_str_eq(get(&segment, "one"), "from-another");
	ck_assert_ptr_nonnull(strstr(asked, "unlock"));
	finish();
}
END_TEST

START_TEST(redis_gets_back_what_it_lost)
{
	start_with_token();
	renewals_store_events.returned(r, 0);
	renewals_turn(r, now);
	ck_asked("look-up primary");
	looked_up(NULL, 0);
	ck_asked("lock");
	locked(STORE_GOT, NULL);
	ck_asked("restore");
	renewals_store_events.published(r, 0, STORE_DONE);
	ck_assert_int_eq(n->phase, RENEWAL_IDLE);
	/* what was wanted meanwhile begins when that is over */
	renewals_store_events.returned(r, 0);
	renewals_turn(r, now);
	looked_up(NULL, 0);
	locked(STORE_GOT, NULL);
	at(now + SCHEDULE_LEAST_MS);
	renewals_one(r, 0);
	ck_asked("look-up primary, lock, restore");
	renewals_store_events.published(r, 0, STORE_DONE);
	ck_asked("look-up primary");
	finish();
}
END_TEST

START_TEST(a_report_begins_a_renewal_once_redis_accepts_it)
{
	start_with_token();
	at(now + 10000);
	ck_assert_int_eq(renewals_reject(r, 0, 7, 3).kind, CHANNEL_STALE);
	ck_assert_int_eq(renewals_reject(r, 0, 1, 3).kind, CHANNEL_REJECT);
	ck_asked("report");
	ck_assert_int_eq(renewals_reject(r, 0, 1, 3).kind, CHANNEL_LIMITED);
	renewals_store_events.rejected(r, 0, STORE_DONE, 0);
	ck_assert_int_eq(told.kind, CHANNEL_ACCEPTED);
	ck_asked("look-up primary");
	looked_up("from-backend", 1);
	ck_asked("lock for call");
	finish();
}
END_TEST

START_TEST(tokens_are_renewed_when_the_wall_clock_steps_forward)
{
	start_with_token();
	renewals_turn(r, now);
	ck_asked("");
	at(now + SCHEDULE_LEAST_MS);
	clock_set(now, WALL + now + 29000);
	renewals_turn(r, now);
	ck_asked("");
	clock_set(now, WALL + now + 29000 + 31000);
	renewals_turn(r, now);
	ck_asked("look-up");
	finish();
}
END_TEST

UNIT_MAIN("renewal", a_token_comes_from_the_backend_into_the_slot_and_to_redis,
    a_token_that_redis_has_is_taken_without_a_call,
    redis_that_is_away_is_stepped_over_but_for_an_exclusive_token,
    a_busy_lock_is_waited_for_until_its_owner_must_be_gone,
    a_call_is_not_begun_when_little_of_the_lease_is_left,
    a_failure_is_shared_and_the_next_call_is_at_least_a_second_later,
    the_failure_of_another_replica_is_one_of_ours,
    a_token_published_during_a_call_is_served_and_the_answer_is_not,
    redis_gets_back_what_it_lost,
    a_report_begins_a_renewal_once_redis_accepts_it,
    tokens_are_renewed_when_the_wall_clock_steps_forward)
