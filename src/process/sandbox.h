/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - limit a process to the calls and files that it needs, so that an
 * intruder in it cannot do more.
 *
 * Two means of the kernel, which need no privileges and cannot be undone:
 *   - seccomp(2) limits the system calls to those that the role needs;
 *   - landlock(7) limits the files, the TCP ports and the signals.
 *
 * The master checks once what the kernel offers.  Then each process confines
 * itself as soon as it has what it needs:
 *   - worker: it has its sockets, and opens, connects and starts nothing.  No
 *     file, no port.
 *   - refresher: sockets, files and threads; no programs.  It reads the
 *     system's configuration and what the options name, and writes into the
 *     directories of tokens' files only.
 *   - master: it starts the other two and, at an upgrade, another program.
 *     Its files are not limited: a reload may name any.
 * A call of the refresher or the master beyond its list, made by a library or
 * by that program, fails as on an older kernel, unless it is only of use to an
 * intruder: sandbox_calls.h.
 *
 * Invariants:
 *   - A call that kills does so to the whole process, with SIGSYS; the master
 *     logs it as any death.
 *   - Limits are inherited and add up; a successor keeps its predecessor's
 *     limit of calls instead of adding the same once more.
 *
 * Called by the master, and by each role for itself, without other threads.
 */
#ifndef BEARERD_SANDBOX_H
#define BEARERD_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"

/* The words of the option `sandbox`. */
enum sandbox_mode { SANDBOX_OFF, SANDBOX_AUTO, SANDBOX_REQUIRED };

/*
 * Master, before its first child: find out what this kernel, and a sandbox
 * around us, allow; log it; limit the master.  -1 with *err: the mode requires
 * more than is available.
 */
int sandbox_begin(const struct conf *conf, struct err *err);

/* The same at a reload, where the mode may be another; nothing is limited. */
int sandbox_check(const struct conf *conf, struct err *err);

/* Confine this process; ends it if that fails and the mode requires it. */
void sandbox_worker(const struct conf *conf);

/* The refresher may still have to remove files of the configuration before;
 * NULL: there was none. */
void sandbox_refresher(const struct conf *conf, const struct conf *before);

/* Refresher: whether a file or directory that options name has been replaced by
 * one that is out of reach; a new refresher would reach it.  Logged.  Cheap
 * enough for every turn; now_ms is of the boot clock. */
bool sandbox_outgrown(int64_t now_ms);

#endif
