/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shared/stats.h"

#include "base/clock.h"

#define LABEL(id, label) [id] = label,
const char *const stats_state_label[] = {STATS_STATES(LABEL)};
const char *const stats_renewal_label[] = {STATS_RENEWALS(LABEL)};
const char *const stats_oauth_label[] = {STATS_OAUTH(LABEL)};
const char *const stats_role_label[] = {STATS_ROLES(LABEL)};
#undef LABEL

/* Whole pages, so that they can be protected one by one. */
static size_t
pages(size_t size)
{
	size_t page = segment_page();

	return (size + page - 1) / page * page;
}

void
stats_open(struct stats *s, size_t tokens)
{
	s->tokens = tokens;
	s->stride = pages(sizeof(struct stats_process) +
	    tokens * sizeof(struct stats_handout));
	segment_block_open(&s->memory,
	    STATS_BLOCKS * s->stride +
		pages(tokens * sizeof(struct stats_token)));
	s->token =
	    (struct stats_token *)(s->memory.memory + STATS_BLOCKS * s->stride);
}

void
stats_close(struct stats *s)
{
	segment_block_close(&s->memory);
	*s = (struct stats){0};
}

void
stats_restrict(struct stats *s, size_t block)
{
	struct segment_part own[] = {
	    {block * s->stride, s->stride},
	    {STATS_BLOCKS * s->stride,
		s->memory.size - STATS_BLOCKS * s->stride},
	};

	segment_block_restrict(&s->memory, own,
	    block == STATS_REFRESHER ? 2 : 1);
}

size_t
stats_worker_block(unsigned crew, size_t i)
{
	return STATS_FIRST_WORKER + 2 * i + crew % 2;
}

size_t
stats_blocks(const struct stats *s)
{
	size_t i = STATS_FIRST_WORKER;

	while (i < STATS_BLOCKS &&
	    (stats_get(&stats_process(s, i)->ever) != 0 ||
		stats_get(&stats_process(s, i + 1)->ever) != 0))
		i += 2;
	return i;
}

void
stats_observe(struct stats_histogram *h, int64_t ms)
{
	static const int bounds[] = STATS_BOUNDS_MS;
	size_t i = 0;

	_Static_assert(sizeof(bounds) / sizeof(bounds[0]) + 1 == STATS_BUCKETS,
	    "STATS_BUCKETS must be one more than the bounds");
	while (i < STATS_BUCKETS - 1 && ms > bounds[i])
		i++;
	stats_add(&h->bucket[i], 1);
	stats_add(&h->sum_us, (uint64_t)ms * 1000);
}

enum stats_code
stats_code(int status)
{
#define CODE(code, phrase) \
	case code:         \
		return STATS_CODE_##code;
	switch (status) {
		STATS_CODES(CODE)
	default:
		return STATS_CODE_500;
	}
#undef CODE
}

void
stats_beat(struct stats_process *p)
{
	stats_set(&p->heartbeat_at, (uint64_t)clock_awake_ms());
}
