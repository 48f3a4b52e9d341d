/* SPDX-License-Identifier: MIT */
/*
 * log_limit.h - whether a line is news, or the same trouble again.
 *
 * Trouble that repeats is logged at once, then once a minute, with the number
 * of times in between.  One `struct log_limit` belongs to a thing that
 * can be in trouble, and tells some kinds of trouble apart; zero at first.
 * Called by whoever logs.
 *
 * Invariants:
 *   - A kind that was not logged for LOG_LIMIT_MS is logged.
 *   - No more than LOG_LIMIT_KINDS lines are said in LOG_LIMIT_MS, so that a
 *     server which words its errors by chance does not fill the log.
 */
#ifndef BEARERD_LOG_LIMIT_H
#define BEARERD_LOG_LIMIT_H

#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_MS 60000
#define LOG_LIMIT_KINDS 8

struct log_limit {
	struct log_limit_said {
		int64_t at; /* 0: free */
		uint32_t kind;
		unsigned kept; /* not said since */
	} said[LOG_LIMIT_KINDS];
};

/* Log a line of this kind at this level, and how many were not logged since the
 * last one; or only at LVL_DEBUG.  Returns whether it was logged. */
bool log_limit_write(struct log_limit *l, uint32_t kind, enum log_level level,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The kind of a text, whatever the numbers in it are. */
uint32_t log_limit_kind(const char *text);

#endif
