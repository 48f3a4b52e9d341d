/* SPDX-License-Identifier: MIT */
/*
 * stats.h - counters in memory shared by all processes of one bearerd.
 *
 * Each process counts in a block of its own, so counting takes no lock and
 * moves no cache line between processors.  /metrics prints sums over the
 * blocks.  A block outlives its process: a replacement counts on.
 *
 * Block 0 is the master's, 1 the refresher's, the others the workers'.  Two
 * crews of workers can be alive at once, so each crew uses every other one.
 *
 * Invariants:
 *   - A block has one writer at a time: its process.  Other children cannot
 * write to it (stats_restrict()).  The master can: it prepares a block before
 * its process starts and tidies up after it ended.
 *   - Readers do not trust counters: a number is shown, compared or summed, and
 *     never used as an index, a length or a process to signal.
 *   - Counters never go down while bearerd lives with the same tokens.
 *   - No secret and no text from outside is kept here.
 */
#ifndef BEARERD_STATS_H
#define BEARERD_STATS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "token/budget.h"
#include "shared/segment.h"
#include "shared/stats_tbl.h"

#define STATS_WORKERS_MAX 256 /* of one crew */
#define STATS_BLOCKS (2 + 2 * STATS_WORKERS_MAX)

/* The state of Redis; NONE: not configured, or not known yet. */
enum stats_redis { STATS_REDIS_NONE, STATS_REDIS_DOWN, STATS_REDIS_UP };

/* Numbers of blocks. */
enum { STATS_MASTER, STATS_REFRESHER, STATS_FIRST_WORKER };

#define STATS_ID(id, label) id,
enum stats_path { STATS_PATHS(STATS_ID) STATS_PATH_COUNT };
enum stats_connection { STATS_CONNECTIONS(STATS_ID) STATS_CONNECTION_COUNT };
enum stats_state { STATS_STATES(STATS_ID) STATS_STATE_COUNT };
enum stats_renewal { STATS_RENEWALS(STATS_ID) STATS_RENEWAL_COUNT };
enum stats_oauth { STATS_OAUTH(STATS_ID) STATS_OAUTH_COUNT };
enum stats_lock { STATS_LOCKS(STATS_ID) STATS_LOCK_COUNT };
enum stats_command { STATS_COMMANDS(STATS_ID) STATS_COMMAND_COUNT };
enum stats_refused { STATS_REFUSED(STATS_ID) STATS_REFUSED_COUNT };
enum stats_rejected { STATS_REJECTED(STATS_ID) STATS_REJECTED_COUNT };
enum stats_role { STATS_ROLES(STATS_ID) STATS_ROLE_COUNT };
#undef STATS_ID
#define STATS_CODE_ID(code, phrase) STATS_CODE_##code,
enum stats_code { STATS_CODES(STATS_CODE_ID) STATS_CODE_COUNT };
#undef STATS_CODE_ID
#define STATS_SOURCE_COUNT (TOKEN_FROM_BACKEND + 1) /* enum token_source */

/* The words of those that are shown in more than one place. */
extern const char *const stats_state_label[STATS_STATE_COUNT];
extern const char *const stats_renewal_label[STATS_RENEWAL_COUNT];
extern const char *const stats_oauth_label[STATS_OAUTH_COUNT];
extern const char *const stats_role_label[STATS_ROLE_COUNT];

/* A counter or a value: one writer, relaxed order. */
struct stats_counter {
	_Atomic uint64_t value;
};

/* A Prometheus histogram; bounds are STATS_BOUNDS_MS. */
struct stats_histogram {
	struct stats_counter bucket[STATS_BUCKETS]; /* not cumulative */
	struct stats_counter sum_us;                /* sum of the durations */
};

/* The part of a block that concerns its process. */
struct stats_process {
	/* awake clock, ms: the last heartbeat; 0: not running */
	_Alignas(64) struct stats_counter heartbeat_at;
	struct stats_counter ready; /* 1 once it does its work */
	struct stats_counter pid;   /* only shown; 0: not running */
	struct stats_counter ever;  /* 1 once the block was used */
	/* answers, by path and status code */
	struct stats_counter requests[STATS_PATH_COUNT][STATS_CODE_COUNT];
	/* open connections, by state */
	struct stats_counter connections[STATS_CONNECTION_COUNT];
	struct stats_histogram duration; /* from request to answer */
	struct stats_counter discarded;  /* bytes of bodies */
	/* refresher only */
	struct stats_counter redis_commands[STATS_COMMAND_COUNT]; /* by end */
	struct stats_counter redis_refused[STATS_REFUSED_COUNT]; /* by reason */
	struct stats_counter redis_up;       /* enum stats_redis */
	struct stats_counter redis_refusing; /* keys with a refused script */
	struct stats_counter redis_known;    /* 1 once redis_up is known */
	/* master only */
	struct stats_counter restarts[STATS_ROLE_COUNT]; /* by role */
	struct stats_counter draining; /* 1 while the service stops */
};

/* The part of a worker's block that concerns one token. */
struct stats_handout {
	/* tokens handed out, by source */
	_Alignas(64) struct stats_counter answers[STATS_SOURCE_COUNT];
	struct stats_counter coalesced; /* waits without a question */
	struct stats_counter rejected[STATS_REJECTED_COUNT]; /* by result */
};

/* The counters of one token; the refresher writes them. */
struct stats_token {
	/* attempts, by result */
	_Alignas(64) struct stats_counter renewals[STATS_RENEWAL_COUNT];
	struct stats_counter locks[STATS_LOCK_COUNT]; /* by outcome */
	struct stats_histogram backend;               /* durations of calls */
	struct stats_counter renewing;    /* 1 while a newer one is sought */
	struct stats_counter attempt_at;  /* boot ms: next attempt; 0: none */
	struct stats_counter failures;    /* in a row */
	struct stats_counter last_result; /* 1 + enum stats_renewal; 0: none */
	struct stats_counter last_error;  /* 1 + enum stats_oauth; 0: none */
	struct stats_counter last_status; /* HTTP status of the last call */
	struct stats_counter reauthorize; /* 1: somebody has to log in again */
	struct stats_counter calls_left;  /* 1 + those of this hour; 0: any */
	struct budget budget;             /* calls of this host */
	struct budget reports;            /* accepted reports of this host */
	struct stats_counter called_at;   /* boot ms: the last call; 0: none */
	struct stats_counter had; /* 1 once there was a token since the start */
	_Atomic int64_t skew_ms;  /* backend's wall clock less ours */
};

/* All counters, as one process has them mapped. */
struct stats {
	size_t tokens;               /* number of tokens */
	size_t stride;               /* bytes from a block to the next: pages */
	struct segment_block memory; /* STATS_BLOCKS blocks, then the tokens */
	struct stats_token *token;   /* `tokens` of them, in memory */
};

/* Allocate zeroed counters, shared with later children.  Ends the process on
 * failure. */
void stats_open(struct stats *s, size_t tokens);

/* Unmap them in this process. */
void stats_close(struct stats *s);

/* In a child: make all but this block read-only; the refresher also keeps the
 * tokens.  Ends the process on failure. */
void stats_restrict(struct stats *s, size_t block);

/* The part of a block that concerns its process. */
static inline struct stats_process *
stats_process(const struct stats *s, size_t block)
{
	return (struct stats_process *)(s->memory.memory + block * s->stride);
}

/* The block of worker i of the crew with this number. */
size_t stats_worker_block(unsigned crew, size_t i);

/* The number of blocks, from the first, that were ever used. */
size_t stats_blocks(const struct stats *s);

/* The counters of a worker's block by token. */
static inline struct stats_handout *
stats_handouts(const struct stats *s, size_t block)
{
	return (struct stats_handout *)(stats_process(s, block) + 1);
}

/* Add to a counter.  Not atomic: only its one writer may call this. */
static inline void
stats_add(struct stats_counter *c, uint64_t n)
{
	atomic_store_explicit(&c->value,
	    atomic_load_explicit(&c->value, memory_order_relaxed) + n,
	    memory_order_relaxed);
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

/* A time that another process wrote, bounded so that sums do not overflow. */
static inline int64_t
stats_time(const struct stats_counter *c)
{
	uint64_t at = stats_get(c);

	return at < INT64_MAX / 2 ? (int64_t)at : INT64_MAX / 2;
}

/* Count a duration in milliseconds. */
void stats_observe(struct stats_histogram *h, int64_t ms);

/* The index of a status code of STATS_CODES; that of 500 for any other. */
enum stats_code stats_code(int status);

/* Set the heartbeat to now; the master kills a process without one (proc.h). */
void stats_beat(struct stats_process *p);

#endif
