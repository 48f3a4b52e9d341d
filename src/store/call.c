/* SPDX-License-Identifier: MIT */
/* Calls under way: sent, redirected, repeated, answered. */
#include "config.h"

#include "store/call.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define HOPS_MAX 8        /* redirections of one call */
#define AGAIN_MS 50       /* while a cluster moves the keys */
#define TRY_AGAIN_MS 5000 /* in all */

struct store_call {
	LIST_ENTRY(store_call) link;
	struct store_nodes *links;
	struct store_key *key;
	struct store_call_args args; /* argv: our own copies */
	int node;                    /* that it was sent to */
	int hops;
	bool whole;       /* the script's text is sent */
	int64_t asked_at; /* the first time */
	int64_t again_at; /* 0: an answer is awaited */
};

static LIST_HEAD(store_call_list, store_call) calls = LIST_HEAD_INITIALIZER(
    calls);

static void
call_free(struct store_call *c)
{
	int i;

	LIST_REMOVE(c, link);
	for (i = 0; i < STORE_ARGS_MAX; i++)
		mem_free_secret((char *)c->args.argv[i]);
	free(c);
}

static void on_answer(void *arg, const struct proto_answer *a);

static int
transmit(struct store_call *c, int node)
{
	const char *argv[3 + STORE_NAMES + STORE_ARGS_MAX];
	struct redis_command command = {.argv = argv};
	int i, n = 0;

	argv[n++] = c->whole ? "EVAL" : "EVALSHA";
	argv[n++] = c->whole ? store_script_text(c->args.script)
			     : store_script_sha(c->args.script);
	argv[n++] = STORE_NAMES_TEXT;
	for (i = 0; i < STORE_NAMES; i++)
		argv[n++] = c->key->name[i];
	for (i = 0; i < STORE_ARGS_MAX && c->args.argv[i] != NULL; i++)
		argv[n++] = c->args.argv[i];
	command.argc = n;
	c->again_at = 0;
	c->node = store_nodes_send(c->links, node, &command, on_answer, c);
	return c->node == -1 ? -1 : 0;
}

/* ---- errors after which a call goes on ---- */

/* NOSCRIPT: the server does not know the digest; send the whole script. */
static int
send_whole(struct store_call *c, const char *error)
{
	(void)error;
	c->whole = true;
	return transmit(c, c->node);
}

/* MOVED: another node has the key from now on. */
static int
follow(struct store_call *c, const char *error)
{
	c->key->node = store_nodes_find(c->links, error, c->node);
	return transmit(c, c->key->node);
}

/* ASK: the key is moving to another node; ask there this once. */
static int
follow_once(struct store_call *c, const char *error)
{
	int node = store_nodes_find(c->links, error, c->node);
	const char *asking[] = {"ASKING"};

	store_nodes_send(c->links, node,
	    &(struct redis_command){.argv = asking, .argc = 1}, NULL, NULL);
	return transmit(c, node);
}

/* TRYAGAIN: some of the keys have moved; soon all have. */
static int
try_again(struct store_call *c, const char *error)
{
	(void)error;
	c->hops--;
	c->again_at = clock_boot_ms() + AGAIN_MS;
	return c->again_at < c->asked_at + TRY_AGAIN_MS ? 0 : -1;
}

/* READONLY: a replica, or a former primary. */
static int
leave(struct store_call *c, const char *error)
{
	store_nodes_abandon(c->links, c->node, error);
	return -1;
}

/* The meaning of an error for the key. */
enum loss {
	LOSS_NONE,
	LOSS_SERVER,  /* its server can do nothing for it now */
	LOSS_UNKNOWN, /* we were sent to a server that cannot be reached */
};

/* Errors and their handlers.  go_on returns 0: the call goes on; go_on NULL:
 * the call ends with this loss. */
static const struct {
	const char *code;
	int (*go_on)(struct store_call *c, const char *error);
	enum loss loss;
} errors[] = {
    {"NOSCRIPT ", send_whole, LOSS_NONE},
    {"MOVED ", follow, LOSS_UNKNOWN},
    {"ASK ", follow_once, LOSS_UNKNOWN},
    {"TRYAGAIN", try_again, LOSS_SERVER},
    {"READONLY", leave, LOSS_SERVER},
    {"CLUSTERDOWN", NULL, LOSS_SERVER},
    {"MASTERDOWN", NULL, LOSS_SERVER},
    {"LOADING", NULL, LOSS_SERVER},
};

/* Handle an error; true: the call goes on. */
static bool
goes_on(struct store_call *c, const char *error, enum loss *loss)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strncmp(error, errors[i].code, strlen(errors[i].code)) != 0)
			continue;
		*loss = errors[i].loss;
		return ++c->hops <= HOPS_MAX && errors[i].go_on != NULL &&
		    errors[i].go_on(c, error) == 0;
	}
	return false;
}

/* The key's server could not be reached; a replica is another matter. */
static void
lose(struct store_call *c)
{
	if (c->args.replica)
		return;
	c->key->lost = true;
	c->key->node = STORE_ANY;
}

static void
finish(struct store_call *c, const struct proto_answer *a)
{
	c->key->asked_at = c->asked_at;
	if (c->args.done != NULL)
		c->args.done(c->key, a);
	call_free(c);
}

/* No answer: another node may know where the key is.  After two missed
 * deadlines the caller must not wait any longer. */
static void
on_silence(struct store_call *c)
{
	lose(c);
	if (c->args.replica || ++c->hops > HOPS_MAX ||
	    clock_boot_ms() >=
		c->asked_at + 2 * store_nodes_timeout_ms(c->links) ||
	    transmit(c, STORE_ANY) == -1)
		finish(c, NULL);
}

static void
on_answer(void *arg, const struct proto_answer *a)
{
	struct store_call *c = arg;
	enum loss loss = LOSS_NONE;

	if (a == NULL) {
		on_silence(c);
		return;
	}
	if (!c->args.replica)
		c->key->lost = false;
	if (a->error != NULL && goes_on(c, a->error, &loss))
		return;
	if (loss != LOSS_NONE)
		lose(c);
	finish(c, loss == LOSS_UNKNOWN ? NULL : a);
}

int
store_call(struct store_nodes *links, struct store_key *key,
    const struct store_call_args *args)
{
	struct store_call *c = mem_alloc(1, sizeof(*c));
	int i;

	LIST_INSERT_HEAD(&calls, c, link);
	c->links = links;
	c->key = key;
	c->args = *args;
	c->asked_at = clock_boot_ms();
	for (i = 0; i < STORE_ARGS_MAX && args->argv[i] != NULL; i++)
		c->args.argv[i] = mem_strdup(args->argv[i]);
	if (transmit(c, args->replica ? STORE_REPLICA : key->node) == 0)
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

	LIST_FOREACH (c, &calls, link)
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
