/* SPDX-License-Identifier: MIT */
/*
 * backend.h - ask the backends for tokens, several at a time.
 *
 * Called by the refresher only, whose event loop this is: backend_poll() waits
 * for the transfers and for the caller's own descriptors.  The only user of
 * libcurl.  backend_private.h is the inner contract of its parts.
 *
 * Invariants:
 *   - No call outlives its token's `timeout`; none blocks another.
 *   - At most one call per token is under way; a logout has a number of its
 * own, behind those of the tokens.
 *   - A call has a connection of its own and sends at most one request.
 *   - Redirects are not followed; secrets are sent to base-url only.
 *   - With a proxy, everything for the backend goes through it.
 *   - At most TOKEN_ANSWER_MAX bytes of an answer are kept, counted after
 *     decompression; a longer answer ends the call.  Of its
 *     fields those are kept that fit into BACKEND_FIELDS_MAX bytes.
 */
#ifndef BEARERD_BACKEND_H
#define BEARERD_BACKEND_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"
#include "refresher/oauth.h"

enum backend_outcome {
	BACKEND_ANSWERED,      /* a whole answer, of any status */
	BACKEND_NOT_REACHED,   /* no request was sent: no address, no connection
				*/
	BACKEND_TIMED_OUT,     /* the request was sent */
	BACKEND_BROKE,         /* TLS, protocol, too large, connection lost */
	BACKEND_PROXY_FAILED,  /* the proxy did not pass the request on */
	BACKEND_PROXY_REFUSED, /* the proxy refused our credentials */
};

/* The end of a call.  Its texts belong to the call: valid until the next
 * backend_next(). */
struct backend_result {
	size_t token;
	enum backend_outcome outcome;
	bool sent;              /* the request, or a part of it */
	int status;             /* HTTP status; 0: no answer */
	const char *problem;    /* the failure in words; unless ANSWERED */
	const char *proxy;      /* its URL without credentials; NULL: none */
	bool at_proxy;          /* the failure is the proxy's */
	const char *detail;     /* follows the status in a message: " to URL" */
	const char *body;       /* len bytes, no NUL */
	size_t len;             /* of body */
	const char *fields;     /* as in struct token_reply */
	int64_t retry_after_ms; /* Retry-After, from now; 0: none */
	int64_t date_wall_at;   /* Date, ms since the epoch; 0: none */
	int64_t age_ms;         /* Age: time in caches; 0: none */
	int64_t took_ms;        /* from backend_ask() on */
};

struct backend;

/* Open a set of calls for tokens 0 .. tokens - 1.  Ends the process on failure.
 */
struct backend *backend_open(size_t tokens);

/* Abort every call, and free b. */
void backend_close(struct backend *b);

/* Begin a call for this token, which has none under way; given as of
 * request_make().  0; or -1 with *err: a secret cannot be read, or not be sent,
 * or memory is out. */
int backend_ask(struct backend *b, size_t token, const struct conf_token *conf,
    const struct request_given *given, struct err *err);

/*
 * Wait until a transfer or one of fds is ready, or for timeout_ms.  Sets
 * revents as poll(2) does and skips entries with fd -1.
 */
void backend_poll(struct backend *b, struct pollfd *fds, size_t count,
    int timeout_ms);

/* Return the next call that ended, or NULL.  Call this until it returns NULL,
 * after each backend_poll(): that frees the call before.  A new call for the
 * token may begin at once. */
const struct backend_result *backend_next(struct backend *b);

#endif
