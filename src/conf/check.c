/* SPDX-License-Identifier: MIT */
/* Options against each other and against the world around. */
#include "config.h"

#include "conf/private.h"
#include "conf/syntax.h"
#include "net/address.h"

#include <string.h>

/* Where a token was declared. */
static const char *
place_of(const struct conf_draft *d, size_t token)
{
	return d->section_count > 0 ? d->section[token - 1].where
	    : d->file != NULL       ? d->file
				    : "configuration";
}

/* Of two settings the one from the stronger source. */
static const struct conf_setting *
stronger(const struct conf_setting *a, const struct conf_setting *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return b->rank > a->rank ? b : a;
}

/* ---- addresses ---- */

static void
check_open_to_others(struct conf_draft *d)
{
	const struct conf_setting *s = conf_made_by(d, 0, CONF_ID_listen);
	const struct conf *conf = d->conf;
	size_t i;

	for (i = 0; i < conf->listen.count && !conf->allow_unauthenticated; i++)
		if (!conf_address_is_local(conf->listen.item[i]))
			conf_blame(d, s, "listen",
			    "'%s' can be reached from other hosts, and callers are not authenticated: set allow-unauthenticated = yes (BEARERD_ALLOW_UNAUTHENTICATED=yes) if that is meant, or listen on 127.0.0.1, [::1] or unix:PATH",
			    conf_show(conf->listen.item[i]).text);
}

/* Whether an address, but for one whose port the kernel chooses, is in the
 * first `count` of a list. */
static bool
is_listed(const struct conf_list *list, size_t count, const char *address)
{
	struct address a;
	size_t i;

	if (address_read(address, strlen(address), &a) == 0 && a.port == 0)
		return false;
	for (i = 0; i < count; i++)
		if (strcmp(list->item[i], address) == 0)
			return true;
	return false;
}

static void
check_twice(struct conf_draft *d, enum conf_id id, const struct conf_list *list,
    const struct conf_list *other)
{
	const struct conf_setting *s = conf_made_by(d, 0, id);
	size_t i;

	for (i = 0; i < list->count; i++)
		if (is_listed(list, i, list->item[i]) ||
		    is_listed(other, other->count, list->item[i]))
			conf_blame(d, s, conf_options[id].name,
			    "'%s' is listed twice in listen and admin-listen",
			    conf_show(list->item[i]).text);
}

static void
check_addresses(struct conf_draft *d)
{
	const struct conf_setting *s = conf_made_by(d, 0, CONF_ID_listen);
	const struct conf *conf = d->conf;

	if (conf->listen.count == 0)
		conf_blame(d, s, "listen", "must have at least one address");
	check_open_to_others(d);
	check_twice(d, CONF_ID_listen, &conf->listen, &(struct conf_list){0});
	check_twice(d, CONF_ID_admin_listen, &conf->admin_listen,
	    &conf->listen);
}

/* ---- pairs of options ---- */

static const struct pair {
	enum conf_id low, high;
	size_t low_offset, high_offset;
	bool equal; /* is allowed */
} pairs[] = {
    {CONF_ID_connect_timeout_ms, CONF_ID_timeout_ms,
	offsetof(struct conf_token, connect_timeout_ms),
	offsetof(struct conf_token, timeout_ms), false},
    {CONF_ID_default_ttl_ms, CONF_ID_max_ttl_ms,
	offsetof(struct conf_token, default_ttl_ms),
	offsetof(struct conf_token, max_ttl_ms), true},
};

static int64_t
number_at(const struct conf_token *t, size_t offset)
{
	int64_t n;

	memcpy(&n, (const char *)t + offset, sizeof(n));
	return n;
}

static void
check_pair(struct conf_draft *d, size_t token, const struct pair *p)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	const struct conf_setting *s = stronger(conf_made_by(d, token, p->low),
	    conf_made_by(d, token, p->high));
	int64_t low = number_at(t, p->low_offset);
	int64_t high = number_at(t, p->high_offset);
	char text[2][64];
	struct buf b[2];

	if (low < high || (p->equal && low == high))
		return;
	buf_init(&b[0], text[0], sizeof(text[0]));
	buf_init(&b[1], text[1], sizeof(text[1]));
	conf_print_time(low, &b[0]);
	conf_print_time(high, &b[1]);
	conf_blame(d, s, place_of(d, token), "%s (%s) must be %s than %s (%s)",
	    conf_options[p->low].name, buf_text(&b[0]),
	    p->equal ? "not longer" : "less", conf_options[p->high].name,
	    buf_text(&b[1]));
}

/* A certificate and its key come together. */
static void
check_client_files(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	const struct conf_setting *cert, *key;

	cert = conf_made_by(d, token, CONF_ID_client_cert_file);
	key = conf_made_by(d, token, CONF_ID_client_key_file);
	if (t->client_cert_file != NULL && key == NULL)
		conf_blame(d, cert, place_of(d, token),
		    "needs client-key-file, which is not set");
	if (t->client_key_file != NULL && cert == NULL)
		conf_blame(d, key, place_of(d, token),
		    "needs client-cert-file, which is not set");
}

/* ---- tokens ---- */

static void
check_base_url(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	const struct conf_setting *s = conf_made_by(d, token, CONF_ID_base_url);

	if (t->grant == CONF_GRANT_SELF_SIGNED || conf_backend_url(t) != NULL)
		return;
	if (s == NULL || s->text[0] == '\0')
		conf_error(d, place_of(d, token), NULL,
		    "token '%s' has no base-url: set base-url in %s, or BEARERD_BASE_URL or BASE_URL in the environment",
		    t->name,
		    d->file != NULL ? d->file : "a configuration file");
}

static void
check_redis_key(struct conf_draft *d, size_t token)
{
	const struct conf_token *all = d->conf->token, *t = &all[token - 1];
	const struct conf_setting *s =
	    conf_made_by(d, token, CONF_ID_redis_key);
	size_t i;

	if (conf_problem_key(t->redis_key) != NULL)
		return;
	for (i = 0; i < token - 1; i++)
		if (strcmp(all[i].redis_key, t->redis_key) == 0 &&
		    strcmp(all[i].name, t->name) != 0)
			conf_blame(d, s, place_of(d, token),
			    "tokens '%s' and '%s' have the same redis-key '%s'; each needs its own",
			    all[i].name, t->name, conf_show(t->redis_key).text);
}

static void
warn_of_token(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	const struct conf_setting *s =
	    conf_made_by(d, token, CONF_ID_tls_verify);

	if (!t->tls_verify)
		conf_warning(d, s->where, conf_setting_name(s),
		    "the backend's certificate is not verified: whoever is in between can read the key and make up tokens");
	if (t->grant == CONF_GRANT_NONE && t->auth == CONF_AUTH_HEADER &&
	    t->api_key == NULL && t->api_key_file == NULL &&
	    t->client_cert_file == NULL && !conf_has_places(t))
		conf_warning(d, place_of(d, token), NULL,
		    "token '%s' has neither api-key, api-key-file nor client-cert-file: the backend is asked without credentials",
		    t->name);
}

static void
check_token(struct conf_draft *d, size_t token)
{
	size_t i;

	check_base_url(d, token);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		check_pair(d, token, &pairs[i]);
	check_client_files(d, token);
	conf_check_secret_file(d, token, CONF_ID_api_key_file,
	    d->conf->token[token - 1].api_key_file);
	conf_check_request(d, token);
	conf_check_oauth(d, token);
	conf_check_proxy(d, token);
	check_redis_key(d, token);
	conf_check_token_file(d, token);
	warn_of_token(d, token);
}

void
conf_check(struct conf_draft *d)
{
	size_t t;

	check_addresses(d);
	conf_check_redis(d);
	for (t = 1; t <= d->conf->token_count; t++)
		check_token(d, t);
}
