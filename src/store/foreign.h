/* SPDX-License-Identifier: MIT */
/*
 * store/foreign.h - values that other clients write in a form of their own.
 *
 * A token stands in Redis as it is.  A client library that serializes writes it
 * in quotes, as JSON, or "null" for none.  Such a text could stand in a header,
 * but the backend would refuse it.  Called by store/key.c for a text without
 * meta data.
 */
#ifndef BEARERD_STORE_FOREIGN_H
#define BEARERD_STORE_FOREIGN_H

#include <stddef.h>

/* Why a text is no token; static; NULL: it may be one. */
const char *store_foreign(const char *text, size_t len);

#endif
