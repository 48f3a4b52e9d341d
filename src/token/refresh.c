/* SPDX-License-Identifier: MIT */
/* A record is "1 SEED TRIED DEAD TOKEN". */
#include "config.h"

#include "token/refresh.h"

#include <stdio.h>
#include <string.h>

#define TRIES_MAX 2

bool
refresh_is_token(const char *text)
{
	size_t len = strlen(text), i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return len > 0 && len <= REFRESH_MAX;
}

bool
refresh_read(const char *text, size_t len, struct refresh *out)
{
	char copy[REFRESH_TEXT_MAX + 1];
	unsigned dead;
	int at = 0;
	bool good;

	if (len > REFRESH_TEXT_MAX || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	good = sscanf(copy, "1 %16[0-9a-f] %1u %1u %n", out->seed, &out->tried,
		   &dead, &at) == 3 &&
	    at > 0 && strlen(out->seed) == FINGERPRINT_LEN && dead <= 1 &&
	    out->tried <= TRIES_MAX && refresh_is_token(copy + at);
	if (good) {
		out->dead = dead == 1;
		memcpy(out->token, copy + at, strlen(copy + at) + 1);
	}
	explicit_bzero(copy, sizeof(copy));
	return good;
}

void
refresh_write(const struct refresh *r, char *out)
{
	snprintf(out, REFRESH_TEXT_MAX + 1, "1 %s %u %d %s", r->seed, r->tried,
	    r->dead, r->token);
}

bool
refresh_begin(struct refresh *r, bool known, const char *seed)
{
	char print[FINGERPRINT_LEN + 1];

	if (seed != NULL)
		fingerprint(seed, strlen(seed), print);
	if (!known || (seed != NULL && strcmp(r->seed, print) != 0)) {
		*r = (struct refresh){.tried = 0};
		memcpy(r->seed, print, sizeof(r->seed));
		snprintf(r->token, sizeof(r->token), "%s", seed);
	}
	if (r->tried >= TRIES_MAX)
		r->dead = true;
	if (r->dead)
		return false;
	r->tried++;
	return true;
}

void
refresh_end(struct refresh *r, enum refresh_outcome outcome, const char *next)
{
	switch (outcome) {
	case REFRESH_GRANTED:
		if (next != NULL)
			snprintf(r->token, sizeof(r->token), "%s", next);
		r->tried = 0;
		break;
	case REFRESH_UNUSED: /* an earlier call may have used it */
		r->tried--;
		break;
	case REFRESH_REFUSED:
		r->dead = true;
		break;
	case REFRESH_UNKNOWN:
		break;
	}
}
