/* SPDX-License-Identifier: MIT */
/*
 * The configuration file: the only user of libconfuse, which reads each value
 * as a string and calls back; what the strings mean is judged elsewhere.
 *
 * libconfuse stops at the first unknown name.  So that all of them are found,
 * such a name is learned and the text is read again.
 */
#include "config.h"

#include "conf_own.h"
#include "conf_syntax.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 1048576
#define LEARNED_MAX 32
#define NAME_SIZE 128
#define OPTIONS_MAX (CONF_IDS + LEARNED_MAX + 3)

/* libconfuse calls nothing at the beginning of a section, but it does parse
 * the default value of a list in it: this one. */
#define BEGINNING "beginning of a section"

static struct {
	struct conf_draft *draft;
	const char *path;
	char *learned[LEARNED_MAX]; /* unknown names */
	size_t learned_count;
	struct err problem;         /* that ended the parsing */
	int problem_line;
	const char *last;           /* name of the option set last */
	int last_line;
} self;

static char *
where(int line)
{
	char *text;

	if (asprintf(&text, "%s:%d", self.path, line) == -1)
		abort();
	return text;
}

/* Set in the file before, in the same place? */
static const struct conf_setting *
set_before(const struct conf_setting *s)
{
	const struct conf_draft *d = self.draft;
	size_t i;

	for (i = 0; i < d->setting_count; i++)
		if (d->setting[i].option == s->option &&
		    d->setting[i].rank == s->rank &&
		    d->setting[i].section == s->section)
			return &d->setting[i];
	return NULL;
}

static int
on_set(cfg_t *cfg, cfg_opt_t *opt)
{
	char *value = opt->values[0]->string;
	struct conf_setting s = {
	    .option = conf_option_find(opt->name, strlen(opt->name)),
	    .rank = cfg->title == NULL ? CONF_FROM_FILE : CONF_FROM_SECTION,
	    .section = self.draft->section_count - 1,
	    .text = value,
	    .where = where(cfg->line),
	};
	const struct conf_setting *before;

	if (cfg->title == NULL)
		s.section = 0;
	self.last = s.option->name;
	self.last_line = cfg->line;
	before = set_before(&s);
	if (before != NULL)
		conf_error(self.draft, s.where, s.option->name,
		    "is set a second time; the first is at %s", before->where);
	else if (cfg->title != NULL && s.option->scope == CONF_DAEMON)
		conf_error(self.draft, s.where, s.option->name,
		    "cannot be set in a token section, but outside of it");
	else
		conf_add_setting(self.draft, &s);
	explicit_bzero(value, strlen(value));
	free(s.where);
	return 0;
}

/* An unknown option was set, of which there is an error already. */
static int
on_learned(cfg_t *cfg, cfg_opt_t *opt)
{
	size_t i;

	for (i = 0; i < self.learned_count; i++)
		if (strcmp(self.learned[i], opt->name) == 0)
			self.last = self.learned[i];
	self.last_line = cfg->line;
	explicit_bzero(opt->values[0]->string,
	    strlen(opt->values[0]->string));
	return 0;
}

static int
on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *problem = conf_problem_token_name(cfg->title);
	struct conf_draft *d = self.draft;
	char *place = where(cfg->line);
	size_t i;

	(void)opt;
	if (problem != NULL)
		conf_error(d, place, NULL, "the name of token '%s' %s",
		    conf_show(cfg->title).text, problem);
	for (i = 0; i < d->section_count; i++)
		if (strcmp(d->section[i].name, cfg->title) == 0)
			conf_error(d, place, NULL, "there is a token '%s' "
			    "already, at %s", conf_show(cfg->title).text,
			    d->section[i].where);
	conf_add_section(d, cfg->title, place);
	free(place);
	return 0;
}

static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *format, va_list ap)
{
	if (self.problem.text[0] != '\0')
		return;
	self.problem_line = cfg->line;
	vsnprintf(self.problem.text, sizeof(self.problem.text), format, ap);
}

/* Fill a table of options, of which there are *n already. */
static void
add_options(cfg_opt_t *table, size_t *n)
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++) {
		table[*n] = (cfg_opt_t)CFG_STR(conf_options[i].name, NULL,
		    CFGF_NODEFAULT);
		table[(*n)++].validcb = on_set;
	}
	for (i = 0; i < self.learned_count; i++) {
		table[*n] = (cfg_opt_t)CFG_STR(self.learned[i], NULL,
		    CFGF_NODEFAULT);
		table[(*n)++].validcb = on_learned;
	}
	table[*n] = (cfg_opt_t)CFG_END();
}

/* Read the text once.  0, or -1 with self.problem. */
static int
parse(char *text, size_t len)
{
	static char begin[] = "here"; /* libconfuse's type is not const */
	cfg_opt_t root[OPTIONS_MAX], section[OPTIONS_MAX];
	size_t n = 0;
	cfg_t *cfg;
	FILE *f;
	int status;

	section[n] = (cfg_opt_t)CFG_STR_LIST(BEGINNING, begin, CFGF_NONE);
	section[n++].validcb = on_section;
	add_options(section, &n);
	n = 0;
	root[n++] = (cfg_opt_t)CFG_SEC("token", section,
	    CFGF_MULTI | CFGF_TITLE);
	add_options(root, &n);
	self.problem.text[0] = '\0';
	self.last_line = 0;
	cfg = cfg_init(root, CFGF_NONE);
	f = fmemopen(text, len, "r");
	if (cfg == NULL || f == NULL)
		abort();
	cfg_set_error_function(cfg, on_error);
	cfg->filename = strdup(self.path);
	status = cfg_parse_fp(cfg, f) == CFG_SUCCESS ? 0 : -1;
	fclose(f);
	cfg_free(cfg);
	return status;
}

/* Whether an unknown name ended the parsing that can be learned. */
static bool
is_unknown_name(char name[NAME_SIZE])
{
	size_t i;

	if (self.problem_line == self.last_line ||
	    self.learned_count == LEARNED_MAX ||
	    sscanf(self.problem.text, "no such option '%127[^']'", name) != 1 ||
	    strcmp(name, "token") == 0)
		return false;
	for (i = 0; i < self.learned_count; i++)
		if (strcmp(self.learned[i], name) == 0)
			return false;
	return true;
}

static void
learn(const char *name)
{
	const struct conf_option *near = conf_option_near(name, strlen(name));
	char *place = where(self.problem_line);

	self.learned[self.learned_count++] = util_strdup(name);
	conf_error(self.draft, place, NULL, "unknown option '%s'%s%s%s",
	    conf_show(name).text, near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near->name, near == NULL ? "" : "'?");
	free(place);
}

/* Say why the parsing ended, in words that cannot hold a value. */
static void
explain(void)
{
	static const struct {
		const char *theirs, *ours;
	} words[] = {
	    {"missing equal sign", NULL}, {"missing opening brace", NULL},
	    {"missing title", NULL}, {"attempt to append", NULL},
	    {"unexpected closing brace", NULL},
	    {"no such option 'token'", "a token section cannot be in another"},
	    {"bad escape", "unknown \\ sequence in a quoted value"},
	    {"invalid octal", "unknown \\ sequence in a quoted value"},
	    {"premature end", "the file ends where a value is expected"},
	    {"unexpected token", "a name or value is missing, or needs "
	        "quotation marks"},
	};
	const char *text = "syntax error";
	char *place = where(self.problem_line);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(self.problem.text, words[i].theirs,
		    strlen(words[i].theirs)) == 0)
			text = words[i].ours == NULL ? self.problem.text
			    : words[i].ours;
	if (self.problem_line == self.last_line)
		conf_error(self.draft, place, self.last, "there is more after "
		    "the value; a value with spaces or any of , + = ( ) { } "
		    "needs quotation marks");
	else
		conf_error(self.draft, place, NULL, "%s", text);
	free(place);
}

/* What is found again when the text is read again is said once only. */
static void
read_text(char *text, size_t len)
{
	struct conf_draft *d = self.draft;
	size_t settings = d->setting_count, sections = d->section_count;
	char name[NAME_SIZE];
	int status;

	while ((status = parse(text, len)) == -1 && is_unknown_name(name)) {
		learn(name);
		conf_cut(d, settings, sections);
	}
	if (status == -1) {
		d->unreadable = true;
		explain();
	}
	while (self.learned_count > 0)
		free(self.learned[--self.learned_count]);
}

/* Read the whole file; NULL with an error. */
static char *
slurp(struct conf_draft *d, const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;

	if (f == NULL) {
		conf_error(d, path[0] == '\0' ? "--config" : path, NULL, "%s",
		    path[0] == '\0' ? "must not be empty" : strerror(errno));
		return NULL;
	}
	text = util_alloc(FILE_MAX + 1, 1);
	setvbuf(f, NULL, _IONBF, 0); /* no copy of secrets in a buffer */
	*len = fread(text, 1, FILE_MAX + 1, f);
	if (ferror(f))
		conf_error(d, path, NULL, "%s", strerror(errno));
	else if (*len > FILE_MAX)
		conf_error(d, path, NULL, "is larger than 1 MiB");
	else if (memchr(text, '\0', *len) != NULL)
		conf_error(d, path, NULL, "is not a text file");
	else {
		fclose(f);
		return text;
	}
	fclose(f);
	explicit_bzero(text, *len);
	free(text);
	return NULL;
}

void
conf_read_file(struct conf_draft *d, const char *path)
{
	size_t len = 0;
	char *text = slurp(d, path, &len);

	d->unreadable = text == NULL;
	if (text == NULL)
		return;
	self.draft = d;
	self.path = path;
	if (conf_scan(d, path, text, len) == -1)
		d->unreadable = true;
	else if (len > 0)
		read_text(text, len);
	explicit_bzero(text, len);
	free(text);
}
