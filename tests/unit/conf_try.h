/* SPDX-License-Identifier: MIT */
/*
 * conf_try.h - load a configuration from texts, for the tests of conf.
 *
 * The file's text is written to f.conf in a folder of its own, so that errors
 * about it hold "f.conf:LINE: ".
 */
#ifndef BEARERD_TEST_CONF_TRY_H
#define BEARERD_TEST_CONF_TRY_H

#include "conf/conf.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TRY_MAX 8

/* The input, and the result. */
struct
try {
	const char *file;         /* text; NULL: no file */
	const char *env[TRY_MAX]; /* NAME=VALUE */
	const char *flags[TRY_MAX];
	bool no_base_url;  /* else BASE_URL is set, which is needed */
	bool default_file; /* the file is not named by a flag */
	struct conf *conf;
	enum conf_action action;
	char errors[16384], warnings[16384];
};

static char try_dir[64];

/* The path of a file in the folder of this test. */
static inline const char *
try_path(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *out = path[turn++ % 4];

	if (try_dir[0] == '\0') {
		strcpy(try_dir, "/tmp/check_conf.XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(try_dir));
	}
	snprintf(out, sizeof(path[0]), "%s/%s", try_dir, name);
	return out;
}

static inline void
try_write(const char *name, const char *text)
{
	FILE *f = fopen(try_path(name), "we");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Remove a file, and the folder with the last. */
static inline void
try_remove(const char *name)
{
	unlink(try_path(name));
	if (rmdir(try_dir) == 0)
		try_dir[0] = '\0';
}

/* Load, or with `unreadable` only look. */
static inline void
try_run(struct try *t, bool *unreadable)
{
	static char name[] = "bearerd", c[] = "-c";
	static char base_url[] = "BASE_URL=http://b";
	char path[128], *argv[TRY_MAX + 4] = {name}, *env[TRY_MAX + 2];
	struct conf_source source = {.argc = 1, .argv = argv, .environ = env};
	struct buf errors, warnings;
	size_t i, n = 0;

	snprintf(path, sizeof(path), "%s", try_path("f.conf"));
	if (t->file != NULL)
		try_write("f.conf", t->file);
	if (t->file != NULL && !t->default_file) {
		argv[source.argc++] = c;
		argv[source.argc++] = path;
	}
	source.default_file = t->default_file ? path : NULL;
	for (i = 0; i < TRY_MAX && t->flags[i] != NULL; i++)
		argv[source.argc++] = (char *)(uintptr_t)t->flags[i];
	argv[source.argc] = NULL;
	if (!t->no_base_url)
		env[n++] = base_url;
	for (i = 0; i < TRY_MAX && t->env[i] != NULL; i++)
		env[n++] = (char *)(uintptr_t)t->env[i];
	env[n] = NULL;
	buf_init(&errors, t->errors, sizeof(t->errors));
	buf_init(&warnings, t->warnings, sizeof(t->warnings));
	if (unreadable == NULL)
		t->conf = conf_load(&source, &t->action, &errors, &warnings);
	else
		t->conf = conf_look(&source, &errors, unreadable);
	buf_text(&errors);
	buf_text(&warnings);
	try_remove("f.conf");
}

static inline void
try_load(struct try *t)
{
	try_run(t, NULL);
}

static inline void
try_look(struct try *t, bool *unreadable)
{
	try_run(t, unreadable);
}

/* Free what try_load() made, for the next one. */
static inline void
try_done(struct try *t)
{
	conf_free(t->conf);
	t->conf = NULL;
}

static inline size_t
try_lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		n++;
	}
	return n;
}

/* The output of --test; static, and the next call overwrites it. */
static inline const char *
try_print(const struct conf *conf)
{
	static char text[65536];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	conf_print(conf, &b);
	ck_assert(!b.overflow);
	return buf_text(&b);
}

#endif
