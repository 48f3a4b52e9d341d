/* SPDX-License-Identifier: MIT */
/*
 * renewal_world.h - a store and a backend that note what they are asked for,
 * for tests that set the time.  The linker takes these functions instead of
 * those of the library.
 */
#ifndef BEARERD_TEST_RENEWAL_WORLD_H
#define BEARERD_TEST_RENEWAL_WORLD_H

#include "unit.h"

#include "base/clock.h"
#include "refresher/renewal_private.h"

#include "segment.h"

#define T0 1000000
#define WALL INT64_C(1700000000000)
#define LIFE 3600000
#define ANSWER "{\"token\":\"from-backend\",\"expires_in\":3600}"

static struct conf_token token_conf;
static struct conf conf = {.token = &token_conf, .token_count = 1};
static struct stats stats;
static struct renewals *r;
static struct renewal *n;
static bool redis_up;
static int64_t now;
static char asked[256]; /* of Redis and the backend, since asked_for() */
static struct channel_message told; /* to the workers, at last */

/* ---- the world around ---- */

static int
note(const char *what)
{
	snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked), "%s%s",
	    asked[0] != '\0' ? ", " : "", what);
	return 0;
}

int
store_look_up(struct store *s, size_t token, bool from_primary)
{
	(void)s, (void)token;
	return redis_up ? note(from_primary ? "look-up primary" : "look-up")
			: -1;
}

int
store_lock(struct store *s, size_t token, const struct store_wish *wish)
{
	(void)s, (void)token;
	return redis_up ? note(wish != NULL ? "lock for call" : "lock") : -1;
}

int
store_publish(struct store *s, size_t token, const struct token *t, bool fresh)
{
	(void)s, (void)token, (void)t;
	return redis_up ? note(fresh ? "publish" : "restore") : -1;
}

void
store_unlock(struct store *s, size_t token, bool called)
{
	(void)s, (void)token, (void)called;
	note("unlock");
}

void
store_fail(struct store *s, size_t token, bool called, uint64_t counter,
    const struct store_failure *failure)
{
	(void)s, (void)token, (void)called, (void)counter;
	note("share ");
	strcat(asked, failure->kind);
}

int
store_reject(struct store *s, size_t token, uint64_t generation,
    const char *fingerprint, const struct token_origin *origin,
    const struct budget_share *share)
{
	(void)s, (void)token, (void)generation, (void)fingerprint;
	(void)origin, (void)share;
	return redis_up ? note("report") : -1;
}

int
backend_ask(struct backend *b, size_t token, const struct conf_token *t,
    const struct request_given *given, struct err *e)
{
	(void)b, (void)token, (void)t, (void)given, (void)e;
	return note("call");
}

bool
channel_send(int end, const struct channel_message *m)
{
	(void)end;
	told = *m;
	return true;
}

static void
at(int64_t ms)
{
	now = ms;
	clock_set(now, WALL + now);
}

static void
start(void)
{
	static char *headers[] = {
	    (char *)(uintptr_t) "Authorization: Bearer %s"};
	static char *success[] = {(char *)(uintptr_t) "200-299"};
	static const struct conf_token some = {
	    .name = (char *)(uintptr_t) "t",
	    .base_url = (char *)(uintptr_t) "http://b",
	    .path = (char *)(uintptr_t) "/",
	    .headers = {.item = headers, .count = 1},
	    .api_key_header = (char *)(uintptr_t) "X-Key",
	    .success_status = {.item = success, .count = 1},
	    .default_ttl_ms = 1800000,
	    .max_ttl_ms = 86400000,
	    .renew_at_min = 70,
	    .renew_at_max = 80,
	    .timeout_ms = 5000,
	};
	static const struct channel channel;
	struct renewals_args args = {.conf = &conf,
	    .segment = &segment,
	    .stats = &stats,
	    .channels = &channel,
	    .channel_count = 1};

	token_conf = some;
	conf.max_token_size = TEXT_MAX;
	redis_up = true;
	at(T0);
	create();
	stats_open(&stats, 1);
	r = renewals_open(&args);
	r->check_at = now + 60000; /* else at random, soon at times */
	renewals_use(r, (struct store *)&stats, NULL);
	n = &r->list[0];
	asked[0] = '\0';
}

static void
finish(void)
{
	renewals_close(r);
	stats_close(&stats);
	drop();
}

static void
ck_asked(const char *what)
{
	ck_assert_str_eq(asked, what);
	asked[0] = '\0';
}

/* ---- answers ---- */

static struct store_value
value(const char *text, uint64_t generation)
{
	struct store_value v = {.text = text,
	    .len = text == NULL ? 0 : strlen(text),
	    .left_ms = LIFE - 30000,
	    .life_ms = LIFE,
	    .generation = generation,
	    .counter = generation};

	return v;
}

static void
looked_up(const char *text, uint64_t generation)
{
	struct store_value v = value(text, generation);

	renewals_store_events.looked_up(r, 0, STORE_DONE, &v);
}

static void
locked(enum store_outcome outcome, const struct store_grant *grant)
{
	static const struct store_grant none;
	struct store_value v = value(NULL, 0);

	renewals_store_events.locked(r, 0, outcome,
	    grant != NULL ? grant : &none, &v);
}

static void
answered(int status, const char *body)
{
	struct backend_result b = {.outcome = BACKEND_ANSWERED,
	    .status = status,
	    .detail = "",
	    .body = body,
	    .len = strlen(body)};

	renewals_on_backend(r, &b);
}

/* A token from the backend, in service and in Redis. */
static void
start_with_token(void)
{
	start();
	renewals_turn(r, now);
	looked_up(NULL, 0);
	locked(STORE_GOT, NULL);
	answered(200, ANSWER);
	renewals_store_events.published(r, 0, STORE_DONE);
	asked[0] = '\0';
}

#endif
