/* SPDX-License-Identifier: MIT */
/*
 * sandbox_files.h - the files, ports and signals within a process' reach.  The
 * only user of landlock(7).
 *
 * A rule is about the file that was there when it was made.  So that a
 * directory which is replaced, or a link that leads elsewhere, does not cut the
 * refresher off, it looks from time to time whether it has outgrown its rules;
 * the next one then makes its own.
 */
#ifndef BEARERD_SANDBOX_FILES_H
#define BEARERD_SANDBOX_FILES_H

#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"

/* The kernel's version of landlock; 0: it has none for us, errno tells why. */
int sandbox_files_version(void);

/* Leave this process no file, no TCP port, no other process to signal and no
 * abstract socket.  0, or -1 with *err. */
int sandbox_files_none(struct err *err);

/*
 * Leave it for reading: the system's configuration and libraries, and the
 * directories of the files that options name; for writing: those of tokens'
 * files, of the configuration before, too, if there was one; no TCP port to
 * listen on, and otherwise as above.  0, or -1 with *err.
 */
int sandbox_files_named(const struct conf *conf, const struct conf *before,
    struct err *err);

/*
 * Whether something that options name is there, but was not when the rules were
 * made, and is out of reach.  Returns its path, or NULL.  Cheap: looks at some
 * of them once a second, at all within eight; now_ms is of the boot clock.
 */
const char *sandbox_files_outgrown(int64_t now_ms);

#endif
