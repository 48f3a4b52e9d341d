/* SPDX-License-Identifier: MIT */
/*
 * One slot in private memory, without a second process: what goes in comes
 * out, and what does not agree is refused.  tests/slot has the rest.
 */
#include "config.h"

#include "unit.h"

#include "one_slot.h"

#include <string.h>

START_TEST(a_new_slot_is_empty)
{
	make_slot(256);
	ck_assert_uint_eq(slot_seq(slot), 0);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_EMPTY);
	ck_assert_str_eq(slot->name, "name");
	drop_slot();
}
END_TEST

START_TEST(a_published_token_comes_out_as_it_went_in)
{
	static const size_t lengths[] = {1, 7, 8, 9, 255, 256, 3500, 16383,
	    TOKEN_MAX};
	size_t i;

	make_slot(TOKEN_MAX);
	for (i = 0; i < COUNT(lengths); i++) {
		make_token(lengths[i], (unsigned)i);
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		memset(&out, 0xa5, sizeof(out));
		ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
		ck_assert_uint_eq(seq, i + 1);
		ck_assert_uint_eq(slot_seq(slot), i + 1);
		ck_out_is_in();
	}
	drop_slot();
}
END_TEST

START_TEST(extras_go_with_their_token)
{
	static const size_t lengths[] = {1, 7, 8, 9, 100, 255, 256};
	static char extra[257];
	size_t i, j;

	make_slot(256 + 8 + 256);
	for (i = 0; i < COUNT(lengths); i++)
		for (j = 0; j < COUNT(lengths); j++) {
			make_token(lengths[i], (unsigned)j);
			memset(extra, 'e', sizeof(extra));
			token_set_extra(&in, extra, lengths[j]);
			ck_assert_int_eq(slot_publish(slot, &in), 0);
			memset(&out, 0xa5, sizeof(out));
			ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
			ck_out_is_in();
		}
	make_token(256, 1);
	in.extra_len = 257 + 8;
	ck_assert_int_eq(slot_publish(slot, &in), -1);
	drop_slot();
}
END_TEST

/* The rest of the last word, behind the text. */
static void
ck_padding_is_zero(void)
{
	size_t half = slot->words * 8, i;
	const char *p =
	    memmem((char *)memory->copy + (slot_seq(slot) & 1) * half, half,
		in.text, in.len);

	ck_assert_ptr_nonnull(p);
	for (i = in.len; i % 8 != 0; i++)
		ck_assert_int_eq(p[i], 0);
}

START_TEST(a_short_token_after_a_long_one_shows_nothing_of_it)
{
	size_t i;

	make_slot(256);
	for (i = 0; i < 20; i++) {
		make_token(i % 2 ? 256 - i : 3 + i, (unsigned)i);
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
		ck_out_is_in();
		ck_padding_is_zero();
	}
	drop_slot();
}
END_TEST

START_TEST(a_token_too_long_for_its_slot_changes_nothing)
{
	static const size_t sizes[] = {256, 257, 263, 264, 1000, TOKEN_MAX};
	size_t i, most;

	for (i = 0; i < COUNT(sizes); i++) {
		make_slot(sizes[i]);
		make_token(sizes[i], 1);
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		most = (sizes[i] + 7) / 8 * 8; /* whole words */
		in.len = most + 1;
		ck_assert_int_eq(slot_publish(slot, &in), -1);
		in.len = SIZE_MAX;
		ck_assert_int_eq(slot_publish(slot, &in), -1);
		in.len = sizes[i];
		ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
		ck_assert_uint_eq(seq, 1);
		ck_out_is_in();
		drop_slot();
	}
}
END_TEST

START_TEST(the_published_copy_is_never_touched)
{
	static char before[1024];
	const char *published;
	size_t i, half;

	make_slot(256);
	half = slot->words * 8;
	make_token(200, 0);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	for (i = 1; i < 9; i++) {
		published = (char *)memory->copy + (slot_seq(slot) & 1) * half;
		memcpy(before, published, half);
		make_token(200 + i, (unsigned)i);
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		ck_assert_mem_eq(published, before, half);
	}
	drop_slot();
}
END_TEST

START_TEST(a_cleared_slot_is_empty_and_holds_no_trace_of_a_token)
{
	size_t i;

	make_slot(256);
	make_token(256, 1);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	make_token(250, 2);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	slot_clear(slot, 9);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_EMPTY);
	ck_assert_uint_eq(out.generation, 9);
	ck_assert_uint_eq(slot_seq(slot), 4);
	/* but for the two checksums and generations every word is zero */
	for (i = 0; i < 2 * slot->words; i++)
		ck_assert(i % slot->words == 0 || memory->copy[i] == 0 ||
		    (i % slot->words == 2 && memory->copy[i] == 9));
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
	ck_out_is_in();
	drop_slot();
}
END_TEST

START_TEST(a_slot_for_the_longest_texts_can_be_cleared)
{
	make_slot(TOKEN_MAX);
	make_token(TOKEN_MAX, 1);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	slot_clear(slot, 1);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_EMPTY);
	drop_slot();
}
END_TEST

START_TEST(a_stray_write_into_any_bit_of_the_token_is_noticed)
{
	size_t i, bit, used;

	make_slot(256);
	make_token(100, 3);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	used = slot->words - (256 - 104) / 8; /* 100 bytes in 13 words */
	for (i = 0; i < used; i++)
		for (bit = 0; bit < 64; bit++) {
			memory->copy[slot->words + i] ^= (uint64_t)1 << bit;
			ck_assert_msg(slot_read(slot, &out, &seq) ==
				SLOT_CORRUPT,
			    "word %zu bit %zu", i, bit);
			memory->copy[slot->words + i] ^= (uint64_t)1 << bit;
		}
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
	ck_out_is_in();
	drop_slot();
}
END_TEST

START_TEST(a_copy_of_zeroes_behind_a_version_is_corrupt_not_empty)
{
	make_slot(256);
	memory->seq = 7;
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_CORRUPT);
	drop_slot();
}
END_TEST

START_TEST(versions_go_on_where_a_predecessor_stopped)
{
	make_slot(256);
	memory->seq = UINT32_MAX;
	make_token(100, 1);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	ck_assert_uint_eq(slot_seq(slot), (uint64_t)UINT32_MAX + 1);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
	ck_assert_uint_eq(seq, (uint64_t)UINT32_MAX + 1);
	ck_out_is_in();
	drop_slot();
}
END_TEST

START_TEST(what_a_dead_writer_left_half_done_is_overwritten)
{
	size_t i, half;

	make_slot(256);
	make_token(120, 1);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	half = slot->words;
	for (i = 0; i < half; i++) /* the other copy: anything */
		memory->copy[(slot_seq(slot) + 1) % 2 * half + i] = ~i;
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
	ck_out_is_in();
	make_token(130, 2);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
	ck_out_is_in();
	drop_slot();
}
END_TEST

START_TEST(a_slot_keeps_within_the_size_it_asks_for)
{
	static const size_t sizes[] = {256, 257, 1000, 4096, TOKEN_MAX};
	struct slot other;
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		make_slot(sizes[i]);
		ck_assert_uint_eq(size % 64, 0);
		ck_assert_int_eq(slot_attach(&other, memory, size), 0);
		ck_assert_uint_eq(other.words, slot->words);
		ck_assert_int_eq(slot_attach(&other, memory,
				     sizeof(*memory) + 2 * slot->words * 8 - 1),
		    -1);
		make_token(sizes[i], 1);
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		drop_slot(); /* looks at the guard */
	}
}
END_TEST

START_TEST(a_long_name_is_kept_whole)
{
	char name[SLOT_NAME_MAX + 1];

	memset(name, 'n', SLOT_NAME_MAX);
	name[SLOT_NAME_MAX] = '\0';
	make_slot(256);
	slot_init(slot, memory, name, 256);
	ck_assert_str_eq(slot->name, name);
	ck_assert_int_eq(slot_attach(slot, memory, size), 0);
	ck_assert_str_eq(slot->name, name);
	drop_slot();
}
END_TEST

UNIT_MAIN("slot", a_new_slot_is_empty,
    a_published_token_comes_out_as_it_went_in, extras_go_with_their_token,
    a_short_token_after_a_long_one_shows_nothing_of_it,
    a_token_too_long_for_its_slot_changes_nothing,
    the_published_copy_is_never_touched,
    a_cleared_slot_is_empty_and_holds_no_trace_of_a_token,
    a_slot_for_the_longest_texts_can_be_cleared,
    a_stray_write_into_any_bit_of_the_token_is_noticed,
    a_copy_of_zeroes_behind_a_version_is_corrupt_not_empty,
    versions_go_on_where_a_predecessor_stopped,
    what_a_dead_writer_left_half_done_is_overwritten,
    a_slot_keeps_within_the_size_it_asks_for, a_long_name_is_kept_whole)
