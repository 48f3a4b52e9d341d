/* SPDX-License-Identifier: MIT */
/*
 * one_slot.h - a slot in private memory, a token, and what came out.
 */
#ifndef BEARERD_TEST_ONE_SLOT_H
#define BEARERD_TEST_ONE_SLOT_H

#include "shared/slot.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GUARD 64

static struct slot_memory *memory;
static struct slot self, *slot = &self;
static size_t size;
static struct token in, out;
static uint64_t seq;

/* An empty slot for texts up to text_max bytes, with a guard behind it. */
static inline void
make_slot(size_t text_max)
{
	size = slot_size(text_max);
	memory = aligned_alloc(64, size + GUARD);
	memset(memory, 0, size);
	memset((char *)memory + size, '#', GUARD);
	slot_init(slot, memory, "name", text_max);
}

static inline void
drop_slot(void)
{
	size_t i;

	for (i = 0; i < GUARD; i++)
		ck_assert_int_eq(((char *)memory)[size + i], '#');
	free(memory);
}

/* A token that differs from others in every member. */
static inline void
make_token(size_t len, unsigned salt)
{
	char text[TOKEN_MAX];
	size_t i;

	memset(&in, 0x5a, sizeof(in));
	for (i = 0; i < len; i++)
		text[i] = (char)('!' + (i * 7 + salt) % 94);
	token_set_text(&in, text, len);
	token_set_extra(&in, "", 0);
	in.generation = 1000 + salt;
	in.obtained_at = 11 + salt;
	in.expires_at = INT64_MAX / 2 - 1 - salt;
	in.renew_at = -5 - (int64_t)salt;
	in.obtained_wall_at = 1700000000000 + salt;
	in.expires_wall_at = 1700000001000 + salt;
	in.source = TOKEN_FROM_BACKEND;
	in.origin =
	    (struct token_origin){0x1122334455667788, 0x99aabbccddeeff00};
}

static inline void
ck_out_is_in(void)
{
	ck_assert_uint_eq(out.generation, in.generation);
	ck_assert_int_eq(out.obtained_at, in.obtained_at);
	ck_assert_int_eq(out.expires_at, in.expires_at);
	ck_assert_int_eq(out.renew_at, in.renew_at);
	ck_assert_int_eq(out.obtained_wall_at, in.obtained_wall_at);
	ck_assert_int_eq(out.expires_wall_at, in.expires_wall_at);
	ck_assert_int_eq(out.source, in.source);
	ck_assert_uint_eq(out.origin.place, in.origin.place);
	ck_assert_uint_eq(out.origin.credentials, in.origin.credentials);
	ck_assert_str_eq(out.fingerprint, in.fingerprint);
	ck_assert_uint_eq(out.len, in.len);
	ck_assert_str_eq(out.text, in.text);
	ck_assert_uint_eq(out.extra_len, in.extra_len);
	ck_assert_str_eq(out.extra, in.extra);
}

#endif
