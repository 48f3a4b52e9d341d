/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/sig.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t came[NSIG];
static bool caught[NSIG];
static int pipe_fd[2] = {-1, -1};

static void
handle(int signal)
{
	int keep = errno;
	ssize_t n;

	came[signal] = 1;
	n = write(pipe_fd[1], "", 1);
	(void)n; /* a full pipe wakes the loop just as well */
	errno = keep;
}

static void
action_set(int signal, void (*action)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = action;
	sa.sa_flags = SA_RESTART;
	sigemptyset(&sa.sa_mask);
	if (sigaction(signal, &sa, NULL) == -1)
		log_die("sigaction %d: %s", signal, strerror(errno));
	caught[signal] = action == handle;
}

static void
catch_none(void)
{
	int i;

	for (i = 1; i < NSIG; i++)
		if (caught[i])
			action_set(i, SIG_DFL);
}

void
sig_reset(void)
{
	sigset_t none;

	catch_none();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int
sig_open(const int *signals)
{
	sigset_t none;

	catch_none();
	if (pipe_fd[0] != -1) {
		close(pipe_fd[0]);
		close(pipe_fd[1]);
	}
	if (pipe(pipe_fd) == -1 || file_prepare(pipe_fd[0]) == -1 ||
	    file_prepare(pipe_fd[1]) == -1)
		log_die("pipe: %s", strerror(errno));
	memset((void *)came, 0, sizeof(came));
	action_set(SIGPIPE, SIG_IGN);
	for (; *signals != 0; signals++)
		action_set(*signals, handle);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return pipe_fd[0];
}

void
sig_drain(void)
{
	char bytes[64];

	while (read(pipe_fd[0], bytes, sizeof(bytes)) > 0)
		;
}

bool
sig_taken(int signal)
{
	bool yes = came[signal] != 0;

	came[signal] = 0;
	return yes;
}

bool
sig_stop_taken(void)
{
	bool term = sig_taken(SIGTERM), interrupt = sig_taken(SIGINT);

	return sig_taken(SIGQUIT) || term || interrupt;
}
