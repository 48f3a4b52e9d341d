/* SPDX-License-Identifier: MIT */
/*
 * refresh_file.h - the record of a refresh token in a file, without Redis.
 *
 * Called by renewals.  Invariants:
 *   - After a success the record is on the disk, whatever happens next.
 *   - A reader finds the old record or the new one, never a part.
 *   - Only the owner may read it.
 */
#ifndef BEARERD_REFRESH_FILE_H
#define BEARERD_REFRESH_FILE_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Read it: bytes, at most size; 0: there is no such file; -1 with *err. */
ssize_t refresh_file_read(const char *path, char *out, size_t size,
    struct err *err);

/* Replace it.  0, or -1 with *err. */
int refresh_file_write(const char *path, const char *text, struct err *err);

#endif
