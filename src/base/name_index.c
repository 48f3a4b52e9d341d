/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/name_index.h"

#include "base/mem.h"

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
name_index_init(struct name_index *n, size_t count)
{
	size_t size = 8;

	while (size < count * 2)
		size *= 2;
	n->entry = mem_alloc(size, sizeof(*n->entry));
	n->mask = size - 1;
}

void
name_index_free(struct name_index *n)
{
	free(n->entry);
	n->entry = NULL;
}

void
name_index_add(struct name_index *n, const char *text, size_t number)
{
	size_t len = strlen(text), i = hash(text, len) & n->mask;

	while (n->entry[i].text != NULL)
		i = (i + 1) & n->mask;
	n->entry[i] = (struct name){text, (uint32_t)len, (uint32_t)number};
}

size_t
name_index_find(const struct name_index *n, const char *text, size_t len)
{
	size_t i = hash(text, len) & n->mask;

	for (; n->entry[i].text != NULL; i = (i + 1) & n->mask)
		if (n->entry[i].len == len &&
		    memcmp(n->entry[i].text, text, len) == 0)
			return n->entry[i].number;
	return NAME_INDEX_NONE;
}
