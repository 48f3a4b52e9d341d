/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_call.h"

#include "util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct store_call {
	LIST_ENTRY(store_call) link;
	struct store_links *links;
	struct store_key *key;
	struct store_call_of of; /* its argv is ours */
	bool whole;              /* the script's text is sent */
};

static LIST_HEAD(, store_call) calls = LIST_HEAD_INITIALIZER(calls);

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
transmit(struct store_call *c)
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
	return redis_send(store_link(c->links, c->of.link), &command,
	    on_answer, c);
}

static bool
is_error(const struct resp_answer *a, const char *code)
{
	return a != NULL && a->error != NULL &&
	    strncmp(a->error, code, strlen(code)) == 0;
}

static void
on_answer(void *arg, const struct resp_answer *a)
{
	struct store_call *c = arg;

	if (is_error(a, "NOSCRIPT") && !c->whole) {
		c->whole = true;
		if (transmit(c) == 0)
			return;
		a = NULL;
	}
	if (is_error(a, "READONLY"))
		redis_condemn(store_link(c->links, c->of.link), a->error);
	if (c->of.done != NULL)
		c->of.done(c->key, a);
	call_free(c);
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
	for (i = 0; i < STORE_ARGS_MAX && of->argv[i] != NULL; i++)
		c->of.argv[i] = util_strdup(of->argv[i]);
	if (transmit(c) == 0)
		return 0;
	call_free(c);
	return -1;
}

void
store_calls_forget(void)
{
	while (!LIST_EMPTY(&calls))
		call_free(LIST_FIRST(&calls));
}
