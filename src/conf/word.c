/* SPDX-License-Identifier: MIT */
/* Reads one word of the configuration file: plain or quoted, with variables. */
#include "config.h"

#include "conf/word.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE_MAX 255 /* bytes between ${ and } */

char *
conf_word_where(const struct conf_reader *r, int line)
{
	char *text;

	if (asprintf(&text, "%s:%d", r->path, line) == -1)
		abort();
	return text;
}

int
conf_word_fail(const struct conf_reader *r, int line, const char *name,
    const char *format, ...)
{
	char *place = conf_word_where(r, line), text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	conf_error(r->draft, place, name, "%s", text);
	free(place);
	return -1;
}

void
conf_skip_space(struct conf_reader *r)
{
	for (;; r->at++) {
		if (*r->at == '#')
			r->at += strcspn(r->at, "\n");
		if (*r->at == '\0' || strchr(CONF_SPACE, *r->at) == NULL)
			return;
		r->line += *r->at == '\n';
	}
}

/* A word that is too long is noticed at its end. */
static void
put(struct conf_reader *r, char c)
{
	if (r->len < CONF_WORD_MAX)
		r->word[r->len] = c;
	r->len++;
}

/* Put the value of ${NAME} or ${NAME:-default}; a $ is one of its own if there
 * is no such thing behind it. */
static void
put_variable(struct conf_reader *r)
{
	size_t len = strcspn(r->at, "}\"\n");
	char name[VARIABLE_MAX + 1];
	const char *value, *fallback;

	if (r->at[1] != '{' || r->at[len] != '}' || len - 2 > VARIABLE_MAX) {
		put(r, *r->at++);
		return;
	}
	memcpy(name, r->at + 2, len - 2);
	name[len - 2] = '\0';
	r->at += len + 1;
	fallback = strstr(name, ":-");
	if (fallback != NULL) {
		name[fallback - name] = '\0';
		fallback += 2;
	}
	value = getenv(name);
	if (value == NULL)
		value = fallback == NULL ? "" : fallback;
	while (*value != '\0' && r->len <= CONF_WORD_MAX)
		put(r, *value++);
}

/* Put the byte of so many digits; false: it is none. */
static bool
put_number(struct conf_reader *r, int base, int digits)
{
	static const char all[] = "0123456789abcdef";
	const char *digit;
	int n = 0;

	for (; digits > 0 && *r->at != '\0'; digits--, r->at++) {
		digit = strchr(all, tolower((unsigned char)*r->at));
		if (digit == NULL || digit - all >= base)
			break;
		n = n * base + (int)(digit - all);
	}
	put(r, (char)n);
	return n > 0 && n < 256;
}

/* Put what a backslash and the bytes behind it mean between these marks. */
static int
put_escape(struct conf_reader *r, char mark)
{
	static const char letters[] = "ntbrfaev",
			  bytes[] = "\n\t\b\r\f\a\033\v";
	const char *letter;
	bool known = true;
	char c = *++r->at;

	if (c == '\n') {
		r->line++; /* the value goes on in the next line */
		r->at++;
	} else if (mark == '\'') {
		if (c != '\'' && c != '\\')
			put(r, '\\');
		else
			put(r, *r->at++);
	} else if (isdigit((unsigned char)c)) {
		known = put_number(r, 8, 3);
	} else if (c == 'x') {
		r->at++;
		known = put_number(r, 16, 2);
	} else if (c != '\0') {
		letter = strchr(letters, c);
		put(r, letter == NULL ? c : bytes[letter - letters]);
		r->at++;
	}
	return known ? 0
		     : conf_word_fail(r, r->line, NULL,
			   "unknown \\ sequence in a quoted value");
}

static int
read_quoted(struct conf_reader *r)
{
	char mark = *r->at++;

	while (*r->at != mark) {
		if (*r->at == '\0')
			return conf_word_fail(r, r->word_line, NULL,
			    "this quotation mark is not closed");
		if (*r->at == '\\') {
			if (put_escape(r, mark) == -1)
				return -1;
		} else if (*r->at == '$' && mark == '"') {
			put_variable(r);
		} else {
			r->line += *r->at == '\n';
			put(r, *r->at++);
		}
	}
	r->at++;
	return 0;
}

static int
read_plain(struct conf_reader *r)
{
	const char *begin = r->at;

	if (strncmp(r->at, "//", 2) == 0 || strncmp(r->at, "/*", 2) == 0)
		return conf_word_fail(r, r->line, NULL,
		    "a comment begins with #, and a value that begins with // needs quotation marks");
	while (
	    *r->at != '\0' && strchr(CONF_SPACE CONF_SPECIAL, *r->at) == NULL) {
		if (*r->at == '$')
			put_variable(r);
		else
			put(r, *r->at++);
	}
	if (r->at > begin)
		return 0;
	return conf_word_fail(r, r->line, NULL, "%s",
	    *begin == '\0'
		? "the file ends where a value is expected"
		: "a name or value is missing, or needs quotation marks");
}

int
conf_read_word(struct conf_reader *r)
{
	int status;

	conf_skip_space(r);
	r->word_line = r->line;
	r->len = 0;
	status =
	    *r->at == '"' || *r->at == '\'' ? read_quoted(r) : read_plain(r);
	if (status == 0 && r->len > CONF_WORD_MAX)
		status = conf_word_fail(r, r->word_line, NULL,
		    "a name or value is longer than %d bytes", CONF_WORD_MAX);
	r->word[r->len <= CONF_WORD_MAX ? r->len : 0] = '\0';
	return status;
}
