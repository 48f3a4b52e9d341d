/* SPDX-License-Identifier: MIT */
/* The output of --test and --help. */
#include "config.h"

#include "conf/private.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define COLUMN 32 /* where the meanings begin */

/* ---- --test ---- */

static void
print_option(const struct conf_option *o, const void *member,
    const char *indent, struct buf *out)
{
	buf_printf(out, "%s%s = ", indent, o->name);
	o->type->print(o, member, out);
	buf_char(out, '\n');
}

/* Each value of an option that has several. */
static void
print_several(const struct conf_option *o, const struct conf_list *list,
    const char *indent, struct buf *out)
{
	struct conf_list one = {.count = 1};
	size_t i;

	for (i = 0; i < list->count; i++) {
		one.item = &list->item[i];
		print_option(o, &one, indent, out);
	}
}

static void
print_scope(const char *base, enum conf_scope scope, const char *indent,
    struct buf *out)
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++) {
		const struct conf_option *o = &conf_options[i];

		const struct conf_list *list = (const void *)(base + o->offset);

		if (o->scope != scope)
			continue;
		if (conf_is_several(o) && list->count > 0)
			print_several(o, list, indent, out);
		else
			print_option(o, base + o->offset, indent, out);
	}
}

void
conf_print(const struct conf *conf, struct buf *out)
{
	size_t t;

	buf_printf(out,
	    "# The configuration as %s understands it; secrets are masked.\n",
	    PACKAGE_STRING);
	print_scope((const char *)conf, CONF_DAEMON, "", out);
	for (t = 0; t < conf->token_count; t++) {
		buf_printf(out, "\ntoken %s {\n", conf->token[t].name);
		print_scope((const char *)&conf->token[t], CONF_TOKEN, "\t",
		    out);
		buf_str(out, "}\n");
	}
	conf_print_proxies(conf, out);
	conf_timeline(conf, out);
}

/* ---- --help ---- */

/* Begin a line with a flag; the meaning follows at its column. */
static void
begin(struct buf *out, const char *flag)
{
	int len = (int)strlen(flag);

	if (len + 2 <= COLUMN)
		buf_printf(out, "%-*s", COLUMN, flag);
	else
		buf_printf(out, "%s\n%*s", flag, COLUMN, "");
}

/* The words of a choice, on as many lines as they take. */
static void
help_choices(const char *words, struct buf *out)
{
	size_t at = WIDTH, len;

	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		if (at + 1 + len > WIDTH) {
			buf_printf(out, "\n%*s%s", COLUMN, "",
			    at == WIDTH ? "one of:" : "       ");
			at = COLUMN + strlen("one of:");
		}
		buf_printf(out, " %.*s", (int)len, words);
		at += 1 + len;
	}
}

static void
help_option(const struct conf_option *o, struct buf *out)
{
	char flag[64];
	size_t len = COLUMN + strlen(o->help) + strlen(o->fallback) + 3;

	snprintf(flag, sizeof(flag), "  --%s=%s", o->name, o->type->argument);
	begin(out, flag);
	buf_str(out, o->help);
	if (o->fallback[0] != '\0' && len <= WIDTH)
		buf_printf(out, " [%s]", o->fallback);
	else if (o->fallback[0] != '\0')
		buf_printf(out, "\n%*s[%s]", COLUMN, "", o->fallback);
	if (o->choices != NULL)
		help_choices(o->choices, out);
	buf_char(out, '\n');
}

static void
help_scope(enum conf_scope scope, struct buf *out)
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++)
		if (conf_options[i].scope == scope &&
		    !conf_is_secret(&conf_options[i]))
			help_option(&conf_options[i], out);
}

void
conf_help(struct buf *out)
{
	static const struct {
		const char *flag, *meaning;
	} flags[] = {
	    {"  -c, --config=FILE",
		"read this file instead of " SYSCONFDIR "/bearerd.conf"},
	    {"  -t, --test", "check and show the configuration, then end"},
	    {"  --try[=NAME]", "ask once for each token, or NAME's, then end"},
	    {"  -V, --version", "show the version, then end"},
	    {"  -h, --help", "show this, then end"},
	};
	size_t i;

	buf_str(out,
	    "Usage: bearerd [-tVh] [--try[=NAME]] [-c FILE] [--OPTION=VALUE]...\n"
	    "Hand a backend's token out to callers.\n\n");
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		begin(out, flags[i].flag);
		buf_printf(out, "%s\n", flags[i].meaning);
	}
	buf_str(out, "\nOptions of the daemon, with [defaults]:\n");
	help_scope(CONF_DAEMON, out);
	buf_str(out,
	    "\nOptions of every token, unless its section in the file says otherwise:\n");
	help_scope(CONF_TOKEN, out);
	buf_str(out,
	    "\nEach option can also be a line 'some-name = value' in the file or a variable\nBEARERD_SOME_NAME; secrets (api-key, redis-password ...) only so, or in files.\nThe variables BASE_URL, API_KEY, REDIS_HOST and REDIS_PW are known as well.\n"
	    "See bearerd(8) and bearerd.conf(5).\n");
}
