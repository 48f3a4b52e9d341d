/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "shared/stats.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(new_counters_are_zero_and_each_block_is_its_own)
{
	struct stats s;
	size_t block, i;

	stats_open(&s, 3);
	ck_assert_uint_eq(s.tokens, 3);
	for (block = 0; block < STATS_BLOCKS; block += 73) {
		ck_assert_uint_eq((uintptr_t)stats_process(&s, block) %
			segment_page(),
		    0);
		ck_assert_uint_eq(stats_get(&stats_process(&s, block)->ready),
		    0);
		for (i = 0; i < 3; i++) {
			struct stats_handout *h = stats_handouts(&s, block) + i;

			ck_assert_uint_eq((uintptr_t)h % 64, 0);
			ck_assert_uint_eq(stats_get(&h->coalesced), 0);
			stats_set(&h->coalesced, block * 3 + i);
		}
	}
	for (block = 0; block < STATS_BLOCKS; block += 73)
		for (i = 0; i < 3; i++)
			ck_assert_uint_eq(stats_get(
					      &stats_handouts(&s, block)[i]
						   .coalesced),
			    block * 3 + i);
	ck_assert_ptr_eq(stats_process(&s, STATS_BLOCKS), s.token);
	ck_assert_uint_ge(s.memory.size,
	    (size_t)((char *)(s.token + 3) - s.memory.memory));
	stats_close(&s);
	ck_assert_ptr_null(s.memory.memory);
}
END_TEST

START_TEST(what_a_child_counts_the_parent_sees)
{
	struct stats s;
	pid_t pid;

	stats_open(&s, 1);
	pid = fork();
	if (pid == 0) {
		stats_add(&stats_process(&s, STATS_FIRST_WORKER)
			       ->requests[STATS_PATH_AUTH][STATS_CODE_200],
		    41);
		stats_add(&stats_process(&s, STATS_FIRST_WORKER)
			       ->requests[STATS_PATH_AUTH][STATS_CODE_200],
		    1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_uint_eq(stats_get(
			      &stats_process(&s, STATS_FIRST_WORKER)
				   ->requests[STATS_PATH_AUTH][STATS_CODE_200]),
	    42);
	stats_close(&s);
}
END_TEST

/* A child that may write to `block` alone: stores into `at`; its status. */
static int
store(struct stats *s, size_t block, void *at, bool unprotect)
{
	uintptr_t page = (uintptr_t)at / segment_page() * segment_page();
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* a sanitizer would catch it */
		stats_restrict(s, block);
		if (unprotect &&
		    mprotect((void *)page, segment_page(),
			PROT_READ | PROT_WRITE) == -1)
			_exit(9);
		stats_set(at, 1 + stats_get(at));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

START_TEST(a_process_can_write_to_its_own_block_and_to_no_other)
{
	static const size_t blocks[] = {STATS_MASTER, STATS_REFRESHER,
	    STATS_FIRST_WORKER, STATS_FIRST_WORKER + 1, STATS_BLOCKS - 1};
	struct stats s;
	size_t own, other;

	stats_open(&s, 3);
	for (own = 1; own < 5; own++) {
		bool refresher = blocks[own] == STATS_REFRESHER;

		for (other = 0; other < 5; other++) {
			struct stats_process *p =
			    stats_process(&s, blocks[other]);

			ck_assert_int_eq(store(&s, blocks[own],
					     &p->heartbeat_at, false),
			    own == other ? 0 : 100 + SIGSEGV);
			ck_assert_int_eq(store(&s, blocks[own],
					     &p->heartbeat_at, true),
			    own == other ? 0 : 9);
			ck_assert_int_eq(store(&s, blocks[own],
					     &stats_handouts(&s,
						 blocks[other])[2]
						  .coalesced,
					     false),
			    own == other ? 0 : 100 + SIGSEGV);
		}
		ck_assert_int_eq(store(&s, blocks[own], &s.token[2].failures,
				     false),
		    refresher ? 0 : 100 + SIGSEGV);
		ck_assert_int_eq(store(&s, blocks[own], &s.token[2].failures,
				     true),
		    refresher ? 0 : 9);
	}
	for (own = 0; own < 5; own++)
		ck_assert_uint_eq(stats_get(&stats_process(&s, blocks[own])
						 ->heartbeat_at),
		    own == 0 ? 0 : 2);
	ck_assert_uint_eq(stats_get(&s.token[2].failures), 2);
	stats_close(&s);
}
END_TEST

static void
use_nothing(struct stats *s)
{
	char path[64], target[64];
	ssize_t n;
	int fd;

	stats_restrict(s, STATS_FIRST_WORKER);
	for (fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strstr(target, "memfd:bearerd") != NULL)
			_exit(1);
	}
	_exit(0);
}

START_TEST(a_process_keeps_no_descriptor_of_the_counters)
{
	struct stats s;
	int status;
	pid_t pid;

	stats_open(&s, 1);
	pid = fork();
	if (pid == 0)
		use_nothing(&s);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
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
			    j != i                       ? 0
				: i == STATS_BUCKETS - 1 ? 1
							 : 2);
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
#define NUMBER(code, phrase) code,
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
	stats_beat(stats_process(&s, STATS_REFRESHER));
	ck_assert_uint_eq(stats_get(&stats_process(&s, STATS_REFRESHER)
					 ->heartbeat_at),
	    4711);
	stats_close(&s);
}
END_TEST

UNIT_MAIN("stats", new_counters_are_zero_and_each_block_is_its_own,
    what_a_child_counts_the_parent_sees,
    a_process_can_write_to_its_own_block_and_to_no_other,
    a_process_keeps_no_descriptor_of_the_counters,
    two_generations_of_workers_never_share_a_block,
    a_duration_is_counted_in_the_first_bucket_that_holds_it,
    every_status_code_has_its_index_and_others_count_as_500,
    a_heartbeat_is_the_awake_time)
