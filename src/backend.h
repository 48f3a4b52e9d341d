/* SPDX-License-Identifier: MIT */
/*
 * backend.h - ask the backends for tokens, several at a time.
 *
 * Called by the refresher only, whose event loop this is: backend_poll() waits
 * for the transfers and for the caller's own descriptors.  The only user of
 * libcurl.
 *
 * Invariants:
 *   - No call outlives its token's `timeout`; none blocks another.
 *   - At most one call per token is under way.
 *   - Redirects are not followed, no proxy of the environment is used, and the
 *     key goes nowhere but to base-url.
 *   - At most TOKEN_ANSWER_MAX bytes of an answer are kept; a longer one ends
 *     the call.
 */
#ifndef BEARERD_BACKEND_H
#define BEARERD_BACKEND_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "util.h"

enum backend_outcome {
	BACKEND_ANSWERED,    /* look at status */
	BACKEND_NOT_REACHED, /* no request was sent: no name, no connection */
	BACKEND_TIMED_OUT,
	BACKEND_BROKE,       /* TLS, protocol, too large, connection lost */
};

/* How a call ended; valid during the callback only. */
struct backend_result {
	enum backend_outcome outcome;
	int status;             /* HTTP status when answered */
	const char *problem;    /* in words when not answered */
	const char *body;
	size_t len;
	int64_t retry_after_ms; /* 0: not asked for */
	int64_t date_wall_at;   /* the answer's Date; 0: none */
	int64_t took_ms;
};

struct backend;

struct backend *backend_open(size_t tokens,
    void (*done)(void *arg, size_t token, const struct backend_result *r),
    void *arg);

/* Abort every call and free; no callback comes any more. */
void backend_close(struct backend *b);

/* Begin a call for this token.  0, or -1 with *err: the key cannot be read. */
int backend_ask(struct backend *b, size_t token, const struct conf_token *conf,
    struct err *err);

/*
 * Wait for transfers, for fds (revents are set, as poll(2) does; entries with
 * fd -1 are passed over) or for timeout_ms; then call back for each call that
 * ended.
 */
void backend_poll(struct backend *b, struct pollfd *fds, size_t count,
    int timeout_ms);

#endif
