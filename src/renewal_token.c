/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"
#include "schedule.h"

#include <assert.h>
#include <string.h>

#define SAME_AGAIN_MS 5000 /* least time to the renewal of an unchanged token */

void
renewal_remember(struct renewal *n, const struct token *t)
{
	n->generation = t->generation;
	n->expires_at = t->expires_at;
	n->dead_at = token_dead_at(t);
	n->renew_at = t->renew_at;
	memcpy(n->fingerprint, t->fingerprint, sizeof(n->fingerprint));
	stats_set(&n->stats->had, 1);
}

void
renewal_count(struct renewal *n, enum stats_renewal result)
{
	stats_add(&n->stats->renewals[result], 1);
	stats_set(&n->stats->last_result, 1 + (uint64_t)result);
}

void
renewal_tell(struct renewal *n, enum channel_kind kind, int64_t at)
{
	struct channel_message m = {.kind = kind,
	    .token = (uint32_t)n->number, .generation = n->generation,
	    .at = at};

	n->all->of.tell(n->all->of.arg, &m);
}

void
renewal_wipe(struct renewals *r)
{
	explicit_bzero(&r->token, sizeof(r->token));
}

/* Put the token that was put together into service. */
static void
serve(struct renewal *n, enum stats_renewal result)
{
	struct token *t = &n->all->token;
	struct schedule_renewal when = {
	    .percent_min = n->conf->renew_at_min,
	    .percent_max = n->conf->renew_at_max,
	    .outage_budget_ms = n->conf->outage_budget_ms,
	};
	int64_t soonest;

	t->renew_at = schedule_renewal(&when, t->obtained_at, t->expires_at,
	    util_random_unit());
	soonest = clock_boot_ms() + SAME_AGAIN_MS;
	if (strcmp(t->fingerprint, n->fingerprint) == 0 &&
	    t->renew_at < soonest)
		t->renew_at = soonest;
	if (slot_publish(n->slot, t) == -1)
		assert(!"a token was accepted that its slot cannot hold");
	renewal_remember(n, t);
	n->failures = 0;
	stats_set(&n->stats->failures, 0);
	renewal_count(n, result);
	log_info("token %s: %s generation %llu (%s), renewal in %lld s, dead "
	    "in %lld s", n->conf->name, result == STATS_RENEWAL_OBTAINED ?
	    "obtained" : "adopted", (unsigned long long)t->generation,
	    t->fingerprint, (long long)(t->renew_at - clock_boot_ms()) / 1000,
	    (long long)(n->dead_at - clock_boot_ms()) / 1000);
	if (t->len > TOKEN_LARGE)
		log_warning("token %s: %zu bytes are more than nginx and "
		    "others take by default", n->conf->name, t->len);
	renewal_tell(n, CHANNEL_PUBLISHED, 0);
}

/* Put the token together that Redis holds; false: it is of no use. */
static bool
compose_adopted(struct renewal *n, const struct store_value *v)
{
	struct token *t = &n->all->token;
	int64_t now = clock_boot_ms(), life = v->life_ms;

	if (v->text == NULL || v->left_ms <= 0 ||
	    v->len > (size_t)n->all->of.conf->max_token_size)
		return false;
	token_set_text(t, v->text, v->len);
	if (life <= 0 || life < v->left_ms) /* somebody else wrote it */
		life = v->left_ms;
	t->expires_at = now + v->left_ms;
	if (life != v->left_ms)
		t->expires_at += token_reserve_ms(life);
	t->obtained_at = t->expires_at - life;
	t->expires_wall_at = clock_wall_ms() + t->expires_at - now;
	t->obtained_wall_at = t->expires_wall_at - life;
	t->source = TOKEN_FROM_REDIS;
	t->generation = v->generation > 0 && v->generation >= n->generation
	    ? v->generation : n->generation + 1;
	return token_dead_at(t) > now;
}

bool
renewal_adopt(struct renewal *n, const struct store_value *v)
{
	const struct token *t = &n->all->token;
	bool newer;

	n->counter = v->counter;
	if (!compose_adopted(n, v)) {
		renewal_wipe(n->all);
		return false;
	}
	newer = strcmp(t->fingerprint, n->fingerprint) != 0 && (n->forced ||
	    (v->generation == 0 ? t->expires_at > n->expires_at
	    : v->generation >= n->generation));
	if (newer || !renewal_usable(n, clock_boot_ms())) {
		serve(n, STATS_RENEWAL_ADOPTED);
		/* else the next token would look older than this one */
		n->restore_due = v->generation > 0 &&
		    v->generation < n->generation;
		newer = true;
	}
	renewal_wipe(n->all);
	return newer;
}

/* Put the token together that the backend gave. */
static void
compose_obtained(struct renewal *n, const struct token_answer *a)
{
	struct token *t = &n->all->token;

	token_set_text(t, a->text, a->len);
	t->obtained_at = n->called_at;
	t->expires_at = n->called_at + a->life_ms;
	t->obtained_wall_at = n->called_wall_at;
	t->expires_wall_at = n->called_wall_at + a->life_ms;
	t->source = TOKEN_FROM_BACKEND;
	t->generation = 1 + (n->counter > n->generation ? n->counter
	    : n->generation);
}

int
renewal_take(struct renewal *n, const struct backend_result *b,
    struct err *err)
{
	struct token_answer a;
	struct token_rules rules = {
	    .token_field = n->conf->token_field,
	    .expiry_field = n->conf->expiry_field,
	    .default_ttl_ms = n->conf->default_ttl_ms,
	    .max_ttl_ms = n->conf->max_ttl_ms,
	    .max_len = (size_t)n->all->of.conf->max_token_size,
	};
	int status = token_decode(b->body, b->len, &rules, n->called_wall_at,
	    &a, err);

	if (status == 0) {
		compose_obtained(n, &a);
		serve(n, STATS_RENEWAL_OBTAINED);
		log_debug("token %s: life of %lld s by %s", n->conf->name,
		    (long long)a.life_ms / 1000, a.expiry);
	}
	explicit_bzero(&a, sizeof(a));
	return status;
}

void
renewal_bury(struct renewal *n, int64_t now)
{
	if (n->dead_at == 0 || now < n->expires_at)
		return;
	log_warning("token %s: generation %llu has expired", n->conf->name,
	    (unsigned long long)n->generation);
	slot_clear(n->slot, n->generation);
	n->dead_at = n->expires_at = 0;
	n->fingerprint[0] = '\0';
}
