/* SPDX-License-Identifier: MIT */
/*
 * renewal_own.h - the inside of renewal.h, shared by its parts:
 * renewal.c (what the refresher calls), renewal_chain.c (the state machine),
 * renewal_token.c (tokens put together and put into service), renewal_fleet.c
 * (what others tell), renewal_budget.c (max-calls-per-hour), renewal_clock.c
 * (the backend's clock and ours), renewal_lease.c (how long a lock is good for).
 */
#ifndef BEARERD_RENEWAL_OWN_H
#define BEARERD_RENEWAL_OWN_H

#include "renewal.h"

enum renewal_phase { IDLE, LOOK_UP, LOCK, WAIT, FETCH, PUBLISH };

struct renewal {
	struct renewals *all;
	size_t number;
	const struct conf_token *conf;
	struct slot *slot;
	struct stats_token *stats;
	enum renewal_phase phase;
	enum renewal_goal goal;
	int64_t due_at;    /* in IDLE: of the next chain; in WAIT: of the look */
	int64_t wait_ms;   /* between two looks at a busy lock */
	int64_t began_at;  /* of the chain */
	int64_t called_at; /* of the last backend call, also of a refresher
			    * before this one; 0: none */
	int64_t called_wall_at;
	int64_t locked_at; /* when the lock was asked for */
	int64_t report_at; /* when the next report of a dead token may come */
	uint64_t reported; /* the generation that it said was dead */
	int reporter;      /* the channel's end that waits for an answer */
	unsigned failures; /* in a row */
	bool wanted;       /* a caller waits */
	bool restore_due;  /* Redis is there (again), or behind us */
	bool superseded;   /* a newer token was adopted during the call */
	bool locked;
	bool to_call;      /* the lock was asked for with a backend call */
	bool restoring;    /* publishing what was in service before */
	bool called;       /* the backend, since the lock was taken */
	bool skewed;       /* the backend's clock and ours differ too much */
	bool forced;       /* to adopt what Redis holds, if it is only other */
	uint64_t counter;  /* of the generations in Redis, as last seen */
	/* what the slot holds; dead_at 0: nothing */
	uint64_t generation;
	int64_t expires_at, dead_at, renew_at;
	char fingerprint[FINGERPRINT_LEN + 1];
	/* published by another while a chain was under way; "": nothing */
	char heard[FINGERPRINT_LEN + 1];
};

struct renewals {
	struct renewals_of of;
	struct renewal *one;
	size_t count;
	size_t active; /* chains under way */
	size_t first;  /* that the next turn begins with */
	size_t kept;   /* how often Redis was looked into */
	int64_t keep_at; /* when that is due again */
	bool redis_was_up, redis_refused;
	struct token token; /* being put together; wiped after use */
};

/* Whether the token in service may be handed out at this boot time. */
static inline bool
renewal_usable(const struct renewal *n, int64_t now)
{
	return n->dead_at > now;
}

/* Note when the next attempt is due, for whoever shows it. */
void renewal_plan(struct renewal *n, int64_t at);

/* Back to rest; the next chain begins at this time. */
void renewal_rest(struct renewal *n, int64_t at);

/* Begin a chain, or raise the goal of the one under way. */
void renewal_begin(struct renewal *n, enum renewal_goal goal,
    bool from_primary);

/* In WAIT: look again whether the other replica has got the token. */
void renewal_look_up(struct renewal *n, bool from_primary);

/* Note what the slot holds. */
void renewal_remember(struct renewal *n, const struct token *t);

/* Count how an attempt ended. */
void renewal_count(struct renewal *n, enum stats_renewal result);

/* Tell the workers about this token. */
void renewal_tell(struct renewal *n, enum channel_kind kind, int64_t at);

/* When to look next whether Redis still has the tokens. */
static inline void
renewal_keep(struct renewals *r, int64_t at)
{
	r->keep_at = at;
}

/* Whether the lock was busy for so long that it outlives every lease, and has
 * no owner who would release it; said in the log. */
bool renewal_waited_in_vain(const struct renewal *n);

/* Whether our lock could lapse during a call: we were stopped, or Redis takes
 * its time.  Where it always does, the fence has to do. */
bool renewal_lease_is_short(const struct renewal *n);

/* Milliseconds until max-calls-per-hour let this host make a call; 0: now. */
int64_t renewal_dry_ms(const struct renewal *n, int64_t now);

/* Show what earlier refreshers left of it. */
void renewal_budget_open(struct renewal *n);

/* Count the call at called_at; with the lock it is known how many are left in the fleet. */
void renewal_spend(struct renewal *n, int64_t fleet_left);

/* The call did not reach the backend: it was none. */
void renewal_refund(struct renewal *n);

/* Note the backend's clock, 0: it said none; warn when it and ours begin to
 * differ too much, and say when they no longer do. */
void renewal_compare_clocks(struct renewal *n, int64_t date_wall_at);

/* Events of the store that begin a chain or end none: renewal_fleet.c. */
void renewal_on_rotated(void *arg, size_t token, uint64_t generation,
    const char *fingerprint);
void renewal_on_returned(void *arg, size_t token);
void renewal_on_refused(void *arg, const char *why);
void renewal_on_rejected(void *arg, size_t token, enum store_outcome outcome,
    int64_t wait_ms);

/* Take what Redis holds into service; true if it is newer than what we have. */
bool renewal_adopt(struct renewal *n, const struct store_value *v);

/*
 * Decode the backend's answer and take the token into service; it stays in
 * all->token until renewal_wipe(), for Redis.  0, or -1 with *err.
 */
int renewal_take(struct renewal *n, const struct backend_result *b,
    struct err *err);

/* Forget the token that was put together. */
void renewal_wipe(struct renewals *r);

/* Do not leave a dead token's text lying in its slot. */
void renewal_bury(struct renewal *n, int64_t now);

#endif
