/* SPDX-License-Identifier: MIT */
/* Answers of Redis: what is read from them, and that nothing is left of it. */
#include "config.h"

#include "unit.h"

#include "redis/proto.h"

#include "memory.h"

#include <stdint.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MARK_LEN 24
#define ANSWER_MAX 20000

static unsigned char turned[MARK_LEN]; /* a text that is nowhere else */

/* Write the text that memory is searched for. */
static size_t
put_mark(char *out)
{
	size_t i;

	for (i = 0; i < MARK_LEN; i++) {
		turned[i] = (unsigned char)~('a' + (i * 7 + 3) % 26);
		out[i] = (char)~turned[i];
	}
	return MARK_LEN;
}

static size_t
left(void)
{
	return memory_count(turned, MARK_LEN);
}

/* Format a text as the protocol has it; '#' becomes 16 bytes, which free() may
 * write over, and the mark. */
static size_t
encode(const char *format, char *out)
{
	size_t len = 0;

	for (; *format != '\0'; format++)
		if (*format == '#') {
			memset(out + len, '-', 16);
			len += 16 + put_mark(out + len + 16);
		} else
			out[len++] = *format;
	return len;
}

/* Feed it and forget the bytes. */
static void
feed(struct proto *r, const char *format)
{
	char bytes[256];
	size_t len = encode(format, bytes);

	ck_assert_int_eq(proto_feed(r, bytes, len), 0);
	explicit_bzero(bytes, sizeof(bytes));
}

/* A token of this length, which has the mark in the middle. */
static void
feed_long(struct proto *r, size_t len)
{
	static char bytes[ANSWER_MAX];
	int head = snprintf(bytes, sizeof(bytes), "$%zu\r\n", len);

	memset(bytes + head, 'x', len);
	put_mark(bytes + head + len / 2);
	memcpy(bytes + head + len, "\r\n", 2);
	ck_assert_int_eq(proto_feed(r, bytes, (size_t)head + len + 2), 0);
	explicit_bzero(bytes, sizeof(bytes));
}

START_TEST(answers_are_read_as_they_come_in_pieces)
{
	struct proto *r = proto_open();
	struct proto_answer a;

	feed(r, "*3\r\n$2\r\nab\r\n:4");
	ck_assert_int_eq(proto_next(r, &a), 0);
	feed(r, "2\r\n$-1\r\n-ERR no\r\n");
	ck_assert_int_eq(proto_next(r, &a), 1);
	ck_assert_ptr_null(a.error);
	ck_assert_uint_eq(a.count, 3);
	ck_assert_mem_eq(a.value[0].ptr, "ab", 2);
	ck_assert_str_eq(a.value[1].ptr, "42");
	ck_assert_ptr_null(a.value[2].ptr);
	ck_assert_int_eq(proto_next(r, &a), 1);
	ck_assert_str_eq(a.error, "ERR no");
	ck_assert_int_eq(proto_next(r, &a), 0);
	proto_close(r);
}
END_TEST

START_TEST(nothing_is_left_of_an_answer_when_the_next_is_asked_for)
{
	static const char *const answers[] = {
	    "$40\r\n#\r\n",
	    "+#\r\n",
	    "-#\r\n",
	    "*2\r\n$2\r\nab\r\n$40\r\n#\r\n",
	    "*2\r\n*2\r\n$40\r\n#\r\n:1\r\n:2\r\n",
	};
	struct proto_answer a;
	size_t i;

	for (i = 0; i < COUNT(answers); i++) {
		struct proto *r = proto_open();

		feed(r, answers[i]);
		ck_assert_int_eq(proto_next(r, &a), 1);
		ck_assert_uint_gt(left(), 0);
		ck_assert_int_eq(proto_next(r, &a), 0);
		ck_assert_msg(left() == 0, "answer %zu is left", i);
		proto_close(r);
	}
}
END_TEST

START_TEST(nothing_is_left_of_long_tokens_and_of_those_that_came_together)
{
	static const size_t lengths[] = {100, 1000, 1100, 3000, 16384};
	struct proto_answer a;
	size_t i;

	for (i = 0; i < COUNT(lengths); i++) {
		struct proto *r = proto_open();

		feed_long(r, lengths[i]);
		feed(r, ":1\r\n:2");
		ck_assert_int_eq(proto_next(r, &a), 1);
		ck_assert_uint_eq(a.value[0].len, lengths[i]);
		ck_assert_uint_gt(left(), 0);
		ck_assert_int_eq(proto_next(r, &a), 1);
		ck_assert_msg(left() == 0, "%zu bytes are left", lengths[i]);
		ck_assert_int_eq(proto_next(r, &a), 0);
		feed(r, "3\r\n");
		ck_assert_int_eq(proto_next(r, &a), 1);
		ck_assert_str_eq(a.value[0].ptr, "23");
		proto_close(r);
	}
}
END_TEST

START_TEST(nothing_is_left_where_an_answer_was_before_it_grew)
{
	char piece[500], *between[20];
	struct proto *r = proto_open();
	struct proto_answer a;
	size_t i;

	memset(piece, 'x', sizeof(piece));
	feed(r, "$10040\r\n#");
	for (i = 0; i < COUNT(between); i++) {
		ck_assert_int_eq(proto_feed(r, piece, sizeof(piece)), 0);
		ck_assert_int_eq(proto_next(r, &a), 0);
		between[i] = malloc(100); /* so that it cannot grow in place */
	}
	ck_assert_uint_eq(left(), 1);
	feed(r, "\r\n");
	ck_assert_int_eq(proto_next(r, &a), 1);
	ck_assert_int_eq(proto_next(r, &a), 0);
	ck_assert_uint_eq(left(), 0);
	for (i = 0; i < COUNT(between); i++)
		free(between[i]);
	proto_close(r);
}
END_TEST

START_TEST(nothing_is_left_of_what_was_not_read_when_a_connection_ends)
{
	struct proto_answer a;
	int read, i;

	for (read = 1; read <= 3; read++) {
		struct proto *r = proto_open();

		feed(r, "$40\r\n#\r\n$40\r\n#\r\n*2\r\n$40\r\n#\r\n");
		for (i = 1; i <= read; i++)
			ck_assert_int_eq(proto_next(r, &a), i < 3);
		proto_close(r);
		ck_assert_msg(left() == 0, "after %d", read);
	}
}
END_TEST

/* Feed bytes in pieces of this length; whether all were taken. */
static bool
is_taken(const char *bytes, size_t len, size_t piece)
{
	struct proto *r = proto_open();
	struct proto_answer a;
	size_t i;
	int status = 0;

	for (i = 0; i < len && status != -1; i += piece) {
		status =
		    proto_feed(r, bytes + i, len - i < piece ? len - i : piece);
		while (status != -1 && (status = proto_next(r, &a)) == 1)
			;
	}
	if (status == -1)
		ck_assert_ptr_nonnull(proto_problem(r));
	proto_close(r);
	return status != -1;
}

static void
ck_taken(const char *bytes, bool expected)
{
	size_t piece;

	for (piece = 1; piece <= strlen(bytes); piece++)
		ck_assert_msg(is_taken(bytes, strlen(bytes), piece) == expected,
		    "%s in pieces of %zu", bytes, piece);
}

#define ONES \
	":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
#define OF_22 "*22\r\n" ONES ONES
#define EMPTY_11 \
	"*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n"
#define EMPTY_22 EMPTY_11 EMPTY_11

START_TEST(what_no_answer_to_us_can_be_is_refused_before_it_is_believed)
{
	static const char *const rows[] = {
	    "*2147483647\r\n",
	    "*4294967295\r\n",
	    "*-2\r\n",
	    "*9223372036854775807\r\n",
	    "*99999999999999999999\r\n",
	    "*1000000000000000000000000000000\r\n",
	    "*25\r\n",
	    "*x\r\n",
	    "*\r\n",
	    "*1 \r\n",
	    "*0x1\r\n",
	    "*1\n",
	    "*1\rx",
	    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
	    "*12\r\n*2147483647\r\n",
	    "*2\r\n:1\r\n*2147483647\r\n",
	    "*3\r\n" OF_22 OF_22 OF_22,
	    "*24\r\n" EMPTY_22 "*24\r\n" EMPTY_22 "*0\r\n*0\r\n" EMPTY_22,
	    "$2147483647\r\n",
	    "$262145\r\n",
	    "$-2\r\n",
	    "$4294967294\r\n",
	    "$9223372036854775806\r\n",
	    "$-9223372036854775808\r\n",
	    "$\r\n",
	    "$1x\r\n",
	    "*2\r\n$2147483647\r\n",
	    ":x\r\n",
	    ":\r\n",
	    ":1.5\r\n",
	    "x",
	    "HTTP/1.1 400 Bad\r\n",
	    "%1000000000\r\n",
	    "~1\r\n",
	    ">3\r\n",
	    "#t\r\n",
	    "_\r\n",
	    "=2147483647\r\n",
	    "(1\r\n",
	    ",1\r\n",
	    "|1\r\n",
	    "!9\r\n",
	    "\r\n",
	    " +OK\r\n",
	    "+OK\r\n\r\n",
	    "$2\r\nabc\r\n",
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_taken(rows[i], false);
	ck_assert(!is_taken("\0", 1, 1));
}
END_TEST

START_TEST(answers_of_every_kind_are_taken_in_pieces_of_every_length)
{
	static const char *const rows[] = {
	    "+OK\r\n",
	    "-ERR a\rb\nc\r\n",
	    ":0\r\n",
	    ":-1\r\n",
	    ":9223372036854775807\r\n",
	    "$-1\r\n",
	    "$0\r\n\r\n",
	    "$6\r\n\r\n*9\r\n\r\n",
	    "*-1\r\n",
	    "*0\r\n",
	    "*1\r\n*0\r\n",
	    "*2\r\n*1\r\n*1\r\n*1\r\n:1\r\n:2\r\n",
	    "*2\r\n-ERR x\r\n$-1\r\n",
	    "*2\r\n" OF_22 OF_22,
	    OF_22 OF_22 OF_22,
	    "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n+OK\r\n",
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_taken(rows[i], true);
}
END_TEST

UNIT_MAIN("proto", what_no_answer_to_us_can_be_is_refused_before_it_is_believed,
    answers_of_every_kind_are_taken_in_pieces_of_every_length,
    answers_are_read_as_they_come_in_pieces,
    nothing_is_left_of_an_answer_when_the_next_is_asked_for,
    nothing_is_left_of_long_tokens_and_of_those_that_came_together,
    nothing_is_left_where_an_answer_was_before_it_grew,
    nothing_is_left_of_what_was_not_read_when_a_connection_ends)
