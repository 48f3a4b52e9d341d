/* SPDX-License-Identifier: MIT */
/* Pages that are written in turns and counted by their readers. */
#include "config.h"

#include "report/page.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define TURN_BYTES 2048 /* are written in a turn, or so many steps: */
#define TURN_STEPS 32
#define LIFE_MIN_MS 10
#define LIFE_MAX_MS 1000

void
page_leave(struct page *p)
{
	struct page_piece *piece, *next;

	assert(p->users > 0);
	if (--p->users > 0)
		return;
	for (piece = p->first; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	p->writer->pages--;
	free(p);
}

static void
add_piece(struct page *p)
{
	struct page_piece *piece = mem_alloc(1, sizeof(*piece));

	if (p->last == NULL)
		p->first = piece;
	else
		p->last->next = piece;
	p->last = piece;
}

static void
begin(struct page_writer *w)
{
	if (w->begun != NULL || w->pages == PAGES_MAX)
		return;
	w->begun = mem_alloc(1, sizeof(*w->begun));
	*w->begun = (struct page){.writer = w, .users = 1};
	add_piece(w->begun);
	w->at = 0;
	w->pages++;
}

static int64_t
life_ms(const struct page *p)
{
	size_t ms = p->len / 1024;

	if (ms < LIFE_MIN_MS)
		return LIFE_MIN_MS;
	return ms < LIFE_MAX_MS ? (int64_t)ms : LIFE_MAX_MS;
}

bool
page_writer_full(const struct page_writer *w)
{
	return w->begun == NULL && w->pages == PAGES_MAX;
}

struct page *
page_take(struct page_writer *w, int64_t now, int64_t since)
{
	struct page *p = w->newest;

	if (p == NULL ||
	    (now - p->made_at >= life_ms(p) && p->made_at < since)) {
		begin(w);
		if (p == NULL || !page_writer_full(w))
			return NULL;
	}
	p->users++;
	return p;
}

/* Do one step, in a new piece if it does not fit into the last one. */
static void
step(struct page_writer *w, const struct page_source *source)
{
	struct page *p = w->begun;
	struct buf b;
	size_t next;

	buf_init(&b, p->last->bytes + p->last->len, PAGE_PIECE - p->last->len);
	next = w->step(source, w->at, &b);
	if (b.overflow) {
		assert(p->last->len > 0);
		add_piece(p);
		buf_init(&b, p->last->bytes, PAGE_PIECE);
		next = w->step(source, w->at, &b);
		assert(!b.overflow);
	}
	p->last->len += (uint32_t)b.len;
	p->len += b.len;
	w->at = next;
}

bool
page_writer_turn(struct page_writer *w, const struct page_source *source)
{
	size_t until = w->begun->len + TURN_BYTES;
	int n;

	for (n = 0; n < TURN_STEPS && w->begun->len < until; n++) {
		step(w, source);
		if (w->at > 0)
			continue;
		if (w->newest != NULL)
			page_leave(w->newest);
		w->newest = w->begun;
		w->newest->made_at = source->now;
		w->begun = NULL;
		return true;
	}
	return false;
}
