/* SPDX-License-Identifier: MIT */
/*
 * slot_torture [SECONDS] - a writer at full rate, readers that check all they
 * get, and a hand that kills the writer again and again.
 *
 * The writers publish generation 1, 2, 3 ... and nothing else, so that a
 * token's generation is also the version it is read under.  Each reader wants
 * whole tokens and generations that never go back.  While no writer lives a
 * read must succeed at the first attempt.  Ends with status 1 on a violation.
 */
#include "config.h"

#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READERS 2
#define TEXT_MAX 4096
#define BUSY_MAX 1000000 /* reads in a row without a result: stuck */

/* Seen by all processes. */
static struct {
	_Atomic int stop;
	struct {
		_Alignas(64) _Atomic uint64_t reads, busy;
	} reader[READERS];
} * shared;

static struct slot *slot;

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static _Noreturn void
violation(const char *what, const struct token *t, uint64_t seq)
{
	printf("slot_torture: %s (generation %llu, seq %llu)\n", what,
	    (unsigned long long)t->generation, (unsigned long long)seq);
	fflush(stdout);
	_exit(1);
}

/* A result of slot_read() that is not SLOT_BUSY. */
static void
check(enum slot_status status, const struct token *t, uint64_t seq,
    uint64_t last)
{
	const char *problem;

	if (status == SLOT_EMPTY)
		violation("empty", t, seq);
	if (status == SLOT_CORRUPT)
		violation("corrupt", t, seq);
	problem = sample_problem(t, TEXT_MAX);
	if (problem != NULL)
		violation(problem, t, seq);
	if (t->generation != seq)
		violation("another generation than published", t, seq);
	if (t->generation < last)
		violation("generation went back", t, seq);
}

static _Noreturn void
read_all_the_time(size_t self)
{
	static struct token t;
	enum slot_status status;
	uint64_t seq, last = 0, busy = 0;

	while (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
		status = slot_read(slot, &t, &seq);
		if (status == SLOT_BUSY) {
			atomic_fetch_add(&shared->reader[self].busy, 1);
			if (++busy == BUSY_MAX)
				violation("stuck", &t, seq);
			continue;
		}
		busy = 0;
		check(status, &t, seq, last);
		last = t.generation;
		atomic_fetch_add(&shared->reader[self].reads, 1);
	}
	_exit(0);
}

static _Noreturn void
write_all_the_time(uint64_t generation)
{
	static struct token t;

	for (;;) {
		sample_make(&t, ++generation, TEXT_MAX);
		if (slot_publish(slot, &t) == -1)
			_exit(1);
	}
}

/* A child that dies with this process; in the child the result is 0. */
static pid_t
start(void)
{
	pid_t pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pid == -1) {
		perror("fork");
		exit(1);
	}
	return pid;
}

static void
reap(pid_t pid, int expected_signal)
{
	int status;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (expected_signal != 0
		? WIFSIGNALED(status) && WTERMSIG(status) == expected_signal
		: WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	printf("slot_torture: a child ended with %#x\n", status);
	exit(1);
}

/* Let a writer run for a while and kill it; what it leaves must be whole. */
static uint64_t
one_writer(uint64_t generation)
{
	static struct token t;
	struct timespec while_it_writes = {.tv_nsec = rand() % 3000000};
	enum slot_status status;
	uint64_t seq;
	pid_t pid = start();

	if (pid == 0)
		write_all_the_time(generation);
	nanosleep(&while_it_writes, NULL);
	kill(pid, SIGKILL);
	reap(pid, SIGKILL);
	status = slot_read(slot, &t, &seq);
	if (status == SLOT_BUSY)
		violation("stuck behind a dead writer", &t, seq);
	check(status, &t, seq, generation);
	return t.generation;
}

static void
share(void)
{
	struct token first;

	slot = sample_slot(TEXT_MAX);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	sample_make(&first, 1, TEXT_MAX);
	slot_publish(slot, &first);
}

static void
report(uint64_t publications, unsigned long kills)
{
	unsigned long long reads = 0, busy = 0;
	int i;

	for (i = 0; i < READERS; i++) {
		reads += shared->reader[i].reads;
		busy += shared->reader[i].busy;
	}
	printf("slot_torture: %llu reads, %llu busy, %llu publications, "
	       "%lu kills\n",
	    reads, busy, (unsigned long long)publications, kills);
	if (reads < 1000 || publications < 1000 || kills < 10) {
		printf("slot_torture: too few of them\n");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	int64_t end = now_ms() + (argc > 1 ? atoi(argv[1]) : 5) * 1000;
	uint64_t generation = 1;
	unsigned long kills = 0;
	pid_t reader[READERS];
	size_t i;

	share();
	srand((unsigned)getpid());
	for (i = 0; i < READERS; i++)
		if ((reader[i] = start()) == 0)
			read_all_the_time(i);
	for (; now_ms() < end; kills++)
		generation = one_writer(generation);
	atomic_store(&shared->stop, 1);
	for (i = 0; i < READERS; i++)
		reap(reader[i], 0);
	report(generation, kills);
	return 0;
}
