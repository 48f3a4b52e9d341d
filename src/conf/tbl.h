/* SPDX-License-Identifier: MIT */
/*
 * conf/tbl.h - every option, declared once.
 *
 * CONF_OPTIONS makes the table that file, environment and command line are
 * read with (conf/option.c), the help text and the output of --test; the
 * manual page and etc/bearerd.conf are checked against it (tests/lint/options).
 *
 * Each entry: D for an option of the daemon or T for one of a token (member of
 * the struct, name, type, built-in default, least, most, words, meaning).
 * Types are those of conf/value.h; the default is written as a user would write
 * it; least and most are numbers, milliseconds or percent; of words to choose
 * from, the first has the number that stands in the place of least.
 */
#ifndef BEARERD_CONF_TBL_H
#define BEARERD_CONF_TBL_H

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

#define CONF_OPTIONS(D, T)                                                     \
	D(listen, "listen", ADDRESSES, "127.0.0.1:8000", 0, 0, NULL,           \
	    "where callers are served")                                        \
	D(admin_listen, "admin-listen", ADDRESSES, "127.0.0.1:8001", 0, 0,     \
	    NULL, "where health, metrics and status are served")               \
	D(allow_unauthenticated, "allow-unauthenticated", BOOL, "no", 0, 0,    \
	    NULL, "permit addresses that other hosts reach")                   \
	D(public_url, "public-url", URL, "", 0, 0, NULL,                       \
	    "of the callers' address, for /openapi.json")                      \
	D(allow_hosts, "allow-hosts", HOSTS, "", 0, 0, NULL,                   \
	    "further names that Host may have; *: any")                        \
	D(require_header, "require-header", FIELD, "", 0, 0, NULL,             \
	    "\"Name: value\" that requests for tokens must have")              \
	D(workers, "workers", NUMBER, "0", 0, 256, NULL,                       \
	    "processes; 0: one per usable CPU")                                \
	D(user, "user", NAME, "", 0, 0, NULL,                                  \
	    "user to become when started as root")                             \
	D(group, "group", NAME, "", 0, 0, NULL,                                \
	    "group to become when started as root")                            \
	D(sandbox, "sandbox", CHOICE, "auto", 0, 0, "off auto required",       \
	    "limit system calls and files by the kernel")                      \
	D(max_connections, "max-connections", NUMBER, "0", 0, 1048576, NULL,   \
	    "per worker; 0: as many as open files")                            \
	D(idle_timeout_ms, "idle-timeout", TIME, "75s", 1, DAY, NULL,          \
	    "how long a connection may be idle")                               \
	D(header_timeout_ms, "header-timeout", TIME, "10s", 1, HOUR, NULL,     \
	    "time to send one request head")                                   \
	D(drain_timeout_ms, "drain-timeout", TIME, "15s", 0, HOUR, NULL,       \
	    "grace of connections at stop and reload")                         \
	D(shutdown_delay_ms, "shutdown-delay", TIME, "0s", 0, HOUR, NULL,      \
	    "how long to serve on when told to stop")                          \
	D(wait_limit_ms, "wait-limit", TIME, "2s", 0, HOUR, NULL,              \
	    "how long a request may wait for a token")                         \
	D(redis_host, "redis-host", HOST, "", 0, 0, NULL,                      \
	    "shared store: host, or /path of a socket")                        \
	D(redis_port, "redis-port", NUMBER, "6379", 1, 65535, NULL,            \
	    "its port")                                                        \
	D(redis_db, "redis-db", NUMBER, "0", 0, 1000000, NULL, "its database") \
	D(redis_user, "redis-user", NAME, "", 0, 0, NULL,                      \
	    "user of Redis' access control lists")                             \
	D(redis_password, "redis-password", SECRET, "", 0, 0, NULL,            \
	    "password of Redis")                                               \
	D(redis_password_file, "redis-password-file", SECRET_FILE, "", 0, 0,   \
	    NULL, "file that holds the password of Redis")                     \
	D(redis_sentinels, "redis-sentinels", SERVERS, "", 0, 0, NULL,         \
	    "Sentinels that know the primary")                                 \
	D(redis_sentinel_master, "redis-sentinel-master", NAME, "mymaster", 0, \
	    0, NULL, "the primary's name there")                               \
	D(redis_sentinel_password, "redis-sentinel-password", SECRET, "", 0,   \
	    0, NULL, "password of the Sentinels")                              \
	D(redis_sentinel_password_file, "redis-sentinel-password-file",        \
	    SECRET_FILE, "", 0, 0, NULL,                                       \
	    "file that holds the password of the Sentinels")                   \
	D(redis_cluster, "redis-cluster", SERVERS, "", 0, 0, NULL,             \
	    "some nodes of a Redis Cluster")                                   \
	D(redis_key_file, "redis-key-file", SECRET_FILE, "", 0, 0, NULL,       \
	    "keys that encrypt the tokens in Redis")                           \
	D(redis_accept_plain, "redis-accept-plain", BOOL, "no", 0, 0, NULL,    \
	    "read tokens that are not encrypted, too")                         \
	D(redis_read_host, "redis-read-host", HOST, "", 0, 0, NULL,            \
	    "replica of Redis for look-ups")                                   \
	D(redis_timeout_ms, "redis-timeout", TIME, "1s", 1, HOUR, NULL,        \
	    "limit of a connection and of a command")                          \
	D(redis_tls, "redis-tls", BOOL, "no", 0, 0, NULL,                      \
	    "encrypt, and verify the server's certificate")                    \
	D(redis_ca_file, "redis-ca-file", READABLE_FILE, "", 0, 0, NULL,       \
	    "authorities that sign for Redis")                                 \
	D(redis_client_cert_file, "redis-client-cert-file", READABLE_FILE, "", \
	    0, 0, NULL, "certificate to show to Redis")                        \
	D(redis_client_key_file, "redis-client-key-file", READABLE_FILE, "",   \
	    0, 0, NULL, "its private key")                                     \
	D(shm_name, "shm-name", SHM_NAME, "/bearerd", 0, 0, NULL,              \
	    "name of the shared memory object")                                \
	D(max_token_size, "max-token-size", NUMBER, "16384", 256, 16384, NULL, \
	    "bytes that a token may have")                                     \
	D(pid_file, "pid-file", FILE_NAME, "", 0, 0, NULL,                     \
	    "file for the process number")                                     \
	D(control_socket, "control-socket", FILE_NAME, "", 0, 0, NULL,         \
	    "Unix socket that bearerctl uses")                                 \
	D(control_group, "control-group", NAME, "", 0, 0, NULL,                \
	    "group whose members may use it, too")                             \
	D(log_level, "log-level", CHOICE, "info", LVL_ERR, 0,                  \
	    "err warning notice info debug",                                   \
	    "least severe level that is logged")                               \
	D(log_format, "log-format", CHOICE, "text", 0, 0, "text json",         \
	    "form of the log lines")                                           \
	T(base_url, "base-url", URL, "", 0, 0, NULL,                           \
	    "of the backend: http[s]://HOST[:PORT][/...]")                     \
	T(path, "path", URL_PATH, "/token", 0, 0, NULL,                        \
	    "appended to base-url")                                            \
	T(method, "method", CHOICE, "GET", CONF_GET, 0, "GET POST PUT PATCH",  \
	    "of the request to the backend")                                   \
	T(auth, "auth", CHOICE, "header", CONF_AUTH_HEADER, 0,                 \
	    "header basic bearer none", "how the backend is told who asks")    \
	T(api_key, "api-key", SECRET, "", 0, 0, NULL,                          \
	    "key that the backend asks for")                                   \
	T(api_key_file, "api-key-file", SECRET_FILE, "", 0, 0, NULL,           \
	    "file that holds the backend's key")                               \
	T(api_key_header, "api-key-header", FIELD_NAME, "backend-APIKey", 0,   \
	    0, NULL, "header field that carries the key")                      \
	T(username, "username", USERNAME, "", 0, 0, NULL,                      \
	    "user that the backend knows")                                     \
	T(password, "password", SECRET, "", 0, 0, NULL,                        \
	    "password of that user")                                           \
	T(password_file, "password-file", SECRET_FILE, "", 0, 0, NULL,         \
	    "file that holds the password of that user")                       \
	T(secret_files, "secret-file", NAMED_FILES, "", 0, 0, NULL,            \
	    "further secret for @{NAME}; several")                             \
	T(request_fields, "request-header", FIELDS, "", 0, 0, NULL,            \
	    "\"Name: value\" that the request has; several")                   \
	T(request_body, "request-body", BODY, "", 0, 0, NULL,                  \
	    "body of the request")                                             \
	T(grant, "grant", CHOICE, "none", CONF_GRANT_NONE, 0,                  \
	    "none client-credentials password refresh-token "                  \
	    "jwt-bearer token-exchange self-signed",                           \
	    "of OAuth 2.0; none: a plain request")                             \
	T(token_url, "token-url", URL, "", 0, 0, NULL,                         \
	    "token endpoint; else base-url and path")                          \
	T(issuer, "issuer", URL, "", 0, 0, NULL,                               \
	    "of tokens: its metadata tell token-url")                          \
	T(client_id, "client-id", TEXT, "", 0, 0, NULL,                        \
	    "name that the authorization server knows us by")                  \
	T(client_secret, "client-secret", SECRET, "", 0, 0, NULL,              \
	    "secret of client-id")                                             \
	T(client_secret_file, "client-secret-file", SECRET_FILE, "", 0, 0,     \
	    NULL, "file that holds the secret of client-id")                   \
	T(client_auth, "client-auth", CHOICE, "basic", CONF_CLIENT_BASIC, 0,   \
	    "basic basic-raw post secret-jwt "                                 \
	    "private-key-jwt assertion-file tls",                              \
	    "how the client authenticates")                                    \
	T(scope, "scope", TEXT, "", 0, 0, NULL,                                \
	    "of the token: words with a space between")                        \
	T(audience, "audience", TEXT, "", 0, 0, NULL, "whom the token is for") \
	T(resources, "resource", RESOURCES, "", 0, 0, NULL,                    \
	    "URI that the token is for; several")                              \
	T(parameters, "parameter", PARAMETERS, "", 0, 0, NULL,                 \
	    "\"name=value\" more in the form; several")                        \
	T(signing_key_file, "signing-key-file", READABLE_FILE, "", 0, 0, NULL, \
	    "private key that signs assertions, PEM")                          \
	T(signing_alg, "signing-alg", CHOICE, "auto", JOSE_NONE, 0,            \
	    "auto RS256 RS384 RS512 PS256 PS384 PS512 "                        \
	    "ES256 ES384 ES512 EdDSA HS256 HS384 HS512",                       \
	    "of assertions; auto: that of the key")                            \
	T(signing_key_id, "signing-key-id", TEXT, "", 0, 0, NULL,              \
	    "kid of assertions")                                               \
	T(signing_cert_file, "signing-cert-file", READABLE_FILE, "", 0, 0,     \
	    NULL, "certificate whose x5t#S256 assertions tell")                \
	T(assertion_audience, "assertion-audience", TEXT, "", 0, 0, NULL,      \
	    "aud of assertions")                                               \
	T(assertion_typ, "assertion-typ", TEXT, "JWT", 0, 0, NULL,             \
	    "typ of assertions")                                               \
	T(client_assertion_file, "client-assertion-file", SECRET_FILE, "", 0,  \
	    0, NULL, "assertion that another program renews")                  \
	T(client_assertion_type, "client-assertion-type", TEXT, "", 0, 0,      \
	    NULL, "its type")                                                  \
	T(claims, "claims", OBJECT, "", 0, 0, NULL,                            \
	    "more claims, as a JSON object")                                   \
	T(subject_token, "subject-token", SUBJECT, "", 0, 0, NULL,             \
	    "file:PATH or token:NAME")                                         \
	T(subject_token_type, "subject-token-type", TEXT, "", 0, 0, NULL,      \
	    "its type")                                                        \
	T(actor_token, "actor-token", SUBJECT, "", 0, 0, NULL,                 \
	    "likewise: who acts for it")                                       \
	T(actor_token_type, "actor-token-type", TEXT, "", 0, 0, NULL,          \
	    "its type")                                                        \
	T(requested_token_type, "requested-token-type", TEXT, "", 0, 0, NULL,  \
	    "type of the token that is asked for")                             \
	T(refresh_token_file, "refresh-token-file", SECRET_FILE, "", 0, 0,     \
	    NULL, "first refresh token")                                       \
	T(refresh_token_store, "refresh-token-store", FILE_NAME, "", 0, 0,     \
	    NULL, "file for the next ones, without Redis")                     \
	T(success_status, "success-status", STATUSES, "200-299", 0, 0, NULL,   \
	    "statuses of answers that have a token")                           \
	T(success_field, "success-field", CONDITION, "", 0, 0, NULL,           \
	    "what must be so in the answer, too")                              \
	T(token_from, "token-from", TOKEN_FROM, "body", 0, 0, NULL,            \
	    "which place in the answer has the token")                         \
	T(token_field, "token-field", MEMBER, "", 0, 0, NULL,                  \
	    "where the token is in the answer")                                \
	T(expiry_field, "expiry-field", MEMBER, "", 0, 0, NULL,                \
	    "where its expiry is in the answer")                               \
	T(expiry_from, "expiry-from", EXPIRY_FROM, "", 0, 0, NULL,             \
	    "which place has its expiry; as token-from")                       \
	T(expiry_unit, "expiry-unit", CHOICE, "s", TOKEN_SECONDS, 0,           \
	    "s ms m h", "of a bare number that is a life")                     \
	T(default_ttl_ms, "default-ttl", TIME, "30m", 2 * SECOND, 3650 * DAY,  \
	    NULL, "life of a token that does not tell its own")                \
	T(max_ttl_ms, "max-ttl", TIME, "24h", 2 * SECOND, 3650 * DAY, NULL,    \
	    "upper bound on any life")                                         \
	T(redis_key, "redis-key", KEY, "", 0, 0, NULL,                         \
	    "key in Redis; default: the token's name")                         \
	T(renew_at_min, "renew-at", PERCENT, "70%-80%", 1, 95, NULL,           \
	    "share of the life at which renewal begins")                       \
	T(outage_budget_ms, "outage-budget", TIME, "0s", 0, 3650 * DAY, NULL,  \
	    "outage of the backend to be survived")                            \
	T(max_calls_per_hour, "max-calls-per-hour", NUMBER, "0", 0, 3600,      \
	    NULL, "of the backend by the fleet; 0: any number")                \
	T(exclusive, "exclusive", BOOL, "no", 0, 0, NULL,                      \
	    "a new token kills the one before")                                \
	T(connect_timeout_ms, "connect-timeout", TIME, "2s", 1, HOUR, NULL,    \
	    "limit of a connection to the backend")                            \
	T(timeout_ms, "timeout", TIME, "5s", 1, HOUR, NULL,                    \
	    "limit of a whole call of the backend")                            \
	T(ca_file, "ca-file", READABLE_FILE, "", 0, 0, NULL,                   \
	    "authorities that sign for the backend")                           \
	T(client_cert_file, "client-cert-file", READABLE_FILE, "", 0, 0, NULL, \
	    "certificate to show to the backend")                              \
	T(client_key_file, "client-key-file", READABLE_FILE, "", 0, 0, NULL,   \
	    "its private key")                                                 \
	T(tls_verify, "tls-verify", BOOL, "yes", 0, 0, NULL,                   \
	    "verify the backend's certificate")                                \
	T(proxy, "proxy", PROXY, "environment", 0, 0, NULL,                    \
	    "to the backend: URL, none or environment")                        \
	T(proxy_user, "proxy-user", USER, "", 0, 0, NULL,                      \
	    "user that the proxy knows")                                       \
	T(proxy_password, "proxy-password", SECRET, "", 0, 0, NULL,            \
	    "password of the proxy's user")                                    \
	T(proxy_password_file, "proxy-password-file", SECRET_FILE, "", 0, 0,   \
	    NULL, "file that holds the password of the proxy's user")          \
	T(extras, "extra", EXTRAS, "", 0, 0, NULL,                             \
	    "further value of the answer; several")                            \
	T(headers, "header", HEADERS, "Authorization: Bearer %s", 0, 0, NULL,  \
	    "what /auth sends: name and format")                               \
	T(logout_method, "logout-method", CHOICE, "none", CONF_LOGOUT_NONE, 0, \
	    "none GET POST PUT PATCH DELETE",                                  \
	    "of the request that ends a replaced token")                       \
	T(logout_path, "logout-path", URL_PATH, "", 0, 0, NULL,                \
	    "appended to base-url for it")                                     \
	T(logout_after_ms, "logout-after", TIME, "30s", 0, HOUR, NULL,         \
	    "how long a token has been replaced then")                         \
	T(token_file, "token-file", FILE_NAME, "", 0, 0, NULL,                 \
	    "file that holds the token in service")                            \
	T(token_file_template, "token-file-template", TEMPLATE, "%s", 0, 0,    \
	    NULL, "its content; %s: the token")                                \
	T(token_file_mode, "token-file-mode", MODE, "0600", 0, 0777, NULL,     \
	    "its permissions")                                                 \
	T(token_file_group, "token-file-group", NAME, "", 0, 0, NULL,          \
	    "its group")

#endif
