/* SPDX-License-Identifier: MIT */
/*
 * store/refresh.h - the record of a refresh token in Redis, {K}:refresh.
 *
 * Called by the refresher with the lock of the token, but for the outcome of a
 * call, which may be late.  Each operation answers through struct store_events,
 * refresh_done().
 *
 * Invariants:
 *   - The record is sealed (store/seal.h); it never lies there as it is.
 *   - It is replaced only if it is still the one that was read or written last.
 */
#ifndef BEARERD_STORE_REFRESH_H
#define BEARERD_STORE_REFRESH_H

#include "store/store.h"

/* Read it; the answer's text is NULL if there is none. */
int store_refresh_read(struct store *s, size_t token);

/* Replace it: before a call, with the lock; after it, also without. */
int store_refresh_begin(struct store *s, size_t token, const char *text);
int store_refresh_end(struct store *s, size_t token, const char *text);

#endif
