/* SPDX-License-Identifier: MIT */
/*
 * redis/proto.h - the Redis serialization protocol: commands to bytes, bytes to
 * answers.  The only user of hiredis, of which no connection is used.
 *
 * Called by redis.c and wire.c.
 *
 * Invariants:
 *   - Nothing here touches a descriptor.
 *   - What a server announces is bounded before anything is allocated for it:
 *     the values of an answer, arrays in arrays, the length of a value.
 */
#ifndef BEARERD_PROTO_H
#define BEARERD_PROTO_H

#include <stdbool.h>
#include <stddef.h>

#define PROTO_VALUES_MAX 24
#define PROTO_ANSWER_MAX (256 * 1024) /* bytes of one answer */

struct proto_value {
	const char *ptr; /* NULL: nil, or an error in this place */
	size_t len;
};

/* An answer, its arrays flattened into one list. */
struct proto_answer {
	const char *error; /* what the server says, or NULL */
	size_t count;
	struct proto_value value[PROTO_VALUES_MAX];
};

struct proto; /* a reader of answers */

struct proto *proto_open(void);
void proto_close(struct proto *reader);

/* Feed received bytes.  0, or -1: they are not the protocol, or announce more
 * than we can have asked for; the reader is of no use any more. */
int proto_feed(struct proto *reader, const char *bytes, size_t len);

/*
 * The next whole answer: 1, and *out is valid until the next call; 0: more
 * bytes are needed; -1 as above.
 */
int proto_next(struct proto *reader, struct proto_answer *out);

/* Why the last of these was -1; static. */
const char *proto_problem(const struct proto *reader);

/* Encode a command; the caller wipes and frees *out.  argvlen NULL: the
 * arguments are NUL-terminated.  Returns the length. */
size_t proto_format(int argc, const char *const *argv, const size_t *argvlen,
    char **out);

/* Whether an error says that our credentials are wrong. */
bool proto_is_refusal(const char *error);

#endif
