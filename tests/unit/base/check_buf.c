/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A buffer of `size` bytes with a guard behind it. */
struct guarded {
	char memory[64];
	struct buf b;
};

static void
guarded_init(struct guarded *g, size_t size)
{
	memset(g->memory, '#', sizeof(g->memory));
	buf_init(&g->b, g->memory, size);
}

static void
ck_untouched_behind(const struct guarded *g, size_t size)
{
	size_t i;

	for (i = size; i < sizeof(g->memory); i++)
		ck_assert_msg(g->memory[i] == '#', "byte %zu was written", i);
}

START_TEST(a_new_buffer_is_empty_and_has_not_overflowed)
{
	char memory[8];
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	ck_assert_uint_eq(b.len, 0);
	ck_assert(!b.overflow);
	ck_assert_str_eq(buf_text(&b), "");
}
END_TEST

START_TEST(additions_follow_each_other)
{
	char memory[64];
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	buf_add(&b, "ab\0c", 4);
	buf_str(&b, "def");
	buf_char(&b, '-');
	buf_printf(&b, "%s=%d;", "n", 7);
	buf_int(&b, -42);
	ck_assert(!b.overflow);
	ck_assert_uint_eq(b.len, 15);
	ck_assert_mem_eq(b.data, "ab\0cdef-n=7;-42", 15);
}
END_TEST

START_TEST(numbers_are_written_in_full)
{
	static const int64_t numbers[] = {0, 1, -1, 9, 10, -10, 99, 100,
	    INT32_MAX, INT64_MAX, INT64_MIN, INT64_MIN + 1};
	char memory[32], expected[32];
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		buf_init(&b, memory, sizeof(memory));
		buf_int(&b, numbers[i]);
		snprintf(expected, sizeof(expected), "%" PRId64, numbers[i]);
		ck_assert_str_eq(buf_text(&b), expected);
	}
}
END_TEST

/* Each way to add "12345" in some form. */
static void
add_bytes(struct buf *b)
{
	buf_add(b, "12345", 5);
}

static void
add_string(struct buf *b)
{
	buf_str(b, "12345");
}

static void
add_format(struct buf *b)
{
	buf_printf(b, "%d", 12345);
}

static void
add_number(struct buf *b)
{
	buf_int(b, 12345);
}

static void
add_json(struct buf *b)
{
	buf_json(b, "123", 3);
}

static const struct {
	const char *name;
	void (*add)(struct buf *);
	size_t need;
} ways[] = {
    {"bytes", add_bytes, 5},
    {"string", add_string, 5},
    {"format", add_format, 6},
    {"number", add_number, 5},
    {"json", add_json, 5},
};

START_TEST(an_addition_that_does_not_fit_is_left_out_whole_and_marks)
{
	size_t i, size;
	struct guarded g;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		for (size = 0; size <= 9; size++) {
			bool fits = size >= 2 + ways[i].need;

			guarded_init(&g, size);
			buf_str(&g.b, "ab");
			ways[i].add(&g.b);
			ck_assert_msg(g.b.overflow == !fits,
			    "%s into %zu bytes", ways[i].name, size);
			ck_assert_msg(g.b.len ==
				(fits              ? 7
					: size < 2 ? 0
						   : 2),
			    "%s into %zu bytes leaves %zu", ways[i].name, size,
			    g.b.len);
			ck_untouched_behind(&g, size);
		}
}
END_TEST

START_TEST(after_an_overflow_nothing_is_added_even_if_it_would_fit)
{
	struct guarded g;
	size_t i;

	guarded_init(&g, 20);
	buf_str(&g.b, "ab");
	buf_str(&g.b, "a text that is longer than the buffer");
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		ways[i].add(&g.b);
	buf_char(&g.b, 'x');
	ck_assert(g.b.overflow);
	ck_assert_str_eq(buf_text(&g.b), "ab");
}
END_TEST

START_TEST(a_full_buffer_takes_an_empty_addition)
{
	char memory[4];
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	buf_str(&b, "full");
	buf_add(&b, NULL, 0);
	buf_str(&b, "");
	ck_assert(!b.overflow);
	ck_assert_uint_eq(b.len, 4);
}
END_TEST

START_TEST(text_of_a_full_buffer_is_cut_by_one_character)
{
	struct guarded g;

	guarded_init(&g, 4);
	buf_str(&g.b, "full");
	ck_assert_str_eq(buf_text(&g.b), "ful");
	ck_untouched_behind(&g, 4);
}
END_TEST

START_TEST(text_of_a_buffer_without_memory_is_empty)
{
	struct buf b;

	buf_init(&b, NULL, 0);
	ck_assert_str_eq(buf_text(&b), "");
	buf_char(&b, 'x');
	ck_assert(b.overflow);
	ck_assert_str_eq(buf_text(&b), "");
}
END_TEST

static const struct {
	const char *in;
	size_t len;
	const char *out;
} json_strings[] = {
    {"", 0, "\"\""},
    {"plain", 5, "\"plain\""},
    {"a\"b", 3, "\"a\\\"b\""},
    {"a\\b", 3, "\"a\\\\b\""},
    {"/", 1, "\"/\""},
    {"\n\r\t", 3, "\"\\u000a\\u000d\\u0009\""},
    {"\0x\x1f", 3, "\"\\u0000x\\u001f\""},
    {"\x7f", 1, "\"\\u007f\""},
    {"\xc2\x80\xc2\x9f", 4, "\"\\u0080\\u009f\""},
    {"\xe2\x80\xa8\xe2\x81\xa9", 6, "\"\\u2028\\u2069\""},
    /* UTF-8 passes: 2, 3 and 4 bytes, the least and the last of each. */
    {"\xc3\xbc", 2, "\"\xc3\xbc\""},
    {"\xc2\xa0", 2, "\"\xc2\xa0\""},
    {"\xdf\xbf", 2, "\"\xdf\xbf\""},
    {"\xe0\xa0\x80", 3, "\"\xe0\xa0\x80\""},
    {"\xe2\x82\xac", 3, "\"\xe2\x82\xac\""},
    {"\xed\x9f\xbf", 3, "\"\xed\x9f\xbf\""},
    {"\xef\xbf\xbf", 3, "\"\xef\xbf\xbf\""},
    {"\xf0\x90\x80\x80", 4, "\"\xf0\x90\x80\x80\""},
    {"\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\""},
    /* Bytes that are not UTF-8 become U+FFFD, each of them. */
    {"a\x80z", 3, "\"a\\ufffdz\""},
    {"\xc0\xaf", 2, "\"\\ufffd\\ufffd\""},
    {"\xc3", 1, "\"\\ufffd\""},
    {"\xc3z", 2, "\"\\ufffdz\""},
    {"\xe0\x9f\xbf", 3, "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xe2\x82", 2, "\"\\ufffd\\ufffd\""},
    {"\xe2\x82z", 3, "\"\\ufffd\\ufffdz\""},
    {"\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xf0\x8f\xbf\xbf", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\xf0\x9f\x98", 3, "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xff", 1, "\"\\ufffd\""},
};

START_TEST(json_strings_are_quoted_and_always_valid)
{
	char memory[64];
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(json_strings) / sizeof(json_strings[0]); i++) {
		/* of exact size, for a checker of memory accesses */
		char *in = malloc(json_strings[i].len + 1);

		memcpy(in + 1, json_strings[i].in, json_strings[i].len);
		buf_init(&b, memory, sizeof(memory));
		buf_json(&b, in + 1, json_strings[i].len);
		ck_assert_str_eq(buf_text(&b), json_strings[i].out);
		free(in);
	}
}
END_TEST

START_TEST(a_character_cut_by_the_length_is_not_completed_from_beyond)
{
	char memory[64];
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	buf_json(&b, "\xe2\x82\xac", 2);
	ck_assert_str_eq(buf_text(&b), "\"\\ufffd\\ufffd\"");
}
END_TEST

UNIT_MAIN("buf", a_new_buffer_is_empty_and_has_not_overflowed,
    additions_follow_each_other, numbers_are_written_in_full,
    an_addition_that_does_not_fit_is_left_out_whole_and_marks,
    after_an_overflow_nothing_is_added_even_if_it_would_fit,
    a_full_buffer_takes_an_empty_addition,
    text_of_a_full_buffer_is_cut_by_one_character,
    text_of_a_buffer_without_memory_is_empty,
    json_strings_are_quoted_and_always_valid,
    a_character_cut_by_the_length_is_not_completed_from_beyond)
