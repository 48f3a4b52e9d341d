/* SPDX-License-Identifier: MIT */
/*
 * report/page.h - pages that are written step by step, and shared by all who
 * ask.
 *
 * With thousands of tokens a page of metrics has megabytes.  Writing it at once
 * would delay all callers, and a copy for each slow client would fill the
 * memory. So a writer adds a little in each turn of the worker's loop, and all
 * connections read the same finished page.  It is freed when a newer one exists
 * and no connection reads it.
 *
 * Called by worker/api_admin.c, and by worker/conn_send.c for the page that a
 * connection reads.
 *
 * Invariants:
 *   - A page does not change once it is finished.
 *   - A writer has at most PAGES_MAX, the one being written included.
 *   - A new one is begun a millisecond after the last one for each KiB of that,
 *     but 10 ms to 1 s after it: writing takes no more than some per cent of a
 *     worker's time, however often it is asked for.
 */
#ifndef BEARERD_PAGE_H
#define BEARERD_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "shared/segment.h"
#include "shared/stats.h"

#define PAGE_PIECE 32768 /* one step at least fits into it */
#define PAGES_MAX 3

/* The data of a page, and its time. */
struct page_source {
	const struct segment *segment;
	const struct stats *stats;
	int64_t now; /* boot clock */
};

struct page_piece {
	struct page_piece *next;
	uint32_t len;
	char bytes[PAGE_PIECE];
};

struct page {
	struct page_writer *writer;
	unsigned users;
	int64_t made_at;
	size_t len;
	struct page_piece *first, *last;
};

struct page_writer {
	/* Append what comes at this step, 0 being the first; returns the number
	 * of the next one, or 0 behind the last. */
	size_t (*step)(const struct page_source *source, size_t at,
	    struct buf *out);
	struct page *newest; /* finished; NULL: none yet */
	struct page *begun;  /* NULL: none */
	size_t at;           /* the next step of that */
	unsigned pages;      /* that there are */
};

/*
 * A page that is new enough, or was finished at this time or later, to be used
 * until page_leave(); NULL: one is being written.
 */
struct page *page_take(struct page_writer *w, int64_t now, int64_t since);
void page_leave(struct page *p);

/* Write a little of what is begun; returns true when it is finished. */
bool page_writer_turn(struct page_writer *w, const struct page_source *source);

/* True: no page can be begun before an old one is released. */
bool page_writer_full(const struct page_writer *w);

#endif
