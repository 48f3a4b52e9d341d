/* SPDX-License-Identifier: MIT */
/* token_try.h - an answer decoded, for the tests of token_decode(). */
#ifndef BEARERD_TEST_TOKEN_TRY_H
#define BEARERD_TEST_TOKEN_TRY_H

#include "token/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ASKED 1700000000000

static struct token_answer answer;
static struct err err;

/* Decode exactly these bytes, with nothing behind them. */
static int
decode_bytes(const char *body, size_t len, const char *token_field,
    size_t max_len)
{
	const struct token_rules rules = {.token_field = token_field,
	    .default_ttl_ms = 1800000,
	    .max_ttl_ms = 86400000,
	    .max_len = max_len};
	const struct token_asked asked = {.wall_at = ASKED};
	char *copy = malloc(len + 1);
	int status;

	memcpy(copy + 1, body, len);
	memset(&err, 0, sizeof(err));
	status =
	    token_decode(&(struct token_reply){.body = copy + 1, .len = len},
		&rules, &asked, &answer, &err);
	ck_assert(status == 0 || err.text[0] != '\0');
	free(copy);
	return status;
}

static int
decode(const char *body, const char *token_field)
{
	return decode_bytes(body, strlen(body), token_field, TOKEN_MAX);
}

static void
ck_refused(const char *body, const char *reason)
{
	ck_assert_msg(decode(body, NULL) == -1, "accepted: %s", body);
	ck_assert_msg(strstr(err.text, reason) != NULL, "%s: %s", body,
	    err.text);
}

#endif
