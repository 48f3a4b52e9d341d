/* SPDX-License-Identifier: MIT */
/* Options about Redis against each other. */
#include "config.h"

#include "conf_own.h"

/* An option that is of use only with another one. */
static void
check_needs(struct conf_draft *d, enum conf_id id, bool there,
    const char *other)
{
	const struct conf_setting *s = conf_made_by(d, 0, id);

	if (s != NULL && s->text[0] != '\0' && !there)
		conf_blame(d, s, "redis", "needs %s, which is not set", other);
}

static bool
is_set(const struct conf_draft *d, enum conf_id id)
{
	const struct conf_setting *s = conf_made_by(d, 0, id);

	return s != NULL && s->text[0] != '\0';
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

static void
check_cluster(struct conf_draft *d)
{
	const struct conf *conf = d->conf;

	if (conf->redis_cluster.count == 0)
		return;
	if (conf->redis_db != 0)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_db), "redis",
		    "must be 0 with redis-cluster: a cluster has one database");
	if (conf->redis_read_host != NULL)
		conf_blame(d, conf_made_by(d, 0, CONF_ID_redis_read_host),
		    "redis", "is not for redis-cluster: a cluster's nodes are "
		    "asked where a token lives");
}

static void
check_exclusive(struct conf_draft *d, size_t token)
{
	if (d->conf->token[token - 1].exclusive && !conf_has_redis(d->conf))
		conf_blame(d, conf_made_by(d, token, CONF_ID_exclusive),
		    "exclusive", "needs redis-host, redis-sentinels or "
		    "redis-cluster, and none is set: only a lock in Redis "
		    "keeps two replicas from killing each other's token");
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
	for (t = 1; t <= conf->token_count; t++)
		check_exclusive(d, t);
}
