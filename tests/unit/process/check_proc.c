/* SPDX-License-Identifier: MIT */
/* When a child is started anew, and when it is killed; at times that are set.
 */
#include "config.h"

#include "unit.h"

#include "process/proc.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW 1000000

static struct stats_process block;
static struct proc child;

static int
sleep_on(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return 0;
}

/* A child that runs until it is killed. */
static void
start(void)
{
	memset(&block, 0, sizeof(block));
	child = (struct proc){.stats = &block};
	proc_start(&child, sleep_on, NULL, NOW);
	ck_assert_int_gt(child.pid, 0);
}

/* Whether the child was killed; it is reaped then. */
static bool
killed(void)
{
	int status;

	return waitpid(child.pid, &status, 0) == child.pid &&
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void
end(void)
{
	kill(child.pid, SIGKILL);
	ck_assert(killed());
}

START_TEST(a_child_that_never_gets_ready_is_started_ever_later)
{
	static const int64_t delays[] = {1000, 2000, 4000, 8000, 16000, 32000,
	    60000, 60000};
	struct proc p = {.stats = &block};
	size_t i;

	memset(&block, 0, sizeof(block));
	for (i = 0; i < COUNT(delays); i++) {
		proc_died(&p, NOW);
		ck_assert_int_eq(p.start_at, NOW + delays[i]);
	}
	stats_set(&block.ready, 1); /* it has done its work: all is forgotten */
	proc_died(&p, NOW);
	ck_assert_int_eq(p.start_at, NOW);
	proc_died(&p, NOW);
	ck_assert_int_eq(p.start_at, NOW + delays[0]);
}
END_TEST

START_TEST(a_child_that_was_told_to_stop_is_replaced_at_once)
{
	struct proc p = {.stats = &block, .retired = true, .failures = 5};

	memset(&block, 0, sizeof(block));
	proc_died(&p, NOW);
	ck_assert_int_eq(p.start_at, NOW);
}
END_TEST

START_TEST(nothing_is_started_before_its_time)
{
	struct proc p = {.stats = &block, .start_at = NOW + 1};

	proc_start(&p, sleep_on, NULL, NOW);
	ck_assert_int_eq(p.pid, 0);
}
END_TEST

START_TEST(a_child_that_does_not_beat_is_killed)
{
	start();
	ck_assert(!proc_watch(&child, NOW + PROC_STALLED_MS - 1));
	ck_assert(proc_watch(&child, NOW + PROC_STALLED_MS));
	ck_assert(killed());
}
END_TEST

/* A beat is a child's word: it may be any number. */
START_TEST(a_beat_of_the_future_is_none)
{
	start();
	stats_set(&block.ready, 1);
	ck_assert(proc_beats(&child, NOW));
	stats_set(&block.heartbeat_at, NOW + PROC_STALLED_MS);
	ck_assert(!proc_beats(&child, NOW));
	stats_set(&block.heartbeat_at, UINT64_MAX);
	ck_assert(!proc_beats(&child, NOW));
	ck_assert(proc_watch(&child, NOW));
	ck_assert(killed());
}
END_TEST

START_TEST(a_child_that_is_told_to_stop_has_its_grace)
{
	start();
	proc_retire(&child, SIGCONT, 500, NOW);
	ck_assert(child.retired);
	ck_assert(!proc_beats(&child, NOW));
	proc_retire(&child, SIGCONT, 900, NOW); /* the first one counts */
	ck_assert(!proc_watch(&child, NOW + 499));
	ck_assert(proc_watch(&child, NOW + 500));
	ck_assert(killed());
}
END_TEST

START_TEST(a_child_beats_once_it_is_ready)
{
	start();
	ck_assert(!proc_beats(&child, NOW));
	stats_set(&block.ready, 1);
	ck_assert(proc_beats(&child, NOW));
	ck_assert(!proc_beats(&child, NOW + PROC_STALLED_MS));
	end();
	proc_died(&child, NOW);
	ck_assert(!proc_beats(&child, NOW));
}
END_TEST

START_TEST(the_end_of_a_process_is_put_into_words)
{
	char text[64];

	proc_status_text(3 << 8, text, sizeof(text));
	ck_assert_str_eq(text, "exit status 3");
	proc_status_text(SIGKILL, text, sizeof(text));
	ck_assert_str_eq(text, "signal 9 (Killed)");
}
END_TEST

UNIT_MAIN("proc", a_child_that_never_gets_ready_is_started_ever_later,
    a_child_that_was_told_to_stop_is_replaced_at_once,
    nothing_is_started_before_its_time, a_child_that_does_not_beat_is_killed,
    a_beat_of_the_future_is_none, a_child_that_is_told_to_stop_has_its_grace,
    a_child_beats_once_it_is_ready, the_end_of_a_process_is_put_into_words)
