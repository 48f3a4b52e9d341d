/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store.h"

#include "clock.h"
#include "log.h"
#include "names.h"
#include "redis.h"
#include "store_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWNER_LEN 32

enum { PRIMARY, REPLICA, SUBSCRIBER };

struct store {
	struct redis *link[STORE_FDS]; /* replica: NULL without one */
	struct redis_server server[STORE_FDS];
	struct store_events events;
	void *arg;
	struct stats_process *stats;
	struct store_key *keys;
	size_t count;
	struct names channels;
	char owner[OWNER_LEN + 1];
	char instance[128];
};

static bool
send(struct store *s, int link, int argc, const char *const *argv,
    void (*done)(void *, const struct resp_answer *), void *arg)
{
	struct redis_command c = {.argc = argc, .argv = argv};

	return redis_send(s->link[link], &c, done, arg) == 0;
}
#define ARGS(...)                                                             \
	(int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),        \
	    (const char *[]){__VA_ARGS__}

/* A command of a transaction was queued; why one was not is worth a line. */
static void
on_queued(void *arg, const struct resp_answer *a)
{
	if (a != NULL && a->error != NULL)
		store_key_complain(arg, "transaction", a->error);
}

/* The reads of one transaction: what store_key_decode() wants, in this order. */
static void
send_reads(struct store *s, int link, struct store_key *k)
{
	send(s, link, ARGS("GET", k->key), on_queued, k);
	send(s, link, ARGS("PTTL", k->key), on_queued, k);
	send(s, link, ARGS("HMGET", k->meta, "generation", "fingerprint",
	    "expires_at_ms", "obtained_at_ms"), on_queued, k);
	send(s, link, ARGS("GET", k->generation), on_queued, k);
}

static void on_looked_up(void *arg, const struct resp_answer *a);

/* From the replica a failure is no answer yet: the primary is asked. */
static void
on_looked_up_replica(void *arg, const struct resp_answer *a)
{
	struct store_key *k = arg;

	if (a != NULL && !store_key_failed(k, "look-up at redis-read-host", a,
	    STORE_READS) &&
	    a->value[0].ptr != NULL)
		on_looked_up(k, a);
	else if (store_look_up(k->store, k->token, true) == -1)
		on_looked_up(k, NULL);
}

static void
on_looked_up(void *arg, const struct resp_answer *a)
{
	struct store_key *k = arg;
	struct store *s = k->store;
	struct store_value value = {0};

	if (a == NULL || store_key_failed(k, "look-up", a, STORE_READS)) {
		s->events.looked_up(s->arg, k->token, STORE_UNREACHABLE,
		    &value);
		return;
	}
	store_key_decode(a->value, &value);
	s->events.looked_up(s->arg, k->token, STORE_DONE, &value);
}

int
store_look_up(struct store *s, size_t token, bool from_primary)
{
	struct store_key *k = &s->keys[token];
	int link = from_primary || s->link[REPLICA] == NULL ? PRIMARY
	    : REPLICA;

	if (!send(s, link, ARGS("MULTI"), NULL, NULL))
		return link == REPLICA ? store_look_up(s, token, true) : -1;
	send_reads(s, link, k);
	send(s, link, ARGS("EXEC"), link == REPLICA ? on_looked_up_replica
	    : on_looked_up, k);
	return 0;
}

static void
on_locked(void *arg, const struct resp_answer *a)
{
	struct store_key *k = arg;
	struct store *s = k->store;
	struct store_value value = {0};
	enum store_outcome outcome = STORE_UNREACHABLE;

	if (a != NULL && !store_key_failed(k, "lock", a, 1 + STORE_READS)) {
		k->locked = a->value[0].ptr != NULL;
		outcome = k->locked ? STORE_GOT : STORE_BUSY;
		store_key_decode(a->value + 1, &value);
	}
	s->events.locked(s->arg, k->token, outcome, &value);
}

int
store_lock(struct store *s, size_t token)
{
	struct store_key *k = &s->keys[token];
	char lease[24];

	snprintf(lease, sizeof(lease), "%" PRId64, k->lease_ms);
	if (!send(s, PRIMARY, ARGS("MULTI"), NULL, NULL))
		return -1;
	send(s, PRIMARY, ARGS("SET", k->lock, s->owner, "NX", "PX", lease),
	    on_queued, k);
	send_reads(s, PRIMARY, k);
	send(s, PRIMARY, ARGS("EXEC"), on_locked, k);
	return 0;
}

static void
on_published(void *arg, const struct resp_answer *a)
{
	struct store_key *k = arg;
	struct store *s = k->store;
	enum store_outcome outcome = STORE_UNREACHABLE;
	int64_t generation = 0;

	if (a != NULL && !store_key_failed(k, "publication", a, 1)) {
		generation = store_key_number(&a->value[0], 0);
		outcome = generation > 0 ? STORE_DONE : STORE_FENCED;
		k->locked = false;
	}
	s->events.published(s->arg, k->token, outcome, (uint64_t)generation);
}

int
store_publish(struct store *s, size_t token, const struct token *t, bool fresh)
{
	struct store_key *k = &s->keys[token];
	int64_t left = token_dead_at(t) - clock_boot_ms();
	char px[24], want[24], expires[24], obtained[24];

	if (left <= 0)
		return -1;
	snprintf(px, sizeof(px), "%" PRId64, left);
	snprintf(want, sizeof(want), "%" PRIu64, t->generation);
	snprintf(expires, sizeof(expires), "%" PRId64, t->expires_wall_at);
	snprintf(obtained, sizeof(obtained), "%" PRId64, t->obtained_wall_at);
	return send(s, PRIMARY, ARGS("EVAL", store_publish_script, "4", k->key,
	    k->meta, k->lock, k->generation, s->owner, t->text, px,
	    fresh ? "1" : "0", want, expires, obtained, t->fingerprint,
	    s->instance, k->channel), on_published, k) ? 0 : -1;
}

void
store_unlock(struct store *s, size_t token)
{
	struct store_key *k = &s->keys[token];

	if (!k->locked)
		return;
	k->locked = false;
	send(s, PRIMARY, ARGS("EVAL", store_unlock_script, "1", k->lock, s->owner),
	    NULL, NULL);
}

static void
on_up(void *arg)
{
	struct store *s = arg;

	stats_set(&s->stats->redis_up, 1);
	stats_set(&s->stats->redis_known, 1);
	log_notice("Redis %s is up", s->server[PRIMARY].host);
	s->events.returned(s->arg);
}

static void
on_down(void *arg, const char *why)
{
	struct store *s = arg;

	stats_set(&s->stats->redis_up, 0);
	stats_set(&s->stats->redis_known, 1);
	log_warning("Redis is unreachable: %s", why);
}

static void
on_replica_down(void *arg, const char *why)
{
	(void)arg;
	log_warning("redis-read-host is unreachable, reading from the primary:"
	    " %s", why);
}

static void
on_refused(void *arg, const char *why)
{
	struct store *s = arg;

	s->events.refused(s->arg, why);
}

static void
on_quiet_up(void *arg)
{
	(void)arg;
}

/* The subscriber shares the primary's fate; one line about it is enough. */
static void
on_subscriber_up(void *arg)
{
	struct store *s = arg;
	const char **argv = util_alloc(s->count + 1, sizeof(*argv));
	size_t i;

	argv[0] = "SUBSCRIBE";
	for (i = 0; i < s->count; i++)
		argv[i + 1] = s->keys[i].channel;
	send(s, SUBSCRIBER, (int)s->count + 1, argv, NULL, NULL);
	free(argv);
}

static void
on_subscriber_quiet(void *arg, const char *why)
{
	(void)arg;
	log_debug("Redis subscription: %s", why);
}

/* "message", channel, what was published there. */
static void
on_message(void *arg, const struct resp_answer *a)
{
	struct store *s = arg;
	const struct resp_value *v = a->value;
	char print[FINGERPRINT_LEN + 1];
	uint64_t generation;
	size_t token;

	if (a->count != 3 || v[0].len != 7 || memcmp(v[0].ptr, "message", 7) ||
	    !store_key_message(&v[2], &generation, print))
		return;
	token = names_find(&s->channels, v[1].ptr, v[1].len);
	if (token != NAMES_NONE)
		s->events.rotated(s->arg, token, generation, print);
}

static const struct redis_events link_events[STORE_FDS] = {
    [PRIMARY] = {on_up, on_down, on_refused, NULL},
    [REPLICA] = {on_quiet_up, on_replica_down, on_replica_down, NULL},
    [SUBSCRIBER] = {on_subscriber_up, on_subscriber_quiet,
	on_subscriber_quiet, on_message},
};

static void
links_open(struct store *s, const struct conf *conf)
{
	struct redis_server server = {
	    .host = conf->redis_host,
	    .port = (int)conf->redis_port,
	    .db = conf->redis_db,
	    .user = conf->redis_user,
	    .password = conf->redis_password,
	    .password_file = conf->redis_password_file,
	    .timeout_ms = conf->redis_timeout_ms,
	};
	int i;

	for (i = 0; i < STORE_FDS; i++) {
		s->server[i] = server;
		if (i == REPLICA) {
			s->server[i].host = conf->redis_read_host;
			if (conf->redis_read_host == NULL)
				continue;
		}
		s->link[i] = redis_open(&s->server[i], &link_events[i], s,
		    s->stats);
		redis_keep(s->link[i]);
	}
}

struct store *
store_open(const struct conf *conf, const struct store_events *events,
    void *arg, struct stats_process *stats)
{
	unsigned char random[OWNER_LEN / 2];
	char host[64] = "";
	struct store *s;
	size_t i;

	if (conf->redis_host == NULL)
		return NULL;
	s = util_alloc(1, sizeof(*s));
	s->events = *events;
	s->arg = arg;
	s->stats = stats;
	s->count = conf->token_count;
	s->keys = util_alloc(s->count, sizeof(*s->keys));
	names_init(&s->channels, s->count);
	for (i = 0; i < s->count; i++) {
		store_key_init(&s->keys[i], s, i, &conf->token[i]);
		names_add(&s->channels, s->keys[i].channel, i);
	}
	util_random(random, sizeof(random));
	util_hex(random, sizeof(random), s->owner);
	gethostname(host, sizeof(host) - 1);
	snprintf(s->instance, sizeof(s->instance), "%s:%d", host,
	    (int)getpid());
	links_open(s, conf);
	return s;
}

void
store_close(struct store *s)
{
	struct pollfd fds[STORE_FDS];
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->count; i++)
		store_unlock(s, i);
	store_pollfds(s, fds);
	store_turn(s, fds, clock_boot_ms());
	for (i = 0; i < STORE_FDS; i++)
		redis_close(s->link[i]);
	for (i = 0; i < s->count; i++)
		store_key_free(&s->keys[i]);
	names_free(&s->channels);
	free(s->keys);
	free(s);
}

void
store_pollfds(const struct store *s, struct pollfd *out)
{
	int i;

	for (i = 0; i < STORE_FDS; i++) {
		out[i] = (struct pollfd){.fd = -1};
		if (s != NULL && s->link[i] != NULL)
			redis_pollfd(s->link[i], &out[i]);
	}
}

int64_t
store_next_at(const struct store *s)
{
	int64_t at, next = INT64_MAX;
	int i;

	for (i = 0; s != NULL && i < STORE_FDS; i++) {
		if (s->link[i] == NULL)
			continue;
		at = redis_next_at(s->link[i]);
		next = at < next ? at : next;
	}
	return next;
}

void
store_turn(struct store *s, const struct pollfd *fds, int64_t now)
{
	int i;

	for (i = 0; s != NULL && i < STORE_FDS; i++)
		if (s->link[i] != NULL)
			redis_turn(s->link[i], fds[i].revents, now);
}
