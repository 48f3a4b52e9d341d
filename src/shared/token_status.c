/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shared/token_status.h"

#include <string.h>

static enum stats_state
state(const struct token_status *v, bool renewing)
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
look_at_slot(const struct slot *s, int64_t now, struct token_status *v)
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
token_status_read(const struct segment *segment, const struct stats *stats,
    size_t i, int64_t now, struct token_status *out)
{
	const struct stats_token *t = &stats->token[i];
	uint64_t result = stats_get(&t->last_result);
	uint64_t error = stats_get(&t->last_error);
	int64_t at = stats_time(&t->attempt_at);

	*out = (struct token_status){.result = "none"};
	look_at_slot(segment_slot(segment, i), now, out);
	out->state = stats_get(&t->reauthorize) != 0
	    ? STATS_STATE_REAUTHORIZE
	    : state(out, stats_get(&t->renewing) != 0);
	out->attempt_ms = at > now ? at - now : 0;
	out->failures = stats_get(&t->failures);
	if (result > 0 && result <= STATS_RENEWAL_COUNT)
		out->result = stats_renewal_label[result - 1];
	if (error > 0 && error <= STATS_OAUTH_COUNT)
		out->error = stats_oauth_label[error - 1];
	out->status = (int)stats_get(&t->last_status);
	out->had = stats_get(&t->had) != 0;
}

bool
token_status_had(const struct stats *stats, size_t i)
{
	return stats_get(&stats->token[i].had) != 0;
}

size_t
token_status_missing(const struct segment *segment, const struct stats *stats,
    const char **name)
{
	size_t i, missing = 0;

	for (i = segment_count(segment); i-- > 0;)
		if (!token_status_had(stats, i)) {
			*name = segment_slot(segment, i)->name;
			missing++;
		}
	return missing;
}
