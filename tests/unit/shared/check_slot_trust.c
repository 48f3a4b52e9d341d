/* SPDX-License-Identifier: MIT */
/* A slot whose writer is in other hands: what a reader does not believe. */
#include "config.h"

#include "unit.h"

#include "one_slot.h"

START_TEST(a_length_that_no_slot_can_have_is_never_believed)
{
	static const uint64_t lengths[] = {257, 264, 265, 1000, TOKEN_MAX,
	    TOKEN_MAX + 1, 0xffff, 0x10000, 0x10000 + 8, UINT64_MAX};
	size_t i, word;

	make_slot(256);
	make_token(256, 1);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	for (i = 0; i < COUNT(lengths); i++)
		/* wherever the length is kept */
		for (word = 0; word < slot->words; word++) {
			uint64_t keep = memory->copy[slot->words + word];

			memory->copy[slot->words + word] = lengths[i];
			ck_assert_int_eq(slot_read(slot, &out, &seq),
			    SLOT_CORRUPT);
			memory->copy[slot->words + word] = keep;
		}
	drop_slot();
}
END_TEST

START_TEST(a_slot_of_nonsense_is_not_attached_to)
{
	static const uint32_t words[] = {0, 10, 20, 2700, 1u << 31, UINT32_MAX};
	static const char *const bad[] = {"", "a b", "a\"b", "a\\b", "\033[2J"};
	struct slot other;
	size_t i;

	make_slot(256);
	for (i = 0; i < COUNT(words); i++) {
		memory->words = words[i];
		ck_assert_int_eq(slot_attach(&other, memory, SIZE_MAX),
		    i < 3 && words[i] >= slot->words - 32 ? 0 : -1);
	}
	memory->words = slot->words;
	ck_assert_int_eq(slot_attach(&other, memory, size), 0);
	for (i = 0; i < COUNT(bad); i++) {
		strcpy(memory->name, bad[i]);
		ck_assert_int_eq(slot_attach(&other, memory, size), -1);
	}
	memset(memory->name, 'x', sizeof(memory->name));
	ck_assert_int_eq(slot_attach(&other, memory, size), -1);
	drop_slot();
}
END_TEST

START_TEST(what_is_written_over_the_geometry_changes_nothing)
{
	static const uint32_t words[] = {0, 1, 16, 34, 1u << 16, UINT32_MAX};
	size_t i;

	make_slot(256);
	make_token(200, 1);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	for (i = 0; i < COUNT(words); i++) {
		memory->words = words[i];
		memset(memory->name, '?', sizeof(memory->name));
		ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
		ck_out_is_in();
		ck_assert_str_eq(slot->name, "name");
		ck_assert_int_eq(slot_publish(slot, &in), 0);
		make_token(257, 2); /* for which there is no room */
		ck_assert_int_eq(slot_publish(slot, &in), -1);
		make_token(200, 1);
	}
	slot_clear(slot, 9);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_EMPTY);
	drop_slot();
}
END_TEST

/* The checksum of slot.c, as whoever has taken a writer over can make it. */
static void
seal(size_t words)
{
	_Atomic uint64_t *w = memory->copy + (slot_seq(slot) & 1) * slot->words;
	uint64_t sum = 0x9e3779b97f4a7c15u;
	size_t i;

	for (i = 1; i < words; i++)
		sum = (sum ^ w[i]) * 0xff51afd7ed558ccdu + (sum >> 29);
	w[0] = sum;
}

START_TEST(a_token_that_nobody_would_publish_is_none_whatever_its_checksum)
{
	static const uint64_t values[] = {3, 7, 0xffff, 1ull << 32,
	    INT64_MAX / 2, INT64_MAX, 1ull << 63, UINT64_MAX,
	    0x2020202020202020};
	size_t i, word, used, refused = 0;
	uint64_t keep;

	make_slot(256);
	make_token(104, 3);
	ck_assert_int_eq(slot_publish(slot, &in), 0);
	used = slot->words - (256 - 104) / 8;
	for (word = 1; word < used; word++)
		for (i = 0; i < COUNT(values); i++) {
			_Atomic uint64_t *w = memory->copy + slot->words + word;
			enum slot_status status;

			keep = *w;
			*w = values[i];
			seal(used);
			status = slot_read(slot, &out, &seq);
			refused += status != SLOT_OK;
			if (status == SLOT_OK) {
				ck_assert_uint_eq(out.len, 104);
				ck_assert_uint_le(out.source,
				    TOKEN_FROM_BACKEND);
				ck_assert_ptr_null(
				    token_text_problem(out.text, out.len, 256));
				ck_assert_int_ne(token_life_ms(&out),
				    INT64_MAX);
				ck_assert_uint_eq(strspn(out.fingerprint,
						      "0123456789abcdef"),
				    FINGERPRINT_LEN);
			}
			*w = keep;
		}
	ck_assert_uint_ge(refused, 13 * COUNT(values)); /* all of the text */
	seal(used);
	ck_assert_int_eq(slot_read(slot, &out, &seq), SLOT_OK);
	drop_slot();
}
END_TEST

UNIT_MAIN("slot_trust", a_length_that_no_slot_can_have_is_never_believed,
    a_slot_of_nonsense_is_not_attached_to,
    what_is_written_over_the_geometry_changes_nothing,
    a_token_that_nobody_would_publish_is_none_whatever_its_checksum)
