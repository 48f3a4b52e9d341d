/* SPDX-License-Identifier: MIT */
/* Asks a Sentinel over one connection, and subscribes over another. */
#include "config.h"

#include "store/sentinel.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFTEN_MS 500    /* between two questions without a primary */
#define SELDOM_MS 30000 /* with one */
#define LEAST_MS 50     /* after an announcement */

struct store_sentinel {
	const struct conf_list *list;
	size_t which;  /* of the list */
	size_t silent; /* so many in a row named no primary */
	char why[128]; /* what one of those said that answered */
	const char *master;
	struct redis *redis, *listener; /* to ask; to hear of a change */
	bool asked;                     /* the answer is still to come */
	bool often;
	int64_t ask_at;
	int64_t asked_at; /* the last time */
	struct store_sentinel_events events;
	void *arg;
	struct log_limit limit, refusals;
};

/* A random time from now, at least this long: replicas do not ask together. */
static int64_t
from_now(int64_t ms)
{
	return clock_boot_ms() + ms +
	    (int64_t)(crypto_random_unit() * (double)ms);
}

/* This Sentinel names no primary: ask the next one at once; after a whole round
 * wait first. */
static void
give_up(struct store_sentinel *s, const char *why)
{
	char text[256];

	log_limit_write(&s->limit, log_limit_kind(why) + (uint32_t)s->which,
	    LVL_INFO, "Sentinel %.100s: %s", s->list->item[s->which], why);
	s->which = (s->which + 1) % s->list->count;
	if (++s->silent % s->list->count != 0) {
		s->ask_at = 0;
		return;
	}
	s->ask_at = from_now(OFTEN_MS);
	if (s->silent == s->list->count) {
		snprintf(text, sizeof(text),
		    "no Sentinel names the primary of '%.64s': %s", s->master,
		    s->why[0] != '\0' ? s->why : why);
		s->events.none(s->arg, text);
	}
}

/* Likewise, but it has answered. */
static void
give_up_answer(struct store_sentinel *s, const char *why)
{
	snprintf(s->why, sizeof(s->why), "%s", why);
	give_up(s, why);
}

/* This one answers: listen to its announcements. */
static void
listen_here(struct store_sentinel *s)
{
	redis_aim(s->listener, redis_host(s->redis), redis_port(s->redis));
	redis_keep(s->listener);
}

/* An answer is host and port, or nil.  0, or -1: it names no address. */
static int
read_address(const struct proto_answer *a, char host[ADDRESS_HOST_MAX],
    int *port)
{
	const struct proto_value *v = a->value;
	char text[ADDRESS_HOST_MAX + 8];
	int len;

	if (a->count != 2 || v[0].ptr == NULL || v[1].ptr == NULL ||
	    v[0].len == 0 || v[0].len + v[1].len + 2 > sizeof(text))
		return -1;
	len = snprintf(text, sizeof(text), "%.*s:%.*s", (int)v[0].len, v[0].ptr,
	    (int)v[1].len, v[1].ptr);
	return address_of_server(text, (size_t)len, host, port) == -1 ||
		host[0] == '?'
	    ? -1
	    : 0;
}

static void
on_answer(void *arg, const struct proto_answer *a)
{
	struct store_sentinel *s = arg;
	char host[ADDRESS_HOST_MAX];
	int port;

	s->asked = false;
	if (a == NULL)
		give_up(s, "no answer");
	else if (a->error != NULL)
		give_up_answer(s, a->error);
	else if (read_address(a, host, &port) == -1)
		give_up_answer(s, "knows no primary of that name");
	else {
		s->silent = 0;
		s->why[0] = '\0';
		listen_here(s);
		s->ask_at = from_now(s->often ? OFTEN_MS : SELDOM_MS);
		s->events.primary(s->arg, host, port);
	}
}

static void
ask(struct store_sentinel *s)
{
	const char *argv[] = {"SENTINEL", "get-master-addr-by-name", s->master};
	struct redis_command c = {.argv = argv, .argc = 3};
	char host[ADDRESS_HOST_MAX];
	int port;

	if (address_of_server(s->list->item[s->which],
		strlen(s->list->item[s->which]), host, &port) == 0)
		redis_aim(s->redis, host, port);
	s->asked_at = clock_boot_ms();
	s->asked = redis_send(s->redis, &c, on_answer, s) == 0;
	if (!s->asked)
		give_up(s, "cannot be reached");
}

static void
on_down(void *arg, const char *why)
{
	struct store_sentinel *s = arg;

	log_debug("Sentinel %s: %s", redis_host(s->redis), why);
}

static void
on_refused(void *arg, const char *why)
{
	struct store_sentinel *s = arg;

	log_limit_write(&s->refusals, 0, LVL_ERR,
	    "Sentinel %s port %d refuses our credentials; check redis-sentinel-password: %.100s",
	    redis_host(s->redis), redis_port(s->redis), why);
}

static void
on_listener_up(void *arg)
{
	static const char *const argv[] = {"SUBSCRIBE", "+switch-master"};
	struct store_sentinel *s = arg;

	redis_send(s->listener,
	    &(struct redis_command){.argv = argv, .argc = 2}, NULL, NULL);
}

/* Ask another one, which is listened to from then on. */
static void
on_listener_down(void *arg, const char *why)
{
	struct store_sentinel *s = arg;

	log_debug("Sentinel %s: %s", redis_host(s->listener), why);
	s->ask_at = 0;
}

/* "message", channel, "NAME OLD-HOST OLD-PORT HOST PORT"; or that we were
 * subscribed.  Whatever it is, the answer to a question is never older. */
static void
on_listener_push(void *arg, const struct proto_answer *a)
{
	struct store_sentinel *s = arg;

	(void)a;
	s->ask_at = s->asked_at + LEAST_MS;
}

struct store_sentinel *
store_sentinel_open(const struct conf *conf,
    const struct store_sentinel_events *events, void *arg, struct tls *tls,
    struct stats_process *stats)
{
	static const struct redis_events redis_events = {NULL, on_down,
	    on_refused, NULL};
	static const struct redis_events listener_events = {on_listener_up,
	    on_listener_down, on_refused, on_listener_push};
	struct store_sentinel *s = mem_alloc(1, sizeof(*s));
	struct redis_server server = {
	    .password = conf->redis_sentinel_password,
	    .password_file = conf->redis_sentinel_password_file,
	    .timeout_ms = conf->redis_timeout_ms,
	    .tls = tls,
	};

	s->list = &conf->redis_sentinels;
	s->which = (size_t)(crypto_random_unit() * (double)s->list->count);
	s->master = conf->redis_sentinel_master;
	s->redis = redis_open(&server, &redis_events, s, stats);
	s->listener = redis_open(&server, &listener_events, s, stats);
	s->often = true;
	s->events = *events;
	s->arg = arg;
	return s;
}

void
store_sentinel_close(struct store_sentinel *s)
{
	if (s == NULL)
		return;
	redis_close(s->redis);
	redis_close(s->listener);
	free(s);
}

void
store_sentinel_ask(struct store_sentinel *s)
{
	if (s == NULL || s->often)
		return;
	s->ask_at = 0;
	s->often = true;
}

void
store_sentinel_relax(struct store_sentinel *s)
{
	if (s == NULL)
		return;
	s->often = false;
	s->ask_at = from_now(SELDOM_MS);
}

void
store_sentinel_pollfds(const struct store_sentinel *s, struct pollfd out[2])
{
	redis_pollfd(s->redis, &out[0]);
	redis_pollfd(s->listener, &out[1]);
}

int64_t
store_sentinel_next_at(const struct store_sentinel *s)
{
	int64_t at, listener;

	if (s == NULL)
		return INT64_MAX;
	at = redis_next_at(s->redis);
	listener = redis_next_at(s->listener);
	at = listener < at ? listener : at;
	return !s->asked && s->ask_at < at ? s->ask_at : at;
}

void
store_sentinel_turn(struct store_sentinel *s, const struct pollfd fds[2],
    int64_t now)
{
	redis_turn(s->redis, fds[0].revents, now);
	redis_turn(s->listener, fds[1].revents, now);
	if (!s->asked && now >= s->ask_at)
		ask(s);
}
