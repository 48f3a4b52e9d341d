/* SPDX-License-Identifier: MIT */
/*
 * segment.h - the segment of two slots that the tests of segment work on, under
 * a name that no other test run has.
 */
#ifndef BEARERD_TEST_SEGMENT_H
#define BEARERD_TEST_SEGMENT_H

#include "shared/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX 256 /* of the slots */

static const char *const names[] = {"one", "two"};
static char name[32];
static struct segment segment;
static struct err err;

/* By the process that runs the tests: one that fails leaves nothing behind. */
static void
remove_at_exit(void)
{
	segment_remove(name);
}

__attribute__((constructor)) static void
choose_name(void)
{
	snprintf(name, sizeof(name), "/bearerd-check-%d", (int)getpid());
	atexit(remove_at_exit);
}

static inline void
create(void)
{
	ck_assert_msg(segment_create(name, names, COUNT(names), TEXT_MAX, NULL,
			  &segment, &err) == 0,
	    "%s", err.text);
}

static inline void
drop(void)
{
	segment_close(&segment);
	segment_remove(name);
}

static inline void
put(struct segment *where, const char *token, const char *text,
    int64_t obtained_at, int64_t expires_at)
{
	struct token t = {.generation = 7,
	    .obtained_at = obtained_at,
	    .expires_at = expires_at};

	token_set_text(&t, text, strlen(text));
	ck_assert_int_eq(slot_publish(segment_find(where, token), &t), 0);
}

/* The text in a slot, or "". */
static inline const char *
get(const struct segment *where, const char *token)
{
	static struct token t;
	uint64_t seq;

	if (slot_read(segment_find(where, token), &t, &seq) != SLOT_OK)
		return "";
	return t.text;
}

/* The generation of the token in a slot, or of the last one that was there. */
static inline uint64_t
generation(const struct segment *where, const char *token)
{
	struct token t;
	uint64_t seq;

	ck_assert_int_le(slot_read(segment_find(where, token), &t, &seq),
	    SLOT_EMPTY);
	return t.generation;
}

#endif
