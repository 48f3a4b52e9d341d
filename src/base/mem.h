/* SPDX-License-Identifier: MIT */
/*
 * mem.h - memory from the heap, and wiping it.
 *
 * Called at start and on the refresher's and the master's paths.  Nothing on a
 * worker's path to an answer allocates.
 *
 * Invariant: no function here returns NULL, but for libraries; without memory
 * the process ends.
 */
#ifndef BEARERD_MEM_H
#define BEARERD_MEM_H

#include <stddef.h>

/* Zeroed memory, at least one byte; the caller frees it. */
void *mem_alloc(size_t count, size_t size);

/* A copy of a text; the caller frees it. */
char *mem_strdup(const char *text);

/*
 * Append n bytes to *bytes, which may hold secrets: memory that became too
 * small is wiped before it is freed.  *bytes may be NULL; *len bytes of *size
 * are in use.  The caller frees *bytes.
 */
void mem_append(char **bytes, size_t *len, size_t *size, const void *more,
    size_t n);

/* Wipe and free a text; NULL is allowed. */
void mem_free_secret(char *secret);

/*
 * free(3) and realloc(3) for libraries whose memory may hold secrets: all that
 * malloc(3) gave is wiped.  The latter returns NULL without memory, and *p is
 * then as it was.
 */
void mem_free_wiped(void *p);
void *mem_realloc_wiped(void *p, size_t size);

#endif
