/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_own.h"

#include "clock.h"
#include "store_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number as an argument. */
struct digits {
	char text[24];
};

static struct digits
digits(int64_t n)
{
	struct digits d;

	snprintf(d.text, sizeof(d.text), "%" PRId64, n);
	return d;
}

/* What was left is counted from when we asked: the answer may have waited. */
static void
decode(const struct store_key *k, const struct resp_value *v,
    struct store_value *out)
{
	store_key_decode(k, v, out);
	if (out->left_ms > 0) {
		out->left_ms -= clock_boot_ms() - k->asked_at;
		if (out->left_ms <= 0)
			out->text = NULL; /* dead meanwhile */
	}
}

static void
on_looked_up(struct store_key *k, const struct resp_answer *a)
{
	struct store *s = k->store;
	struct store_value value = {0};

	if (a == NULL || store_key_failed(k, "look-up", a, STORE_READS)) {
		s->events.looked_up(s->arg, k->token, STORE_UNREACHABLE,
		    &value);
		return;
	}
	decode(k, a->value, &value);
	s->events.looked_up(s->arg, k->token, STORE_DONE, &value);
	store_seal_wipe(&s->seal);
}

/* From the replica a failure is no answer yet: the primary is asked. */
static void
on_looked_up_replica(struct store_key *k, const struct resp_answer *a)
{
	if (a != NULL && !store_key_failed(k, "look-up at redis-read-host", a,
	    STORE_READS) && a->value[0].ptr != NULL)
		on_looked_up(k, a);
	else if (store_look_up(k->store, k->token, true) == -1)
		on_looked_up(k, NULL);
}

int
store_look_up(struct store *s, size_t token, bool from_primary)
{
	struct store_key *k = &s->keys[token];
	bool replica = !from_primary && store_links_replica_up(s->links);
	struct store_call_of of = {
	    .script = STORE_LOOK_UP,
	    .replica = replica,
	    .done = replica ? on_looked_up_replica : on_looked_up,
	};

	k->asked_at = clock_boot_ms();
	if (store_call(s->links, k, &of) == 0)
		return 0;
	return replica ? store_look_up(s, token, true) : -1;
}

static void
on_locked(struct store_key *k, const struct resp_answer *a)
{
	static const enum store_outcome outcomes[] = {STORE_BUSY, STORE_GOT,
	    STORE_EXHAUSTED};
	struct store *s = k->store;
	struct store_grant grant = {0};
	struct store_value value = {0};
	enum store_outcome outcome = STORE_UNREACHABLE;

	if (a != NULL && !store_key_failed(k, "lock", a, 5 + STORE_READS)) {
		outcome = outcomes[store_key_number(&a->value[0], 0) % 3];
		grant.wait_ms = store_key_number(&a->value[1], 0);
		grant.left = store_key_number(&a->value[3], 0);
		snprintf(k->note, sizeof(k->note), "%.*s",
		    (int)a->value[2].len, a->value[2].ptr);
		k->locked = outcome == STORE_GOT;
		k->ahead_ms = store_key_number(&a->value[4], 0) -
		    clock_boot_ms();
		decode(k, a->value + 5, &value);
	}
	s->events.locked(s->arg, k->token, outcome, &grant, &value);
	store_seal_wipe(&s->seal);
}

int
store_lock(struct store *s, size_t token, bool call)
{
	struct store_key *k = &s->keys[token];

	k->asked_at = clock_boot_ms();
	return store_call(s->links, k, &(struct store_call_of){
	    .script = STORE_LOCK, .done = on_locked,
	    .argv = {s->owner, digits(k->lease_ms).text,
	    digits(call ? k->calls_per_hour : 0).text}});
}

static void
on_published(struct store_key *k, const struct resp_answer *a)
{
	struct store *s = k->store;
	enum store_outcome outcome = STORE_UNREACHABLE;

	if (a != NULL && !store_key_failed(k, "publication", a, 1)) {
		outcome = store_key_number(&a->value[0], 0) > 0 ? STORE_DONE
		    : STORE_FENCED;
		k->locked = false;
	}
	s->events.published(s->arg, k->token, outcome);
}

int
store_publish(struct store *s, size_t token, const struct token *t, bool fresh)
{
	struct store_key *k = &s->keys[token];
	int64_t left = token_dead_at(t) - clock_boot_ms();
	const char *text = left <= 0 ? NULL
	    : store_seal_text(&s->seal, k->name[STORE_TEXT], t);

	if (text == NULL)
		return -1;
	return store_call(s->links, k, &(struct store_call_of){
	    .script = STORE_PUBLISH, .done = on_published,
	    .argv = {s->owner, text, digits(left).text,
	    digits((int64_t)t->generation).text, fresh ? "1" : "0",
	    digits(t->expires_wall_at).text, digits(t->obtained_wall_at).text,
	    t->fingerprint, s->instance, k->channel,
	    digits(token_dead_at(t) + k->ahead_ms).text}});
}

void
store_unlock(struct store *s, size_t token, bool called)
{
	struct store_key *k = &s->keys[token];

	if (!k->locked)
		return;
	k->locked = false;
	store_call(s->links, k, &(struct store_call_of){
	    .script = STORE_UNLOCK, .argv = {s->owner, called ? "" : k->note}});
}

static void
on_rejected(struct store_key *k, const struct resp_answer *a)
{
	static const enum store_outcome outcomes[] = {STORE_FENCED, STORE_DONE,
	    STORE_BUSY};
	struct store *s = k->store;

	if (a == NULL || store_key_failed(k, "report", a, 2))
		s->events.rejected(s->arg, k->token, STORE_UNREACHABLE, 0);
	else
		s->events.rejected(s->arg, k->token,
		    outcomes[store_key_number(&a->value[0], 0) % 3],
		    store_key_number(&a->value[1], 0));
}

int
store_reject(struct store *s, size_t token, uint64_t generation,
    const char *fingerprint)
{
	return store_call(s->links, &s->keys[token], &(struct store_call_of){
	    .script = STORE_REJECT, .done = on_rejected,
	    .argv = {s->owner, fingerprint, digits((int64_t)generation).text,
	    digits(STORE_REJECT_MS).text}});
}

static void
name_instance(struct store *s)
{
	unsigned char random[STORE_OWNER_LEN / 2];
	char host[64] = "";

	util_random(random, sizeof(random));
	util_hex(random, sizeof(random), s->owner);
	gethostname(host, sizeof(host) - 1);
	snprintf(s->instance, sizeof(s->instance), "%s:%d", host,
	    (int)getpid());
}

struct store *
store_open(const struct conf *conf, const struct store_events *events,
    void *arg, struct stats_process *stats)
{
	struct store *s;
	size_t i;

	if (!conf_has_redis(conf))
		return NULL;
	store_script_init();
	s = util_alloc(1, sizeof(*s));
	store_seal_init(&s->seal, conf, stats);
	s->events = *events;
	s->arg = arg;
	s->count = conf->token_count;
	s->keys = util_alloc(s->count, sizeof(*s->keys));
	names_init(&s->channels, s->count);
	for (i = 0; i < s->count; i++) {
		store_key_init(&s->keys[i], s, &s->seal, i,
		    &conf->token[i]);
		names_add(&s->channels, s->keys[i].channel, i);
	}
	name_instance(s);
	s->links = store_links_open(conf, &store_link_events, s, stats);
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
		store_unlock(s, i, true);
	store_pollfds(s, fds);
	store_turn(s, fds, clock_boot_ms());
	store_links_close(s->links);
	store_calls_forget();
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

	for (i = 0; i < STORE_FDS; i++)
		out[i] = (struct pollfd){.fd = -1};
	if (s != NULL)
		store_links_pollfds(s->links, out);
}

int64_t
store_next_at(const struct store *s)
{
	int64_t at, again = store_calls_next_at();

	if (s == NULL)
		return INT64_MAX;
	at = store_links_next_at(s->links);
	return again < at ? again : at;
}

void
store_turn(struct store *s, const struct pollfd *fds, int64_t now)
{
	if (s == NULL)
		return;
	store_links_turn(s->links, fds, now);
	store_calls_turn(now);
	store_probe(s, now);
}
