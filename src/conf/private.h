/* SPDX-License-Identifier: MIT */
/*
 * conf/private.h - how a configuration comes to be; the inner side of conf.h.
 *
 * Flags, environment and file are read into settings: an option, its text and
 * its place.  conf.c applies them, the weaker first, and so knows the setting
 * behind each member; conf/check.c checks the result.
 *
 * Invariants:
 *   - Settings are kept in the order read; a later one of the same rank wins.
 *   - A problem is worded without the value of an option of type SECRET.
 *   - A line of errors or warnings is said once.
 */
#ifndef BEARERD_CONF_PRIVATE_H
#define BEARERD_CONF_PRIVATE_H

#include "conf/conf.h"
#include "conf/tbl.h"
#include "conf/value.h"
#include "token/jose.h"
#include "token/token.h"

/* Numbers of the options: CONF_ID_listen ... */
#define CONF_ID(member, name, type, text, least, most, words, help) \
	CONF_ID_##member,
enum conf_id { CONF_OPTIONS(CONF_ID, CONF_ID) CONF_IDS };
#undef CONF_ID

enum conf_scope { CONF_DAEMON, CONF_TOKEN };

struct conf_option {
	enum conf_id id;
	enum conf_scope scope;
	const char *name;
	const struct conf_type *type;
	size_t offset;        /* of the member in struct conf or conf_token */
	const char *fallback; /* built-in default; "": none */
	int64_t least, most;
	const char *choices; /* words with a space between them, or NULL */
	const char *help;
};

extern const struct conf_option conf_options[CONF_IDS];

/* The option of a name that need not end in NUL; NULL: there is none. */
const struct conf_option *conf_option_find(const char *name, size_t len);

/* Sources of a value, the weaker first. */
enum conf_rank {
	CONF_FROM_FILE,     /* outside of sections */
	CONF_FROM_ORIGINAL, /* BASE_URL and its like */
	CONF_FROM_ENVIRONMENT,
	CONF_FROM_FLAG,
	CONF_FROM_SECTION,
};

struct conf_setting {
	const struct conf_option *option;
	enum conf_rank rank;
	size_t section; /* for CONF_FROM_SECTION: which one */
	char *text;
	char *where; /* "FILE:LINE", "--flag", "VARIABLE" */
};

struct conf_section {
	char *name;
	char *where;
};

struct conf_draft {
	struct conf *conf;
	struct conf_setting *setting;
	size_t setting_count;
	struct conf_section *section;
	size_t section_count;
	const struct conf_setting **made_by; /* see conf_made_by() */
	const char *file; /* read, or to be named as the place for an option */
	struct buf *errors, *warnings;
	size_t error_count;
	bool unreadable; /* the file could not be read to its end */
};

/* Note an error or a warning as one line; name may be NULL. */
void conf_error(struct conf_draft *d, const char *where, const char *name,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void conf_warning(struct conf_draft *d, const char *where, const char *name,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Note an error about a setting; about `otherwise` if there is none. */
void conf_blame(struct conf_draft *d, const struct conf_setting *s,
    const char *otherwise, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The option's name, if the setting's place does not tell it already. */
const char *conf_setting_name(const struct conf_setting *s);

/* Add what was read; text and where are copied. */
void conf_add_setting(struct conf_draft *d, const struct conf_setting *s);
void conf_add_section(struct conf_draft *d, const char *name,
    const char *where);

/* Free a draft, but not the configuration made from it. */
void conf_drop_draft(struct conf_draft *d);

/* The setting that made an option of the daemon (token 0) or of a token (from
 * 1 on); NULL: it is built in. */
const struct conf_setting *conf_made_by(const struct conf_draft *d,
    size_t token, enum conf_id id);

/* The sources.  *file is what -c names, NULL without; it points into argv. */
void conf_read_flags(struct conf_draft *d, const struct conf_source *source,
    enum conf_action *action, const char **file);
void conf_read_environment(struct conf_draft *d, char *const *environ);
void conf_read_file(struct conf_draft *d, const char *path);

/* Checks of options against each other; conf_check_redis() is the part of
 * conf_check() that is about Redis. */
void conf_check(struct conf_draft *d);
void conf_check_redis(struct conf_draft *d);

/* Warn of an unreadable file with a secret; it may be created later. */
void conf_check_secret_file(struct conf_draft *d, size_t token, enum conf_id id,
    const char *path);

/* The same of a file that a setting names, not an option of its own. */
void conf_check_file_of(struct conf_draft *d, const struct conf_setting *s,
    const char *path);

/* Checks of the request for a token, and whether it has places for secrets:
 * check_request.c. */
void conf_check_request(struct conf_draft *d, size_t token);
bool conf_has_places(const struct conf_token *t);

/* Checks of the options of OAuth 2.0: check_oauth.c. */
void conf_check_oauth(struct conf_draft *d, size_t token);

/* Checks of the file that a token is written to: check_file.c. */
void conf_check_token_file(struct conf_draft *d, size_t token);

/* Checks of the proxy to a token's backend, and what results of options and
 * environment, as comments: conf/proxy.c. */
void conf_check_proxy(struct conf_draft *d, size_t token);
void conf_print_proxies(const struct conf *conf, struct buf *out);

/* The life of an example token, as comments. */
void conf_timeline(const struct conf *conf, struct buf *out);

#endif
