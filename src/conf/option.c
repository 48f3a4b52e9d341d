/* SPDX-License-Identifier: MIT */
/* The table of options; the option of a name; and questions to a finished
 * configuration, which conf.c and the checks ask as well. */
#include "config.h"

#include "conf/private.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define DAEMON(m, n, t, text, from, to, words, meaning) \
	{.id = CONF_ID_##m,                             \
	    .scope = CONF_DAEMON,                       \
	    .name = n,                                  \
	    .type = &conf_types[CONF_##t],              \
	    .offset = offsetof(struct conf, m),         \
	    .fallback = text,                           \
	    .least = from,                              \
	    .most = to,                                 \
	    .choices = words,                           \
	    .help = meaning},
#define TOKEN(m, n, t, text, from, to, words, meaning) \
	{.id = CONF_ID_##m,                            \
	    .scope = CONF_TOKEN,                       \
	    .name = n,                                 \
	    .type = &conf_types[CONF_##t],             \
	    .offset = offsetof(struct conf_token, m),  \
	    .fallback = text,                          \
	    .least = from,                             \
	    .most = to,                                \
	    .choices = words,                          \
	    .help = meaning},

_Static_assert(offsetof(struct conf_token, renew_at_max) ==
	offsetof(struct conf_token, renew_at_min) + sizeof(int64_t),
    "a share is two numbers side by side");

const struct conf_option conf_options[CONF_IDS] = {CONF_OPTIONS(DAEMON, TOKEN)};

const struct conf_option *
conf_option_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++)
		if (strlen(conf_options[i].name) == len &&
		    memcmp(conf_options[i].name, name, len) == 0)
			return &conf_options[i];
	return NULL;
}

/* The files among the members of the daemon, or of one token. */
static void
each_file(enum conf_scope scope, const void *values,
    void (*use)(void *arg, const char *path), void *arg)
{
	size_t i, k;

	for (i = 0; i < CONF_IDS; i++) {
		const struct conf_option *o = &conf_options[i];
		const void *value = (const char *)values + o->offset;
		const struct conf_list *list = value;
		const char *path;

		if (o->scope != scope)
			continue;
		if (o->type == &conf_types[CONF_NAMED_FILES])
			for (k = 0; k < list->count; k++)
				use(arg, strchr(list->item[k], '=') + 1);
		if (o->type != &conf_types[CONF_SECRET_FILE] &&
		    o->type != &conf_types[CONF_READABLE_FILE])
			continue;
		path = *(char *const *)value;
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

/* ---- questions ---- */

bool
conf_has_redis(const struct conf *conf)
{
	return conf->redis_host != NULL || conf->redis_sentinels.count > 0 ||
	    conf->redis_cluster.count > 0;
}

size_t
conf_default_token(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->token_count; i++)
		if (strcmp(conf->token[i].name, "token") == 0)
			return i;
	return 0;
}

bool
conf_is_success(const struct conf_token *t, int status)
{
	const char *item, *to;
	size_t i;

	for (i = 0; i < t->success_status.count; i++) {
		item = t->success_status.item[i];
		to = strchr(item, '-');
		to = to == NULL ? item : to + 1;
		if (status >= atoi(item) && status <= atoi(to))
			return true;
	}
	return false;
}

bool
conf_same_tokens(const struct conf *a, const struct conf *b)
{
	size_t i;

	if (a->token_count != b->token_count)
		return false;
	for (i = 0; i < a->token_count; i++)
		if (strcmp(a->token[i].name, b->token[i].name) != 0)
			return false;
	return true;
}
