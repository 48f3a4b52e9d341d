/* SPDX-License-Identifier: MIT */
/*
 * reply.h - a token's answers, rendered once per token and second.
 *
 * For each token a worker keeps the answers of /token and /auth as bytes of the
 * wire.  A request checks that the slot's seq has not moved and that the digits
 * are up to date, and copies the bytes.  They are rendered again after each
 * publication, and when a number loses a digit (99 after 100), since a patch
 * changes digits but not lengths.  Only rendering allocates.  Called by api.h,
 * in workers.
 *
 * Invariants:
 *   - reply_ready() is true only while more than the token's reserve is left.
 *   - Answers are exact to the second of the worker's clock.
 *   - The bytes hold a secret: they lie in memory that is not dumped.
 */
#ifndef BEARERD_REPLY_H
#define BEARERD_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "http/http.h"
#include "shared/slot.h"

#define REPLY_ETAG_MAX 48 /* bytes of an entity tag, with its NUL */

/* The time of one turn of the event loop. */
struct reply_clock {
	int64_t now;              /* boot clock, ms */
	int64_t second_at;        /* boot clock, ms: the next second begins */
	char date[HTTP_DATE_LEN]; /* IMF-fixdate (RFC 9110, 5.6.7), no NUL */
};

/* One rendered answer, from the status line on.  Zeros: not rendered yet. */
struct reply_text {
	char *bytes;        /* never freed: see reply.c, take_memory() */
	uint32_t len;       /* bytes of the answer */
	uint32_t head_len;  /* of them before the body */
	uint32_t size;      /* bytes of room */
	uint32_t date;      /* offset of the value of Date */
	uint32_t expires;   /* offset of expires_in */
	uint32_t refresh;   /* offset of refresh_in */
	int expires_digits; /* room for expires_in */
	int refresh_digits; /* room for refresh_in */
};

/* The answers of one token; all zeros to begin with. */
struct reply {
	uint64_t seq;        /* of the slot when rendered; 0: not rendered */
	int64_t dead_at;     /* boot clock, ms: not handed out from then on */
	int64_t stale_at;    /* boot clock, ms: a patch is due from then on */
	int64_t renew_at;    /* boot clock, ms: renewal is due */
	int64_t life_ms;     /* the whole life of the token */
	uint64_t generation; /* of the token */
	enum token_source source;  /* where the refresher got it from */
	char etag[REPLY_ETAG_MAX]; /* "GENERATION-FINGERPRINT", quoted */
	struct reply_text token;   /* the 200 of /token */
	struct reply_text auth;    /* the 200 of /auth */
};

/* Bytes of the longest answer with a token that its slot can hold. */
size_t reply_size(const struct conf *conf, const struct conf_token *t);

/* Read the clocks; once per turn of the loop. */
void reply_clock_turn(struct reply_clock *c);

/* The slow part of reply_ready(): render or patch.  Same arguments, same
 * result. */
bool reply_update(struct reply *a, const struct slot *slot,
    const struct reply_clock *clock, const struct conf_token *conf);

/* True: a token can be handed out now, and its answers are up to date. */
static inline bool
reply_ready(struct reply *a, const struct slot *slot,
    const struct reply_clock *clock, const struct conf_token *conf)
{
	if (slot_seq(slot) == a->seq && clock->now < a->stale_at)
		return true;
	return reply_update(a, slot, clock, conf);
}

/* Whole seconds for which callers may use the token; now is of the boot clock,
 * in ms.  0: it is dead. */
int64_t reply_left_s(const struct reply *a, int64_t now);

/* Persistence of a connection after an answer (RFC 9112, 9.3). */
enum reply_connection {
	REPLY_KEEP,     /* HTTP/1.1: the default, needs no field */
	REPLY_KEEP_1_0, /* HTTP/1.0 with "keep-alive" */
	REPLY_CLOSE,    /* closed after this answer */
};

/* The Connection field with its line end, or "".  Static. */
const char *reply_connection_field(enum reply_connection c);

/* Append the answer to out; for HEAD without its body. */
void reply_write(const struct reply_text *t, enum reply_connection c, bool head,
    struct buf *out);

#endif
