/* SPDX-License-Identifier: MIT */
/* A look at the file's text before libconfuse gets it; see conf_own.h. */
#include "config.h"

#include "conf_own.h"

#include <stdio.h>
#include <string.h>

struct scanner {
	struct conf_draft *draft;
	const char *path;
	char *at;         /* the byte that is looked at */
	const char *begin, *end;
	int line;
	char quote;       /* the quotation mark that is open, or 0 */
	int quote_line;
	int depth;        /* of braces */
	int brace_line;   /* of the last one opened */
	int status;
};

static void
problem(struct scanner *s, int line, const char *text)
{
	char where[4352];

	snprintf(where, sizeof(where), "%s:%d", s->path, line);
	conf_error(s->draft, where, NULL, "%s", text);
	s->status = -1;
}

static void
blank_comment(struct scanner *s)
{
	if (s->at > s->begin && strchr(" \t\r\n{}", s->at[-1]) == NULL) {
		problem(s, s->line, "a value with # needs quotation marks; a "
		    "comment needs a space before its #");
		return;
	}
	while (s->at < s->end && *s->at != '\n')
		*s->at++ = ' ';
	s->at--;
}

static void
in_quotes(struct scanner *s)
{
	if (*s->at == '\\' && s->at + 1 < s->end)
		s->line += *++s->at == '\n';
	else if (*s->at == s->quote)
		s->quote = '\0';
}

static void
open_brace(struct scanner *s)
{
	s->depth++;
	s->brace_line = s->line;
}

static void
close_brace(struct scanner *s)
{
	s->depth--;
}

static void
open_quote(struct scanner *s)
{
	s->quote = *s->at;
	s->quote_line = s->line;
}

static void
slash(struct scanner *s)
{
	if (s->at[1] == '/' &&
	    (s->at == s->begin || strchr(" \t\r\n={}", s->at[-1]) != NULL))
		problem(s, s->line, "a comment begins with #, and a value "
		    "that begins with // needs quotation marks");
}

static void
asterisk(struct scanner *s)
{
	problem(s, s->line, "a value with * needs quotation marks");
}

static const struct {
	char c;
	void (*act)(struct scanner *s);
} meanings[] = {{'#', blank_comment}, {'"', open_quote}, {'\'', open_quote},
    {'{', open_brace}, {'}', close_brace}, {'/', slash},
    {'*', asterisk}};

static void
look(struct scanner *s)
{
	size_t i;

	if (s->quote != '\0') {
		in_quotes(s);
		return;
	}
	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (*s->at == meanings[i].c) {
			meanings[i].act(s);
			return;
		}
}

int
conf_scan(struct conf_draft *d, const char *path, char *text, size_t len)
{
	struct scanner s = {.draft = d, .path = path, .at = text,
	    .begin = text, .end = text + len, .line = 1};

	for (; s.at < s.end; s.at++) {
		s.line += *s.at == '\n';
		look(&s);
	}
	if (s.quote != '\0')
		problem(&s, s.quote_line, "this quotation mark is not closed");
	else if (s.depth > 0)
		problem(&s, s.brace_line, "this { is not closed");
	return s.status;
}
