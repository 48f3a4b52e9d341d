/* SPDX-License-Identifier: MIT */
/*
 * renewal_call_private.h - the parts of renewals that are about the call of the
 * backend: its input, its steps, the record of a refresh token, its answer.
 * renewal_private.h has the order of the parts.
 */
#ifndef BEARERD_RENEWAL_CALL_PRIVATE_H
#define BEARERD_RENEWAL_CALL_PRIVATE_H

#include "refresher/renewal_private.h"

/* ---- renewal_request.c ---- */

/* Note the first refresh token, at the start. */
void renewal_note_seed(struct renewal *n);

/* Have the token in service ended, in a while, which all->token replaces; not
 * if it is the same, or dead. */
void renewal_log_out(struct renewal *n);

/* The token of subject-token or actor-token that is not in service; NULL: all
 * that are needed are. */
const struct renewal *renewal_lacking(const struct renewal *n);

/* Have chains of tokens begin soon that wait for this one. */
void renewal_wake(struct renewal *n);

/* Whether the metadata of the issuer are to be asked for first.  Then ask; and
 * read them: 0, or -1 with *err. */
bool renewal_needs_discovery(const struct renewal *n);
int renewal_ask_metadata(struct renewal *n, struct err *err);
int renewal_take_metadata(struct renewal *n, const struct backend_result *b,
    struct err *err);

/* Ask the backend.  0, or -1 with *err, as backend_ask(). */
int renewal_ask(struct renewal *n, struct err *err);

/* An answer of our own, as a backend would give it, with a token that we
 * signed.  NULL with *err.  The caller wipes and frees it. */
char *renewal_sign(struct renewal *n, struct err *err);

/* An error of the authorization server, printable. */
struct renewal_error {
	char code[64];
	char words[200]; /* error_description; "": none, or it has a secret */
};

/* Read the error in an answer (RFC 6749, 5.2).  False: there is none. */
bool renewal_error_read(const struct renewal *n, const struct backend_result *b,
    struct renewal_error *out);

/* Warn, once, of words of `scope` that the answer does not grant. */
void renewal_compare_scope(struct renewal *n, const struct backend_result *b);

/* An answer, to be read. */
struct token_reply renewal_reply(const struct backend_result *b);

/* ---- renewal_refresh.c ---- */

/* Prepare a call with a refresh token: the step before STEP_ASK; and go on when
 * Redis has answered. */
enum renewal_step renewal_refresh(struct renewal *n);
enum renewal_step renewal_refresh_done(struct renewal *n,
    enum store_outcome outcome, const char *text, size_t len);

/* Write down how a call ended; before its token is published.  Redis' answer.
 */
void renewal_refresh_end(struct renewal *n, const struct backend_result *b);
void renewal_refresh_ended(struct renewal *n, enum store_outcome outcome);

/* The call that was noted is not made. */
void renewal_refresh_cancel(struct renewal *n);

/* Write it again, if it could not be written. */
void renewal_refresh_save(struct renewal *n);

/* Wipe and free the record. */
void renewal_refresh_forget(struct renewal *n);

/* ---- renewal_call.c ---- */

/* The steps STEP_DISCOVER, STEP_CALL and STEP_ASK. */
enum renewal_step renewal_discover(struct renewal *n);
enum renewal_step renewal_call(struct renewal *n);
enum renewal_step renewal_make_call(struct renewal *n);

/* The step that follows the issuer's metadata. */
enum renewal_step renewal_discovered(struct renewal *n,
    const struct backend_result *b);

/* The step that follows the end of a call. */
enum renewal_step renewal_answered(struct renewal *n,
    const struct backend_result *b);

#endif
