/* SPDX-License-Identifier: MIT */
/* Reads values of Redis; others can write there, so each value is checked.
 */
#include "config.h"

#include "store/key.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/origin.h"
#include "store/foreign.h"
#include "store/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GENERATION_MAX \
	INT64_C(999999999999999999) /* 18 digits, in scripts too */

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
	    [STORE_REPORTS] = "reports",
	    [STORE_REFUSED] = "refused",
	    [STORE_REFRESH_TOKEN] = "refresh",
	};
	int n;

	k->store = s;
	k->seal = seal;
	k->token = i;
	k->node = STORE_ANY;
	k->lease_ms = t->timeout_ms + STORE_LEASE_EXTRA_MS;
	if (t->grant == CONF_GRANT_REFRESH)
		k->lease_ms += STORE_LEASE_REFRESH_MS;
	if (k->lease_ms > STORE_LEASE_MAX_MS)
		k->lease_ms = STORE_LEASE_MAX_MS;
	k->calls_per_hour = t->max_calls_per_hour;
	k->name[STORE_TEXT] = mem_strdup(t->redis_key);
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
	mem_free_secret(k->record);
	mem_free_secret(k->record_sent);
}

int64_t
store_key_number(const struct proto_value *v, int64_t least, int64_t most,
    int64_t otherwise)
{
	char text[24], *end;
	long long n;

	if (v->ptr == NULL || v->len == 0 || v->len >= sizeof(text))
		return otherwise;
	memcpy(text, v->ptr, v->len);
	text[v->len] = '\0';
	n = strtoll(text, &end, 10);
	if (*end != '\0')
		return otherwise;
	return n < least ? least : n > most ? most : n;
}

/* A generation; 0: it is none, or too large to be increased. */
static uint64_t
generation_of(const struct proto_value *v)
{
	int64_t n = store_key_number(v, 0, INT64_MAX, 0);

	return n <= GENERATION_MAX ? (uint64_t)n : 0;
}

/* The difference of two wall times, or 0 when they cannot be those of a life.
 */
static int64_t
life_of(const struct proto_value *expires, const struct proto_value *obtained)
{
	int64_t begin = store_key_number(obtained, 0, STORE_TIME_MAX, 0);
	int64_t end = store_key_number(expires, 0, STORE_TIME_MAX, 0);

	return begin > 0 && end > begin ? end - begin : 0;
}

/* The reason to ignore a value; NULL: none. */
static const char *
value_problem(const struct proto_value *v, int64_t left_ms)
{
	if (token_text_problem(v->ptr, v->len, TOKEN_MAX) != NULL)
		return "it is no token; ignored";
	return left_ms == -1 ? "it has no expiry; ignored" : NULL;
}

/* Whether meta data are those of a text. */
static bool
describes(const struct proto_value *print, const struct proto_value *text)
{
	char expected[FINGERPRINT_LEN + 1];

	fingerprint(text->ptr, text->len, expected);
	return print->len == FINGERPRINT_LEN &&
	    memcmp(print->ptr, expected, FINGERPRINT_LEN) == 0;
}

/* True: another client wrote this value in its own format; warns once. */
static bool
is_foreign(struct store_key *k, const struct proto_value *text)
{
	const char *problem = store_foreign(text->ptr, text->len);

	if (problem != NULL && !k->foreign)
		log_warning(
		    "Redis: the value of %s %s; ignored: another client writes there, and has to write the token as it is",
		    k->name[STORE_TEXT], problem);
	k->foreign = k->foreign || problem != NULL;
	return problem != NULL;
}

/* A text that was sealed may have extras behind it. */
static void
split(struct proto_value *text, struct store_value *out)
{
	const char *space = memchr(text->ptr, ' ', text->len);

	if (space == NULL)
		return;
	out->extra = space + 1;
	out->extra_len = text->len - (size_t)(out->extra - text->ptr);
	text->len = (size_t)(space - text->ptr);
}

void
store_key_decode(struct store_key *k, const struct proto_value *v,
    struct store_value *out)
{
	struct seal_place place = {k->name[STORE_TEXT], generation_of(&v[2])};
	struct proto_value text = v[0];
	const char *problem;
	bool described;

	*out = (struct store_value){.extra = "",
	    .left_ms = store_key_number(&v[1], -2, STORE_TIME_MAX, -2)};
	out->counter = generation_of(&v[6]);
	if (text.ptr == NULL || store_seal_open(k->seal, &place, &text) == -1)
		return;
	if (text.ptr != v[0].ptr)
		split(&text, out);
	problem = value_problem(&text, out->left_ms);
	if (problem != NULL) {
		store_refusal_log(k, "value", problem);
		return;
	}
	described = describes(&v[3], &text);
	if (!described && text.ptr != v[0].ptr) {
		store_seal_refuse(k->seal, STATS_REFUSED_BAD_TAG, place.name,
		    "its fingerprint was changed");
		return;
	}
	if (!described && is_foreign(k, &text))
		return;
	out->text = text.ptr;
	out->len = text.len;
	if (!described)
		return;
	out->generation = place.generation;
	out->life_ms = life_of(&v[4], &v[5]);
	out->origin = origin_read(v[7].ptr, v[7].len);
	if (text.ptr == v[0].ptr && v[8].ptr != NULL &&
	    v[8].len <= TOKEN_EXTRA_MAX) {
		out->extra = v[8].ptr;
		out->extra_len = v[8].len;
	}
}

bool
store_key_message(const struct proto_value *v, uint64_t *generation,
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
	return *generation <= GENERATION_MAX;
}
