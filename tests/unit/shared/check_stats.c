/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "clock.h"
#include "stats.h"

#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(new_counters_are_zero_and_each_block_is_its_own)
{
	struct stats s;
	size_t block, i;

	stats_open(&s, 3);
	ck_assert_uint_eq(s.tokens, 3);
	for (block = 0; block < STATS_BLOCKS; block += 73) {
		ck_assert_uint_eq((uintptr_t)&s.process[block] % 64, 0);
		ck_assert_uint_eq(stats_get(&s.process[block].ready), 0);
		for (i = 0; i < 3; i++) {
			struct stats_handout *h = stats_handouts(&s, block) + i;

			ck_assert_uint_eq((uintptr_t)h % 64, 0);
			ck_assert_uint_eq(stats_get(&h->coalesced), 0);
			stats_set(&h->coalesced, block * 3 + i);
		}
	}
	for (block = 0; block < STATS_BLOCKS; block += 73)
		for (i = 0; i < 3; i++)
			ck_assert_uint_eq(stats_get(&stats_handouts(&s,
			    block)[i].coalesced), block * 3 + i);
	ck_assert_ptr_eq(stats_handouts(&s, STATS_BLOCKS),
	    (char *)s.process + s.size);
	stats_close(&s);
	ck_assert_ptr_null(s.process);
}
END_TEST

START_TEST(what_a_child_counts_the_parent_sees)
{
	struct stats s;
	pid_t pid;

	stats_open(&s, 1);
	pid = fork();
	if (pid == 0) {
		stats_add(&s.process[STATS_FIRST_WORKER].requests
		    [STATS_PATH_AUTH][STATS_CODE_200], 41);
		stats_add(&s.process[STATS_FIRST_WORKER].requests
		    [STATS_PATH_AUTH][STATS_CODE_200], 1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_uint_eq(stats_get(&s.process[STATS_FIRST_WORKER].requests
	    [STATS_PATH_AUTH][STATS_CODE_200]), 42);
	stats_close(&s);
}
END_TEST

START_TEST(two_generations_of_workers_never_share_a_block)
{
	static bool used[STATS_BLOCKS];
	unsigned generation;
	size_t i, block;

	memset(used, 0, sizeof(used));
	for (generation = 6; generation < 8; generation++)
		for (i = 0; i < STATS_WORKERS_MAX; i++) {
			block = stats_worker_block(generation, i);
			ck_assert_uint_ge(block, STATS_FIRST_WORKER);
			ck_assert_uint_lt(block, STATS_BLOCKS);
			ck_assert(!used[block]);
			used[block] = true;
		}
	ck_assert_uint_eq(stats_worker_block(8, 5), stats_worker_block(6, 5));
}
END_TEST

START_TEST(a_duration_is_counted_in_the_first_bucket_that_holds_it)
{
	static const int bounds[] = STATS_BOUNDS_MS;
	struct stats_histogram h;
	size_t i, j;

	for (i = 0; i < STATS_BUCKETS; i++) {
		memset(&h, 0, sizeof(h));
		if (i < STATS_BUCKETS - 1)
			stats_observe(&h, bounds[i]);
		if (i > 0)
			stats_observe(&h, bounds[i - 1] + 1);
		else
			stats_observe(&h, 0);
		for (j = 0; j < STATS_BUCKETS; j++)
			ck_assert_uint_eq(stats_get(&h.bucket[j]),
			    j != i ? 0 : i == STATS_BUCKETS - 1 ? 1 : 2);
	}
	memset(&h, 0, sizeof(h));
	stats_observe(&h, 7);
	stats_observe(&h, 100000);
	ck_assert_uint_eq(stats_get(&h.sum_us), 100007000);
}
END_TEST

START_TEST(every_status_code_has_its_index_and_others_count_as_500)
{
	static const int codes[] = {
#define NUMBER(code) code,
	    STATS_CODES(NUMBER)
#undef NUMBER
	};
	size_t i;

	for (i = 0; i < STATS_CODE_COUNT; i++)
		ck_assert_uint_eq(stats_code(codes[i]), i);
	ck_assert_uint_eq(stats_code(418), STATS_CODE_500);
	ck_assert_uint_eq(stats_code(0), STATS_CODE_500);
	ck_assert_uint_eq(stats_code(-1), STATS_CODE_500);
}
END_TEST

START_TEST(a_heartbeat_is_the_awake_time)
{
	struct stats s;

	stats_open(&s, 1);
	clock_set(4711, 0);
	stats_beat(&s.process[STATS_REFRESHER]);
	ck_assert_uint_eq(stats_get(&s.process[STATS_REFRESHER].heartbeat_at),
	    4711);
	stats_close(&s);
}
END_TEST

UNIT_MAIN("stats", new_counters_are_zero_and_each_block_is_its_own,
    what_a_child_counts_the_parent_sees,
    two_generations_of_workers_never_share_a_block,
    a_duration_is_counted_in_the_first_bucket_that_holds_it,
    every_status_code_has_its_index_and_others_count_as_500,
    a_heartbeat_is_the_awake_time)
