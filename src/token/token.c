/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "token.h"

#include <string.h>

int64_t
token_reserve_ms(int64_t life_ms)
{
	int64_t tenth = life_ms / 10;

	if (tenth < 1000)
		return 1000;
	return tenth < 30000 ? tenth : 30000;
}

int64_t
token_life_ms(const struct token *t)
{
	return t->expires_at - t->obtained_at;
}

int64_t
token_dead_at(const struct token *t)
{
	return t->expires_at - token_reserve_ms(token_life_ms(t));
}

const char *
token_text_problem(const char *text, size_t len, size_t max)
{
	size_t i;

	if (len == 0)
		return "is empty";
	if (len > max)
		return "is longer than max-token-size";
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return "has a character that cannot stand in a header";
	return NULL;
}

void
token_set_text(struct token *t, const char *text, size_t len)
{
	memcpy(t->text, text, len);
	t->text[len] = '\0';
	t->len = len;
	fingerprint(text, len, t->fingerprint);
}
