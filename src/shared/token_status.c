/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "view.h"

#include <string.h>

#define LABEL(id, label) label,
static const char *const state_name[] = {STATS_STATES(LABEL)};
static const char *const result_name[] = {STATS_RENEWALS(LABEL)};
#undef LABEL

const char *
view_state_name(enum stats_state state)
{
	return state_name[state];
}

static enum stats_state
state(const struct view *v, bool renewing)
{
	if (!v->there)
		return STATS_STATE_EMPTY;
	if (v->left_ms <= 0)
		return STATS_STATE_EXPIRED;
	if (renewing)
		return STATS_STATE_RENEWING;
	return v->renew_ms <= 0 ? STATS_STATE_OVERDUE : STATS_STATE_FRESH;
}

static void
look_at_slot(const struct slot *s, int64_t now, struct view *v)
{
	struct token t;
	uint64_t seq;

	v->name = s->name;
	v->there = slot_read(s, &t, &seq) == SLOT_OK;
	if (!v->there)
		return;
	v->generation = t.generation;
	memcpy(v->fingerprint, t.fingerprint, sizeof(v->fingerprint));
	v->expires_wall_at = t.expires_wall_at;
	v->left_ms = token_dead_at(&t) - now;
	v->renew_ms = t.renew_at - now;
	explicit_bzero(t.text, t.len);
}

void
view_token(const struct shm *shm, const struct stats *stats, size_t i,
    int64_t now, struct view *out)
{
	const struct stats_token *t = &stats->token[i];
	uint64_t result = stats_get(&t->last_result);
	int64_t at = (int64_t)stats_get(&t->attempt_at);

	*out = (struct view){.result = "none"};
	look_at_slot(shm_slot(shm, i), now, out);
	out->state = state(out, stats_get(&t->renewing) != 0);
	out->attempt_ms = at > now ? at - now : 0;
	out->failures = stats_get(&t->failures);
	if (result > 0 && result <= STATS_RENEWAL_COUNT)
		out->result = result_name[result - 1];
	out->status = (int)stats_get(&t->last_status);
	out->had = stats_get(&t->had) != 0;
}

size_t
view_missing(const struct shm *shm, const struct stats *stats,
    const char **name)
{
	size_t i, missing = 0;

	for (i = shm_count(shm); i-- > 0;)
		if (stats_get(&stats->token[i].had) == 0) {
			*name = shm_slot(shm, i)->name;
			missing++;
		}
	return missing;
}
