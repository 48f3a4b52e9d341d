/* SPDX-License-Identifier: MIT */
/*
 * base/ is for what every process needs.
 *
 * base/log.h - log lines to standard error, for people and for machines.
 *
 * Called by every process, never per request.  A line bears its level (the
 * severities of RFC 5424), the process's role and the text, as text or JSON.
 * When standard error leads to the journal ($JOURNAL_STREAM) a text line
 * begins with <N> as sd-daemon(3) describes it, without the time.
 *
 * Invariants:
 *   - A line is one write(2); lines of several processes do not mix.
 *   - Logging never blocks: a line for which a pipe has no room is dropped,
 *     and the next line that fits says how many were.
 *   - errno is the same before and after.
 *   - No secret is passed to a function of this file.
 */
#ifndef BEARERD_LOG_H
#define BEARERD_LOG_H

#include <stdbool.h>

enum log_level { LVL_ERR = 3, LVL_WARNING, LVL_NOTICE, LVL_INFO, LVL_DEBUG };

/* Set the least severe level shown and the format; may be called again. */
void log_open(enum log_level least, bool json);

/* Name this process in every line from now on: "master", "worker 0". */
void log_role(const char *role);

void log_at(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define log_err(...) log_at(LVL_ERR, __VA_ARGS__)
#define log_warning(...) log_at(LVL_WARNING, __VA_ARGS__)
#define log_notice(...) log_at(LVL_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LVL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LVL_DEBUG, __VA_ARGS__)

/* Log each line of a text that is not empty; the text is cut up. */
void log_lines(enum log_level level, char *text);

/* Log an error and end the process with status 1. */
_Noreturn void log_die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
