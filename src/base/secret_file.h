/* SPDX-License-Identifier: MIT */
/*
 * secret_file.h - secrets in files: a password, an API key, a file of keys.
 *
 * Called by the configuration's checks, and by the refresher each time that it
 * needs a secret, so that a file that was replaced is noticed.  A name without
 * a slash is looked up in $CREDENTIALS_DIRECTORY first, as systemd.exec(5) has
 * it.
 *
 * Invariants:
 *   - No error text holds any of a file's content.
 *   - After a failure nothing of a file is left in memory.
 */
#ifndef BEARERD_SECRET_FILE_H
#define BEARERD_SECRET_FILE_H

#include "base/err.h"

#include <stddef.h>

/*
 * Why a text cannot be a secret ("must not ..."): it has something that an
 * editor, a shell or an env file put there and nobody sees.  NULL: it can be.
 */
const char *secret_file_problem(const char *text, size_t len);

/*
 * Read a file that holds one secret: its content without the last line end, at
 * most size - 1 bytes, no line end inside, and no secret_file_problem().  0, or
 * -1 with *err naming the file and the reason.  The caller wipes out.
 */
int secret_file_read(const char *path, char *out, size_t size, struct err *err);

/*
 * Read a file that holds several secrets: all of it, at most size - 1 bytes,
 * and a NUL.  A file that every user may access is refused.  0, or -1 with
 * *err. The caller wipes out.
 */
int secret_file_read_all(const char *path, char *out, size_t size,
    struct err *err);

#endif
