/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "stats.h"

#include "clock.h"
#include "shm.h"

static const int codes[] = {
#define STATS_CODE_NUMBER(code) code,
    STATS_CODES(STATS_CODE_NUMBER)
#undef STATS_CODE_NUMBER
};

void
stats_open(struct stats *s, size_t tokens)
{
	size_t processes = STATS_BLOCKS * sizeof(struct stats_process);
	size_t token = tokens * sizeof(struct stats_token);
	size_t handouts = STATS_BLOCKS * tokens * sizeof(struct stats_handout);
	char *memory;

	s->tokens = tokens;
	s->size = processes + token + handouts;
	memory = shm_block(s->size);
	s->process = (struct stats_process *)memory;
	s->token = (struct stats_token *)(memory + processes);
	s->handout = (struct stats_handout *)(memory + processes + token);
}

void
stats_close(struct stats *s)
{
	shm_block_free(s->process, s->size);
	*s = (struct stats){0};
}

size_t
stats_worker_block(unsigned generation, size_t i)
{
	return STATS_FIRST_WORKER + 2 * i + generation % 2;
}

size_t
stats_blocks(const struct stats *s)
{
	size_t i = STATS_FIRST_WORKER;

	while (i < STATS_BLOCKS && (stats_get(&s->process[i].ever) != 0 ||
	    stats_get(&s->process[i + 1].ever) != 0))
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
	size_t i;

	for (i = 0; i < STATS_CODE_COUNT; i++)
		if (codes[i] == status)
			return (enum stats_code)i;
	return STATS_CODE_500;
}

void
stats_beat(struct stats_process *p)
{
	stats_set(&p->heartbeat_at, (uint64_t)clock_awake_ms());
}
