/* SPDX-License-Identifier: MIT */
/*
 * renewal_private.h - the inside of renewal.h, shared by its parts.
 *
 * A part calls only parts below it in this list:
 *
 *   renewal.c          begins chains: the schedule, callers, reports, replicas
 *   renewal_chain.c    takes the steps of a chain; decides which one is next
 *   renewal_call.c     its steps at the backend
 *   renewal_refresh.c  the record of a refresh token
 *   renewal_failure.c  plans the next attempt after a failed one
 *   renewal_token.c    makes tokens and puts them into service
 *   renewal_request.c  input of requests: other tokens, clocks, what we sign
 *   renewal_origin.c   compares origins of tokens with the configuration
 *   renewal_limits.c   max-calls-per-hour, the lock's lease, the clocks
 *   renewal_log.c      the log lines of an outage
 */
#ifndef BEARERD_RENEWAL_PRIVATE_H
#define BEARERD_RENEWAL_PRIVATE_H

#include "refresher/renewal.h"

#include "base/log_limit.h"
#include "refresher/discovery.h"
#include "refresher/logout.h"
#include "token/refresh.h"
#include "token/schedule.h"

/* The state of a chain. */
enum renewal_phase {
	RENEWAL_IDLE,
	RENEWAL_LOOKING_UP,
	RENEWAL_DISCOVERING, /* where the token endpoint is */
	RENEWAL_LOCKING,
	RENEWAL_WAITING,   /* another replica has the lock */
	RENEWAL_PREPARING, /* the record of a refresh token */
	RENEWAL_CALLING,
	RENEWAL_PUBLISHING,
};

/* A step of a chain.  It does one thing and returns the next one. */
enum renewal_step {
	STEP_AWAIT, /* an answer, or the next turn */
	STEP_LOOK_UP,
	STEP_DISCOVER,
	STEP_LOCK,
	STEP_WAIT,
	STEP_CALL,
	STEP_ASK, /* what STEP_CALL has prepared */
	STEP_RESTORE,
	STEP_SUCCEED, /* the chain has brought a token */
	STEP_FAIL,    /* it has not; the next begins at retry_at */
	STEP_LEAVE,   /* it has not, and none was needed */
};

/* A chain's aim, from the least to the most. */
enum renewal_goal {
	RENEWAL_NOTHING,
	RENEWAL_ADOPT,   /* take a newer token from Redis if there is one */
	RENEWAL_RESTORE, /* and write ours back if Redis has none or an older */
	RENEWAL_OBTAIN,  /* get a newer token, by a call if need be */
};

/* Which Redis a look-up reads. */
enum renewal_source {
	RENEWAL_FROM_ANY, /* redis-read-host too, which may lag behind */
	RENEWAL_FROM_PRIMARY,
};

/* An outage of one token, as far as the log tells it. */
struct renewal_outage {
	struct log_limit limit;
	unsigned failures; /* 0: no outage */
	int64_t since_at;  /* boot clock, ms */
	bool logged;       /* the last failure was logged */
	char last[160];    /* the last failure, in words */
};

/* The renewal of one token.  Times ending in _at are of the boot clock, in ms.
 */
struct renewal {
	struct renewals *all;
	size_t number; /* of the token */
	const struct conf_token *conf;
	struct slot *slot;
	struct stats_token *stats;

	/* the chain */
	enum renewal_phase phase;
	enum renewal_goal goal;
	enum renewal_source source;
	int64_t due_at;    /* IDLE: the next chain; WAITING: the next look */
	int64_t retry_at;  /* of STEP_FAIL: the next chain */
	int64_t began_at;  /* the chain began */
	int64_t locked_at; /* the lock was asked for */
	int64_t look_again_ms; /* between two looks at a busy lock */
	int64_t lock_wait_ms; /* then the owner of the lock is taken for gone */
	int64_t fleet_left;   /* calls left in the hour, when locked */
	bool caller_waits;
	bool locked;        /* we have the lock */
	bool lock_for_call; /* the lock was asked for to make a call */
	bool called;        /* a call was made since the lock was asked for */
	bool superseded;    /* a newer token was adopted during the call */
	bool restoring;     /* publishing a token that is in service already */
	bool restore_due;   /* Redis returned, or has an older token than we */
	bool adopt_any; /* adopt any other token, also of a lower generation */
	/* fingerprint that another replica published meanwhile; "": none */
	char published[FINGERPRINT_LEN + 1];

	/* discovery */
	char *token_url; /* found; owned; NULL: none yet */
	int64_t discover_at;
	enum discovery_place metadata; /* where they were found */
	enum renewal_step onward;      /* the step behind STEP_DISCOVER */

	/* grant = refresh-token: the record, as it is or is to be written */
	struct refresh *refresh; /* owned; NULL: none yet */
	bool refresh_ours;       /* the token in service is of our own call */
	char refresh_seed[FINGERPRINT_LEN + 1]; /* of the file, at our start */
	bool refresh_begun;                     /* the call is noted in it */
	bool refresh_ending;  /* the outcome is on its way to Redis */
	bool refresh_unsaved; /* the outcome is not written yet */

	/* backend calls, also those of an earlier refresher */
	int64_t called_at;        /* the last call; 0: none */
	int64_t called_wall_at;   /* the same by the wall clock */
	int64_t backend_ahead_ms; /* its clock minus ours, while they differ */
	bool scope_told;          /* the log has that scopes were dropped */
	bool clock_is_new;        /* the last answer told us that they do */
	bool skewed; /* the backend's clock and ours differ too much */

	/* failed attempts */
	unsigned failures;    /* in a row, in the fleet */
	int64_t failed_at;    /* the last one, here or elsewhere; 0: none */
	bool refused;         /* the last one failed because of credentials */
	uint64_t credentials; /* digest of these; 0: unknown */
	int64_t key_look_at;  /* look for another key then */
	struct renewal_outage outage;

	/* requests from outside */
	int64_t operator_at;        /* an operator asked for a token; 0: no */
	int64_t report_at;          /* the next report is accepted then */
	uint64_t report_generation; /* of the last report */
	int report_end; /* end of the channel that gets the answer */

	/* the token in service; dead_at 0: none */
	uint64_t counter; /* {K}:generation in Redis, as last seen */
	uint64_t generation;
	int64_t obtained_at, expires_at, dead_at, renew_at;
	int64_t ahead_ms; /* wall clock minus boot clock, when obtained */
	char fingerprint[FINGERPRINT_LEN + 1];
	struct token_origin origin;        /* of this token */
	struct token_origin configured;    /* of the next one */
	struct token_origin logged_origin; /* the last foreign one in the log */
	bool had_ours; /* a token of the configured origin was in service */
	/* the last tokens, dead or alive, newest first */
	struct token_past past[TOKEN_PASTS];
};

struct renewals {
	struct renewals_args args;
	struct renewal *list;
	size_t count;
	size_t active;    /* chains under way */
	size_t first;     /* the next turn begins with this token */
	size_t checks;    /* checks so far whether Redis lost a token */
	int64_t check_at; /* boot clock, ms: the next check */
	bool redis_was_up, redis_refused;
	struct logouts *logouts;
	struct log_limit limit; /* of lines that concern no token */
	int64_t ahead_ms;       /* wall clock minus boot clock */
	bool ahead_known;
	struct token token; /* under construction; wiped after use */
};

/* True: the token in service may be handed out at this boot time. */
static inline bool
renewal_usable(const struct renewal *n, int64_t now)
{
	return n->dead_at > now;
}

/* ---- renewal_log.c ---- */

/* Log why an attempt brought no token.  Words that differ only in numbers are
 * logged once a minute for each status. */
void renewal_log_failure(struct renewal *n, enum stats_renewal kind, int status,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Log when the next attempt is due, if the failure before it was logged. */
void renewal_log_next(const struct renewal *n, int64_t wait_ms);

/* Log that another replica's attempt failed, once a minute for each kind. */
void renewal_log_failure_of_other(struct renewal *n, enum stats_renewal kind,
    const char *word, int64_t wait_ms);

/* Log the end of an outage, if there was one. */
void renewal_log_recovery(struct renewal *n);

/* ---- renewal_limits.c ---- */

/* The renewal point of this token, as configured. */
struct schedule_renewal renewal_schedule(const struct conf_token *conf);

/* Milliseconds until max-calls-per-hour allows this host a call; 0: now. */
int64_t renewal_call_wait_ms(const struct renewal *n, int64_t now);

/* The shares of schedule and reports in max-calls-per-hour. */
struct budget_share renewal_budget_share(const struct renewal *n);

/* Milliseconds until this host may make a call outside the schedule, for a
 * caller or a report; 0: now. */
int64_t renewal_spare_wait_ms(const struct renewal *n, int64_t now);
int64_t renewal_report_wait_ms(const struct renewal *n, int64_t now);

/* Count a report that was accepted. */
void renewal_count_report(struct renewal *n, int64_t now);

/* Show in the metrics the calls that earlier refreshers of this host left. */
void renewal_show_calls_left(struct renewal *n);

/* Count the call at called_at. */
void renewal_count_call(struct renewal *n);

/* Take a call back that did not reach the backend. */
void renewal_uncount_call(struct renewal *n);

/* Draw at random how long this chain waits for a busy lock. */
void renewal_draw_lock_wait(struct renewal *n);

/* True, and logged: the lock was busy for longer than leases last, so its owner
 * must be gone. */
bool renewal_lock_is_abandoned(const struct renewal *n);

/* True: our lock could expire during a call, since we were stopped or Redis was
 * slow.  With a Redis that always is, the generation alone fences. */
bool renewal_lease_is_short(const struct renewal *n);

/* Compare the backend's wall clock with ours; log when they begin to differ too
 * much, and when they agree again. */
void renewal_compare_clocks(struct renewal *n, int64_t date_wall_at);

/*
 * The wall time of the call, against which points in time in its answer are
 * measured.  When the clocks differ too much, the backend's clock counts;
 * date_wall_at is its time now, 0: unknown.  Returns 0: our clock was never set
 * and the backend sent no Date.  Call renewal_compare_clocks() first.
 */
int64_t renewal_asked_wall_at(const struct renewal *n, int64_t date_wall_at);

/* ---- renewal_origin.c ---- */

/* A token's origin compared with the configuration. */
enum renewal_fit {
	RENEWAL_FITS,              /* the same, or unknown */
	RENEWAL_OTHER_CREDENTIALS, /* serves until we have our own */
	RENEWAL_OTHER_PLACE,       /* never served */
};

/* Compare an origin; reads the key file if that may matter. */
enum renewal_fit renewal_fit(struct renewal *n,
    const struct token_origin *origin);

/* True: the origin of the token in Redis allows to serve it.  Else this is
 * logged, once for each origin. */
bool renewal_may_adopt(struct renewal *n, const struct store_value *v);

/* True: a token of this origin is to be renewed at once. */
bool renewal_is_provisional(struct renewal *n,
    const struct token_origin *origin);

/* ---- renewal_token.c ---- */

/* Take over what a refresher before us left in the slot, if it may be served.
 */
void renewal_inherit(struct renewal *n);

/* Put the token in Redis into service if it is newer than ours; true: it is. */
bool renewal_adopt(struct renewal *n, const struct store_value *v);

/*
 * Decode the backend's answer and put its token into service.  It stays in
 * all->token until renewal_wipe(), for Redis.  0, or -1 with *err.
 */
int renewal_take(struct renewal *n, const struct backend_result *b,
    struct err *err);

/* Overwrite all->token. */
void renewal_wipe(struct renewals *r);

/* Clear the slot of an expired token: its text must not stay in memory. */
void renewal_clear_expired(struct renewal *n, int64_t now);

/* Count the result of an attempt. */
void renewal_count(struct renewal *n, enum stats_renewal result);

/* Send the workers a message about this token. */
void renewal_tell_workers(struct renewal *n, enum channel_kind kind,
    int64_t at);

/* ---- renewal_failure.c ---- */

/* The intended call, for the lock script. */
struct store_wish renewal_wish(struct renewal *n);

/* Release the lock, if we have it. */
void renewal_release(struct renewal *n);

/*
 * An attempt has brought no token: count it, release the lock, tell the fleet,
 * the workers and the log.  All four return the boot time of the next attempt.
 */
int64_t renewal_fail(struct renewal *n, enum stats_renewal result,
    enum schedule_failure kind, int64_t retry_after_ms);

/* Likewise: max-calls-per-hour is spent; the next call is allowed in wait_ms.
 */
int64_t renewal_fail_exhausted(struct renewal *n, int64_t wait_ms);

/* Likewise: the backend did not answer with a token. */
int64_t renewal_fail_call(struct renewal *n, const struct backend_result *b);

/* Likewise: an attempt of another replica failed a moment ago. */
int64_t renewal_fail_with_other(struct renewal *n,
    const struct store_grant *grant);

/* True: the credentials are no longer those that were refused. */
bool renewal_has_other_credentials(struct renewal *n, int64_t now);

/* ---- renewal_chain.c ---- */

/* Set the boot time of the next attempt, for the schedule and the metrics. */
void renewal_plan(struct renewal *n, int64_t at);

/* Begin a chain, or raise the goal of the one under way. */
void renewal_begin(struct renewal *n, enum renewal_goal goal,
    enum renewal_source source);

/* RENEWAL_WAITING: look whether the other replica has got the token. */
void renewal_look_again(struct renewal *n);

/* Answers of Redis, which continue the chain. */
void renewal_on_looked_up(void *renewals, size_t token,
    enum store_outcome outcome, const struct store_value *value);
void renewal_on_locked(void *renewals, size_t token, enum store_outcome outcome,
    const struct store_grant *grant, const struct store_value *value);
void renewal_on_refresh(void *renewals, size_t token,
    enum store_outcome outcome, const char *text, size_t len);
void renewal_on_published(void *renewals, size_t token,
    enum store_outcome outcome);

#endif
