/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "report/page.h"

#include <string.h>

#define STEPS 1000
#define LONG 4000 /* bytes of each step but some */

static size_t steps; /* of the page */
static size_t bytes; /* of each */

/* Steps of other lengths: no piece ends with one. */
static size_t
lines(const struct page_source *source, size_t at, struct buf *out)
{
	size_t i, n = bytes + at % 7;

	(void)source;
	for (i = 0; i < n; i++)
		buf_char(out, (char)('a' + at % 26));
	return at + 1 < steps ? at + 1 : 0;
}

static struct page_writer
writer_of(size_t n, size_t length)
{
	steps = n;
	bytes = length;
	return (struct page_writer){.step = lines};
}

/* Write to the end; returns in how many turns. */
static int
finish(struct page_writer *p, int64_t now)
{
	const struct page_source source = {.now = now};
	int turns = 1;

	while (!page_writer_turn(p, &source))
		turns++;
	return turns;
}

static struct page *
take_new(struct page_writer *p, int64_t now)
{
	ck_assert_ptr_null(page_take(p, now, INT64_MAX));
	finish(p, now);
	return page_take(p, now, INT64_MAX);
}

static void
end(struct page_writer *p)
{
	if (p->newest != NULL)
		page_leave(p->newest);
	ck_assert_uint_eq(p->pages, 0);
}

START_TEST(a_page_is_written_in_turns_and_is_whole)
{
	struct page_writer p = writer_of(STEPS, LONG);
	const struct page_piece *piece;
	struct page *s;
	size_t at = 0, n = 0, i;

	ck_assert_ptr_null(page_take(&p, 0, INT64_MAX));
	ck_assert_int_gt(finish(&p, 0), STEPS / 4);
	s = page_take(&p, 0, INT64_MAX);
	ck_assert_ptr_nonnull(s);
	for (piece = s->first; piece != NULL; piece = piece->next) {
		n += piece->len;
		for (i = 0; i < piece->len; at++) {
			ck_assert_int_eq(piece->bytes[i], 'a' + at % 26);
			i += LONG + at % 7;
			ck_assert_uint_le(i, piece->len);
		}
	}
	ck_assert_uint_eq(at, STEPS);
	ck_assert_uint_eq(n, s->len);
	page_leave(s);
	end(&p);
}
END_TEST

START_TEST(who_asks_meanwhile_shares_it)
{
	struct page_writer p = writer_of(STEPS, LONG);
	struct page *s = take_new(&p, 5000);

	ck_assert_ptr_eq(page_take(&p, 5999, INT64_MAX), s);
	ck_assert_ptr_null(page_take(&p, 6000, INT64_MAX));
	/* one that was finished while somebody waited is new to him */
	ck_assert_ptr_eq(page_take(&p, 6000, 5000), s);
	ck_assert_uint_eq(s->users, 4);
	page_leave(s);
	page_leave(s);
	page_leave(s);
	finish(&p, 6500);
	end(&p);
}
END_TEST

START_TEST(a_short_page_is_soon_too_old)
{
	struct page_writer p = writer_of(3, 100);
	struct page *s = take_new(&p, 100);

	page_leave(s);
	s = page_take(&p, 109, INT64_MAX);
	ck_assert_ptr_nonnull(s);
	page_leave(s);
	ck_assert_ptr_null(page_take(&p, 110, INT64_MAX));
	finish(&p, 110);
	end(&p);
}
END_TEST

START_TEST(readers_of_old_ones_are_answered_with_the_last_one_in_the_end)
{
	struct page_writer p = writer_of(3, 100);
	struct page *held[PAGES_MAX];
	int i;

	for (i = 0; i < PAGES_MAX; i++)
		held[i] = take_new(&p, i * 1000);
	ck_assert(page_writer_full(&p));
	ck_assert_ptr_eq(page_take(&p, 9000, INT64_MAX), held[PAGES_MAX - 1]);
	page_leave(held[PAGES_MAX - 1]);
	ck_assert(page_writer_full(&p));
	page_leave(held[0]);
	ck_assert(!page_writer_full(&p));
	page_leave(take_new(&p, 9001));
	for (i = 1; i < PAGES_MAX; i++)
		page_leave(held[i]);
	end(&p);
}
END_TEST

UNIT_MAIN("page", a_page_is_written_in_turns_and_is_whole,
    who_asks_meanwhile_shares_it, a_short_page_is_soon_too_old,
    readers_of_old_ones_are_answered_with_the_last_one_in_the_end)
