/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "names.h"

#include "util.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a; names are the operator's own, so nobody can choose collisions. */
static uint32_t
hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h ^ h >> 15;
}

void
names_init(struct names *n, size_t count)
{
	size_t size = 8;

	while (size < count * 2)
		size *= 2;
	n->entry = util_alloc(size, sizeof(*n->entry));
	n->mask = size - 1;
}

void
names_free(struct names *n)
{
	free(n->entry);
	n->entry = NULL;
}

void
names_add(struct names *n, const char *text, size_t number)
{
	size_t len = strlen(text), i = hash(text, len) & n->mask;

	while (n->entry[i].text != NULL)
		i = (i + 1) & n->mask;
	n->entry[i] = (struct name){text, (uint32_t)len, (uint32_t)number};
}

size_t
names_find(const struct names *n, const char *text, size_t len)
{
	size_t i = hash(text, len) & n->mask;

	for (; n->entry[i].text != NULL; i = (i + 1) & n->mask)
		if (n->entry[i].len == len &&
		    memcmp(n->entry[i].text, text, len) == 0)
			return n->entry[i].number;
	return NAMES_NONE;
}
