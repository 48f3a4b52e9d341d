/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/err.h"

#include <string.h>

START_TEST(an_error_text_is_cut_to_its_room_and_the_result_is_minus_one)
{
	char text[600];
	struct err err;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(err_set(&err, "%d: %s", 5, text), -1);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert_int_eq(strncmp(err.text, "5: xxx", 6), 0);
}
END_TEST

UNIT_MAIN("err", an_error_text_is_cut_to_its_room_and_the_result_is_minus_one)
