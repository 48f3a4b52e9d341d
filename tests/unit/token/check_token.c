/* SPDX-License-Identifier: MIT */
/* A token's life and text. */
#include "config.h"

#include "unit.h"

#include "token/token.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MINUTE 60000
#define HOUR 3600000

START_TEST(reserve_is_a_tenth_of_the_life_between_one_and_thirty_seconds)
{
	static const struct {
		int64_t life, reserve;
	} rows[] = {
	    {1, 1000},
	    {5000, 1000},
	    {9999, 1000},
	    {10000, 1000},
	    {10010, 1001},
	    {60000, 6000},
	    {299990, 29999},
	    {300000, 30000},
	    {300010, 30000},
	    {HOUR, 30000},
	    {INT64_MAX, 30000},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_int_eq(token_reserve_ms(rows[i].life),
		    rows[i].reserve);
}
END_TEST

START_TEST(a_token_is_dead_when_its_reserve_begins)
{
	struct token t = {.obtained_at = 500, .expires_at = 500 + MINUTE};

	ck_assert_int_eq(token_life_ms(&t), MINUTE);
	ck_assert_int_eq(token_dead_at(&t), 500 + MINUTE - 6000);
}
END_TEST

START_TEST(only_printable_ascii_without_space_can_be_a_token)
{
	char text[3] = "a?z";
	int c;

	for (c = 0; c < 256; c++) {
		bool good = c > 0x20 && c < 0x7f;

		text[1] = (char)c;
		ck_assert_msg((token_text_problem(text, 3, 3) == NULL) == good,
		    "byte 0x%02x", (unsigned)c);
	}
}
END_TEST

START_TEST(token_texts_have_one_byte_up_to_the_maximum)
{
	static char text[TOKEN_MAX + 1];

	memset(text, 'x', sizeof(text));
	ck_assert_ptr_nonnull(token_text_problem(text, 0, TOKEN_MAX));
	ck_assert_ptr_null(token_text_problem(text, 1, TOKEN_MAX));
	ck_assert_ptr_null(token_text_problem(text, TOKEN_MAX, TOKEN_MAX));
	ck_assert_ptr_nonnull(
	    token_text_problem(text, TOKEN_MAX + 1, TOKEN_MAX));
	ck_assert_ptr_null(token_text_problem(text, 256, 256));
	ck_assert_ptr_nonnull(token_text_problem(text, 257, 256));
}
END_TEST

START_TEST(a_text_is_taken_over_with_its_fingerprint)
{
	struct token t;

	token_set_text(&t, "abcdef", 3);
	ck_assert_str_eq(t.text, "abc");
	ck_assert_uint_eq(t.len, 3);
	/* printf abc | sha256sum | cut -c 1-16 */
	ck_assert_str_eq(t.fingerprint, "ba7816bf8f01cfea");
	token_set_text(&t, "", 0);
	ck_assert_str_eq(t.fingerprint, "e3b0c44298fc1c14");
}
END_TEST

UNIT_MAIN("token",
    reserve_is_a_tenth_of_the_life_between_one_and_thirty_seconds,
    a_token_is_dead_when_its_reserve_begins,
    only_printable_ascii_without_space_can_be_a_token,
    token_texts_have_one_byte_up_to_the_maximum,
    a_text_is_taken_over_with_its_fingerprint)
