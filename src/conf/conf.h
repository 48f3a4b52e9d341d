/* SPDX-License-Identifier: MIT */
/*
 * conf/ is for the configuration: options, where they come from, their checks.
 *
 * conf.h - the configuration: one table of options, four sources.
 *
 * Built-in default < file < environment < command line.  conf/tbl.h declares
 * each option once; the setters, --help, --test and the check of the manual
 * page and of etc/bearerd.conf follow from it.  A token option that is given
 * outside a `token NAME { }` section is the default of every section; what a
 * section says itself is the strongest.
 *
 * The parts, the lower first (conf/private.h is their inner contract): draft.c
 * keeps what was read and words errors; syntax.c, number.c and value.c know the
 * types, option.c the options; file.c (with word.c), env.c and flag.c are the
 * sources; check.c and check_*.c check; conf.c applies it all; print.c,
 * proxy.c and timeline.c show the result.  secrets.c reads those of a token.
 *
 * Called by main and, at a reload, by the master; read by every process, and by
 * bearerctl, which looks for a running one.
 *
 * Invariants:
 *   - A struct conf that conf_load() delivered is complete, checked and never
 *     changed again, but for conf_forget_secrets().
 *   - Durations are milliseconds, sizes bytes, shares percent.
 *   - Of an option that may be given several times the strongest source that
 *     gives it gives all of its values.
 *   - Only members of type SECRET hold secrets, and no message does.  Of a
 *     secret and its file at most one is set: that of the stronger source.
 */
#ifndef BEARERD_CONF_H
#define BEARERD_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "token/jose.h"

#define CONF_NAME_MAX 64     /* bytes of a token's name */
#define CONF_SECRET_MAX 4096 /* bytes of a secret */
#define CONF_KEY_MAX 65536   /* bytes of a private key, or a token in a file */
#define CONF_CLUSTER_MAX 32  /* nodes to begin with */
#define CONF_TEMPLATE_MAX 4096 /* bytes of a token file's template */
#define CONF_SEVERAL_MAX 16    /* values of an option that has several */
#define CONF_FIELD_MAX 2048    /* bytes of a request's field, unfilled */
#define CONF_BODY_MAX 16384    /* likewise of its body */

/* Numbers of words; origin.c has them digested, so none ever changes. */
enum conf_method { CONF_GET, CONF_POST, CONF_PUT, CONF_PATCH };
enum conf_auth {
	CONF_AUTH_HEADER,
	CONF_AUTH_BASIC,
	CONF_AUTH_BEARER,
	CONF_AUTH_NONE
};

enum conf_logout {
	CONF_LOGOUT_NONE,
	CONF_LOGOUT_GET,
	CONF_LOGOUT_POST,
	CONF_LOGOUT_PUT,
	CONF_LOGOUT_PATCH,
	CONF_LOGOUT_DELETE
};
enum conf_grant {
	CONF_GRANT_NONE, /* a plain request */
	CONF_GRANT_CLIENT,
	CONF_GRANT_PASSWORD,
	CONF_GRANT_REFRESH,
	CONF_GRANT_JWT_BEARER,
	CONF_GRANT_EXCHANGE,
	CONF_GRANT_SELF_SIGNED
};
enum conf_client_auth {
	CONF_CLIENT_BASIC,
	CONF_CLIENT_BASIC_RAW,
	CONF_CLIENT_POST,
	CONF_CLIENT_SECRET_JWT,
	CONF_CLIENT_KEY_JWT,
	CONF_CLIENT_ASSERTION_FILE,
	CONF_CLIENT_TLS
};

struct conf_list {
	char **item;
	size_t count;
};

/* One `token` section. */
struct conf_token {
	char *name;
	char *base_url, *path;
	int64_t method; /* enum conf_method */
	int64_t auth;   /* enum conf_auth */
	char *api_key, *api_key_file, *api_key_header;
	char *username, *password, *password_file;
	struct conf_list secret_files;   /* "NAME=FILE" */
	struct conf_list request_fields; /* "Name: value", with places */
	char *request_body;              /* with places */
	int64_t grant;                   /* enum conf_grant */
	char *token_url, *issuer;        /* NULL: base_url and path */
	char *client_id, *client_secret, *client_secret_file;
	int64_t client_auth; /* enum conf_client_auth */
	char *scope, *audience;
	struct conf_list resources, parameters; /* URIs; "name=value" */
	char *signing_key_file;
	int64_t signing_alg; /* enum jose_alg */
	char *signing_key_id, *signing_cert_file;
	char *assertion_audience, *assertion_typ;
	char *client_assertion_file, *client_assertion_type;
	char *claims;                             /* JSON object; NULL: none */
	char *subject_token, *subject_token_type; /* "file:P", "token:NAME" */
	char *actor_token, *actor_token_type;
	char *requested_token_type;
	char *refresh_token_file, *refresh_token_store;
	struct conf_list success_status; /* "N" or "N-M" */
	char *success_field;             /* "POINTER=VALUE"; NULL: none */
	char *token_from;                /* token.h, struct token_from */
	char *token_field;   /* NULL: "token", then "access_token" */
	char *expiry_from;   /* NULL: as token_from */
	char *expiry_field;  /* NULL: automatic */
	int64_t expiry_unit; /* enum token_unit */
	int64_t default_ttl_ms, max_ttl_ms;
	char *redis_key;                    /* never NULL after conf_load() */
	int64_t renew_at_min, renew_at_max; /* percent of the life */
	int64_t outage_budget_ms;           /* 0: none */
	int64_t max_calls_per_hour;         /* 0: any number */
	bool exclusive;                     /* a new token kills the old one */
	int64_t connect_timeout_ms, timeout_ms;
	char *ca_file, *client_cert_file, *client_key_file;
	bool tls_verify;
	char *proxy; /* "environment", "none" or a URL */
	char *proxy_user, *proxy_password, *proxy_password_file;
	struct conf_list headers; /* of /auth: "Name: format"; headers.h */
	struct conf_list extras;  /* "NAME=PLACE": further values */
	int64_t logout_method;    /* enum conf_logout */
	char *logout_path;        /* with places; NULL: none */
	int64_t logout_after_ms;
	char *token_file;          /* NULL: none */
	char *token_file_template; /* one %s, any bytes but NUL */
	int64_t token_file_mode;
	char *token_file_group;
};

struct conf {
	struct conf_list listen, admin_listen;
	bool allow_unauthenticated;
	char *public_url;             /* NULL: not told */
	struct conf_list allow_hosts; /* names, addresses, "*" */
	char *require_header;         /* "Name: value"; NULL: none */
	int64_t workers;              /* 0: as many as usable CPUs */
	char *user, *group;
	int64_t sandbox;         /* enum sandbox_mode */
	int64_t max_connections; /* per worker; 0: from RLIMIT_NOFILE */
	int64_t idle_timeout_ms, header_timeout_ms, drain_timeout_ms;
	int64_t shutdown_delay_ms; /* between the signal and the drain */
	int64_t wait_limit_ms;
	char *redis_host; /* "/path": a socket */
	int64_t redis_port, redis_db;
	/* instead of redis_host; none of the three: no shared store */
	struct conf_list redis_sentinels, redis_cluster; /* HOST:PORT */
	char *redis_sentinel_master;
	char *redis_sentinel_password, *redis_sentinel_password_file;
	char *redis_user, *redis_password, *redis_password_file;
	char *redis_key_file; /* NULL: tokens stand there as they are */
	bool redis_accept_plain;
	char *redis_read_host;
	int64_t redis_timeout_ms;
	bool redis_tls;      /* but for a Unix socket */
	char *redis_ca_file; /* NULL: the system's authorities */
	char *redis_client_cert_file, *redis_client_key_file;
	char *shm_name;
	int64_t max_token_size; /* bytes a slot can hold, 256 to 16384 */
	char *pid_file;
	char *control_socket; /* NULL: none */
	char *control_group;
	int64_t log_level;          /* enum log_level */
	int64_t log_format;         /* 0 text, 1 json */
	struct conf_token defaults; /* token options outside sections */
	struct conf_token *token;
	size_t token_count;   /* at least 1 */
	const char *try_name; /* of --try, in argv; NULL: all tokens */
};

enum conf_action { CONF_RUN, CONF_TEST, CONF_TRY, CONF_VERSION, CONF_HELP };

/* The sources of a configuration; the caller keeps them for reloads. */
struct conf_source {
	int argc;
	char **argv;
	char **environ;
	const char *default_file; /* read if it exists and -c is not given */
};

/*
 * Read and check everything.  Returns the configuration (conf_free() it) or
 * NULL, with one line per error in *errors ("FILE:LINE: ...", "--flag: ...",
 * "BEARERD_X: ..."), each saying what was wrong and what is allowed; every
 * error found is listed, not only the first.  *action is what the flags ask
 * for; for CONF_VERSION and CONF_HELP nothing is read and the result is NULL.
 * *warnings gets lines that do not prevent the start (an unknown BEARERD_
 * variable, tls-verify = no).  Both buffers are appended to; what does not fit
 * is left out, and the result is the same.  May be called again: the file is
 * read anew, and argv is left as it is.  Not for two threads at once.
 */
struct conf *conf_load(const struct conf_source *source,
    enum conf_action *action, struct buf *errors, struct buf *warnings);

/*
 * Read the same sources to find a running bearerd.  Nothing is checked: options
 * that are missing here may be in its environment, and values that are wrong
 * now may have been right when it started.  No secret is kept.  Never NULL;
 * *errors as above; *unreadable: the file could not be read to its end.
 */
struct conf *conf_look(const struct conf_source *source, struct buf *errors,
    bool *unreadable);

void conf_free(struct conf *conf);

/* Wipe and free every secret; for processes that must not know them. */
void conf_forget_secrets(struct conf *conf);

/* The token that /token serves: the one named "token", else the first. */
size_t conf_default_token(const struct conf *conf);

/* True: a Redis is configured: a server, Sentinels or a cluster. */
bool conf_has_redis(const struct conf *conf);

/* The URL that tells host and scheme of a token's backend: token-url, base-url
 * or issuer; NULL: it has none. */
const char *conf_backend_url(const struct conf_token *t);

/* base-url, without slashes at its end, and a path.  The caller frees it. */
char *conf_url(const struct conf_token *t, const char *path);

/* The number of the token that subject-token or actor-token names as
 * "token:NAME"; -1: it names none. */
int conf_token_named(const struct conf *conf, const char *text);

/* Likewise the path of "file:PATH"; NULL: it names none. */
const char *conf_file_named(const char *text);

/* The signer of a token's assertions: a secret, or with NULL signing-key-file.
 * The texts stay those of t, and the caller's. */
struct jose_signer conf_signer(const struct conf_token *t, const char *secret);

/* Bytes that the slot of a token has room for: max-token-size, and extras. */
size_t conf_text_max(const struct conf *conf);

/* Whether a status is one of an answer that has a token. */
bool conf_is_success(const struct conf_token *t, int status);

/* Whether both configurations have the same tokens in the same order. */
bool conf_same_tokens(const struct conf *a, const struct conf *b);

/* Call use() with each file that is read while the service runs: secrets,
 * certificates. */
void conf_each_file(const struct conf *conf,
    void (*use)(void *arg, const char *path), void *arg);

/* Append the resolved configuration as a file that could be read again, with
 * every secret masked, then the timeline of an example life as comments. */
void conf_print(const struct conf *conf, struct buf *out);

/* Append the timeline of a token with this life, as comments. */
void conf_timeline_of(const struct conf *conf, const struct conf_token *t,
    int64_t life_ms, struct buf *out);

/* Append the flags, one line per option with default and meaning. */
void conf_help(struct buf *out);

#endif
