/* SPDX-License-Identifier: MIT */
/*
 * request.h - the request for a token: template and secrets make method, URL,
 * fields and body.
 *
 * Called by backend_request.c, which sends it, and by main for --test and try.c
 * for --try, which show it with asterisks in the place of secrets.  Knows
 * nothing of how it is sent.
 *
 * Invariants:
 *   - A field that cannot be sent as one line, or a URL that is none, is
 *     refused, not sent in another form.
 *   - Each of bearerd's own fields gives way to one of request-header.
 *   - All of it may hold secrets; request_wipe() leaves none.
 */
#ifndef BEARERD_REQUEST_H
#define BEARERD_REQUEST_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "conf/secrets.h"
#include "refresher/oauth.h"
#include "token/token.h"

#define REQUEST_FIELDS_MAX (4 + CONF_SEVERAL_MAX)
#define REQUEST_FIELD_MAX 16384 /* bytes, filled */
#define REQUEST_URL_MAX 16384
#define REQUEST_BODY_MAX 131072

struct request {
	const char *method;
	char *url;
	char *field[REQUEST_FIELDS_MAX]; /* "Name: value" */
	size_t field_count;
	char *body; /* NULL: none */
};

/* Compose it; given NULL: nothing besides the configuration.  0, or -1 with
 * *err, and nothing left to wipe. */
int request_make(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, struct request *out, struct err *err);

/* Wipe and free. */
void request_wipe(struct request *r);

/* Where it goes to, with the places of path as they are written: it holds no
 * secret.  The caller frees it. */
char *request_place(const struct conf_token *t,
    const struct request_given *given);

/* How its answer is read. */
struct token_rules request_rules(const struct conf *conf,
    const struct conf_token *t);

/* The options to check for an error of OAuth 2.0 (RFC 6749, 5.2; RFC 8707, 2),
 * static; NULL: it is not our side that is to be changed. */
const char *request_oauth_check(const char *error);

/* The options that hold our credentials, static. */
const char *request_credentials(const struct conf_token *t);

/* Append the request of one token, or of all, as comments for people, secrets
 * masked. */
void request_show_one(const struct conf_token *t, struct buf *out);
void request_show(const struct conf *conf, struct buf *out);

#endif
