/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"
#include "schedule.h"

#include <stdlib.h>

#define RENEWALS_AT_A_TIME 256 /* that the schedule begins */
#define CROWDED_MS 20          /* until more of them may begin */
#define KEEP_MS 45000          /* between looks whether Redis lost a token */

struct renewals *
renewals_open(const struct renewals_of *of)
{
	struct renewals *r = util_alloc(1, sizeof(*r));
	enum slot_status status;
	uint64_t seq;
	size_t i;

	r->of = *of;
	r->count = of->conf->token_count;
	r->one = util_alloc(r->count, sizeof(*r->one));
	for (i = 0; i < r->count; i++) {
		struct renewal *n = &r->one[i];

		n->all = r;
		n->number = i;
		n->conf = &of->conf->token[i];
		n->slot = shm_slot(of->shm, i);
		n->stats = &of->stats->token[i];
		n->called_at = (int64_t)stats_get(&n->stats->called_at);
		renewal_budget_open(n);
		status = slot_read(n->slot, &r->token, &seq);
		if (status == SLOT_OK)
			renewal_remember(n, &r->token);
		else if (status == SLOT_EMPTY)
			n->generation = r->token.generation;
		renewal_rest(n, n->renew_at);
	}
	renewal_wipe(r);
	/* by chance from the start: a whole fleet may have been started now */
	renewal_keep(r, clock_boot_ms() +
	    (int64_t)(util_random_unit() * KEEP_MS));
	return r;
}

void
renewals_use(struct renewals *r, struct store *store, struct backend *backend)
{
	r->of.store = store;
	r->of.backend = backend;
}

void
renewals_close(struct renewals *r)
{
	free(r->one);
	free(r);
}

bool
renewals_refused_at_start(const struct renewals *r)
{
	return r->redis_refused && !r->redis_was_up;
}

struct channel_message
renewals_want(struct renewals *r, size_t token, uint64_t generation)
{
	struct renewal *n = &r->one[token];
	int64_t now = clock_boot_ms();
	struct channel_message m = {.kind = CHANNEL_WANT,
	    .token = (uint32_t)token, .generation = n->generation};

	if (renewal_usable(n, now) && n->generation > generation) {
		m.kind = CHANNEL_PUBLISHED;
		return m;
	}
	if (n->phase == IDLE && n->due_at > now && n->failures > 0) {
		m.kind = CHANNEL_FAILED;
		m.at = n->due_at;
		return m;
	}
	n->wanted = true;
	renewal_begin(n, RENEWAL_OBTAIN, false);
	return m;
}

void
renewals_one(struct renewals *r, size_t token)
{
	struct renewal *n = &r->one[token];

	if (n->phase == IDLE)
		renewal_plan(n, clock_boot_ms());
	else
		renewal_begin(n, RENEWAL_OBTAIN, true);
}

void
renewals_all(struct renewals *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		renewals_one(r, i);
}

/* Look whether Redis still has what it should, one token after the other. */
static void
keep(struct renewals *r, int64_t now)
{
	struct renewal *n = &r->one[r->kept++ % r->count];

	renewal_keep(r, now + KEEP_MS +
	    (int64_t)(util_random_unit() * 2 * KEEP_MS / 3));
	if (n->phase == IDLE && renewal_usable(n, now))
		renewal_begin(n, RENEWAL_RESTORE, true);
}

/* Begin what is due of one renewal; returns when it is due next. */
static int64_t
turn(struct renewal *n, int64_t now)
{
	bool due = n->due_at <= now;

	renewal_bury(n, now);
	if (n->phase == WAIT && due)
		renewal_look_up(n, false);
	else if (n->phase == IDLE && (due || n->restore_due)) {
		if (n->all->active >= RENEWALS_AT_A_TIME)
			return now + CROWDED_MS;
		renewal_begin(n, due ? RENEWAL_OBTAIN : RENEWAL_RESTORE, !due);
	}
	return n->phase == IDLE || n->phase == WAIT ? n->due_at : INT64_MAX;
}

int64_t
renewals_turn(struct renewals *r, int64_t now)
{
	int64_t at, next = r->of.store != NULL ? r->keep_at : INT64_MAX;
	size_t i;

	if (now >= next)
		keep(r, now);
	for (i = 0; i < r->count; i++) {
		at = turn(&r->one[(r->first + i) % r->count], now);
		next = at < next ? at : next;
	}
	r->first += RENEWALS_AT_A_TIME; /* everyone is the first at times */
	if (r->first >= r->count)
		r->first = 0;
	return next;
}
