/* SPDX-License-Identifier: MIT */
/*
 * err.h - the text of an error, from the function that saw it to the one that
 * handles it.
 *
 * Called everywhere.  A function that fails words the error in its caller's
 * struct err and returns -1; whoever handles the error logs it, once.
 *
 * Invariant: the text holds no secret.
 */
#ifndef BEARERD_ERR_H
#define BEARERD_ERR_H

struct err {
	char text[256];
};

/* Word an error, cut to its room.  Always -1, for `return err_set(err, ...)`.
 */
int err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
