/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048 /* below PIPE_BUF: written whole or not at all */

static const char *const level_name[] = {
    [LVL_ERR] = "err",
    [LVL_WARNING] = "warning",
    [LVL_NOTICE] = "notice",
    [LVL_INFO] = "info",
    [LVL_DEBUG] = "debug",
};

static struct {
	enum log_level least;
	bool json;
	char role[32];
	unsigned long dropped;
} self = {.least = LVL_INFO, .role = "main"};

void
log_open(enum log_level least, bool json)
{
	self.least = least;
	self.json = json;
}

void
log_role(const char *role)
{
	snprintf(self.role, sizeof(self.role), "%s", role);
}

static void
add_time(struct buf *b)
{
	int64_t now = clock_wall_ms();
	struct clock_date d = clock_date(now);

	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", d.year, d.month,
	    d.day, d.hour, d.minute, d.second, (int)(now % 1000));
}

static void
compose(struct buf *b, enum log_level level, const char *text)
{
	if (self.json) {
		buf_str(b, "{\"time\":\"");
		add_time(b);
		buf_printf(b,
		    "\",\"level\":\"%s\",\"pid\":%d,\"role\":\"%s\",\"message\":",
		    level_name[level], (int)getpid(), self.role);
		buf_json(b, text, strlen(text));
		buf_str(b, "}\n");
		return;
	}
	if (getenv("JOURNAL_STREAM") != NULL) {
		buf_printf(b, "<%d>%s: ", (int)level, self.role);
	} else {
		add_time(b);
		buf_printf(b, " %s [%d] %s: ", level_name[level], (int)getpid(),
		    self.role);
	}
	buf_plain(b, text);
	buf_char(b, '\n');
}

/* Whether standard error takes a line now; a full or broken pipe does not. */
static bool
writable(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
}

static void
emit(enum log_level level, const char *text)
{
	char line[LINE_MAX_BYTES];
	struct buf b;

	buf_init(&b, line, sizeof(line));
	compose(&b, level, text);
	if (b.overflow || !writable() ||
	    write(STDERR_FILENO, b.data, b.len) != (ssize_t)b.len)
		self.dropped++;
}

__attribute__((format(printf, 2, 0))) static void
log_va(enum log_level level, const char *format, va_list ap)
{
	char text[1024], lost[64];
	int keep = errno;
	unsigned long dropped = self.dropped;

	vsnprintf(text, sizeof(text), format, ap);
	if (dropped > 0) {
		self.dropped = 0;
		snprintf(lost, sizeof(lost), "%lu log lines were dropped",
		    dropped);
		emit(LVL_WARNING, lost);
		if (self.dropped > 0)
			self.dropped = dropped;
	}
	emit(level, text);
	errno = keep;
}

void
log_at(enum log_level level, const char *format, ...)
{
	va_list ap;

	if (level > self.least)
		return;
	va_start(ap, format);
	log_va(level, format, ap);
	va_end(ap);
}

void
log_lines(enum log_level level, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL)
		if (*line != '\0')
			log_at(level, "%s", line);
}

void
log_die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_va(LVL_ERR, format, ap);
	va_end(ap);
	exit(1);
}
