/* SPDX-License-Identifier: MIT */
/* Walking over the values of a finished configuration. */
#include "config.h"

#include "conf_own.h"

/* The files among the members of the daemon, or of one token. */
static void
each_file(enum conf_scope scope, const void *values,
    void (*use)(void *arg, const char *path), void *arg)
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++) {
		const struct conf_option *o = &conf_options[i];
		const char *path;

		if (o->scope != scope ||
		    (o->type != &conf_types[CONF_SECRET_FILE] &&
		    o->type != &conf_types[CONF_READABLE_FILE]))
			continue;
		path = *(char *const *)((const char *)values + o->offset);
		if (path != NULL)
			use(arg, path);
	}
}

void
conf_each_file(const struct conf *conf,
    void (*use)(void *arg, const char *path), void *arg)
{
	size_t i;

	each_file(CONF_DAEMON, conf, use, arg);
	for (i = 0; i < conf->token_count; i++)
		each_file(CONF_TOKEN, &conf->token[i], use, arg);
}
