/* SPDX-License-Identifier: MIT */
/* The table of options; the option of a name; and questions to a finished
 * configuration, which conf.c and the checks ask as well. */
#include "config.h"

#include "conf/private.h"

#include "base/log.h"
#include "base/mem.h"
#include "token/token.h"

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
		    o->type != &conf_types[CONF_READABLE_FILE] &&
		    o->type != &conf_types[CONF_SUBJECT])
			continue;
		path = *(char *const *)value;
		if (path != NULL && o->type == &conf_types[CONF_SUBJECT])
			path = conf_file_named(path);
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

const char *
conf_backend_url(const struct conf_token *t)
{
	const char *url = t->token_url != NULL ? t->token_url : t->base_url;

	return url != NULL ? url : t->issuer;
}

char *
conf_url(const struct conf_token *t, const char *path)
{
	size_t base = strlen(t->base_url), len = strlen(path);
	char *url;

	while (base > 0 && t->base_url[base - 1] == '/')
		base--;
	url = mem_alloc(base + len + 1, 1);
	memcpy(url, t->base_url, base);
	memcpy(url + base, path, len);
	return url;
}

int
conf_token_named(const struct conf *conf, const char *text)
{
	size_t i;

	if (text == NULL || strncmp(text, "token:", 6) != 0)
		return -1;
	for (i = 0; i < conf->token_count; i++)
		if (strcmp(conf->token[i].name, text + 6) == 0)
			return (int)i;
	return -1;
}

const char *
conf_file_named(const char *text)
{
	return text != NULL && strncmp(text, "file:", 5) == 0 ? text + 5 : NULL;
}

size_t
conf_text_max(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->token_count; i++)
		if (conf->token[i].extras.count > 0)
			return (size_t)conf->max_token_size + TOKEN_ROOM_MAX -
			    TOKEN_MAX;
	return (size_t)conf->max_token_size;
}

struct jose_signer
conf_signer(const struct conf_token *t, const char *secret)
{
	struct jose_signer s = {.alg = (enum jose_alg)t->signing_alg,
	    .typ = t->assertion_typ};

	if (secret == NULL) {
		s.key_file = t->signing_key_file;
		s.key_id = t->signing_key_id;
		s.cert_file = t->signing_cert_file;
		return s;
	}
	s.secret = secret;
	if (s.alg < JOSE_HS256) /* that of the key */
		s.alg = JOSE_HS256;
	return s;
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
