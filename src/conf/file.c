/* SPDX-License-Identifier: MIT */
/*
 * The configuration file: how its words make settings; bearerd.conf(5) is the
 * reference of its syntax.
 *
 * A file is a sequence of `name = value` and of `token NAME { ... }`, whose
 * braces hold `name = value` only.  A value is only a text here; the types are
 * those of option.c.  Reading goes on after an unknown name, so that all of
 * them are found at once, and ends at the first error of syntax.
 */
#include "config.h"

#include "conf/word.h"

#include "base/file.h"
#include "base/mem.h"
#include "conf/syntax.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX 1048576
#define BOM "\xef\xbb\xbf" /* some editors put it before UTF-8 */

static int
fail_behind_value(const struct conf_reader *r, int line)
{
	return conf_word_fail(r, line, r->last.text,
	    "there is more after the value; a value with spaces or any of , + = * ( ) { } ' \" needs quotation marks");
}

/* A value ends at a space or the section's end. */
static int
read_value(struct conf_reader *r)
{
	if (conf_read_word(r) == -1)
		return -1;
	if (*r->at == '#')
		return conf_word_fail(r, r->line, NULL,
		    "a value with # needs quotation marks; a comment needs a space before its #");
	if (strchr(CONF_SPACE "}", *r->at) == NULL)
		return fail_behind_value(r, r->line);
	r->last_line = r->line;
	return 0;
}

static const struct conf_setting *
set_before(const struct conf_draft *d, const struct conf_setting *s)
{
	size_t i;

	for (i = 0; i < d->setting_count; i++)
		if (d->setting[i].option == s->option &&
		    d->setting[i].rank == s->rank &&
		    d->setting[i].section == s->section)
			return &d->setting[i];
	return NULL;
}

static void
add_setting(struct conf_reader *r, const struct conf_option *o, int line)
{
	struct conf_draft *d = r->draft;
	struct conf_setting s = {
	    .option = o,
	    .rank = r->in_section ? CONF_FROM_SECTION : CONF_FROM_FILE,
	    .section = r->in_section ? d->section_count - 1 : 0,
	    .text = r->word,
	    .where = conf_word_where(r, line),
	};
	const struct conf_setting *before = set_before(d, &s);

	if (before != NULL && !conf_is_several(o))
		conf_error(d, s.where, o->name,
		    "is set a second time; the first is at %s", before->where);
	else if (r->in_section && o->scope == CONF_DAEMON)
		conf_error(d, s.where, o->name,
		    "cannot be set in a token section, but outside of it");
	else
		conf_add_setting(d, &s);
	free(s.where);
}

/* The name is read already. */
static int
read_setting(struct conf_reader *r)
{
	const struct conf_option *o = conf_option_find(r->word, r->len);
	struct conf_shown name = conf_show(r->word);
	int line = r->word_line;

	conf_skip_space(r);
	if (line == r->last_line && (o == NULL || *r->at != '='))
		return fail_behind_value(r, line);
	if (o == NULL)
		conf_word_fail(r, line, NULL, "unknown option '%s'", name.text);
	if (*r->at != '=')
		return conf_word_fail(r, line, NULL,
		    "missing equal sign after option '%s'", name.text);
	r->at++;
	r->last = name;
	if (read_value(r) == -1)
		return -1;
	if (o != NULL)
		add_setting(r, o, line);
	return 0;
}

/* The word `token` is read already. */
static int
read_section(struct conf_reader *r)
{
	struct conf_draft *d = r->draft;
	const char *problem;
	char *place;
	size_t i;

	if (r->in_section)
		return conf_word_fail(r, r->word_line, NULL,
		    "a token section cannot be in another");
	conf_skip_space(r);
	if (*r->at == '\0' || strchr("{}=", *r->at) != NULL)
		return conf_word_fail(r, r->word_line, NULL,
		    "missing name after token: a section is token NAME { ... }");
	if (conf_read_word(r) == -1)
		return -1;
	problem = conf_problem_token_name(r->word);
	if (problem != NULL)
		conf_word_fail(r, r->word_line, NULL,
		    "the name of token '%s' %s", conf_show(r->word).text,
		    problem);
	conf_skip_space(r);
	if (*r->at != '{')
		return conf_word_fail(r, r->word_line, NULL,
		    "missing { after token '%s'", conf_show(r->word).text);
	r->at++;
	r->in_section = true;
	r->brace_line = r->line;
	for (i = 0; i < d->section_count; i++)
		if (strcmp(d->section[i].name, r->word) == 0)
			conf_word_fail(r, r->word_line, NULL,
			    "there is a token '%s' already, at %s",
			    conf_show(r->word).text, d->section[i].where);
	place = conf_word_where(r, r->word_line);
	conf_add_section(d, r->word, place);
	free(place);
	return 0;
}

static int
close_section(struct conf_reader *r)
{
	if (!r->in_section)
		return conf_word_fail(r, r->line, NULL,
		    "unexpected closing brace");
	r->at++;
	r->in_section = false;
	r->last_line = 0;
	return 0;
}

static int
read_text(struct conf_reader *r)
{
	int status = 0;

	while (status == 0) {
		conf_skip_space(r);
		if (*r->at == '\0')
			return r->in_section ? conf_word_fail(r, r->brace_line,
						   NULL, "this { is not closed")
					     : 0;
		if (*r->at == '}')
			status = close_section(r);
		else if (r->line == r->last_line &&
		    strchr(CONF_SPECIAL, *r->at) != NULL)
			status = fail_behind_value(r, r->line);
		else if ((status = conf_read_word(r)) == 0)
			status = strcmp(r->word, "token") == 0
			    ? read_section(r)
			    : read_setting(r);
	}
	return status;
}

/* ---- the file ---- */

/* Read the whole file to out, FILE_MAX + 1 bytes at most.  NULL, or a phrase
 * that says what is wrong. */
static const char *
read_bytes(const char *path, char *out, size_t *len)
{
	int fd = file_open(path);
	ssize_t n = fd == -1 ? -1 : file_read(fd, out, FILE_MAX + 1);
	const char *problem = NULL;

	if (path[0] == '\0')
		problem = "must not be empty";
	else if (n == -1)
		problem = errno == ESPIPE ? "is a named pipe; it must be a file"
					  : strerror(errno);
	else if (n > FILE_MAX)
		problem = "is larger than 1 MiB";
	else if (memchr(out, '\0', (size_t)n) != NULL)
		problem =
		    "is not a text file, or one in UTF-16; save it as UTF-8";
	*len = n == -1 ? 0 : (size_t)n;
	if (fd != -1)
		close(fd);
	return problem;
}

void
conf_read_file(struct conf_draft *d, const char *path)
{
	char *text = mem_alloc(FILE_MAX + 2, 1);
	struct conf_reader *r = mem_alloc(1, sizeof(*r));
	const char *problem;
	size_t len;

	problem = read_bytes(path, text, &len);
	if (problem != NULL)
		conf_error(d, path[0] == '\0' ? "--config" : path, NULL, "%s",
		    problem);
	r->draft = d;
	r->path = path;
	r->at = text + (strncmp(text, BOM, strlen(BOM)) == 0 ? strlen(BOM) : 0);
	r->line = 1;
	d->unreadable = problem != NULL || read_text(r) == -1;
	explicit_bzero(r, sizeof(*r));
	free(r);
	explicit_bzero(text, len);
	free(text);
}
