/* SPDX-License-Identifier: MIT */
/* Answers that are errors: the log, a hint, and whether Redis counts as down.
 */
#include "config.h"

#include "store/refusal.h"

#include "base/log_limit.h"
#include "store/private.h"

#include <stdio.h>
#include <string.h>

static bool
has(const char *error, const char *word)
{
	return strstr(error, word) != NULL;
}

/* Word the keys to allow; with a prefix also how to give it to all keys. */
static void
hint_keys(const char *name, char *out)
{
	const char *end = name + strlen(name), *tail = end;
	bool tagged = strchr(name, '{') != NULL;
	int n;

	while (tail > name && strchr(":/.|-_", tail[-1]) == NULL)
		tail--;
	n = snprintf(out, STORE_HINT_MAX,
	    tagged
		? "; nothing is shared: allow the user the keys ~%s and ~%s:*"
		: "; nothing is shared: allow the user the keys ~%s and ~{%s}:*",
	    name, name);
	if (!tagged && tail > name && tail < end && n < STORE_HINT_MAX)
		snprintf(out + n, (size_t)(STORE_HINT_MAX - n),
		    ", or, where its keys begin with %.*s, set redis-key = \"%.*s{%s}\"",
		    (int)(tail - name), name, (int)(tail - name), name, tail);
}

void
store_refusal_hint(const char *name, const char *error,
    char out[STORE_HINT_MAX])
{
	bool right = has(error, "NOPERM") || has(error, "The user executing");

	out[0] = '\0';
	if (right && has(error, " channel"))
		snprintf(out, STORE_HINT_MAX,
		    "; allow the user the channel of this key: see RIGHTS in bearerd-fleet(7)");
	else if (right && has(error, " key"))
		hint_keys(name, out);
	else if (right || has(error, "unknown command"))
		snprintf(out, STORE_HINT_MAX,
		    "; nothing is shared: EVALSHA, EVAL and the commands that they call have to be there and allowed: see RIGHTS in bearerd-fleet(7)");
}

void
store_refusal_log(const struct store_key *k, const char *what,
    const char *error)
{
	static struct log_limit limit;
	char hint[STORE_HINT_MAX];

	store_refusal_hint(k->name[STORE_TEXT], error, hint);
	log_limit_write(&limit, log_limit_kind(error), LVL_ERR,
	    "Redis: %s of %s: %.200s%s", what, k->name[STORE_TEXT], error,
	    hint);
}

bool
store_refusal_check(const struct store_key *k, const char *what,
    const struct proto_answer *a, size_t count)
{
	if (a->error != NULL)
		store_refusal_log(k, what, a->error);
	else if (a->count != count)
		store_refusal_log(k, what,
		    "a value is of another type than ours");
	return a->error != NULL || a->count != count;
}

/* Count the keys that Redis refuses something for. */
static void
show(struct store *s)
{
	uint64_t refused = 0;
	size_t i;

	for (i = 0; i < s->count; i++)
		refused += s->keys[i].refused != 0;
	if (refused == stats_get(&s->seal.stats->redis_refusing))
		return;
	stats_set(&s->seal.stats->redis_refusing, refused);
	store_nodes_show(s->links);
}

static void
note(struct store_key *k, unsigned refused)
{
	bool changed = (refused != 0) != (k->refused != 0);

	k->refused = refused;
	if (changed)
		show(k->store);
}

bool
store_refusal_note(struct store_key *k, enum store_script script,
    const char *what, const struct proto_answer *a, size_t count)
{
	bool refused = store_refusal_check(k, what, a, count);

	if (!refused)
		note(k, k->refused & ~(1u << script));
	else if (!k->lost) /* or it is the server, not the script */
		note(k, k->refused | 1u << script);
	return refused;
}

void
store_refusal_forget(struct store_key *k)
{
	note(k, 0);
}
