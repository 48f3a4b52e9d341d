/* SPDX-License-Identifier: MIT */
/* Status, redrawn as top(1) does. */
#include "config.h"

#include "ctl.h"

#include "clock.h"
#include "sig.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The other screen, without a cursor; and back. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define END_OF_LINE "\033[K"
#define REST "\033[J"

/* As much of a text as fits. */
static void
draw(const char *text)
{
	struct winsize size = {0};
	int row = 0, rows, columns;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	rows = size.ws_row > 0 ? size.ws_row : 24;
	columns = size.ws_col > 0 ? size.ws_col : 80;
	fputs(HOME, stdout);
	while (*text != '\0' && row++ < rows) {
		int len = (int)strcspn(text, "\n");

		printf("%s%.*s" END_OF_LINE, row > 1 ? "\r\n" : "",
		    len < columns ? len : columns, text);
		text += len;
		text += *text == '\n';
	}
	fputs(REST, stdout);
}

/* One frame; what went wrong takes its place. */
static void
frame(const struct ctl *ctl, const char *line, bool screen)
{
	struct ctl_reply reply = {0};
	struct err err;
	const char *text = err.text;

	if (ctl_call(ctl, line, &reply, &err) == 0)
		text = reply.text;
	if (screen)
		draw(text);
	else
		printf("%s\n", text);
	fflush(stdout);
	free(reply.text);
}

/* Sleep; false: a signal ended it. */
static bool
sleep_until(int64_t at, int signal_fd)
{
	struct pollfd fd = {.fd = signal_fd, .events = POLLIN};
	int64_t left = at - clock_boot_ms();

	poll(&fd, 1, left > 0 ? (int)left : 0);
	sig_drain();
	return !sig_stop_taken() && !sig_taken(SIGHUP);
}

int
ctl_watch(const struct ctl *ctl, const char *line, struct err *err)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, 0};
	bool screen = isatty(STDOUT_FILENO) && !ctl->json;
	struct ctl_reply reply;
	int64_t next;
	int fd;

	/* whoever mistyped something is not to find out on another screen */
	if (ctl_call(ctl, line, &reply, err) == -1)
		return CTL_ERROR;
	free(reply.text);
	fd = sig_open(signals);
	if (screen)
		fputs(ENTER, stdout);
	do {
		next = clock_boot_ms() + ctl->interval_ms;
		frame(ctl, line, screen);
	} while (!ferror(stdout) && sleep_until(next, fd));
	if (screen)
		fputs(LEAVE, stdout);
	fflush(stdout);
	return CTL_OK;
}
