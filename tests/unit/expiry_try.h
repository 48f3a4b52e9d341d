/* SPDX-License-Identifier: MIT */
/* expiry_try.h - answers with a life, for the tests of what is read in them. */
#ifndef BEARERD_TEST_EXPIRY_TRY_H
#define BEARERD_TEST_EXPIRY_TRY_H

#include "base/base64url.h"
#include "token/token.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SECOND 1000
#define MINUTE 60000
#define HOUR 3600000
#define DEFAULT_TTL (30 * MINUTE)
#define MAX_TTL (24 * HOUR)
/* The wall clock of every test: 2023-11-14T22:13:20Z. */
#define ASKED 1700000000000

static int64_t age_ms;
static struct err err;
static char unread[TOKEN_UNREAD_MAX]; /* of the last answer */

/*
 * Decode an answer with these members besides the token.  A token in braces
 * stands for the JWT with this payload.
 */
static int
decode(const char *token, const char *members, const char *expiry_field,
    struct token_answer *out)
{
	const struct token_rules rules = {.expiry_field = expiry_field,
	    .default_ttl_ms = DEFAULT_TTL,
	    .max_ttl_ms = MAX_TTL,
	    .max_len = TOKEN_MAX};
	const struct token_asked asked = {.wall_at = ASKED, .age_ms = age_ms};
	char payload[512], jwt[600], body[2048];

	if (*token == '{') {
		base64url_encode(token, strlen(token), payload);
		snprintf(jwt, sizeof(jwt), "eyJhbGciOiJub25lIn0.%s.c2ln",
		    payload);
		token = jwt;
	}
	snprintf(body, sizeof(body), "{\"token\":\"%s\"%s%s}", token,
	    *members != '\0' ? "," : "", members);
	return token_decode(&(struct token_reply){.body = body,
				.len = strlen(body)},
	    &rules, &asked, out, &err);
}

struct expiry_row {
	const char *token, *members;
	int64_t life; /* -1: refused */
	const char *from;
};

static void
check_rows(const struct expiry_row *row, size_t count, const char *field)
{
	static struct token_answer a;
	size_t i;
	int status;

	for (i = 0; i < count; i++) {
		status = decode(row[i].token, row[i].members, field, &a);
		memcpy(unread, a.unread, sizeof(unread));
		ck_assert_msg((status == 0) == (row[i].life != -1), "%s %s: %s",
		    row[i].token, row[i].members,
		    status == 0 ? "taken" : err.text);
		if (status == -1)
			continue;
		ck_assert_msg(a.life_ms == row[i].life, "%s %s: %lld ms",
		    row[i].token, row[i].members, (long long)a.life_ms);
		ck_assert_msg(strcmp(a.expiry, row[i].from) == 0, "%s %s: %s",
		    row[i].token, row[i].members, a.expiry);
	}
}

#define NOTHING DEFAULT_TTL, "default-ttl"

#endif
