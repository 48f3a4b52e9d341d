/* SPDX-License-Identifier: MIT */
/* Forms that serializers of common languages write. */
#include "config.h"

#include "store/foreign.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Words that languages write for "no value" or for a truth value. */
static const char *const literals[] = {"null", "none", "nil", "undefined",
    "nan", "true", "false", "nullptr", "nothing", "void", "\\N", "n/a", "na",
    "unset", "missing", "empty", "NULL;", "N;"};

static bool
is_literal(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(literals) / sizeof(literals[0]); i++)
		if (strlen(literals[i]) == len &&
		    strncasecmp(literals[i], text, len) == 0)
			return true;
	return false;
}

/* A quote after the letters that some languages put before it: b'x', u"x". */
static bool
is_quoted(const char *text, size_t len)
{
	size_t i = 0;

	while (i < 2 && i < len && memchr("bBuUrRfF@$L\\", text[i], 11) != NULL)
		i++;
	return i < len && memchr("'\"`", text[i], 3) != NULL;
}

/* A pair of brackets round all of it: {...}, [...], (nil), <nil>. */
static bool
is_bracketed(const char *text, size_t len)
{
	static const char *const pairs[] = {"{}", "[]", "()", "<>"};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (text[0] == pairs[i][0] && text[len - 1] == pairs[i][1])
			return true;
	return false;
}

const char *
store_foreign(const char *text, size_t len)
{
	if (len == 0)
		return NULL;
	if (is_literal(text, len))
		return "is a literal of some language, and no token";
	if (is_bracketed(text, len))
		return text[0] == '{' || text[0] == '['
		    ? "is JSON"
		    : "is what some language writes for nothing";
	if (is_quoted(text, len))
		return "is in quotes";
	if (memchr(text, '"', len) != NULL)
		return "has quotes in it, as what is serialized has";
	if (len > 1 && memcmp(text, "%!", 2) == 0)
		return "is what some language writes for nothing";
	return NULL;
}
