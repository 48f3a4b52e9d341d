/* SPDX-License-Identifier: MIT */
/* Events without a question: servers up or down, and published messages. */
#include "config.h"

#include "store/private.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "store/refusal.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_MS 1000
#define REFUSED_PROBES 10 /* of them, until what was refused is tried again */

/* Keys whose node is not known may live there: they are tried as well. */
static void
on_up(void *arg, int node)
{
	struct store *s = arg;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->keys[i].node == node || s->keys[i].node == STORE_ANY) {
			store_refusal_forget(&s->keys[i]);
			s->events.returned(s->arg, i);
		}
}

static void
on_down(void *arg, int node)
{
	struct store *s = arg;
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (s->keys[i].node != node && s->keys[i].node != STORE_ANY)
			continue;
		s->keys[i].node = STORE_ANY;
		s->keys[i].lost = true;
	}
}

void
store_probe(struct store *s, int64_t now)
{
	size_t i;

	if (now < s->probe_at)
		return;
	s->probe_at =
	    now + PROBE_MS / 2 + (int64_t)(crypto_random_unit() * PROBE_MS);
	s->probes++;
	for (i = 0; i < s->count && store_nodes_up(s->links); i++)
		if (s->keys[i].lost ||
		    (s->keys[i].refused != 0 &&
			s->probes % REFUSED_PROBES == 0))
			s->events.returned(s->arg, i);
}

static void
on_refused(void *arg, const char *why)
{
	struct store *s = arg;

	s->events.refused(s->arg, why);
}

/* A message may have been missed without a subscription: look up. */
static void
on_subscribed(void *arg, const struct proto_answer *a)
{
	struct store *s = arg;
	size_t i;

	if (a != NULL && a->error != NULL)
		store_refusal_log(&s->keys[0], "subscription", a->error);
	for (i = 0; i < s->count && a != NULL && a->error == NULL; i++)
		s->events.returned(s->arg, i);
}

static void
on_subscribe(void *arg, struct redis *subscriber)
{
	struct store *s = arg;
	const char **argv = mem_alloc(s->count + 1, sizeof(*argv));
	struct redis_command c = {.argv = argv, .argc = (int)s->count + 1};
	size_t i;

	argv[0] = "SUBSCRIBE";
	for (i = 0; i < s->count; i++)
		argv[i + 1] = s->keys[i].channel;
	redis_send(subscriber, &c, on_subscribed, s);
	free(argv);
}

/* "message", channel, what was published there. */
static void
on_message(void *arg, const struct proto_answer *a)
{
	struct store *s = arg;
	const struct proto_value *v = a->value;
	char print[FINGERPRINT_LEN + 1];
	uint64_t generation;
	size_t token;

	if (a->count != 3 || v[0].len != 7 || memcmp(v[0].ptr, "message", 7) ||
	    !store_key_message(&v[2], &generation, print))
		return;
	token = name_index_find(&s->channels, v[1].ptr, v[1].len);
	if (token != NAME_INDEX_NONE)
		s->events.rotated(s->arg, token, generation, print);
}

const struct store_node_events store_node_events = {
    .up = on_up,
    .down = on_down,
    .subscribe = on_subscribe,
    .push = on_message,
    .refused = on_refused,
};
