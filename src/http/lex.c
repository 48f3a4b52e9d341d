/* SPDX-License-Identifier: MIT */
/* The classes of characters, and lists with commas. */
#include "config.h"

#include "http/lex.h"

/* The rows of the table: which classes a character is in. */
#define VISIBLE (CHAR_VALUE | CHAR_TARGET | CHAR_PATH)
#define NAME (VISIBLE | CHAR_TOKEN | CHAR_HOST)
#define DELIM (VISIBLE | CHAR_HOST)
#define DIGIT (NAME | CHAR_DIGIT | CHAR_HEX)
#define BLANK (CHAR_VALUE | CHAR_SPACE)

const unsigned char http_chars[256] = {
    ['\t'] = BLANK,
    [' '] = BLANK,
    ['!'] = NAME,
    ['"'] = VISIBLE,
    ['#'] = CHAR_VALUE | CHAR_TOKEN,
    ['$'] = NAME,
    ['%'] = VISIBLE | CHAR_TOKEN,
    ['&' ... '\''] = NAME,
    ['(' ... ')'] = DELIM,
    ['*' ... '+'] = NAME,
    [','] = DELIM,
    ['-' ... '.'] = NAME,
    ['/'] = VISIBLE,
    ['0' ... '9'] = DIGIT,
    [':'] = VISIBLE,
    [';'] = DELIM,
    ['<'] = VISIBLE,
    ['='] = DELIM,
    ['>'] = VISIBLE,
    ['?'] = CHAR_VALUE | CHAR_TARGET,
    ['@'] = VISIBLE,
    ['A' ... 'F'] = NAME | CHAR_HEX,
    ['G' ... 'Z'] = NAME,
    ['[' ... ']'] = VISIBLE,
    ['^'] = VISIBLE | CHAR_TOKEN,
    ['_'] = NAME,
    ['`'] = VISIBLE | CHAR_TOKEN,
    ['a' ... 'f'] = NAME | CHAR_HEX,
    ['g' ... 'z'] = NAME,
    ['{'] = VISIBLE,
    ['|'] = VISIBLE | CHAR_TOKEN,
    ['}'] = VISIBLE,
    ['~'] = NAME,
    [0x80 ... 0xff] = CHAR_VALUE,
};

bool
http_list_next(struct slice *list, struct slice *out)
{
	const char *p = list->ptr, *end;
	bool quoted = false;

	if (p == NULL)
		return false;
	end = p + list->len;
	for (; p < end && (quoted || *p != ','); p++)
		if (*p == '"')
			quoted = !quoted;
		else if (quoted && *p == '\\' && p + 1 < end)
			p++;
	*out = http_trim(list->ptr, p);
	if (p == end)
		*list = (struct slice){.ptr = NULL};
	else
		*list =
		    (struct slice){.ptr = p + 1, .len = (size_t)(end - p - 1)};
	return true;
}
