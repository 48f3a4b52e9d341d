/* SPDX-License-Identifier: MIT */
/*
 * secrets.h - what a token is asked for with, by name: the values of "@{NAME}".
 *
 * Read by the refresher for each request, and by origin.h for the digest of the
 * credentials; files are read anew each time, so that one that was replaced is
 * noticed.  The checks of the configuration ask for the names alone.
 *
 * Invariants:
 *   - What is not configured is not there; the order is that of the options.
 *   - Each text is memory of its own, wiped when it is given back.
 */
#ifndef BEARERD_CONF_SECRETS_H
#define BEARERD_CONF_SECRETS_H

#include "base/err.h"
#include "base/place.h"
#include "conf/conf.h"
#include "token/token.h"

#define SECRETS_MAX (8 + TOKEN_EXTRAS + CONF_SEVERAL_MAX)

struct secret {
	char name[PLACE_NAME_MAX + 1];
	char *text;
	bool open; /* no secret: a name */
	bool mask; /* text is shown in the place of the secret */
};

struct secrets {
	struct secret item[SECRETS_MAX];
	size_t count;
	bool masked; /* made by secrets_mask() */
};

/* Read all.  0, or -1 with *err: a file cannot be read; nothing is left then.
 * The caller gives them back. */
int secrets_read(const struct conf_token *t, struct secrets *out,
    struct err *err);

/* The same names, for people to look at: asterisks in the place of secrets.  No
 * file is read. */
void secrets_mask(const struct conf_token *t, struct secrets *out);

/* Add one that the configuration does not have. */
void secrets_add(struct secrets *s, const char *name, const char *text);

/* Add a token, and its extras by their names. */
void secrets_add_token(struct secrets *s, const struct conf_token *t,
    const char *token, const char *extra);

/* Wipe and free. */
void secrets_wipe(struct secrets *s);

/* The value behind a name; text NULL: there is none. */
struct place_value secrets_find(const struct secrets *s, const char *name);

/* Whether a name is one that an option has or will have. */
bool secrets_is_reserved(const char *name);

/* Whether some are in files, and may have changed since they were read. */
bool secrets_in_files(const struct conf_token *t);

#endif
