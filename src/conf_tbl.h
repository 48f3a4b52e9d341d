/* SPDX-License-Identifier: MIT */
/*
 * conf_tbl.h - every option, declared once.
 *
 * CONF_OPTIONS makes the table that file, environment and command line are
 * read with (conf_option.c), the help text and the output of --test; the
 * manual page and etc/bearerd.conf are checked against it (tests/lint/options).
 *
 * Each line: D for an option of the daemon or T for one of a token (member of
 * the struct, name, type, built-in default, limits, meaning).  Types are those
 * of conf_value.h; the default is written as a user would write it.
 */
#ifndef BEARERD_CONF_TBL_H
#define BEARERD_CONF_TBL_H

/* Limits: of a number, of milliseconds, of percent; words to choose from, the
 * first of which has the number given. */
#define ANY .least = 0, .most = 0
#define BETWEEN(low, high) .least = (low), .most = (high)
#define ONE_OF(words, first) .choices = words, .least = (first)

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

#define CONF_OPTIONS(D, T)                                                    \
	D(listen, "listen", ADDRESSES, "127.0.0.1:8000", ANY,                 \
	    "where callers are served")                                       \
	D(admin_listen, "admin-listen", ADDRESSES, "127.0.0.1:8001", ANY,     \
	    "where health, metrics and status are served")                    \
	D(allow_unauthenticated, "allow-unauthenticated", BOOL, "no", ANY,    \
	    "hand tokens out to other hosts, unasked")                        \
	D(workers, "workers", NUMBER, "0", BETWEEN(0, 256),                   \
	    "processes; 0: one per usable CPU")                               \
	D(user, "user", NAME, "", ANY,                                        \
	    "user to become when started as root")                            \
	D(group, "group", NAME, "", ANY,                                      \
	    "group to become when started as root")                           \
	D(max_connections, "max-connections", NUMBER, "0",                    \
	    BETWEEN(0, 1048576),                                              \
	    "per worker; 0: as many as open files")                           \
	D(idle_timeout_ms, "idle-timeout", TIME, "75s", BETWEEN(1, DAY),      \
	    "how long a connection may be idle")                              \
	D(header_timeout_ms, "header-timeout", TIME, "10s", BETWEEN(1, HOUR), \
	    "time to send one request head")                                  \
	D(drain_timeout_ms, "drain-timeout", TIME, "15s", BETWEEN(0, HOUR),   \
	    "grace of connections at stop and reload")                        \
	D(wait_limit_ms, "wait-limit", TIME, "2s", BETWEEN(0, HOUR),          \
	    "how long a request may wait for a token")                        \
	D(redis_host, "redis-host", HOST, "", ANY,                            \
	    "shared store: host, or /path of a socket")                       \
	D(redis_port, "redis-port", NUMBER, "6379", BETWEEN(1, 65535),        \
	    "its port")                                                       \
	D(redis_db, "redis-db", NUMBER, "0", BETWEEN(0, 1000000),             \
	    "its database")                                                   \
	D(redis_user, "redis-user", NAME, "", ANY,                            \
	    "user of Redis' access control lists")                            \
	D(redis_password, "redis-password", SECRET, "", ANY,                  \
	    "password of Redis")                                              \
	D(redis_password_file, "redis-password-file", SECRET_FILE, "", ANY,   \
	    "file that holds the password of Redis")                          \
	D(redis_read_host, "redis-read-host", HOST, "", ANY,                  \
	    "replica of Redis for look-ups")                                  \
	D(redis_timeout_ms, "redis-timeout", TIME, "1s", BETWEEN(1, HOUR),    \
	    "limit of a connection and of a command")                         \
	D(shm_name, "shm-name", SHM_NAME, "/bearerd", ANY,                    \
	    "name of the shared memory object")                               \
	D(max_token_size, "max-token-size", NUMBER, "16384",                  \
	    BETWEEN(256, 16384),                                              \
	    "bytes that a token may have")                                    \
	D(pid_file, "pid-file", FILE_NAME, "", ANY,                           \
	    "file for the process number")                                    \
	D(log_level, "log-level", CHOICE, "info",                             \
	    ONE_OF("err warning notice info debug", LVL_ERR),                 \
	    "least severe level that is logged")                              \
	D(log_format, "log-format", CHOICE, "text", ONE_OF("text json", 0),   \
	    "form of the log lines")                                          \
	T(base_url, "base-url", URL, "", ANY,                                 \
	    "of the backend: http[s]://HOST[:PORT][/...]")                    \
	T(path, "path", URL_PATH, "/token", ANY,                              \
	    "appended to base-url")                                           \
	T(api_key, "api-key", SECRET, "", ANY,                                \
	    "key that the backend asks for")                                  \
	T(api_key_file, "api-key-file", SECRET_FILE, "", ANY,                 \
	    "file that holds the backend's key")                              \
	T(api_key_header, "api-key-header", FIELD_NAME, "backend-APIKey",     \
	    ANY, "header field that carries the key")                         \
	T(token_field, "token-field", MEMBER, "", ANY,                        \
	    "where the token is in the answer")                               \
	T(expiry_field, "expiry-field", MEMBER, "", ANY,                      \
	    "where its expiry is in the answer")                              \
	T(default_ttl_ms, "default-ttl", TIME, "30m",                         \
	    BETWEEN(2 * SECOND, 3650 * DAY),                                  \
	    "life of a token that does not tell its own")                     \
	T(max_ttl_ms, "max-ttl", TIME, "24h",                                 \
	    BETWEEN(2 * SECOND, 3650 * DAY),                                  \
	    "upper bound on any life")                                        \
	T(redis_key, "redis-key", KEY, "", ANY,                               \
	    "key in Redis; default: the token's name")                        \
	T(renew_at_min, "renew-at", PERCENT, "70%-80%", BETWEEN(1, 95),       \
	    "share of the life at which renewal begins")                      \
	T(outage_budget_ms, "outage-budget", TIME, "0s",                      \
	    BETWEEN(0, 3650 * DAY),                                           \
	    "outage of the backend to be survived")                           \
	T(connect_timeout_ms, "connect-timeout", TIME, "2s",                  \
	    BETWEEN(1, HOUR),                                                 \
	    "limit of a connection to the backend")                           \
	T(timeout_ms, "timeout", TIME, "5s", BETWEEN(1, HOUR),                \
	    "limit of a whole call of the backend")                           \
	T(ca_file, "ca-file", READABLE_FILE, "", ANY,                         \
	    "authorities that sign for the backend")                          \
	T(client_cert_file, "client-cert-file", READABLE_FILE, "", ANY,       \
	    "certificate to show to the backend")                             \
	T(client_key_file, "client-key-file", READABLE_FILE, "", ANY,         \
	    "its private key")                                                \
	T(tls_verify, "tls-verify", BOOL, "yes", ANY,                         \
	    "verify the backend's certificate")                               \
	T(header, "header", HEADER, "Authorization: Bearer %s", ANY,          \
	    "what /auth sends: name and format")

#endif
