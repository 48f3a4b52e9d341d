/* SPDX-License-Identifier: MIT */
/*
 * try_private.h - the inside of try.h: try.c asks and shows, try_advice.c knows
 * mistakes and what to do about each.
 */
#ifndef BEARERD_TRY_PRIVATE_H
#define BEARERD_TRY_PRIVATE_H

#include "base/mask.h"
#include "refresher/backend.h"
#include "token/token.h"

#define TRY_TEXT_MAX 65536

/* One token's try. */
struct trial {
	const struct conf *conf;
	const struct conf_token *token;
	struct token_reply reply;
	struct token_rules rules;
	struct mask mask; /* all that must not be shown */
	int64_t wall_at;  /* of the call, ms since the epoch */
	struct backend *backend;
	char *subject, *actor; /* tokens that it is made of; owned */
	char *text;            /* the token; owned; NULL: none */
};

/* Print what was appended, and begin anew. */
void try_say(struct buf *out);

/* Note all that must not be shown.  0, or -1 with *err: a secret cannot be
 * read. */
int try_cover(struct trial *t, struct err *err);

/* Show an answer, and what was found in it or not.  True: there is a token. */
bool try_judge(struct trial *t, const struct backend_result *r,
    struct buf *out);

/* Append why there was no answer, or one of no success; then what to do. */
void try_explain_call(const struct trial *t, const struct backend_result *r,
    struct buf *out);

/* Append what to do when the answer brings no token, for this reason. */
void try_explain_answer(const struct trial *t, const char *why,
    struct buf *out);

/* Append a remark when the clocks differ. */
void try_explain_clock(const struct backend_result *r, struct buf *out);

#endif
