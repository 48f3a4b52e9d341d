/* SPDX-License-Identifier: MIT */
/* The command line. */
#include "config.h"

#include "conf/private.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* getopt_long(3) calls the options FIRST + their number. */
#define FIRST 256
#define WHERE_MAX 128

static const struct option others[] = {
    {"config", required_argument, NULL, 'c'},
    {"test", no_argument, NULL, 't'},
    {"try", optional_argument, NULL, 'y'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {0},
};
#define OTHERS (sizeof(others) / sizeof(others[0])) /* the last is the end */

static const struct {
	int flag;
	enum conf_action action;
} actions[] = {{'t', CONF_TEST}, {'y', CONF_TRY}, {'V', CONF_VERSION},
    {'h', CONF_HELP}};

static void
make_table(struct option table[CONF_IDS + OTHERS])
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++)
		table[i] = (struct option){conf_options[i].name,
		    required_argument, NULL, FIRST + (int)i};
	memcpy(table + CONF_IDS, others, sizeof(others));
}

/* The name of a flag that getopt_long(3) gave the number of; false: it is
 * none of ours. */
static bool
name_flag(int flag, char out[WHERE_MAX])
{
	const char *name =
	    flag >= FIRST ? conf_options[flag - FIRST].name : NULL;
	size_t i;

	for (i = 0; others[i].name != NULL; i++)
		if (others[i].val == flag)
			name = others[i].name;
	if (name == NULL)
		snprintf(out, WHERE_MAX, "-%c", flag);
	else
		snprintf(out, WHERE_MAX, "--%s", name);
	return name != NULL;
}

/* Refuse a flag that getopt_long(3) does not know; the text behind its '='
 * could be a secret. */
static void
refuse(struct conf_draft *d, int what, const char *text)
{
	char where[WHERE_MAX];

	if (optopt == 0) {
		snprintf(where, sizeof(where), "%.*s", (int)strcspn(text, "="),
		    text);
		conf_error(d, conf_show(where).text, NULL, "unknown flag");
	} else if (!name_flag(optopt, where))
		conf_error(d, where, NULL, "unknown flag");
	else
		conf_error(d, where, NULL,
		    what == ':' ? "needs a value" : "takes no value");
}

static void
take_option(struct conf_draft *d, const struct conf_option *o, char *value)
{
	char where[WHERE_MAX], variable[WHERE_MAX];
	struct conf_setting s = {.option = o,
	    .rank = CONF_FROM_FLAG,
	    .text = value,
	    .where = where};
	size_t i;

	name_flag(FIRST + (int)o->id, where);
	if (!conf_is_secret(o)) {
		conf_add_setting(d, &s);
		return;
	}
	for (i = 0; o->name[i] != '\0'; i++)
		variable[i] =
		    o->name[i] == '-' ? '_' : (char)(o->name[i] - 'a' + 'A');
	variable[i] = '\0';
	conf_error(d, where, NULL,
	    "a secret cannot be given on the command line, where others can read it; use --%s-file=FILE or the variable BEARERD_%s",
	    o->name, variable);
}

static void
take_action(int flag, enum conf_action *action)
{
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].flag == flag)
			*action = actions[i].action;
}

static void
refuse_operand(struct conf_draft *d, int number)
{
	conf_error(d, "command line", NULL,
	    "argument %d is not a flag, and nothing else is expected", number);
}

void
conf_read_flags(struct conf_draft *d, const struct conf_source *source,
    enum conf_action *action, const char **file)
{
	struct option table[CONF_IDS + OTHERS];
	int flag;

	make_table(table);
	optind = 0; /* the library's state of an earlier call */
	while ((flag = getopt_long(source->argc, source->argv, "-:c:tVh", table,
		    NULL)) != -1) {
		if (flag == '?' || flag == ':')
			refuse(d, flag, source->argv[optind - 1]);
		else if (flag == 1)
			refuse_operand(d, optind - 1);
		else if (flag == 'c')
			*file = optarg;
		else if (flag >= FIRST)
			take_option(d, &conf_options[flag - FIRST], optarg);
		else
			take_action(flag, action);
		if (flag == 'y')
			d->conf->try_name = optarg;
	}
	for (; optind < source->argc; optind++)
		refuse_operand(d, optind);
}
