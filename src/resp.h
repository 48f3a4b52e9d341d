/* SPDX-License-Identifier: MIT */
/*
 * resp.h - the Redis serialization protocol: commands to bytes, bytes to
 * answers.  The only user of hiredis, of which no connection is used.
 *
 * Called by redis.c.  Invariant: nothing here touches a descriptor.
 */
#ifndef BEARERD_RESP_H
#define BEARERD_RESP_H

#include <stdbool.h>
#include <stddef.h>

#define RESP_VALUES_MAX 12

struct resp_value {
	const char *ptr; /* NULL: nil, or an error in this place */
	size_t len;
};

/* An answer, its arrays flattened into one list. */
struct resp_answer {
	const char *error; /* what the server says, or NULL */
	size_t count;
	struct resp_value value[RESP_VALUES_MAX];
};

struct resp; /* a reader of answers */

struct resp *resp_open(void);
void resp_close(struct resp *reader);

/* Feed received bytes.  0, or -1 when they are not the protocol. */
int resp_feed(struct resp *reader, const char *bytes, size_t len);

/*
 * The next whole answer: 1, and *out is valid until the next call; 0: more
 * bytes are needed; -1: not the protocol.
 */
int resp_next(struct resp *reader, struct resp_answer *out);

/* Encode a command; the caller wipes and frees *out.  argvlen NULL: the
 * arguments are NUL-terminated.  Returns the length. */
size_t resp_format(int argc, const char *const *argv, const size_t *argvlen,
    char **out);

/* Whether an error says that our credentials are wrong. */
bool resp_is_refusal(const char *error);

#endif
