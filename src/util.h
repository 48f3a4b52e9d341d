/* SPDX-License-Identifier: MIT */
/*
 * util.h - small things without a home of their own: error texts, random
 * numbers, hexadecimal, descriptors, secrets in files.
 *
 * Called by every process.  Nothing here keeps state but the random pool.
 */
#ifndef BEARERD_UTIL_H
#define BEARERD_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What went wrong, worded by the function that saw it, for the one that
 * handles it.  Never holds a secret.
 */
struct err {
	char text[256];
};

/* Word an error; always returns -1, for `return err_set(err, ...)`. */
int err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Random bytes from the kernel (getrandom(2)); ends the process if refused. */
void util_random(void *out, size_t len);

/* A random number, uniform in [0, 1). */
double util_random_unit(void);

/* Write 2 * len lower-case hexadecimal digits and a NUL to out. */
void util_hex(const void *bytes, size_t len, char *out);

/* The reverse: 2 * len digits to len bytes.  0, or -1: one of the characters is
 * no hexadecimal digit. */
int util_unhex(const char *digits, size_t len, void *out);

/* Make a descriptor non-blocking and close-on-exec.  0, or -1 with errno. */
int util_fd_prepare(int fd);

/* The directory of a file, by its path alone; the caller frees it. */
char *util_directory(const char *path);

/*
 * Read a secret from a file: the content without its last line end.  A name
 * without a slash is looked up in $CREDENTIALS_DIRECTORY first, as
 * systemd.exec(5) has it.  At most size - 1 bytes, no NUL and no line end
 * inside.  0, or -1 with *err naming the file and the reason; out is wiped
 * then.  The caller wipes out after use.
 */
int util_read_secret(const char *path, char *out, size_t size, struct err *err);

/*
 * Read a file that holds several secrets, found in the same way: all of it, at
 * most size - 1 bytes, and a NUL.  A file that every user may access is
 * refused.  0, or -1 with *err; out is wiped then.  The caller wipes it.
 */
int util_read_secrets(const char *path, char *out, size_t size,
    struct err *err);

/* An allocation that cannot be done without: ends the process on failure. */
void *util_alloc(size_t count, size_t size);
char *util_strdup(const char *text);

/*
 * Append to bytes on the heap, which may hold secrets: what is outgrown is
 * overwritten.  *bytes may be NULL; *size is what is allocated.
 */
void util_append(char **bytes, size_t *len, size_t *size, const void *more,
    size_t n);

/* Overwrite and free a secret; NULL is allowed. */
void util_free_secret(char *secret);

#endif
