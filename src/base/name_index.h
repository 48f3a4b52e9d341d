/* SPDX-License-Identifier: MIT */
/*
 * name_index.h - from a name to its number, in a time that does not grow with
 * the number of names.
 *
 * Built once from the configuration, then only read.  Called by workers per
 * request and by the refresher per rotation message.
 */
#ifndef BEARERD_NAME_INDEX_H
#define BEARERD_NAME_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct name_index {
	struct name {
		const char *text; /* the caller's; NULL: free */
		uint32_t len, number;
	} * entry;
	size_t mask; /* entries less one; a power of two less one */
};

#define NAME_INDEX_NONE SIZE_MAX

/* Make room for count names. */
void name_index_init(struct name_index *n, size_t count);
void name_index_free(struct name_index *n);

/* Add a name that is not there yet. */
void name_index_add(struct name_index *n, const char *text, size_t number);

/* The number of a name, or NAME_INDEX_NONE. */
size_t name_index_find(const struct name_index *n, const char *text,
    size_t len);

#endif
