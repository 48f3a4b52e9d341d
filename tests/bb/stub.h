/* SPDX-License-Identifier: MIT */
/*
 * stub.h - between the parts of the stand-in backend: stub_backend.c has the
 * connections, stub_answers.c what is answered on them, stub_made.c answers
 * made to order, stub_wants.c what a request must be.
 */
#ifndef BEARERD_TEST_TESTS_STUB_H
#define BEARERD_TEST_TESTS_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUB_IN_MAX 131072
#define STUB_OUT_MAX 262144
#define STUB_TOKEN_MAX 131072

struct client {
	int fd;         /* -1: free */
	bool busy;      /* a token request is being answered */
	bool hang;      /* it never will */
	bool close;     /* after the answer */
	long drip_ms;   /* one byte each, if not 0 */
	long endless;   /* filler to send behind the answer */
	int64_t due_at; /* nothing is sent before */
	size_t in_len, out_len, out_off;
	char in[STUB_IN_MAX + 1], out[STUB_OUT_MAX];
};

/* The answers, as the command line sets them. */
struct stub_options {
	const char *api_key; /* NULL: any will do */
	const char *key_header;
	long life; /* of a token, seconds */
};

/* Milliseconds of a clock that does not step. */
int64_t stub_now(void);

/* The value of a field of a head, up to the line's end, or NULL. */
const char *stub_field(const char *head, const char *name);

/* Whether a field of a head has exactly this value. */
bool stub_field_is(const char *head, const char *name, const char *value);

/* Encode without padding (RFC 4648, 5). */
void stub_base64url(const char *text, char *out);

void stub_answers_init(const struct stub_options *options);

/* Answer a request; head ends in one CRLF.  The query is cut into pieces. */
void stub_token(struct client *c, const char *head, const char *body);
void stub_uuid(struct client *c);
void stub_other(struct client *c);
void stub_control_get(struct client *c);
void stub_control_put(struct client *c, char *query, const char *body);

/* An answer made to order: forget what was ordered, take NAME=VALUE, answer. */
void stub_made_reset(void);
bool stub_made_set(const char *name, char *value);
bool stub_made_has_token(const char *body);
void stub_made(struct client *c, const char *date, const char *token,
    const char *body);

/* Decode %XX in place. */
void stub_decode_percent(char *text);

/* Requests to order: forget what was wanted; take NAME=VALUE; note a request,
 * and whether it is as it was wanted; what was noted. */
void stub_wants_reset(void);
bool stub_wants_set(const char *name, char *value);
bool stub_wants_take(const char *head, const char *body);
void stub_wants_get(char *out, size_t size);

/* Count a connection, and the end of a token request. */
void stub_connected(void);
void stub_answered(struct client *c);

#endif
