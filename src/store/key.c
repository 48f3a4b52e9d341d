/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_key.h"

#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPLAIN_EVERY_MS 10000
#define GENERATION_MAX INT64_C(999999999999999) /* that a script counts to */

/* "{K}:suffix", or "K:suffix" when K has a hash tag of its own. */
static char *
companion(const char *key, const char *suffix)
{
	const char *open = strchr(key, '{');
	bool tagged = open != NULL && strchr(open, '}') > open + 1;
	char *name;

	if (asprintf(&name, tagged ? "%s:%s" : "{%s}:%s", key, suffix) == -1)
		log_die("out of memory");
	return name;
}

void
store_key_init(struct store_key *k, struct store *s, struct store_seal *seal,
    size_t i, const struct conf_token *t)
{
	static const char *const suffixes[STORE_NAMES] = {
	    [STORE_META] = "meta",
	    [STORE_OWNER] = "lock",
	    [STORE_GENERATION] = "generation",
	    [STORE_CALLS] = "calls",
	    [STORE_REJECTED] = "rejected",
	};
	int n;

	k->store = s;
	k->seal = seal;
	k->token = i;
	k->node = STORE_ANY;
	k->lease_ms = t->timeout_ms + STORE_LEASE_EXTRA_MS;
	k->calls_per_hour = t->max_calls_per_hour;
	k->name[STORE_TEXT] = util_strdup(t->redis_key);
	for (n = STORE_META; n < STORE_NAMES; n++)
		k->name[n] = companion(t->redis_key, suffixes[n]);
	k->channel = companion(t->redis_key, "rotated");
}

void
store_key_free(struct store_key *k)
{
	int n;

	for (n = 0; n < STORE_NAMES; n++)
		free(k->name[n]);
	free(k->channel);
}

int64_t
store_key_number(const struct resp_value *v, int64_t otherwise)
{
	char text[24], *end;
	long long n;

	if (v->ptr == NULL || v->len == 0 || v->len >= sizeof(text))
		return otherwise;
	memcpy(text, v->ptr, v->len);
	text[v->len] = '\0';
	n = strtoll(text, &end, 10);
	return *end == '\0' ? n : otherwise;
}

/* What others may have written there is no reason to count on from. */
static uint64_t
generation_of(const struct resp_value *v)
{
	int64_t n = store_key_number(v, 0);

	return n > 0 && n <= GENERATION_MAX ? (uint64_t)n : 0;
}

/* The difference of two wall times, or 0 when they cannot be a life's. */
static int64_t
life_of(const struct resp_value *expires, const struct resp_value *obtained)
{
	int64_t begin = store_key_number(obtained, 0);
	int64_t end = store_key_number(expires, 0);

	return begin > 0 && end > begin ? end - begin : 0;
}

/* Why a value is of no use, or NULL. */
static const char *
value_problem(const struct resp_value *v, int64_t left_ms)
{
	if (token_text_problem(v->ptr, v->len, TOKEN_MAX) != NULL)
		return "it is no token; ignored";
	return left_ms == -1 ? "it has no expiry; ignored" : NULL;
}

/* Whether meta data are those of a text. */
static bool
describes(const struct resp_value *print, const struct resp_value *text)
{
	char own[FINGERPRINT_LEN + 1];

	fingerprint(text->ptr, text->len, own);
	return print->len == FINGERPRINT_LEN &&
	    memcmp(print->ptr, own, FINGERPRINT_LEN) == 0;
}

void
store_key_decode(const struct store_key *k, const struct resp_value *v,
    struct store_value *out)
{
	struct seal_place place = {k->name[STORE_TEXT], generation_of(&v[2])};
	struct resp_value text = v[0];
	const char *problem;
	bool described;

	*out = (struct store_value){.left_ms = store_key_number(&v[1], -2)};
	out->counter = generation_of(&v[6]);
	if (text.ptr == NULL || store_seal_open(k->seal, &place, &text) == -1)
		return;
	problem = value_problem(&text, out->left_ms);
	if (problem != NULL) {
		store_key_complain(k, "value", problem);
		return;
	}
	described = describes(&v[3], &text);
	if (!described && text.ptr != v[0].ptr) {
		store_seal_refuse(k->seal, STATS_REFUSED_BAD_TAG, place.name,
		    "its fingerprint was changed");
		return;
	}
	out->text = text.ptr;
	out->len = text.len;
	if (!described)
		return;
	out->generation = place.generation;
	out->life_ms = life_of(&v[4], &v[5]);
}

bool
store_key_message(const struct resp_value *v, uint64_t *generation,
    char *print)
{
	char text[64], number[20];
	int end = 0;

	if (v->ptr == NULL || v->len >= sizeof(text))
		return false;
	memcpy(text, v->ptr, v->len);
	text[v->len] = '\0';
	if (sscanf(text, "%19[0-9] %16[0-9a-f]%n", number, print, &end) != 2 ||
	    text[end] != '\0' || strlen(print) != FINGERPRINT_LEN)
		return false;
	*generation = strtoull(number, NULL, 10);
	return true;
}

void
store_key_complain(const struct store_key *k, const char *what,
    const char *error)
{
	static int64_t last_at;
	int64_t now = clock_boot_ms();

	if (last_at != 0 && now - last_at < COMPLAIN_EVERY_MS)
		return;
	last_at = now;
	log_err("Redis: %s of %s: %.200s", what, k->name[STORE_TEXT],
	    error);
}

bool
store_key_failed(const struct store_key *k, const char *what,
    const struct resp_answer *a, size_t count)
{
	if (a->error != NULL)
		store_key_complain(k, what, a->error);
	else if (a->count != count)
		store_key_complain(k, what, "a value is of another type than ours");
	return a->error != NULL || a->count != count;
}
