/* SPDX-License-Identifier: MIT */
/*
 * sandbox_calls.h - the system calls that each role makes.  The only user of
 * libseccomp.
 *
 * The lists are what the roles and the libraries below them were seen to call,
 * and what the same functions call with another libc or on another machine.
 * A call that is not listed kills a worker, which runs only our own code and
 * libc's.  To the others, which also run what the system's administrator has
 * put below libc to look names up (nsswitch.conf(5)), or a program yet to come,
 * it fails with ENOSYS, as on an older kernel: clone3(2) for one, whose flags
 * no filter sees, so that libc calls clone(2).  What only an intruder would do
 * kills them, too.
 */
#ifndef BEARERD_SANDBOX_CALLS_H
#define BEARERD_SANDBOX_CALLS_H

#include <stdbool.h>

#include "base/err.h"

enum sandbox_role {
	SANDBOX_WORKER = 1,
	SANDBOX_REFRESHER = 2,
	SANDBOX_MASTER = 4,
};

/* True: the kernel can kill a process for a call; else errno says why not. */
bool sandbox_calls_possible(void);

/* True: we inherited the master's filter from a predecessor. */
bool sandbox_calls_inherited(void);

/* Allow this process, and what it starts, the role's calls only, for good.
 * 0, or -1 with *err. */
int sandbox_calls_limit(enum sandbox_role role, struct err *err);

#endif
