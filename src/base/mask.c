/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/mask.h"

#include "base/mem.h"
#include "base/place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RUN_MIN 16  /* bytes of a token that cannot be a word */
#define WORD_MAX 32 /* bytes of the longest word */
#define GROWTH 6    /* bytes that an encoding makes of one, at most */

/* ---- what is known ---- */

static void
add_text(struct mask *m, const char *text)
{
	char **grown;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->text[i], text) == 0)
			return;
	grown = mem_alloc(m->count + 1, sizeof(*grown));
	if (m->count > 0)
		memcpy(grown, m->text, m->count * sizeof(*grown));
	grown[m->count++] = mem_strdup(text);
	free(m->text);
	m->text = grown;
}

void
mask_add(struct mask *m, const char *secret)
{
	static const enum place_encoding encodings[] = {PLACE_RAW, PLACE_JSON,
	    PLACE_FORM, PLACE_BASE64, PLACE_XML, PLACE_URL};
	size_t len = strlen(secret), size = GROWTH * len + 8, i;
	char *text;
	struct buf b;

	if (len == 0)
		return;
	text = mem_alloc(size, 1);
	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		buf_init(&b, text, size);
		place_encode(encodings[i], secret, len, &b);
		add_text(m, buf_text(&b));
	}
	explicit_bzero(text, size);
	free(text);
}

void
mask_free(struct mask *m)
{
	while (m->count > 0)
		mem_free_secret(m->text[--m->count]);
	free(m->text);
	m->text = NULL;
}

/* Bytes of the longest known text that a text begins with; 0: of none. */
static size_t
known_len(const struct mask *m, const char *text, size_t left)
{
	size_t i, len, longest = 0;

	for (i = 0; i < m->count; i++) {
		len = strlen(m->text[i]);
		if (len <= left && len > longest &&
		    strncasecmp(text, m->text[i], len) == 0)
			longest = len;
	}
	return longest;
}

/* ---- what looks like one ---- */

static bool
is_of_token(char c)
{
	return isalnum((unsigned char)c) ||
	    (c != '\0' && strchr("_+/=.~-", c) != NULL);
}

static size_t
run_len(const char *text, size_t left)
{
	size_t n = 0;

	while (n < left && is_of_token(text[n]))
		n++;
	return n;
}

/* Words have no digits, and no capital behind a small letter. */
bool
mask_is_like_token(const char *text, size_t len)
{
	size_t i;

	if (len < RUN_MIN || run_len(text, len) < len)
		return false;
	for (i = 0; i < len; i++)
		if (isdigit((unsigned char)text[i]) ||
		    (i > 0 && isupper((unsigned char)text[i]) &&
			islower((unsigned char)text[i - 1])))
			return true;
	return len > WORD_MAX;
}

/* Bytes of "//HOST" of a URL, which may be shown; 0: it is none. */
static size_t
host_len(const char *text, size_t left, bool after_colon)
{
	size_t n = 2;

	if (!after_colon || left < 3 || memcmp(text, "//", 2) != 0)
		return 0;
	while (n < left && text[n] != '/' && is_of_token(text[n]))
		n++;
	return n < left && text[n] == '@' ? 0 : n;
}

/* ---- the text ---- */

/* Bytes from here on that are looked at as one, as a run or a host; *hide tells
 * whether they are covered. */
static size_t
piece_len(const char *text, size_t left, bool after_colon, bool *hide)
{
	size_t len = host_len(text, left, after_colon);

	*hide = false;
	if (len > 0)
		return len;
	len = run_len(text, left);
	*hide = mask_is_like_token(text, len);
	return len > 0 ? len : 1;
}

void
mask_show(const struct mask *m, const char *text, size_t len, struct buf *out)
{
	size_t i = 0, seen = 0, n;
	bool hide;

	while (i < len) {
		n = known_len(m, text + i, len - i);
		hide = n > 0;
		if (!hide && i >= seen) {
			n = piece_len(text + i, len - i,
			    i > 0 && text[i - 1] == ':', &hide);
			seen = i + n;
		}
		if (hide) {
			buf_str(out, MASK_STARS);
			i += n;
		} else {
			buf_char(out, text[i] == '\0' ? '?' : text[i]);
			i++;
		}
	}
}
