/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/crypto.h"
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PERIOD 94 /* printable characters; texts differ by where they begin */

/* The characters, over and over: each text is a piece of it. */
static const char *
characters(uint64_t generation)
{
	static char text[PERIOD + TOKEN_MAX];
	size_t i;

	if (text[0] == '\0')
		for (i = 0; i < sizeof(text); i++)
			text[i] = (char)('!' + i % PERIOD);
	return text + generation % PERIOD;
}

/* Short, middle and long texts by turns, all lengths among them. */
static size_t
length(uint64_t generation, size_t text_max)
{
	static const size_t part[] = {16, 1, 4, 1};
	size_t most = text_max / part[generation % 4];

	return 1 + (size_t)(generation * 2654435761u % most);
}

/* Some have extras, where there is room. */
static size_t
extra_length(uint64_t generation, size_t len, size_t text_max)
{
	size_t used = (len + 7) / 8 * 8;

	return generation % 3 == 0 && used + 16 <= text_max ? 1 + generation % 9
							    : 0;
}

void
sample_make(struct token *t, uint64_t generation, size_t text_max)
{
	t->generation = generation;
	t->obtained_at = (int64_t)(generation * 3);
	t->expires_at = (int64_t)(generation * 5);
	t->renew_at = -(int64_t)generation;
	t->obtained_wall_at = (int64_t)(generation ^ 0xaaaaaaaa);
	t->expires_wall_at = (int64_t)(generation ^ 0x55555555);
	t->source = generation % 2 ? TOKEN_FROM_REDIS : TOKEN_FROM_BACKEND;
	t->origin = (struct token_origin){generation * 7, ~generation};
	crypto_hex(&generation, sizeof(generation), t->fingerprint);
	t->len = length(generation, text_max);
	memcpy(t->text, characters(generation), t->len);
	t->text[t->len] = '\0';
	token_set_extra(t, characters(generation + 1),
	    extra_length(generation, t->len, text_max));
}

const char *
sample_problem(const struct token *t, size_t text_max)
{
	static struct token right;

	sample_make(&right, t->generation, text_max);
	if (t->len != right.len)
		return "length";
	if (memcmp(t->text, right.text, right.len + 1) != 0)
		return "text";
	if (strcmp(t->extra, right.extra) != 0)
		return "extra";
	if (t->obtained_at != right.obtained_at ||
	    t->expires_at != right.expires_at ||
	    t->renew_at != right.renew_at ||
	    t->obtained_wall_at != right.obtained_wall_at ||
	    t->expires_wall_at != right.expires_wall_at)
		return "times";
	if (t->source != right.source ||
	    t->origin.place != right.origin.place ||
	    t->origin.credentials != right.origin.credentials ||
	    strcmp(t->fingerprint, right.fingerprint) != 0)
		return "source, origin or fingerprint";
	return NULL;
}

struct slot *
sample_slot(size_t text_max)
{
	static struct slot s;
	void *memory = mmap(NULL, slot_size(text_max), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	slot_init(&s, memory, "sample", text_max);
	return &s;
}
