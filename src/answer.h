/* SPDX-License-Identifier: MIT */
/*
 * answer.h - a token's answers, rendered once per token and second.
 *
 * A worker keeps, for each token, the bytes of the answers of /token and /auth
 * as they go over the wire.  Per request it only checks that the slot's seq
 * has not moved and that no digit is out of date, and copies them.  When the
 * slot was published anew they are rendered anew; that allocates, requests do
 * not.  Called by api.h, in workers.
 *
 * Invariants:
 *   - answer_ready() is true only while more than the token's reserve is left.
 *   - What is copied out is right to the second of the worker's clock.
 *   - The bytes hold a secret: they lie in memory that is not dumped.
 */
#ifndef BEARERD_ANSWER_H
#define BEARERD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "http.h"
#include "slot.h"

#define ANSWER_ETAG_MAX 48

/* The time of one turn of the event loop. */
struct answer_clock {
	int64_t now;          /* boot clock */
	int64_t second_at;    /* when the date below is out of date */
	char date[HTTP_DATE_LEN];
};

/* One rendered answer: everything behind the status line. */
struct answer_text {
	char *bytes;
	uint32_t len, head_len, size;
	uint32_t date, expires, refresh; /* where to patch */
};

struct answer {
	uint64_t seq;      /* of the slot when it was rendered; 0: not */
	int64_t dead_at;   /* from then on it is not given out */
	int64_t stale_at;  /* from then on the digits are out of date */
	int64_t renew_at, life_ms;
	uint64_t generation;
	enum token_source source;
	char etag[ANSWER_ETAG_MAX]; /* "GENERATION-FINGERPRINT", quoted */
	struct answer_text token, auth;
};

/* Read the clocks; once per turn of the loop. */
void answer_clock_turn(struct answer_clock *c);

/* The slow part of answer_ready(). */
bool answer_update(struct answer *a, const struct slot *slot,
    const struct answer_clock *clock, const char *auth_header);

/*
 * Whether there is a token to give out now; the answers are up to date then.
 * auth_header is the "Name: format" of /auth.
 */
static inline bool
answer_ready(struct answer *a, const struct slot *slot,
    const struct answer_clock *clock, const char *auth_header)
{
	if (slot_seq(slot) == a->seq && clock->now < a->stale_at)
		return true;
	return answer_update(a, slot, clock, auth_header);
}

/* Seconds that callers may use the token from now on. */
int64_t answer_left_s(const struct answer *a, int64_t now);

/* How a connection goes on after an answer. */
enum answer_connection {
	ANSWER_KEEP,       /* HTTP/1.1: nothing to say */
	ANSWER_KEEP_1_0,   /* HTTP/1.0 that asked for it */
	ANSWER_CLOSE,
};

/* The field that says so, with its line end, or "". */
const char *answer_connection_field(enum answer_connection c);

/* Append a 200 with this text; without its body for HEAD. */
void answer_write(const struct answer_text *t, enum answer_connection c,
    bool head, struct buf *out);

#endif
