/* SPDX-License-Identifier: MIT */
/*
 * slot_kill - kill the writer of a slot after every single instruction.
 *
 * For k = 0, 1, 2 ... a child that shares the slot is traced through k
 * instructions of a publication (or of clearing) and killed there.  A reader
 * must then get the old or the new content, entire and at once, and a
 * successor must be able to publish.  Deterministic; ends with status 1 at the
 * first violation, 77 where processes may not be traced.
 */
#include "config.h"

#include "sample.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX 256  /* the instructions are counted in squares */
#define BEGIN SIGSTOP /* the child stops with it before the operation */
#define END SIGUSR1   /* and with it afterwards */

static struct slot *slot;
static struct token before, after, got;

static void
publish(void)
{
	slot_publish(slot, &after);
}

static void
clear(void)
{
	slot_clear(slot, before.generation);
}

static const struct operation {
	const char *name;
	void (*run)(void);
	uint64_t published; /* tokens before, the last one is the old content */
	size_t text_max;
	bool clears;
} operations[] = {
    {"second publication", publish, 1, TEXT_MAX, false},
    {"third publication", publish, 2, TEXT_MAX, false},
    {"clearing", clear, 2, TEXT_MAX / 4, true},
};

static _Noreturn void
violation(const struct operation *o, unsigned long k, const char *what)
{
	printf("slot_kill: %s killed after %lu instructions: %s\n", o->name, k,
	    what);
	exit(1);
}

static _Noreturn void
untraceable(void)
{
	printf("slot_kill: skipped, ptrace: %s\n", strerror(errno));
	exit(77);
}

/* A slot as it is before the operation. */
static void
prepare(const struct operation *o)
{
	uint64_t g;

	memset(slot->memory, 0, slot_size(TEXT_MAX));
	slot_init(slot, slot->memory, "sample", o->text_max);
	for (g = 1; g <= o->published; g++) {
		sample_make(&before, g, o->text_max);
		slot_publish(slot, &before);
	}
	sample_make(&after, g, o->text_max);
}

/* A child that is stopped just before the operation. */
static pid_t
start_writer(const struct operation *o)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(77);
		raise(BEGIN);
		o->run();
		raise(END);
		_exit(0);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		untraceable();
	return pid;
}

/* Let the writer do up to k instructions; false: it is through. */
static bool
step(pid_t pid, unsigned long k)
{
	int status;

	for (; k > 0; k--) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == -1 ||
		    waitpid(pid, &status, 0) != pid)
			untraceable();
		if (WIFSTOPPED(status) && WSTOPSIG(status) == END)
			return false;
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) {
			printf("slot_kill: writer ended: %#x\n", status);
			exit(1);
		}
	}
	return true;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
}

/* Whether the operation took effect; anything but yes or no is a violation. */
static bool
took_effect(const struct operation *o, unsigned long k)
{
	uint64_t seq;
	enum slot_status status = slot_read(slot, &got, &seq);
	const char *problem;

	if (status == SLOT_EMPTY && o->clears)
		return true;
	if (status != SLOT_OK)
		violation(o, k,
		    status == SLOT_EMPTY      ? "empty"
			: status == SLOT_BUSY ? "readers are stuck"
					      : "corrupt");
	problem = sample_problem(&got, o->text_max);
	if (problem != NULL)
		violation(o, k, problem);
	if (got.generation != seq)
		violation(o, k, "seq is not that of the token");
	if (got.generation == before.generation)
		return false;
	if (o->clears || got.generation != after.generation)
		violation(o, k, "a token that was not published");
	return true;
}

/* A successor publishes twice, once into each copy. */
static void
succeed(const struct operation *o, unsigned long k)
{
	uint64_t first = slot_seq(slot), seq, g;

	for (g = first + 1; g <= first + 2; g++) {
		sample_make(&got, g, o->text_max);
		if (slot_publish(slot, &got) == -1)
			violation(o, k, "the successor cannot publish");
		if (slot_read(slot, &got, &seq) != SLOT_OK || seq != g ||
		    got.generation != g ||
		    sample_problem(&got, o->text_max) != NULL)
			violation(o, k, "the successor's token is not read");
	}
}

/* All kill points of one operation. */
static void
kill_everywhere(const struct operation *o)
{
	unsigned long k, count[2] = {0, 0};
	bool on = true, effect, had_effect = false;
	pid_t pid;

	for (k = 0; on; k++) {
		prepare(o);
		pid = start_writer(o);
		on = step(pid, k);
		end(pid);
		effect = took_effect(o, k);
		if (had_effect && !effect)
			violation(o, k, "the old content after the new one");
		had_effect = effect;
		count[effect]++;
		succeed(o, k);
	}
	if (count[0] < 50 || count[1] == 0)
		violation(o, k, "too few kill points: nothing was tested");
	printf("slot_kill: %-18s %5lu kill points, old %lu, new %lu\n", o->name,
	    k, count[0], count[1]);
	fflush(stdout);
}

int
main(void)
{
	size_t i;

	slot = sample_slot(TEXT_MAX);
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		kill_everywhere(&operations[i]);
	return 0;
}
