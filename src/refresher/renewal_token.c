/* SPDX-License-Identifier: MIT */
/*
 * Makes tokens out of those in Redis, in answers of the backend and in the slot
 * of an earlier refresher, and publishes them in the slot if they are newer.
 */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "conf/origin.h"
#include "refresher/request.h"

#include <assert.h>
#include <string.h>

#define SAME_AGAIN_MS 5000 /* least time to renewal, if a token comes again */

/* ---- what is known of tokens ---- */

/* The past of a token; NULL: it is not known (any more). */
static struct token_past *
find_past(struct renewal *n, const char *print)
{
	size_t i;

	for (i = 0; i < TOKEN_PASTS; i++)
		if (strcmp(n->past[i].fingerprint, print) == 0)
			return &n->past[i];
	return NULL;
}

/* Move the past of a token to the front; a new one replaces the oldest. */
static void
recall(struct renewal *n, const char *print)
{
	struct token_past *at = find_past(n, print);
	struct token_past known = {.answered = false};

	if (at != NULL)
		known = *at;
	else
		at = &n->past[TOKEN_PASTS - 1];
	memmove(&n->past[1], &n->past[0],
	    (size_t)(at - n->past) * sizeof(n->past[0]));
	n->past[0] = known;
	memcpy(n->past[0].fingerprint, print, sizeof(known.fingerprint));
}

/* Remember the token in the slot. */
static void
remember(struct renewal *n, const struct token *t)
{
	n->generation = t->generation;
	n->obtained_at = t->obtained_at;
	n->expires_at = t->expires_at;
	n->dead_at = token_dead_at(t);
	n->renew_at = t->renew_at;
	n->ahead_ms = t->obtained_wall_at - t->obtained_at;
	memcpy(n->fingerprint, t->fingerprint, sizeof(n->fingerprint));
	n->origin = t->origin;
	recall(n, t->fingerprint);
	n->past[0].expires_at = t->expires_at;
	if (n->past[0].life_ms < token_life_ms(t))
		n->past[0].life_ms = token_life_ms(t);
	stats_set(&n->stats->had, 1);
}

/* Remember the life that an answer gave its token. */
static void
remember_answer(struct renewal *n, const struct token_answer *a)
{
	struct token_past *past = &n->past[0];

	past->life_ms = a->whole_ms;
	if (a->kept) /* it said nothing */
		return;
	if (!past->answered)
		past->zero = a->zero && !a->stated;
	past->answered = true;
	past->stated |= a->stated;
	past->ended = false;
}

void
renewal_count(struct renewal *n, enum stats_renewal result)
{
	stats_add(&n->stats->renewals[result], 1);
	stats_set(&n->stats->last_result, 1 + (uint64_t)result);
	stats_set(&n->stats->last_error, 0);
}

void
renewal_tell_workers(struct renewal *n, enum channel_kind kind, int64_t at)
{
	struct channel_message m = {.kind = kind,
	    .token = (uint32_t)n->number,
	    .generation = n->generation,
	    .at = at};
	size_t i;

	for (i = 0; i < n->all->args.channel_count; i++)
		channel_send(n->all->args.channels[i].refresher, &m);
}

void
renewal_wipe(struct renewals *r)
{
	explicit_bzero(&r->token, sizeof(r->token));
}

/* ---- into service ---- */

/* Publish all->token in the slot. */
static void
serve(struct renewal *n, enum stats_renewal result)
{
	struct token *t = &n->all->token;
	struct schedule_renewal when = renewal_schedule(n->conf);
	int64_t dead_at = token_dead_at(t), soonest, from = t->obtained_at;
	bool same = strcmp(t->fingerprint, n->fingerprint) == 0;

	if (same && from < n->called_at) /* the life that is left counts */
		from = n->called_at;
	t->renew_at =
	    schedule_renewal(&when, from, t->expires_at, crypto_random_unit());
	soonest = clock_boot_ms() + SAME_AGAIN_MS;
	if (same && t->renew_at < soonest)
		t->renew_at = soonest;
	if (renewal_is_provisional(n, &t->origin))
		t->renew_at = clock_boot_ms();
	if (t->renew_at > dead_at)
		t->renew_at = dead_at;
	if (result == STATS_RENEWAL_OBTAINED)
		renewal_log_out(n);
	if (slot_publish(n->slot, t) == -1)
		assert(!"an accepted token is longer than its slot");
	remember(n, t);
	/* a token from before the last failure does not end the back-off */
	if (t->obtained_at + n->conf->timeout_ms >= n->failed_at) {
		n->failures = 0;
		n->refused = false;
	}
	stats_set(&n->stats->failures, n->failures);
	renewal_count(n, result);
	renewal_log_recovery(n);
	log_info(
	    "token %s: %s generation %llu (%s), renewal in %lld s, expires in %lld s",
	    n->conf->name,
	    result == STATS_RENEWAL_OBTAINED ? "obtained" : "adopted",
	    (unsigned long long)t->generation, t->fingerprint,
	    (long long)(t->renew_at - clock_boot_ms()) / 1000,
	    (long long)(n->dead_at - clock_boot_ms()) / 1000);
	if (t->len > TOKEN_LARGE)
		log_warning(
		    "token %s: %zu bytes are more than nginx and others take by default",
		    n->conf->name, t->len);
	renewal_tell_workers(n, CHANNEL_PUBLISHED, 0);
	renewal_wake(n);
}

/* ---- from Redis ---- */

/* Make all->token out of the one in Redis; false: it cannot be used.  token.h
 * says how its PTTL keeps the reserve. */
static bool
compose_adopted(struct renewal *n, const struct store_value *v)
{
	struct token *t = &n->all->token;
	int64_t now = clock_boot_ms(), life = v->life_ms;
	int64_t left = v->left_ms;
	const struct token_past *past;

	if (v->text == NULL || v->left_ms <= 0 ||
	    !token_extra_is_valid(v->extra, v->extra_len,
		n->conf->extras.count) ||
	    v->len > (size_t)n->all->args.conf->max_token_size)
		return false;
	token_set_text(t, v->text, v->len);
	token_set_extra(t, v->extra, v->extra_len);
	past = find_past(n, t->fingerprint);
	if (past != NULL && past->ended)
		return false;
	if (life <= 0 || life < left) /* another program wrote it */
		life = left =
		    left < n->conf->max_ttl_ms ? left : n->conf->max_ttl_ms;
	t->expires_at = now + left;
	if (life != left)
		t->expires_at += token_reserve_ms(life);
	if (past != NULL && life < past->life_ms)
		life = past->life_ms;
	t->obtained_at = t->expires_at - life;
	t->expires_wall_at = clock_wall_ms() + t->expires_at - now;
	t->obtained_wall_at = t->expires_wall_at - life;
	token_shorten(t, n->conf->max_ttl_ms);
	t->source = TOKEN_FROM_REDIS;
	t->origin = v->origin.place != 0 ? v->origin : n->configured;
	t->generation = v->generation > 0 && v->generation >= n->generation
	    ? v->generation
	    : n->generation + 1;
	return token_dead_at(t) > now;
}

bool
renewal_adopt(struct renewal *n, const struct store_value *v)
{
	const struct token *t = &n->all->token;
	bool newer, dead;

	n->counter = v->counter;
	if (!renewal_may_adopt(n, v) || !compose_adopted(n, v)) {
		renewal_wipe(n->all);
		return false;
	}
	/* a token that died here does not come back */
	dead = strcmp(t->fingerprint, n->fingerprint) == 0 &&
	    v->generation <= n->generation;
	newer = strcmp(t->fingerprint, n->fingerprint) != 0 &&
	    (n->adopt_any ||
		(v->generation == 0 ? t->expires_at > n->expires_at
				    : v->generation >= n->generation));
	if (newer || (!dead && !renewal_usable(n, clock_boot_ms()))) {
		n->refresh_ours &= !newer;
		serve(n, STATS_RENEWAL_ADOPTED);
		/* else the next one of ours would look older than this */
		n->restore_due =
		    v->generation > 0 && v->generation < n->generation;
		newer = true;
	}
	renewal_wipe(n->all);
	return newer;
}

/* ---- from the backend ---- */

/* Make all->token out of the backend's answer. */
static void
compose_obtained(struct renewal *n, const struct token_answer *a)
{
	struct token *t = &n->all->token;

	token_set_text(t, a->text, a->len);
	token_set_extra(t, a->extra, a->extra_len);
	t->expires_at = n->called_at + a->life_ms;
	t->obtained_at = t->expires_at - a->whole_ms;
	t->expires_wall_at = n->called_wall_at + a->life_ms;
	t->obtained_wall_at = t->expires_wall_at - a->whole_ms;
	t->source = TOKEN_FROM_BACKEND;
	t->origin = n->configured;
	/* a key file may have changed since the call */
	t->origin.credentials = n->credentials;
	n->had_ours = true;
	t->generation =
	    1 + (n->counter > n->generation ? n->counter : n->generation);
}

static void
clear(struct renewal *n)
{
	slot_clear(n->slot, n->generation);
	n->dead_at = n->expires_at = 0;
	n->fingerprint[0] = '\0';
}

void
renewal_clear_expired(struct renewal *n, int64_t now)
{
	if (n->dead_at == 0 || now < n->expires_at)
		return;
	log_warning("token %s: generation %llu has expired", n->conf->name,
	    (unsigned long long)n->generation);
	clear(n);
}

/* The answer says that its token is dead: it may be the one in service, or an
 * earlier one. */
static void
end(struct renewal *n, const struct token_answer *a)
{
	char print[FINGERPRINT_LEN + 1];
	struct token_past *past;

	fingerprint(a->text, a->len, print);
	past = find_past(n, print);
	if (past != NULL)
		past->ended = true;
	if (past != &n->past[0] || n->dead_at == 0)
		return;
	log_warning("token %s: the backend has ended generation %llu",
	    n->conf->name, (unsigned long long)n->generation);
	clear(n);
}

int
renewal_take(struct renewal *n, const struct backend_result *b, struct err *err)
{
	struct token_answer a;
	struct token_rules rules = request_rules(n->all->args.conf, n->conf);
	struct token_asked asked = {
	    .at = n->called_at,
	    .wall_at = renewal_asked_wall_at(n,
		b->date_wall_at == 0 ? 0 : b->date_wall_at + b->age_ms),
	    .age_ms = b->age_ms,
	};
	struct token_reply reply = {.body = b->body,
	    .len = b->len,
	    .fields = b->fields};
	int status;

	rules.past = n->past;
	status = token_decode(&reply, &rules, &asked, &a, err);

	if (a.unread[0] != '\0')
		log_warning(
		    "token %s: the answer gives the life in %s, in a form that cannot be read",
		    n->conf->name, a.unread);
	if (status == -1 && a.ends)
		end(n, &a);
	if (status == 0) {
		compose_obtained(n, &a);
		serve(n, STATS_RENEWAL_OBTAINED);
		remember_answer(n, &a);
		log_debug("token %s: life of %lld s by %s", n->conf->name,
		    (long long)a.life_ms / 1000, a.expiry);
	}
	explicit_bzero(&a, sizeof(a));
	return status;
}

/* ---- from the refresher before ---- */

/* Another max-ttl may have been in force, or another program have written it.
 */
static void
shorten(struct renewal *n, struct token *t)
{
	if (token_life_ms(t) <= n->conf->max_ttl_ms)
		return;
	token_shorten(t, n->conf->max_ttl_ms);
	if (t->renew_at > token_dead_at(t))
		t->renew_at = token_dead_at(t);
	slot_publish(n->slot, t);
}

static void
keep(struct renewal *n, struct token *t)
{
	switch (renewal_fit(n, &t->origin)) {
	case RENEWAL_OTHER_PLACE:
		log_warning(
		    "token %s: the one in shared memory was obtained with another base-url, path, request, field or header; it is not served",
		    n->conf->name);
		slot_clear(n->slot, t->generation);
		n->generation = t->generation;
		return;
	case RENEWAL_OTHER_CREDENTIALS:
		log_warning(
		    "token %s: the one in shared memory was obtained with other credentials; it serves until ours is there",
		    n->conf->name);
		t->renew_at = clock_boot_ms();
		break;
	case RENEWAL_FITS:
		n->had_ours = true;
	}
	shorten(n, t);
	remember(n, t);
}

void
renewal_inherit(struct renewal *n)
{
	struct token *t = &n->all->token;
	uint64_t seq;
	enum slot_status status = slot_read(n->slot, t, &seq);

	n->configured = origin_of(n->conf);
	renewal_note_seed(n);
	if (status == SLOT_OK)
		keep(n, t);
	else if (status == SLOT_EMPTY)
		n->generation = t->generation;
}
