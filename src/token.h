/* SPDX-License-Identifier: MIT */
/*
 * token.h - a token, its life, and how to find both in a backend's answer.
 *
 * Called by the refresher (decode), by workers (what is left of a life), and
 * by conf for the timeline it prints.  Pure but for the wall clock that the
 * caller passes in.  Only token_decode.c uses cJSON.
 *
 * Invariants:
 *   - text is printable ASCII without space, so that it can stand in a header
 *     and in a Redis value as it is.
 *   - Times are of the boot clock, so a step of the wall clock changes none.
 *   - obtained_at < expires_at.
 */
#ifndef BEARERD_TOKEN_H
#define BEARERD_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fingerprint.h"
#include "util.h"

#define TOKEN_MAX 16384      /* bytes of a token's text */
#define TOKEN_ANSWER_MAX 65536 /* bytes of a backend's answer */
#define TOKEN_LARGE 3500     /* above it nginx's default buffers are too small */

enum token_source { TOKEN_FROM_SHM, TOKEN_FROM_REDIS, TOKEN_FROM_BACKEND };

struct token {
	uint64_t generation; /* counts publications of this token's name */
	int64_t obtained_at; /* t0: just before the backend was asked */
	int64_t expires_at;  /* E */
	int64_t renew_at;    /* when a newer one can be expected */
	int64_t obtained_wall_at, expires_wall_at; /* for people */
	enum token_source source;
	char fingerprint[FINGERPRINT_LEN + 1];
	size_t len;
	char text[TOKEN_MAX + 1];
};

/* The reserve S of a life: a token is never handed out with less left. */
int64_t token_reserve_ms(int64_t life_ms);

/* L: the whole life of a token. */
int64_t token_life_ms(const struct token *t);

/* E - S: from this boot time on the token is not handed out any more. */
int64_t token_dead_at(const struct token *t);

/* Whether a text can be a token.  Returns NULL, or what is wrong with it. */
const char *token_text_problem(const char *text, size_t len, size_t max);

/* Take a text over; it was checked before. */
void token_set_text(struct token *t, const char *text, size_t len);

/* How to read one backend's answers. */
struct token_rules {
	const char *token_field;  /* member or JSON Pointer; NULL: the usual */
	const char *expiry_field; /* likewise */
	int64_t default_ttl_ms, max_ttl_ms;
	size_t max_len;           /* longest text accepted */
};

/* What an answer says. */
struct token_answer {
	char text[TOKEN_MAX + 1];
	size_t len;
	int64_t life_ms;    /* counted from the moment the backend was asked */
	const char *expiry; /* where the life is from, for the log; static */
};

/*
 * Decode an answer (INTERFACE: expires_in, then absolute times, then the
 * token's own exp when it is a JWT, then the default; the earlier of two that
 * disagree).  asked_wall_at is the wall clock when the backend was asked.
 * 0, or -1 with *err, and nothing of the answer's content in it.
 */
int token_decode(const char *body, size_t len, const struct token_rules *rules,
    int64_t asked_wall_at, struct token_answer *out, struct err *err);

#endif
