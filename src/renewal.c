/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"
#include "schedule.h"

#include <stdlib.h>

#define REJECT_EVERY_MS 10000
#define RENEWALS_AT_A_TIME 256 /* that the schedule begins */
#define CROWDED_MS 20          /* until more of them may begin */

struct renewals *
renewals_open(const struct renewals_of *of)
{
	struct renewals *r = util_alloc(1, sizeof(*r));
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
		if (slot_read(n->slot, &r->token, &seq) == SLOT_OK)
			renewal_remember(n, &r->token);
		renewal_rest(n, n->renew_at);
	}
	renewal_wipe(r);
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

struct channel_message
renewals_reject(struct renewals *r, size_t token, uint64_t generation)
{
	struct renewal *n = &r->one[token];
	int64_t now = clock_boot_ms();
	struct channel_message m = {.kind = CHANNEL_ACCEPTED,
	    .token = (uint32_t)token, .generation = generation};

	if (generation != n->generation) {
		m.kind = CHANNEL_STALE;
	} else if (n->accepted_at != 0 &&
	    now < n->accepted_at + REJECT_EVERY_MS) {
		m.kind = CHANNEL_LIMITED;
		m.at = n->accepted_at + REJECT_EVERY_MS;
	} else {
		n->accepted_at = now;
		log_notice("token %s: generation %llu was reported as refused "
		    "by the backend", n->conf->name,
		    (unsigned long long)generation);
		renewal_begin(n, RENEWAL_OBTAIN, true);
	}
	return m;
}

void
renewals_all(struct renewals *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		renewal_begin(&r->one[i], RENEWAL_OBTAIN, true);
}

/* Begin what is due of one renewal; returns when it is due next. */
static int64_t
turn(struct renewal *n, int64_t now)
{
	renewal_bury(n, now);
	if (n->phase == WAIT && n->due_at <= now)
		renewal_look_up(n, false);
	else if (n->phase == IDLE && n->due_at <= now) {
		if (n->all->active >= RENEWALS_AT_A_TIME)
			return now + CROWDED_MS;
		renewal_begin(n, RENEWAL_OBTAIN, false);
	}
	return n->phase == IDLE || n->phase == WAIT ? n->due_at : INT64_MAX;
}

int64_t
renewals_turn(struct renewals *r, int64_t now)
{
	int64_t at, next = INT64_MAX;
	size_t i;

	for (i = 0; i < r->count; i++) {
		at = turn(&r->one[(r->first + i) % r->count], now);
		next = at < next ? at : next;
	}
	r->first += RENEWALS_AT_A_TIME; /* everyone is the first at times */
	if (r->first >= r->count)
		r->first = 0;
	return next;
}
