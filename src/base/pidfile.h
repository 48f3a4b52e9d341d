/* SPDX-License-Identifier: MIT */
/*
 * pidfile.h - the file that tells the master's process id.
 *
 * Called by the master.  After a change of the program the file is the new
 * master's, though the old one may have written it too.
 */
#ifndef BEARERD_PIDFILE_H
#define BEARERD_PIDFILE_H

#include "base/err.h"

/* Check that it can be written: 0, or -1 with *err. */
int pidfile_check(const char *path, struct err *err);

/* Write our process id.  0, or -1 with *err. */
int pidfile_write(const char *path, struct err *err);

/* Remove the file if it is still ours. */
void pidfile_remove(const char *path);

#endif
