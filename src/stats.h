/* SPDX-License-Identifier: MIT */
/*
 * stats.h - counters in memory shared by all processes of one bearerd.
 *
 * Each process counts in blocks of its own, so that counting takes no lock and
 * moves no cache line between processors; whoever prints adds the blocks up.
 * The blocks outlive their process: a replacement counts on.
 *
 * Blocks: 0 the master, 1 the refresher, then the workers; two generations of
 * workers can be alive at once, so each generation uses every other one.
 *
 * Invariants:
 *   - A block has one writer at a time.
 *   - Counters never go down while bearerd lives with the same tokens.
 *   - No secret and no text from outside is kept here.
 */
#ifndef BEARERD_STATS_H
#define BEARERD_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "budget.h"
#include "stats_tbl.h"

#define STATS_WORKERS_MAX 256
#define STATS_BLOCKS (2 + 2 * STATS_WORKERS_MAX)
enum { STATS_MASTER, STATS_REFRESHER, STATS_FIRST_WORKER };

#define STATS_ENUM(id, label) STATS_E(id),
#define STATS_E(id) STATS_PATH_##id
enum stats_path { STATS_PATHS(STATS_ENUM) STATS_PATH_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_SOURCE_##id
enum stats_source { STATS_SOURCES(STATS_ENUM) STATS_SOURCE_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_CONNECTION_##id
enum stats_connection { STATS_CONNECTIONS(STATS_ENUM) STATS_CONNECTION_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_STATE_##id
enum stats_state { STATS_STATES(STATS_ENUM) STATS_STATE_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_RENEWAL_##id
enum stats_renewal { STATS_RENEWALS(STATS_ENUM) STATS_RENEWAL_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_LOCK_##id
enum stats_lock { STATS_LOCKS(STATS_ENUM) STATS_LOCK_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_COMMAND_##id
enum stats_command { STATS_COMMANDS(STATS_ENUM) STATS_COMMAND_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_REFUSED_##id
enum stats_refused { STATS_REFUSED(STATS_ENUM) STATS_REFUSED_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_REJECTED_##id
enum stats_rejected { STATS_REJECTED(STATS_ENUM) STATS_REJECTED_COUNT };
#undef STATS_E
#define STATS_E(id) STATS_ROLE_##id
enum stats_role { STATS_ROLES(STATS_ENUM) STATS_ROLE_COUNT };
#undef STATS_E
#undef STATS_ENUM
#define STATS_CODE_ENUM(code) STATS_CODE_##code,
enum stats_code { STATS_CODES(STATS_CODE_ENUM) STATS_CODE_COUNT };
#undef STATS_CODE_ENUM

struct stats_counter {
	_Atomic uint64_t value; /* one writer, relaxed order */
};

struct stats_histogram {
	struct stats_counter bucket[STATS_BUCKETS]; /* not cumulative */
	struct stats_counter sum_us;
};

/* Of each process. */
struct stats_process {
	_Alignas(64) struct stats_counter heartbeat_at; /* awake clock; 0: not up */
	struct stats_counter ready; /* 1 once it does its work */
	struct stats_counter pid;
	struct stats_counter ever; /* 1 once the block was used */
	struct stats_counter requests[STATS_PATH_COUNT][STATS_CODE_COUNT];
	struct stats_counter connections[STATS_CONNECTION_COUNT];
	struct stats_histogram duration;
	/* refresher only */
	struct stats_counter redis_commands[STATS_COMMAND_COUNT];
	struct stats_counter redis_refused[STATS_REFUSED_COUNT];
	struct stats_counter redis_up;
	struct stats_counter redis_known; /* 1 once it is known whether it is up */
	/* master only */
	struct stats_counter restarts[STATS_ROLE_COUNT];
	struct stats_counter draining;
};

/* Of each token and worker. */
struct stats_handout {
	_Alignas(64) struct stats_counter answers[STATS_SOURCE_COUNT];
	struct stats_counter coalesced;
	struct stats_counter rejected[STATS_REJECTED_COUNT];
};

/* Of each token, by the refresher. */
struct stats_token {
	_Alignas(64) struct stats_counter renewals[STATS_RENEWAL_COUNT];
	struct stats_counter locks[STATS_LOCK_COUNT];
	struct stats_histogram backend;
	struct stats_counter renewing;    /* 1 while a newer token is being sought */
	struct stats_counter attempt_at;  /* boot time of the next attempt */
	struct stats_counter failures;    /* in a row */
	struct stats_counter last_result; /* 1 + enum stats_renewal; 0: none yet */
	struct stats_counter last_status; /* HTTP status of the last backend answer */
	struct stats_counter calls_left;  /* 1 + of this hour; 0: any number */
	struct budget budget;             /* calls of this host */
	struct stats_counter called_at;   /* boot time of the last of them */
	struct stats_counter had;         /* 1 once there was a token since the start */
	_Atomic int64_t skew_ms;   /* backend's clock less ours */
};

struct stats {
	size_t tokens;
	size_t size; /* of the shared memory */
	struct stats_process *process;  /* STATS_BLOCKS */
	struct stats_token *token;      /* tokens */
	struct stats_handout *handout;  /* STATS_BLOCKS * tokens */
};

/* Allocate zeroed counters, shared with children to come. */
void stats_open(struct stats *s, size_t tokens);
void stats_close(struct stats *s);

/* The block of worker i of this generation of processes. */
size_t stats_worker_block(unsigned generation, size_t i);

/* How many blocks, from the first, have ever been used. */
size_t stats_blocks(const struct stats *s);

/* The per-token counters of a block. */
static inline struct stats_handout *
stats_handouts(const struct stats *s, size_t block)
{
	return s->handout + block * s->tokens;
}

/* Add to a counter of one's own block. */
static inline void
stats_add(struct stats_counter *c, uint64_t n)
{
	atomic_store_explicit(&c->value, atomic_load_explicit(&c->value,
	    memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void
stats_set(struct stats_counter *c, uint64_t n)
{
	atomic_store_explicit(&c->value, n, memory_order_relaxed);
}

static inline uint64_t
stats_get(const struct stats_counter *c)
{
	return atomic_load_explicit(&c->value, memory_order_relaxed);
}

/* Count a duration. */
void stats_observe(struct stats_histogram *h, int64_t ms);

/* The index of a status code that bearerd answers; 500 for any other. */
enum stats_code stats_code(int status);

/* Mark a process as alive now; the master watches (proc.h). */
void stats_beat(struct stats_process *p);

#endif
