/* SPDX-License-Identifier: MIT */
/* Deadlines of connections, and budgets of the bytes kept for them. */
#include "config.h"

#include "worker/conn_private.h"

#define PAGE_READ_MS 10000 /* to read a page while others wait for one */
#define SWEEP_MAX 512      /* connections closed in a turn */
#define EXPIRE_MAX 64      /* waits ended in a turn */

/* The connection stuck longest with requests behind its unsent answer. */
static struct conn *
stuck_with_requests(struct conns *all)
{
	struct conn *c;

	TAILQ_FOREACH (c, &all->state[WRITING], link)
		if (c->in != NULL)
			return c;
	return NULL;
}

void
conns_trim(struct conns *all)
{
	struct conn *c;

	while (all->kept_in > CONN_IN_MAX) {
		if ((c = stuck_with_requests(all)) != NULL)
			conn_drop(c);
		else if ((c = TAILQ_FIRST(&all->state[READING])) != NULL)
			conn_refuse_late(c);
		else if ((c = TAILQ_FIRST(&all->state[WAITING])) != NULL ||
		    (c = TAILQ_FIRST(&all->for_pages)) != NULL)
			conn_end_wait(c);
		else
			break;
	}
	while (all->kept_out > CONN_OUT_MAX &&
	    (c = TAILQ_FIRST(&all->state[WRITING])) != NULL)
		conn_drop(c);
}

/* The first of a list if its deadline has passed; else *next is lowered to that
 * deadline. */
static struct conn *
due(const struct conn_list *list, int64_t now, int64_t *next)
{
	struct conn *c = TAILQ_FIRST(list);

	if (c == NULL || c->deadline_at <= now)
		return c;
	if (c->deadline_at < *next)
		*next = c->deadline_at;
	return NULL;
}

void
conns_expire(struct conns *all)
{
	int64_t now = all->api->clock.now, next;
	struct conn *c;
	int n;

	for (n = 0; n < EXPIRE_MAX; n++) {
		next = INT64_MAX;
		if ((c = due(&all->state[WAITING], now, &next)) != NULL ||
		    (c = due(&all->for_pages, now, &next)) != NULL)
			conn_end_wait(c);
		else if ((c = due(&all->state[CLOSING], now, &next)) != NULL ||
		    (c = due(&all->discarding, now, &next)) != NULL) {
			conn_drop(c);
		} else {
			all->due_at = next;
			return;
		}
	}
}

/* The first of a state if it has been in it this long; else NULL. */
static struct conn *
older(struct conns *all, enum stats_connection state, int64_t ms)
{
	struct conn *c = TAILQ_FIRST(&all->state[state]);

	return c != NULL && conn_now(c) - c->since >= ms ? c : NULL;
}

/* No new page can be written while too many old ones are being read: a client
 * that was slow for PAGE_READ_MS loses its page. */
static void
take_pages_back(struct conns *all)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&all->state[WRITING]); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->page != NULL && page_writer_full(c->page->writer) &&
		    conn_now(c) - c->page->made_at >= PAGE_READ_MS)
			conn_drop(c);
	}
}

bool
conns_sweep(struct conns *all)
{
	const struct conf *conf = all->api->conf;
	struct conn *c;
	int n;

	take_pages_back(all);
	for (n = 0; n < SWEEP_MAX; n++) {
		if ((c = older(all, READING, conf->header_timeout_ms)) != NULL)
			conn_refuse_late(c);
		else if ((c = older(all, IDLE, conf->idle_timeout_ms)) !=
			NULL ||
		    (c = older(all, WRITING, conf->idle_timeout_ms)) != NULL)
			conn_drop(c);
		else
			return false;
	}
	return true;
}
