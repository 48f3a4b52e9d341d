/* SPDX-License-Identifier: MIT */
/* The tokens that wait for their end, the oldest first. */
#include "config.h"

#include "refresher/logout.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A token that was replaced. */
struct logout {
	size_t token;       /* its number */
	char *text, *extra; /* owned */
	int64_t due_at;
	bool asked; /* the call is under way */
};

struct logouts {
	const struct conf *conf;
	struct backend *backend;
	struct logout item[LOGOUTS_MAX];
	size_t count;
};

struct logouts *
logouts_open(const struct conf *conf)
{
	struct logouts *l = mem_alloc(1, sizeof(*l));

	l->conf = conf;
	return l;
}

void
logouts_use(struct logouts *l, struct backend *backend)
{
	l->backend = backend;
}

static void
drop(struct logouts *l, size_t i)
{
	mem_free_secret(l->item[i].text);
	mem_free_secret(l->item[i].extra);
	l->count--;
	memmove(&l->item[i], &l->item[i + 1],
	    (l->count - i) * sizeof(l->item[0]));
}

void
logouts_close(struct logouts *l)
{
	while (l->count > 0)
		drop(l, l->count - 1);
	free(l);
}

static const struct conf_token *
conf_of(const struct logouts *l, size_t i)
{
	return &l->conf->token[l->item[i].token];
}

/* Forget the oldest that no call is about. */
static void
make_room(struct logouts *l)
{
	size_t i = 0;

	while (l->item[i].asked && i + 1 < l->count)
		i++;
	log_notice(
	    "token %s: too many replaced tokens wait for their end; the oldest is forgotten",
	    conf_of(l, i)->name);
	drop(l, i);
}

void
logouts_add(struct logouts *l, size_t number, const struct token *t,
    int64_t now)
{
	if (l->count == LOGOUTS_MAX)
		make_room(l);
	l->item[l->count++] = (struct logout){.token = number,
	    .text = mem_strdup(t->text),
	    .extra = mem_strdup(t->extra),
	    .due_at = now + l->conf->token[number].logout_after_ms};
}

/* The number of the call that is under way for a token; count: none. */
static size_t
asked(const struct logouts *l, size_t token)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->item[i].asked && l->item[i].token == token)
			break;
	return i;
}

/* Begin a call.  False: it cannot be made, and is forgotten. */
static bool
ask(struct logouts *l, size_t i)
{
	struct request_given given = {.logout = l->item[i].text,
	    .logout_extra = l->item[i].extra};
	struct err err;

	l->item[i].asked = true;
	if (backend_ask(l->backend, l->conf->token_count + l->item[i].token,
		conf_of(l, i), &given, &err) == 0)
		return true;
	log_notice("token %s: the replaced token is not ended: %s",
	    conf_of(l, i)->name, err.text);
	drop(l, i);
	return false;
}

int64_t
logouts_turn(struct logouts *l, int64_t now)
{
	int64_t next = INT64_MAX;
	size_t i = 0;

	while (i < l->count) {
		if (l->item[i].due_at > now && l->item[i].due_at < next)
			next = l->item[i].due_at;
		if (l->item[i].asked || l->item[i].due_at > now ||
		    asked(l, l->item[i].token) < l->count || ask(l, i))
			i++;
	}
	return next;
}

static void
tell(const struct conf_token *t, const struct backend_result *b)
{
	if (b->outcome != BACKEND_ANSWERED)
		log_notice("token %s: the replaced token is not ended: %s",
		    t->name, b->problem);
	else if (b->status < 200 || b->status > 299)
		log_notice(
		    "token %s: the replaced token is not ended: status %d%s",
		    t->name, b->status, b->detail);
	else
		log_debug("token %s: the replaced token is ended", t->name);
}

bool
logouts_answered(struct logouts *l, const struct backend_result *b)
{
	size_t count = l->conf->token_count, i;

	if (b->token < count)
		return false;
	i = asked(l, b->token - count);
	tell(&l->conf->token[b->token - count], b);
	if (i < l->count)
		drop(l, i);
	return true;
}
