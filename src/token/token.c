/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "token/token.h"

#include <string.h>

int64_t
token_reserve_ms(int64_t life_ms)
{
	int64_t part = life_ms / TOKEN_RESERVE_PART;

	if (part < TOKEN_RESERVE_MIN_MS)
		return TOKEN_RESERVE_MIN_MS;
	return part < TOKEN_RESERVE_MAX_MS ? part : TOKEN_RESERVE_MAX_MS;
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

void
token_shorten(struct token *t, int64_t most_ms)
{
	int64_t over = token_life_ms(t) - most_ms;

	if (over <= 0)
		return;
	t->expires_at -= over;
	t->expires_wall_at -= over;
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

const char *
token_extra_find(const char *text, size_t n, size_t *len)
{
	for (; n > 0; n--)
		text += strcspn(text, " ") + (strchr(text, ' ') != NULL);
	*len = strcspn(text, " ");
	return text;
}

bool
token_extra_is_valid(const char *text, size_t len, size_t count)
{
	size_t values = 0, n;

	if (len > TOKEN_EXTRA_MAX)
		return false;
	for (; len > 0; text += n, len -= n) {
		for (n = 0; n < len && text[n] != ' '; n++)
			continue;
		if (token_text_problem(text, n, TOKEN_EXTRA_MAX) != NULL)
			return false;
		values++;
		if (n < len && ++n == len)
			return false; /* a space at the end */
	}
	return values == count;
}

void
token_set_extra(struct token *t, const char *text, size_t len)
{
	if (len > 0) /* text may be NULL then */
		memcpy(t->extra, text, len);
	t->extra[len] = '\0';
	t->extra_len = len;
}
