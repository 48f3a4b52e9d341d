/* SPDX-License-Identifier: MIT */
/* Options about Redis against each other. */
#include "config.h"

#include "conf/private.h"
#include "token/seal.h"
#include "net/tls.h"

#include <string.h>

static bool
is_set(const struct conf_draft *d, enum conf_id id)
{
	const struct conf_setting *s = conf_made_by(d, 0, id);

	return s != NULL && s->text[0] != '\0';
}

/* An option that is of use only with another one. */
static void
check_needs(struct conf_draft *d, enum conf_id id, bool there,
    const char *other)
{
	if (is_set(d, id) && !there)
		conf_blame(d, conf_made_by(d, 0, id), NULL,
		    "needs %s, which is not set", other);
}

/* redis-host, redis-sentinels and redis-cluster are three ways to one thing. */
static void
check_one_way(struct conf_draft *d)
{
	static const enum conf_id ways[] = {CONF_ID_redis_host,
	    CONF_ID_redis_sentinels, CONF_ID_redis_cluster};
	size_t i, first = 3;

	for (i = 0; i < 3; i++) {
		if (!is_set(d, ways[i]))
			continue;
		if (first == 3)
			first = i;
		else
			conf_blame(d, conf_made_by(d, 0, ways[i]), "redis",
			    "and %s (%s) exclude each other; set one of them",
			    conf_options[ways[first]].name,
			    conf_made_by(d, 0, ways[first])->where);
	}
}

/* A token's companions share its hash tag, or have its key as theirs; see
 * "Redis cluster specification", hash tags. */
static bool
has_companions(const char *key)
{
	const char *open = strchr(key, '{');
	const char *close = strchr(open == NULL ? key : open, '}');

	return open == NULL ? close == NULL : close != NULL && close > open + 1;
}

static void
check_cluster(struct conf_draft *d)
{
	const struct conf *conf = d->conf;
	size_t t;

	if (conf->redis_cluster.count == 0)
		return;
	if (conf->redis_cluster.count > CONF_CLUSTER_MAX)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_cluster), NULL,
		    "must have at most %d nodes; the others are learned from them",
		    CONF_CLUSTER_MAX);
	if (conf->redis_db != 0)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_db), "redis",
		    "must be 0 with redis-cluster: a cluster has one database");
	if (conf->redis_read_host != NULL)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_read_host),
		    "redis",
		    "is not for redis-cluster: a cluster's nodes are asked where a token lives");
	for (t = 1; t <= conf->token_count; t++)
		if (!has_companions(conf->token[t - 1].redis_key))
			conf_blame(d, conf_made_by(d, t, CONF_ID_redis_key),
			    "redis-key",
			    "'%s' must have { and } around a hash tag, or neither, with redis-cluster",
			    conf_show(conf->token[t - 1].redis_key).text);
}

/* ---- TLS ---- */

static const enum conf_id redis_files[] = {CONF_ID_redis_ca_file,
    CONF_ID_redis_client_cert_file, CONF_ID_redis_client_key_file};

/* A user who names such a file wants TLS: a slip must not leave it out. */
static void
check_without_tls(struct conf_draft *d)
{
	size_t i;

	for (i = 0; i < sizeof(redis_files) / sizeof(redis_files[0]); i++)
		if (is_set(d, redis_files[i]))
			conf_blame(d, conf_made_by(d, 0, redis_files[i]), NULL,
			    "needs redis-tls = yes: without it the connection to Redis is not encrypted");
}

static void
check_tls(struct conf_draft *d)
{
	const struct conf *conf = d->conf;
	const struct conf_setting *s = conf_made_by(d, 0, CONF_ID_redis_tls);
	struct tls_files files = {conf->redis_ca_file,
	    conf->redis_client_cert_file, conf->redis_client_key_file};
	struct err err;

	if (!conf_has_redis(conf))
		conf_blame(d, s, "redis-tls",
		    "needs redis-host, which is not set");
	if (conf->redis_host != NULL && conf->redis_host[0] == '/')
		conf_blame(d, s, "redis-tls",
		    "redis-host '%s' is a Unix socket, which has no TLS: leave redis-tls out, or name a host",
		    conf_show(conf->redis_host).text);
	check_needs(d, CONF_ID_redis_client_cert_file,
	    is_set(d, CONF_ID_redis_client_key_file), "redis-client-key-file");
	check_needs(d, CONF_ID_redis_client_key_file,
	    is_set(d, CONF_ID_redis_client_cert_file),
	    "redis-client-cert-file");
	if ((files.cert == NULL) == (files.key == NULL) &&
	    tls_check(&files, &err) == -1)
		conf_blame(d, s, "redis-tls", "%s", err.text);
}

/* ---- encryption ---- */

/*
 * The keys that encrypt tokens in Redis must be right from the start: with a
 * wrong file every replica would be on its own.
 */
static void
check_key_file(struct conf_draft *d)
{
	const struct conf *conf = d->conf;
	struct seal_keys keys;
	struct err err;

	if (conf->redis_accept_plain && conf->redis_key_file == NULL)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_accept_plain),
		    NULL,
		    "needs redis-key-file, which is not set: without it every token in Redis is plain");
	check_needs(d, CONF_ID_redis_key_file, conf_has_redis(conf),
	    "redis-host");
	if (conf->redis_key_file == NULL)
		return;
	if (seal_read_keys(conf->redis_key_file, &keys, &err) == -1)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_key_file), NULL,
		    "%s", err.text);
	seal_forget_keys(&keys);
}

/* ---- all of it ---- */

static void
check_exclusive(struct conf_draft *d, size_t token)
{
	if (d->conf->token[token - 1].exclusive && !conf_has_redis(d->conf))
		conf_blame(d, conf_made_by(d, token, CONF_ID_exclusive),
		    "exclusive",
		    "needs redis-host, redis-sentinels or redis-cluster, and none is set: only a lock in Redis keeps two replicas from killing each other's token");
}

void
conf_check_redis(struct conf_draft *d)
{
	const struct conf *conf = d->conf;
	bool sentinels = conf->redis_sentinels.count > 0;
	size_t t;

	check_one_way(d);
	check_cluster(d);
	check_needs(d, CONF_ID_redis_read_host, conf_has_redis(conf),
	    "redis-host");
	check_needs(d, CONF_ID_redis_sentinel_password, sentinels,
	    "redis-sentinels");
	check_needs(d, CONF_ID_redis_sentinel_password_file, sentinels,
	    "redis-sentinels");
	conf_check_secret_file(d, 0, CONF_ID_redis_password_file,
	    conf->redis_password_file);
	conf_check_secret_file(d, 0, CONF_ID_redis_sentinel_password_file,
	    conf->redis_sentinel_password_file);
	if (conf->redis_tls)
		check_tls(d);
	else
		check_without_tls(d);
	check_key_file(d);
	for (t = 1; t <= conf->token_count; t++)
		check_exclusive(d, t);
}
