/* SPDX-License-Identifier: MIT */
/* The operations on tokens: the arguments of each script, and its answer. */
#include "config.h"

#include "store/private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "conf/origin.h"
#include "store/call.h"
#include "store/refusal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR_MS 3600000

#define LOCK_READS (7 + STORE_READS)
_Static_assert(LOCK_READS <= PROTO_VALUES_MAX, "an answer that is not read");

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

/* An origin as an argument. */
struct words {
	char text[ORIGIN_TEXT_LEN + 1];
};

static struct words
words(const struct token_origin *origin)
{
	struct words w = {""};

	origin_text(origin, w.text);
	return w;
}

/* The life left counts from the question, since the answer may have waited. */
static void
decode(struct store_key *k, const struct proto_value *v,
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
on_looked_up(struct store_key *k, const struct proto_answer *a)
{
	struct store *s = k->store;
	struct store_value value = {0};

	if (a == NULL ||
	    store_refusal_note(k, STORE_LOOK_UP, "look-up", a, STORE_READS)) {
		s->events.looked_up(s->arg, k->token, STORE_UNREACHABLE,
		    &value);
		return;
	}
	decode(k, a->value, &value);
	s->events.looked_up(s->arg, k->token, STORE_DONE, &value);
	store_seal_wipe(&s->seal);
}

/* The replica failed, or lacks the value: ask the primary.
 */
static void
on_looked_up_replica(struct store_key *k, const struct proto_answer *a)
{
	if (a != NULL &&
	    !store_refusal_check(k, "look-up at redis-read-host", a,
		STORE_READS) &&
	    a->value[0].ptr != NULL)
		on_looked_up(k, a);
	else if (store_look_up(k->store, k->token, true) == -1)
		on_looked_up(k, NULL);
}

int
store_look_up(struct store *s, size_t token, bool from_primary)
{
	struct store_key *k = &s->keys[token];
	bool replica = !from_primary && store_nodes_replica_up(s->links);
	struct store_call_args args = {
	    .script = STORE_LOOK_UP,
	    .replica = replica,
	    .done = replica ? on_looked_up_replica : on_looked_up,
	};

	if (store_call(s->links, k, &args) == 0)
		return 0;
	return replica ? store_look_up(s, token, true) : -1;
}

/* The outcome that a number of a script stands for. */
static enum store_outcome
outcome_of(const struct proto_value *v, const enum store_outcome *outcomes,
    int64_t count)
{
	int64_t n = store_key_number(v, -1, count, -1);

	return n >= 0 && n < count ? outcomes[n] : STORE_UNREACHABLE;
}

/* Read the attempt that failed before from the answer of lock.lua. */
static void
read_failure(const struct proto_value *v, struct store_failure *out)
{
	size_t len = v[1].ptr == NULL ? 0 : v[1].len;

	*out = (struct store_failure){.kind = ""};
	if (len == 0 || len > STORE_KIND_MAX)
		return;
	memcpy(out->kind, v[1].ptr, len);
	out->failures =
	    (unsigned)store_key_number(&v[0], 1, STORE_FAILURES_MAX, 1);
}

/* Read the outcome of lock.lua.  Where no calls are counted none can be the
 * last: such an answer is not ours. */
static enum store_outcome
read_grant(struct store_key *k, const struct proto_value *v,
    struct store_grant *grant)
{
	static const enum store_outcome outcomes[] = {STORE_BUSY, STORE_GOT,
	    STORE_EXHAUSTED, STORE_FAILED};
	enum store_outcome outcome = outcome_of(&v[0], outcomes, 4);

	if (outcome == STORE_EXHAUSTED && k->calls_per_hour == 0)
		outcome = STORE_UNREACHABLE;
	grant->wait_ms = store_key_number(&v[1], 0, HOUR_MS, 0);
	grant->left = store_key_number(&v[3], 0, k->calls_per_hour, 0);
	snprintf(k->note, sizeof(k->note), "%.*s", (int)v[2].len,
	    v[2].ptr != NULL ? v[2].ptr : "");
	k->locked = outcome == STORE_GOT;
	k->ahead_ms =
	    store_key_number(&v[4], 0, STORE_TIME_MAX, 0) - clock_boot_ms();
	read_failure(&v[5], &grant->last);
	return outcome;
}

static void
on_locked(struct store_key *k, const struct proto_answer *a)
{
	struct store *s = k->store;
	struct store_grant grant = {0};
	struct store_value value = {0};
	enum store_outcome outcome = STORE_UNREACHABLE;

	if (a != NULL &&
	    !store_refusal_note(k, STORE_LOCK, "lock", a, LOCK_READS)) {
		outcome = read_grant(k, a->value, &grant);
		decode(k, a->value + 7, &value);
	}
	s->events.locked(s->arg, k->token, outcome, &grant, &value);
	store_seal_wipe(&s->seal);
}

int
store_lock(struct store *s, size_t token, const struct store_wish *wish)
{
	struct store_key *k = &s->keys[token];

	k->tried[0] = '\0';
	if (wish != NULL && wish->credentials != 0)
		snprintf(k->tried, sizeof(k->tried), "%016" PRIx64,
		    wish->credentials);
	return store_call(s->links, k,
	    &(struct store_call_args){.script = STORE_LOCK,
		.done = on_locked,
		.argv = {s->owner, digits(k->lease_ms).text,
		    digits(wish != NULL ? k->calls_per_hour : 0).text, k->tried,
		    digits(wish != NULL ? wish->patience_ms : 0).text}});
}

static void
on_published(struct store_key *k, const struct proto_answer *a)
{
	struct store *s = k->store;
	enum store_outcome outcome = STORE_UNREACHABLE;

	if (a != NULL &&
	    !store_refusal_note(k, STORE_PUBLISH, "publication", a, 1)) {
		outcome = store_key_number(&a->value[0], 0, 1, 0) == 1
		    ? STORE_DONE
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
	const char *text = left <= 0
	    ? NULL
	    : store_seal_text(&s->seal, k->name[STORE_TEXT], t);

	if (text == NULL)
		return -1;
	return store_call(s->links, k,
	    &(struct store_call_args){.script = STORE_PUBLISH,
		.done = on_published,
		.argv = {s->owner, text, digits(left).text,
		    digits((int64_t)t->generation).text, fresh ? "1" : "0",
		    digits(t->expires_wall_at).text,
		    digits(t->obtained_wall_at).text, t->fingerprint,
		    s->instance, k->channel,
		    digits(token_dead_at(t) + k->ahead_ms).text, k->tried,
		    words(&t->origin).text,
		    s->seal.key_file == NULL ? t->extra : ""}});
}

void
store_unlock(struct store *s, size_t token, bool called)
{
	struct store_key *k = &s->keys[token];

	if (!k->locked)
		return;
	k->locked = false;
	store_call(s->links, k,
	    &(struct store_call_args){.script = STORE_UNLOCK,
		.argv = {s->owner, called ? "" : k->note}});
}

void
store_fail(struct store *s, size_t token, bool called, uint64_t counter,
    const struct store_failure *failure)
{
	struct store_key *k = &s->keys[token];
	const char *note = called || !k->locked ? "" : k->note;

	k->locked = false;
	store_call(s->links, k,
	    &(struct store_call_args){.script = STORE_FAIL,
		.argv = {s->owner, note, k->tried,
		    digits(failure->wait_ms).text,
		    digits(failure->failures).text, failure->kind,
		    digits((int64_t)counter).text}});
}

static void
on_rejected(struct store_key *k, const struct proto_answer *a)
{
	static const enum store_outcome outcomes[3] = {STORE_FENCED, STORE_DONE,
	    STORE_BUSY};
	struct store *s = k->store;

	if (a == NULL || store_refusal_note(k, STORE_REJECT, "report", a, 2))
		s->events.rejected(s->arg, k->token, STORE_UNREACHABLE, 0);
	else
		s->events.rejected(s->arg, k->token,
		    outcome_of(&a->value[0], outcomes, 3),
		    store_key_number(&a->value[1], 0, HOUR_MS, 0));
}

int
store_reject(struct store *s, size_t token, uint64_t generation,
    const char *fingerprint, const struct token_origin *origin,
    const struct budget_share *share)
{
	return store_call(s->links, &s->keys[token],
	    &(struct store_call_args){.script = STORE_REJECT,
		.done = on_rejected,
		.argv = {s->owner, fingerprint,
		    digits((int64_t)generation).text,
		    digits(STORE_REJECT_MS).text, digits(share->most).text,
		    digits(share->reports).text, digits(share->every_ms).text,
		    digits(share->kept).text, words(origin).text}});
}

static void
name_instance(struct store *s)
{
	unsigned char random[STORE_OWNER_LEN / 2];
	char host[64] = "";

	crypto_random(random, sizeof(random));
	crypto_hex(random, sizeof(random), s->owner);
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
	s = mem_alloc(1, sizeof(*s));
	store_seal_init(&s->seal, conf, stats);
	stats_set(&stats->redis_refusing, 0); /* of a refresher before us */
	s->events = *events;
	s->arg = arg;
	s->count = conf->token_count;
	s->keys = mem_alloc(s->count, sizeof(*s->keys));
	name_index_init(&s->channels, s->count);
	for (i = 0; i < s->count; i++) {
		store_key_init(&s->keys[i], s, &s->seal, i, &conf->token[i]);
		name_index_add(&s->channels, s->keys[i].channel, i);
	}
	name_instance(s);
	s->links = store_nodes_open(conf, &store_node_events, s, stats);
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
	store_nodes_close(s->links);
	store_calls_forget();
	for (i = 0; i < s->count; i++)
		store_key_free(&s->keys[i]);
	name_index_free(&s->channels);
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
		store_nodes_pollfds(s->links, out);
}

int64_t
store_next_at(const struct store *s)
{
	int64_t at, again = store_calls_next_at();

	if (s == NULL)
		return INT64_MAX;
	at = store_nodes_next_at(s->links);
	return again < at ? again : at;
}

void
store_turn(struct store *s, const struct pollfd *fds, int64_t now)
{
	if (s == NULL)
		return;
	store_nodes_turn(s->links, fds, now);
	store_calls_turn(now);
	store_probe(s, now);
}
