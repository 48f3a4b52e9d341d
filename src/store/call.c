/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_call.h"

#include "clock.h"
#include "util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define HOPS_MAX 8   /* times that a call is sent elsewhere */
#define AGAIN_MS 50  /* while a cluster moves the keys */
#define GIVE_UP_MS 5000 /* the last time */

struct store_call {
	LIST_ENTRY(store_call) link;
	struct store_links *links;
	struct store_key *key;
	struct store_call_of of; /* its argv is ours */
	int node;                /* that it was sent to */
	int hops;
	bool whole;              /* the script's text is sent */
	int64_t again_at;        /* 0: an answer is awaited */
	int64_t give_up_at;
	int64_t silence_until;   /* when silence of a node is the last word */
};

static LIST_HEAD(store_call_list, store_call) calls =
    LIST_HEAD_INITIALIZER(calls);

static void
call_free(struct store_call *c)
{
	int i;

	LIST_REMOVE(c, link);
	for (i = 0; i < STORE_ARGS_MAX; i++)
		util_free_secret((char *)c->of.argv[i]);
	free(c);
}

static void on_answer(void *arg, const struct resp_answer *a);

static int
transmit(struct store_call *c, int node)
{
	const char *argv[3 + STORE_NAMES + STORE_ARGS_MAX];
	struct redis_command command = {.argv = argv};
	int i, n = 0;

	argv[n++] = c->whole ? "EVAL" : "EVALSHA";
	argv[n++] = c->whole ? store_script_text(c->of.script)
	    : store_script_sha(c->of.script);
	argv[n++] = STORE_NAMES_TEXT;
	for (i = 0; i < STORE_NAMES; i++)
		argv[n++] = c->key->name[i];
	for (i = 0; i < STORE_ARGS_MAX && c->of.argv[i] != NULL; i++)
		argv[n++] = c->of.argv[i];
	command.argc = n;
	c->again_at = 0;
	c->node = store_links_send(c->links, node, &command, on_answer, c);
	return c->node == -1 ? -1 : 0;
}

/* ---- errors that are not the last word ---- */

/* The server does not know the digest: send the script as a whole. */
static int
send_whole(struct store_call *c, const char *error)
{
	(void)error;
	c->whole = true;
	return transmit(c, c->node);
}

/* The key lives at another node, from now on. */
static int
follow(struct store_call *c, const char *error)
{
	c->key->node = store_links_find(c->links, error, c->node);
	return transmit(c, c->key->node);
}

/* The key is on its way to another node: ask there, this once. */
static int
follow_once(struct store_call *c, const char *error)
{
	int node = store_links_find(c->links, error, c->node);
	const char *asking[] = {"ASKING"};

	store_links_send(c->links, node,
	    &(struct redis_command){.argv = asking, .argc = 1}, NULL, NULL);
	return transmit(c, node);
}

/* Some of the keys are on their way: in a moment all are there. */
static int
try_again(struct store_call *c, const char *error)
{
	(void)error;
	c->hops--;
	c->again_at = clock_boot_ms() + AGAIN_MS;
	return c->again_at < c->give_up_at ? 0 : -1;
}

/* A replica, or a primary of the past. */
static int
leave(struct store_call *c, const char *error)
{
	store_links_condemn(c->links, c->node, error);
	return -1;
}

static int
bear(struct store_call *c, const char *error)
{
	(void)c;
	(void)error;
	return -1;
}

/* The key's server could not be reached; a replica is another matter. */
static void
lose(struct store_call *c)
{
	if (c->of.replica)
		return;
	c->key->lost = true;
	c->key->node = STORE_ANY;
}

enum loss { KEPT, LOST, UNREACHED };

/* What an error asks for: 0, and the call goes on; else what it means for the
 * key.  LOST: its server can do nothing for it now; UNREACHED: we were sent to
 * one that cannot be reached. */
static const struct {
	const char *code;
	int (*deal)(struct store_call *c, const char *error);
	enum loss loss;
} dealings[] = {
    {"NOSCRIPT ", send_whole, KEPT},
    {"MOVED ", follow, UNREACHED},
    {"ASK ", follow_once, UNREACHED},
    {"TRYAGAIN", try_again, LOST},
    {"READONLY", leave, LOST},
    {"CLUSTERDOWN", bear, LOST},
    {"MASTERDOWN", bear, LOST},
    {"LOADING", bear, LOST},
};

/* Deal with an error; true: the call goes on. */
static bool
goes_on(struct store_call *c, const char *error, enum loss *loss)
{
	size_t i;

	for (i = 0; i < sizeof(dealings) / sizeof(dealings[0]); i++) {
		if (strncmp(error, dealings[i].code,
		    strlen(dealings[i].code)) != 0)
			continue;
		*loss = dealings[i].loss;
		return ++c->hops <= HOPS_MAX &&
		    dealings[i].deal(c, error) == 0;
	}
	return false;
}

static void
finish(struct store_call *c, const struct resp_answer *a)
{
	if (c->of.done != NULL)
		c->of.done(c->key, a);
	call_free(c);
}

/* No answer: another node may know where the key is.  Where one after the other
 * keeps us waiting, what is wanted can wait no longer. */
static void
on_silence(struct store_call *c)
{
	lose(c);
	if (c->of.replica || ++c->hops > HOPS_MAX ||
	    clock_boot_ms() >= c->silence_until ||
	    transmit(c, STORE_ANY) == -1)
		finish(c, NULL);
}

static void
on_answer(void *arg, const struct resp_answer *a)
{
	struct store_call *c = arg;
	enum loss loss = KEPT;

	if (a == NULL) {
		on_silence(c);
		return;
	}
	if (!c->of.replica)
		c->key->lost = false;
	if (a->error != NULL && goes_on(c, a->error, &loss))
		return;
	if (loss != KEPT)
		lose(c);
	finish(c, loss == UNREACHED ? NULL : a);
}

int
store_call(struct store_links *links, struct store_key *key,
    const struct store_call_of *of)
{
	struct store_call *c = util_alloc(1, sizeof(*c));
	int i;

	LIST_INSERT_HEAD(&calls, c, link);
	c->links = links;
	c->key = key;
	c->of = *of;
	c->give_up_at = clock_boot_ms() + GIVE_UP_MS;
	c->silence_until = clock_boot_ms() +
	    2 * store_links_timeout_ms(links);
	for (i = 0; i < STORE_ARGS_MAX && of->argv[i] != NULL; i++)
		c->of.argv[i] = util_strdup(of->argv[i]);
	if (transmit(c, of->replica ? STORE_REPLICA : key->node) == 0)
		return 0;
	lose(c);
	call_free(c);
	return -1;
}

int64_t
store_calls_next_at(void)
{
	const struct store_call *c;
	int64_t next = INT64_MAX;

	LIST_FOREACH(c, &calls, link)
		if (c->again_at != 0 && c->again_at < next)
			next = c->again_at;
	return next;
}

void
store_calls_turn(int64_t now)
{
	struct store_call *c, *next;

	for (c = LIST_FIRST(&calls); c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		if (c->again_at != 0 && now >= c->again_at &&
		    transmit(c, c->key->node) == -1)
			on_silence(c);
	}
}

void
store_calls_forget(void)
{
	struct store_call *c, *next;

	for (c = LIST_FIRST(&calls); c != NULL; c = next) {
		next = LIST_NEXT(c, link);
		call_free(c);
	}
}
