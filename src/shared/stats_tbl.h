/* SPDX-License-Identifier: MIT */
/*
 * stats_tbl.h - every metric, declared once.
 *
 * STATS_FAMILIES gives the HELP and TYPE lines of /metrics (metrics.c);
 * bearerd-metrics(7) is checked against it.  The label lists give the enums and
 * the label values: no other C file writes these words.
 */
#ifndef BEARERD_STATS_TBL_H
#define BEARERD_STATS_TBL_H

/* F(id, type, name, help): in the order of /metrics. */
/* clang-format off */
#define STATS_FAMILIES(F)                                                   \
	F(BUILD_INFO, "gauge", "bearerd_build_info",                        \
	    "Constant 1, with the version as label.")                       \
	F(REQUESTS, "counter", "bearerd_requests_total",                    \
	    "Requests answered, by path and status code.")                  \
	F(ANSWERS, "counter", "bearerd_answers_total",                      \
	    "Tokens handed out, by where the token came from.")             \
	F(DURATION, "histogram", "bearerd_request_duration_seconds",        \
	    "Time from the whole request to its answer; resolution is one " \
	    "turn of the event loop.")                                      \
	F(CONNECTIONS, "gauge", "bearerd_connections",                      \
	    "Open connections of callers, by state.")                       \
	F(DISCARDED, "counter", "bearerd_discarded_bytes_total",            \
	    "Bytes that clients sent after their answer, thrown away.")     \
	F(EXPIRY, "gauge", "bearerd_token_expiry_timestamp_seconds",        \
	    "When the current token expires; 0 without a token.")           \
	F(STATE, "gauge", "bearerd_token_state",                            \
	    "1 for the state that the token is in, 0 for the others.")      \
	F(GENERATION, "gauge", "bearerd_token_generation",                  \
	    "Number of publications of this token.")                        \
	F(RENEWALS, "counter", "bearerd_renewals_total",                    \
	    "Attempts to get a newer token, by how they ended.")            \
	F(OAUTH_ERROR, "gauge", "bearerd_token_oauth_error",                \
	    "1 for the error of the authorization server's last answer.")   \
	F(BACKEND_DURATION, "histogram",                                    \
	    "bearerd_backend_request_duration_seconds",                     \
	    "Time that a backend call took.")                               \
	F(CALLS_LEFT, "gauge", "bearerd_backend_calls_left",                \
	    "Backend calls that max-calls-per-hour leaves in this hour.")   \
	F(REDIS_COMMANDS, "counter", "bearerd_redis_commands_total",        \
	    "Redis commands, by how they ended.")                           \
	F(REDIS_UP, "gauge", "bearerd_redis_up",                            \
	    "1 while Redis answers and runs our scripts, else 0.")          \
	F(REFUSED, "counter", "bearerd_redis_values_refused_total",         \
	    "Values read from Redis and not believed, by reason.")          \
	F(LOCKS, "counter", "bearerd_lock_total",                           \
	    "Attempts to lock a token in Redis, by outcome.")               \
	F(COALESCED, "counter", "bearerd_coalesced_waiters_total",          \
	    "Requests that waited for a token somebody else asked for.")    \
	F(REJECTED, "counter", "bearerd_rejected_total",                    \
	    "Reports that the backend refused the token, by result.")       \
	F(RESTARTS, "counter", "bearerd_process_restarts_total",            \
	    "Processes replaced after they died, by role.")                 \
	F(SKEW, "gauge", "bearerd_clock_skew_seconds",                      \
	    "Backend's clock less ours, from the Date of its last answer.")

/* L(constant, label value) */
#define STATS_PATHS(L)                         \
	L(STATS_PATH_TOKEN, "/token")          \
	L(STATS_PATH_TOKENS, "/tokens")        \
	L(STATS_PATH_AUTH, "/auth")            \
	L(STATS_PATH_HEALTHZ, "/healthz")      \
	L(STATS_PATH_READYZ, "/readyz")        \
	L(STATS_PATH_METRICS, "/metrics")      \
	L(STATS_PATH_STATUS, "/status")        \
	L(STATS_PATH_OPENAPI, "/openapi.json") \
	L(STATS_PATH_DOCS, "/docs")            \
	L(STATS_PATH_OTHER, "other")

/* C(status code that is answered, its reason phrase) */
#define STATS_CODES(C)                            \
	C(200, "OK")                              \
	C(202, "Accepted")                        \
	C(204, "No Content")                      \
	C(302, "Found")                           \
	C(304, "Not Modified")                    \
	C(308, "Permanent Redirect")              \
	C(400, "Bad Request")                     \
	C(403, "Forbidden")                       \
	C(404, "Not Found")                       \
	C(405, "Method Not Allowed")              \
	C(406, "Not Acceptable")                  \
	C(408, "Request Timeout")                 \
	C(412, "Precondition Failed")             \
	C(413, "Content Too Large")               \
	C(414, "URI Too Long")                    \
	C(428, "Precondition Required")           \
	C(429, "Too Many Requests")               \
	C(431, "Request Header Fields Too Large") \
	C(500, "Internal Server Error")           \
	C(501, "Not Implemented")                 \
	C(503, "Service Unavailable")             \
	C(505, "HTTP Version Not Supported")

#define STATS_SOURCES(L)             \
	L(TOKEN_FROM_SHM, "shm")     \
	L(TOKEN_FROM_REDIS, "redis") \
	L(TOKEN_FROM_BACKEND, "backend")

#define STATS_CONNECTIONS(L)                   \
	L(STATS_CONNECTION_IDLE, "idle")       \
	L(STATS_CONNECTION_READING, "reading") \
	L(STATS_CONNECTION_WAITING, "waiting") \
	L(STATS_CONNECTION_WRITING, "writing") \
	L(STATS_CONNECTION_CLOSING, "closing")

#define STATS_STATES(L)                     \
	L(STATS_STATE_FRESH, "FRESH")       \
	L(STATS_STATE_RENEWING, "RENEWING") \
	L(STATS_STATE_OVERDUE, "OVERDUE")   \
	L(STATS_STATE_EXPIRED, "EXPIRED")   \
	L(STATS_STATE_EMPTY, "EMPTY")       \
	L(STATS_STATE_REAUTHORIZE, "REAUTHORIZE")

/* Results of a renewal; the words are also in /status and in Redis. */
#define STATS_RENEWALS(L)                           \
	L(STATS_RENEWAL_OBTAINED, "obtained")       \
	L(STATS_RENEWAL_ADOPTED, "adopted")         \
	L(STATS_RENEWAL_UNREACHABLE, "unreachable") \
	L(STATS_RENEWAL_TIMEOUT, "timeout")         \
	L(STATS_RENEWAL_CREDENTIALS, "credentials") \
	L(STATS_RENEWAL_REFUSED, "refused")         \
	L(STATS_RENEWAL_MALFORMED, "malformed")     \
	L(STATS_RENEWAL_WITHHELD, "withheld")       \
	L(STATS_RENEWAL_EXHAUSTED, "exhausted")

/* Errors of authorization servers (RFC 6749, 5.2; RFC 8707, 2). */
#define STATS_OAUTH(L)                                                    \
	L(STATS_OAUTH_INVALID_REQUEST, "invalid_request")                 \
	L(STATS_OAUTH_INVALID_CLIENT, "invalid_client")                   \
	L(STATS_OAUTH_INVALID_GRANT, "invalid_grant")                     \
	L(STATS_OAUTH_UNAUTHORIZED_CLIENT, "unauthorized_client")         \
	L(STATS_OAUTH_UNSUPPORTED_GRANT_TYPE, "unsupported_grant_type")   \
	L(STATS_OAUTH_INVALID_SCOPE, "invalid_scope")                     \
	L(STATS_OAUTH_INVALID_TARGET, "invalid_target")                   \
	L(STATS_OAUTH_OTHER, "other")

#define STATS_LOCKS(L)             \
	L(STATS_LOCK_GOT, "got")   \
	L(STATS_LOCK_BUSY, "busy") \
	L(STATS_LOCK_UNREACHABLE, "unreachable")

#define STATS_COMMANDS(L)                   \
	L(STATS_COMMAND_OK, "ok")           \
	L(STATS_COMMAND_ERROR, "error")     \
	L(STATS_COMMAND_TIMEOUT, "timeout") \
	L(STATS_COMMAND_UNREACHABLE, "unreachable")

/* Reasons to ignore a value in Redis. */
#define STATS_REFUSED(L)                            \
	L(STATS_REFUSED_PLAIN, "plain")             \
	L(STATS_REFUSED_UNKNOWN_KEY, "unknown_key") \
	L(STATS_REFUSED_BAD_TAG, "bad_tag")         \
	L(STATS_REFUSED_NO_KEY, "no_key")

#define STATS_REJECTED(L)                      \
	L(STATS_REJECTED_ACCEPTED, "accepted") \
	L(STATS_REJECTED_STALE, "stale")       \
	L(STATS_REJECTED_LIMITED, "limited")

#define STATS_ROLES(L)                 \
	L(STATS_ROLE_WORKER, "worker") \
	L(STATS_ROLE_REFRESHER, "refresher")

/* Upper bounds of the histograms' buckets, in milliseconds; +Inf follows. */
#define STATS_BOUNDS_MS                                              \
	{                                                            \
		1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000 \
	}
#define STATS_BUCKETS 13

/* clang-format on */

#endif
