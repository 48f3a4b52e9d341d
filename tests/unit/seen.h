/* SPDX-License-Identifier: MIT */
/*
 * seen.h - what is logged, to be looked at: between see() and unsee() standard
 * error leads into a pipe, and the clocks stand.
 */
#ifndef BEARERD_TEST_SEEN_H
#define BEARERD_TEST_SEEN_H

#include "base/clock.h"
#include "base/log.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	int read, saved;
	char text[70000];
} seen;

static inline void
see(void)
{
	int fd[2];

	ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
	seen.saved = dup(STDERR_FILENO);
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	seen.read = fd[0];
	fcntl(seen.read, F_SETFL, O_NONBLOCK);
	unsetenv("JOURNAL_STREAM");
	clock_set(1000, 1700000000123);
	log_open(LVL_INFO, false);
	log_role("worker 3");
}

/* The lines written since the last time. */
static inline const char *
drain(void)
{
	ssize_t n = read(seen.read, seen.text, sizeof(seen.text) - 1);

	seen.text[n > 0 ? n : 0] = '\0';
	return seen.text;
}

static inline void
unsee(void)
{
	dup2(seen.saved, STDERR_FILENO);
	close(seen.saved);
	close(seen.read);
}

#endif
