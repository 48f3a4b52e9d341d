/* SPDX-License-Identifier: MIT */
/*
 * stats_tbl.h - every metric, declared once.
 *
 * STATS_FAMILIES makes the HELP and TYPE lines of /metrics (metrics.c) and is
 * what the manual page is checked against; the label lists make the enums that
 * count and the label values that are printed.
 */
#ifndef BEARERD_STATS_TBL_H
#define BEARERD_STATS_TBL_H

/* F(id, type, name, help): in the order of /metrics. */
#define STATS_FAMILIES(F)                                                     \
	F(BUILD_INFO, "gauge", "bearerd_build_info",                          \
	    "Constant 1, with the version as label.")                         \
	F(REQUESTS, "counter", "bearerd_requests_total",                      \
	    "Requests answered, by path and status code.")                    \
	F(ANSWERS, "counter", "bearerd_answers_total",                        \
	    "Tokens handed out, by where the token came from.")               \
	F(DURATION, "histogram", "bearerd_request_duration_seconds",          \
	    "Time from the whole request to its answer; resolution is one "   \
	    "turn of the event loop.")                                        \
	F(CONNECTIONS, "gauge", "bearerd_connections",                        \
	    "Open connections of callers, by state.")                         \
	F(EXPIRY, "gauge", "bearerd_token_expiry_timestamp_seconds",          \
	    "When the current token expires; 0 without a token.")             \
	F(STATE, "gauge", "bearerd_token_state",                              \
	    "1 for the state that the token is in, 0 for the others.")        \
	F(GENERATION, "gauge", "bearerd_token_generation",                    \
	    "Number of publications of this token.")                          \
	F(RENEWALS, "counter", "bearerd_renewals_total",                      \
	    "Attempts to get a newer token, by how they ended.")              \
	F(BACKEND_DURATION, "histogram",                                      \
	    "bearerd_backend_request_duration_seconds",                       \
	    "Time that a backend call took.")                                 \
	F(CALLS_LEFT, "gauge", "bearerd_backend_calls_left",                  \
	    "Backend calls that max-calls-per-hour leaves in this hour.")     \
	F(REDIS_COMMANDS, "counter", "bearerd_redis_commands_total",          \
	    "Redis commands, by how they ended.")                             \
	F(REDIS_UP, "gauge", "bearerd_redis_up",                              \
	    "1 while Redis answers, 0 while not or when none is configured.") \
	F(REFUSED, "counter", "bearerd_redis_values_refused_total",           \
	    "Values read from Redis and not believed, by reason.")            \
	F(LOCKS, "counter", "bearerd_lock_total",                             \
	    "Attempts to lock a token in Redis, by outcome.")                 \
	F(COALESCED, "counter", "bearerd_coalesced_waiters_total",            \
	    "Requests that waited for a token somebody else asked for.")      \
	F(REJECTED, "counter", "bearerd_rejected_total",                      \
	    "Reports that the backend refused the token, by result.")         \
	F(RESTARTS, "counter", "bearerd_process_restarts_total",              \
	    "Processes replaced after they died, by role.")                   \
	F(SKEW, "gauge", "bearerd_clock_skew_seconds",                        \
	    "Backend's clock less ours, from the Date of its last answer.")

/* L(id, label value) */
#define STATS_PATHS(L)                                                        \
	L(TOKEN, "/token") L(TOKENS, "/tokens") L(AUTH, "/auth")              \
	L(HEALTHZ, "/healthz") L(READYZ, "/readyz") L(METRICS, "/metrics")    \
	L(STATUS, "/status") L(OPENAPI, "/openapi.json") L(DOCS, "/docs")     \
	L(OTHER, "other")

#define STATS_CODES(C)                                                        \
	C(200) C(202) C(204) C(304) C(308) C(400) C(404) C(405) C(406)        \
	C(408) C(412) C(413) C(414) C(421) C(428) C(429) C(431) C(500)     \
	C(501) C(503) C(505)

#define STATS_SOURCES(L)                                                      \
	L(SHM, "shm") L(REDIS, "redis") L(BACKEND, "backend")

#define STATS_CONNECTIONS(L)                                                  \
	L(IDLE, "idle") L(READING, "reading") L(WAITING, "waiting")           \
	L(WRITING, "writing") L(CLOSING, "closing")

#define STATS_STATES(L)                                                       \
	L(FRESH, "FRESH") L(RENEWING, "RENEWING") L(OVERDUE, "OVERDUE")       \
	L(EXPIRED, "EXPIRED") L(EMPTY, "EMPTY")

/* How a renewal ended; the words are also the "last result" of /status. */
#define STATS_RENEWALS(L)                                                     \
	L(OBTAINED, "obtained") L(ADOPTED, "adopted")                         \
	L(UNREACHABLE, "unreachable") L(TIMEOUT, "timeout")                   \
	L(CREDENTIALS, "credentials") L(REFUSED, "refused")                   \
	L(MALFORMED, "malformed") L(WITHHELD, "withheld")                     \
	L(EXHAUSTED, "exhausted")

#define STATS_LOCKS(L)                                                        \
	L(GOT, "got") L(BUSY, "busy") L(UNREACHABLE, "unreachable")

#define STATS_COMMANDS(L)                                                     \
	L(OK, "ok") L(ERROR, "error") L(TIMEOUT, "timeout")                   \
	L(UNREACHABLE, "unreachable")

/* Why a value in Redis is treated as if it were not there. */
#define STATS_REFUSED(L)                                                      \
	L(PLAIN, "plain") L(UNKNOWN_KEY, "unknown_key")                       \
	L(BAD_TAG, "bad_tag") L(NO_KEY, "no_key")

#define STATS_REJECTED(L)                                                     \
	L(ACCEPTED, "accepted") L(STALE, "stale") L(LIMITED, "limited")

#define STATS_ROLES(L) L(WORKER, "worker") L(REFRESHER, "refresher")

/* Upper bounds of the histograms' buckets, in milliseconds; +Inf follows. */
#define STATS_BOUNDS_MS {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000}
#define STATS_BUCKETS 13

#endif
