/* SPDX-License-Identifier: MIT */
/* What callers, the other replicas and Redis tell of a token. */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"

#include <string.h>

#define REACHED_AGAIN_MS 1000 /* when a report without Redis may be repeated */
#define REFUSAL_EVERY_MS 60000 /* in the log */

static void
accept(struct renewal *n)
{
	log_notice("token %s: generation %llu was reported as refused by the "
	    "backend", n->conf->name, (unsigned long long)n->generation);
	renewal_begin(n, RENEWAL_OBTAIN, true);
}

struct channel_message
renewals_reject(struct renewals *r, size_t token, uint64_t generation, int from)
{
	struct renewal *n = &r->one[token];
	int64_t now = clock_boot_ms();
	struct channel_message m = {.kind = CHANNEL_ACCEPTED,
	    .token = (uint32_t)token, .generation = generation};

	if (generation != n->generation) {
		m.kind = CHANNEL_STALE;
		return m;
	}
	if (now < n->report_at) {
		m.kind = CHANNEL_LIMITED;
		m.at = n->report_at;
		return m;
	}
	n->report_at = now + STORE_REJECT_MS;
	n->reported = generation;
	n->reporter = from;
	if (r->of.store != NULL && store_reject(r->of.store, token,
	    generation, n->fingerprint) == 0)
		m.kind = CHANNEL_REJECT;
	else if (n->conf->exclusive) {
		m.kind = CHANNEL_LIMITED;
		m.at = n->report_at = now + REACHED_AGAIN_MS;
	} else
		accept(n);
	return m;
}

/* What the fleet says of a report. */
void
renewal_on_rejected(void *arg, size_t token, enum store_outcome outcome,
    int64_t wait_ms)
{
	struct renewals *r = arg;
	struct renewal *n = &r->one[token];
	int64_t now = clock_boot_ms();
	struct channel_message m = {.kind = CHANNEL_ACCEPTED,
	    .token = (uint32_t)token, .generation = n->reported};

	if (outcome == STORE_FENCED || n->generation != n->reported) {
		m.kind = CHANNEL_STALE;
		n->report_at = 0;
	} else if (outcome == STORE_BUSY ||
	    (outcome == STORE_UNREACHABLE && n->conf->exclusive)) {
		m.kind = CHANNEL_LIMITED;
		m.at = n->report_at = now + (wait_ms > 0 ? wait_ms
		    : REACHED_AGAIN_MS);
	} else
		accept(n);
	r->of.reply(r->of.arg, n->reporter, &m);
	if (m.kind != CHANNEL_ACCEPTED)
		renewal_begin(n, RENEWAL_ADOPT, true);
}

void
renewal_on_rotated(void *arg, size_t token, uint64_t generation,
    const char *fingerprint)
{
	struct renewals *r = arg;
	struct renewal *n = &r->one[token];

	if (strcmp(fingerprint, n->fingerprint) == 0)
		return;
	if (n->phase != IDLE && n->phase != WAIT)
		memcpy(n->heard, fingerprint, sizeof(n->heard));
	if (n->phase == FETCH) /* the call may hang until our token dies */
		store_look_up(r->of.store, token, true);
	/* a lower generation: Redis was emptied, and somebody began anew */
	n->forced = generation < n->generation && n->conf->exclusive;
	renewal_begin(n, generation >= n->generation || n->forced
	    ? RENEWAL_ADOPT : RENEWAL_RESTORE, true);
}

/* Redis is there (again): take or give what one of us lacks. */
void
renewal_on_returned(void *arg, size_t token)
{
	struct renewals *r = arg;

	r->redis_was_up = true;
	r->one[token].restore_due = r->one[token].phase == IDLE;
}

void
renewal_on_refused(void *arg, const char *why)
{
	static int64_t told_at;
	struct renewals *r = arg;
	int64_t now = clock_boot_ms();

	r->redis_refused = true;
	if (told_at != 0 && now - told_at < REFUSAL_EVERY_MS)
		return;
	told_at = now;
	log_err("Redis refuses our credentials; check redis-password and "
	    "redis-user: %.150s", why);
}
