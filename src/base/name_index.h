/* SPDX-License-Identifier: MIT */
/*
 * names.h - from a name to its number, in a time that does not grow with the
 * number of names.
 *
 * Built once from the configuration, then only read.  Called by workers per
 * request and by the refresher per rotation message.
 */
#ifndef BEARERD_NAMES_H
#define BEARERD_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct names {
	struct name {
		const char *text; /* the caller's; NULL: free */
		uint32_t len, number;
	} *entry;
	size_t mask; /* entries less one; a power of two less one */
};

#define NAMES_NONE SIZE_MAX

/* Make room for count names. */
void names_init(struct names *n, size_t count);
void names_free(struct names *n);

/* Add a name that is not there yet. */
void names_add(struct names *n, const char *text, size_t number);

/* The number of a name, or NAMES_NONE. */
size_t names_find(const struct names *n, const char *text, size_t len);

#endif
