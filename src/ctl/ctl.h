/* SPDX-License-Identifier: MIT */
/*
 * ctl/ is for bearerctl, which controls a running bearerd.
 *
 * ctl.h - the parts of bearerctl.
 *
 * ctl.c has main(), the flags and where the daemon is; ctl/call.c asks over
 * the socket of control/control.h; ctl/get.c reads the segment.
 *
 * Invariants:
 *   - Every wait has a deadline.
 *   - Only ctl_get() shows a token; no other secret is ever shown.
 *   - What went wrong is said by main(), in one line on standard error.
 */
#ifndef BEARERD_CTL_H
#define BEARERD_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum ctl_exit {
	CTL_OK,
	CTL_NO,    /* asked, and the answer is no */
	CTL_ERROR, /* wrong usage, or bearerd cannot be asked */
};

struct ctl {
	const char *socket; /* NULL: not known */
	const char *shm_name;
	int64_t timeout_ms; /* 0: the default */
	bool json;
};

/* The answer of bearerd; text is on the heap and ends in NUL. */
struct ctl_reply {
	bool ok;
	char *text;
	size_t len;
};

/*
 * Send one line (without its end) and get the answer, within the timeout.
 * 0, and the caller frees out->text; or -1 with *err: bearerd could not be
 * asked.
 */
int ctl_call(const struct ctl *ctl, const char *line, struct ctl_reply *out,
    struct err *err);

/* Print the token of this name, or the default one for NULL.  Returns the exit
 * status, and *err if that is not CTL_OK. */
int ctl_get(const struct ctl *ctl, const char *name, struct err *err);

#endif
