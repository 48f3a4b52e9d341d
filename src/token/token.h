/* SPDX-License-Identifier: MIT */
/*
 * token/ is for a token: read from an answer, renewed in time, encrypted.
 *
 * token.h - a token, its life, and how to find both in a backend's answer.
 *
 * Called by the refresher (decode), by workers (the life that is left), and by
 * conf for the timeline of --test.  Pure: the caller passes the clocks in. Only
 * token/json.c uses cJSON.
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

#include "base/err.h"
#include "base/fingerprint.h"

#define TOKEN_MAX 16384        /* bytes of a token's text */
#define TOKEN_ANSWER_MAX 65536 /* bytes of a backend's answer */
#define TOKEN_MATCH_MAX 8192   /* bytes of it that match: looks at */
#define TOKEN_LIFE_MAX_MS INT64_C(315360000000) /* 3650 days, as of max-ttl */
#define TOKEN_EXTRAS 4       /* further values that go with a token */
#define TOKEN_EXTRA_MAX 4096 /* bytes of them all, with spaces between */
#define TOKEN_LARGE 3500 /* above it nginx's default buffers are too small */

enum token_source { TOKEN_FROM_SHM, TOKEN_FROM_REDIS, TOKEN_FROM_BACKEND };

/* The origin of a token (origin.h), as two digests; 0: unknown. */
struct token_origin {
	uint64_t place;       /* of the backend and the request */
	uint64_t credentials; /* of who asks: key, user, secrets */
};

struct token {
	uint64_t generation; /* counts publications of this token's name */
	int64_t
	    obtained_at;    /* t0, boot ms: just before the backend was asked */
	int64_t expires_at; /* E, boot ms */
	int64_t renew_at;   /* boot ms: its renewal is due */
	int64_t obtained_wall_at; /* ms since the epoch; only shown */
	int64_t expires_wall_at;  /* likewise */
	enum token_source source; /* where the refresher got it from */
	struct token_origin origin;
	char fingerprint[FINGERPRINT_LEN + 1]; /* stands for it in logs */
	size_t len;                            /* of text */
	char text[TOKEN_MAX + 1];              /* secret; NUL-terminated */
	size_t extra_len;                      /* of extra */
	char extra[TOKEN_EXTRA_MAX + 1]; /* values of the option extra, secret,
					  * in its order, a space between */
};

/*
 * The reserve S of a life L: a token with less than S left is never handed out,
 * so that a caller has the time to use it.
 *
 * In Redis the key of a token lives until E - S: its PTTL is the time for which
 * it may still be handed out.  Another replica reads L from {K}:meta and
 * computes E as PTTL + S(L), with its own S.  So versions that differ in S stop
 * to serve a token at the same moment; E and the renewal point differ as much
 * as S.  A key without meta was written by a program that knows no S: there the
 * PTTL is L, and S is subtracted from it.
 */
#define TOKEN_RESERVE_PART 10 /* S = L / 10, but at least MIN, at most MAX */
#define TOKEN_RESERVE_MIN_MS 1000
#define TOKEN_RESERVE_MAX_MS 30000
int64_t token_reserve_ms(int64_t life_ms);

/* L: the whole life of a token, in ms. */
int64_t token_life_ms(const struct token *t);

/* E - S: from this boot time (ms) on the token is not handed out. */
int64_t token_dead_at(const struct token *t);

/* Shorten a life to this at most (max-ttl). */
void token_shorten(struct token *t, int64_t most_ms);

/* The fault of a text that cannot be a token, static; NULL: it can be one. */
const char *token_text_problem(const char *text, size_t len, size_t max);

/* Room for a text and its extras, each at the beginning of a word. */
#define TOKEN_ROOM_MAX (TOKEN_MAX + TOKEN_EXTRA_MAX + 8)

/* Whether a text is `count` values as of struct token's extra. */
bool token_extra_is_valid(const char *text, size_t len, size_t count);

/* Value n, from 0 on, of such a text; *len bytes, no NUL behind them. */
const char *token_extra_find(const char *text, size_t n, size_t *len);

/* Copy such a text. */
void token_set_extra(struct token *t, const char *text, size_t len);

/* Whether a text is a JSON object (RFC 8259) and nothing else. */
bool token_is_object(const char *text);

/* Copy a text, which was checked before, and set len and fingerprint. */
void token_set_text(struct token *t, const char *text, size_t len);

/*
 * A token seen before; an answer that repeats it is judged by this
 * (token/repeat.c).  Several are remembered, since each node of a backend may
 * repeat a token of its own.
 */
#define TOKEN_PASTS 8
struct token_past {
	char fingerprint[FINGERPRINT_LEN + 1]; /* "": no token */
	int64_t life_ms;                       /* the longest life seen */
	int64_t expires_at;                    /* boot clock, ms */
	bool answered; /* this process has read an answer with it */
	bool stated;   /* its life was in an answer; else assumed */
	bool zero;     /* the first answer gave 0 or less: no life */
	bool ended;    /* an answer said that its life is over */
};

/* Units of a bare number that is a life; origin.c has them digested. */
enum token_unit {
	TOKEN_SECONDS,
	TOKEN_MILLISECONDS,
	TOKEN_MINUTES,
	TOKEN_HOURS
};

/* Where something is in an answer: "body", "text", "header:NAME",
 * "cookie:NAME", "match:REGEX". */
#define TOKEN_FROM_MAX 512
struct token_from {
	enum token_place {
		TOKEN_IN_BODY,
		TOKEN_IN_TEXT, /* all of it */
		TOKEN_IN_HEADER,
		TOKEN_IN_COOKIE,
		TOKEN_IN_MATCH /* what the first group matches */
	} kind;
	const char *rest; /* behind the colon */
};

/* Read such a text; false: it is none. */
bool token_from_read(const char *text, struct token_from *out);

/* An answer. */
struct token_reply {
	const char *body;
	size_t len;
	const char *fields; /* "Name: value" lines, LF; NULL: none */
};

/* Copy a string of a JSON body, found by the name of its member or by a JSON
 * Pointer.  False: there is none, or it is longer than size - 1 bytes. */
bool token_reply_text(const struct token_reply *reply, const char *field,
    char *out, size_t size);

/* Whether there is a string in such a place. */
bool token_reply_has(const struct token_reply *reply, const char *field);

/* Options for reading the answers of one backend; the pointers are the
 * caller's. */
struct token_rules {
	const char *token_from;    /* NULL: "body" */
	const char *token_field;   /* member or JSON Pointer; NULL: the usual */
	const char *expiry_from;   /* NULL: where the token is, if it can be */
	const char *expiry_field;  /* as token_field */
	const char *success_field; /* "FIELD=VALUE"; NULL: none */
	enum token_unit expiry_unit;
	bool oauth;               /* access_token comes before token */
	bool any_type;            /* the token need not be a bearer token */
	int64_t default_ttl_ms;   /* assumed if no life is stated */
	int64_t max_ttl_ms;       /* no life is longer */
	size_t max_len;           /* bytes of the longest text accepted */
	const char *const *extra; /* "NAME=PLACE" of each further value */
	size_t extra_count;
	const struct token_past *past; /* TOKEN_PASTS of them; NULL: none */
};

/* The time of a request, and the age of its answer. */
struct token_asked {
	int64_t at;      /* boot clock, ms */
	int64_t wall_at; /* ms since the epoch, to measure points in time; 0:
			  * unknown, then each gives default-ttl */
	int64_t age_ms;  /* Age (RFC 9111, 5.1) */
};

#define TOKEN_NAME_MAX 32 /* bytes of the name of a member with a life */
#define TOKEN_UNREAD_MAX 128

/* A decoded answer. */
struct token_answer {
	char text[TOKEN_MAX + 1];        /* secret; NUL-terminated */
	size_t len;                      /* of text */
	char extra[TOKEN_EXTRA_MAX + 1]; /* as of struct token; secret */
	size_t extra_len;
	int64_t life_ms;               /* life left, from the request on */
	int64_t whole_ms;              /* L; of a new token the same */
	char expiry[TOKEN_NAME_MAX];   /* source of the life, for the log */
	char unread[TOKEN_UNREAD_MAX]; /* members whose life cannot be read,
					* for the log; "": none */
	bool stated;                   /* a life is stated */
	bool zero;    /* a life of 0 or less is stated: counts as none */
	bool past;    /* a point in the past is stated */
	bool lacking; /* expiry-field states nothing */
	bool kept;    /* the token's end stays as it was */
	bool ends;    /* the answer ends the token that it repeats */
};

/*
 * Decode an answer by the rules of bearerd-token(7), "LIFE OF A TOKEN".  0; or
 * -1 with *err, which has no content of the answer but names of members.
 * out->ends and out->unread are valid in both cases.  The caller wipes *out.
 */
int token_decode(const struct token_reply *reply,
    const struct token_rules *rules, const struct token_asked *asked,
    struct token_answer *out, struct err *err);

#endif
