/* SPDX-License-Identifier: MIT */
/*
 * conf/word.h - the words of the configuration file: names and values, plain or
 * quoted, with escapes and variables; space and comments between them.
 *
 * Called by conf/file.c, which knows how words make settings.
 *
 * Invariants:
 *   - The text ends in NUL and has none before.
 *   - No error repeats a value: it could be a secret.
 */
#ifndef BEARERD_CONF_WORD_H
#define BEARERD_CONF_WORD_H

#include "conf/private.h"

#define CONF_WORD_MAX 65535 /* bytes, with those of variables */
#define CONF_SPACE " \t\r\n"
#define CONF_SPECIAL "\"'#*,+=(){}" /* end a word outside of quotes */

struct conf_reader {
	struct conf_draft *draft;
	const char *path;
	const char *at; /* the next byte; the text ends in NUL */
	int line;
	bool in_section;
	int brace_line;         /* of the section's { */
	struct conf_shown last; /* name of the option set last, */
	int last_line;          /* where its value ended */
	int word_line;          /* where the word began */
	size_t len;
	char word[CONF_WORD_MAX + 1]; /* name or value read last */
};

/* "FILE:LINE", for the caller to free. */
char *conf_word_where(const struct conf_reader *r, int line);

/* Note an error at a line; name may be NULL.  Always -1. */
int conf_word_fail(const struct conf_reader *r, int line, const char *name,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Go on to the next byte that is neither space nor in a comment. */
void conf_skip_space(struct conf_reader *r);

/* Read the next word to r->word.  0, or -1 with an error noted. */
int conf_read_word(struct conf_reader *r);

#endif
