/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mem.h"

#include "base/log.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *
mem_alloc(size_t count, size_t size)
{
	void *p = calloc(count > 0 ? count : 1, size);

	if (p == NULL)
		log_die("out of memory");
	return p;
}

char *
mem_strdup(const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		log_die("out of memory");
	return copy;
}

void
mem_append(char **bytes, size_t *len, size_t *size, const void *more, size_t n)
{
	char *grown;

	if (*len + n > *size) {
		*size = (*len + n) * 2;
		grown = mem_alloc(1, *size);
		if (*bytes != NULL) {
			memcpy(grown, *bytes, *len);
			explicit_bzero(*bytes, *len);
		}
		free(*bytes);
		*bytes = grown;
	}
	memcpy(*bytes + *len, more, n);
	*len += n;
}

void
mem_free_secret(char *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}

void
mem_free_wiped(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void *
mem_realloc_wiped(void *p, size_t size)
{
	size_t room = p == NULL ? 0 : malloc_usable_size(p);
	void *out;

	if (size != 0 && size <= room)
		return p;
	out = malloc(size > 0 ? size : 1);
	if (out == NULL)
		return NULL;
	if (p != NULL)
		memcpy(out, p, room < size ? room : size);
	mem_free_wiped(p);
	return out;
}
