/* SPDX-License-Identifier: MIT */
/* Remembers the value that is there, so that it is replaced and no other. */
#include "config.h"

#include "store/refresh.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/call.h"
#include "store/private.h"
#include "store/refusal.h"

#include <stdlib.h>
#include <string.h>

#define READS 2

static void
remember(struct store_key *k, const char *value, size_t len)
{
	mem_free_secret(k->record);
	k->record = mem_alloc(len + 1, 1);
	memcpy(k->record, value, len);
}

static enum store_outcome
outcome_of(struct store_key *k, const struct proto_answer *a)
{
	static const enum store_outcome outcomes[] = {STORE_FENCED, STORE_DONE,
	    STORE_FAILED};

	if (a == NULL ||
	    store_refusal_note(k, STORE_REFRESH, "refresh token", a, READS))
		return STORE_UNREACHABLE;
	return outcomes[store_key_number(&a->value[0], 0, 2, 0)];
}

static void
on_read(struct store_key *k, const struct proto_answer *a)
{
	struct store *s = k->store;
	enum store_outcome outcome = outcome_of(k, a);
	struct seal_place place = {k->name[STORE_REFRESH_TOKEN], 0};
	struct proto_value text = {.ptr = NULL};

	if (outcome == STORE_DONE) {
		text = a->value[1];
		remember(k, text.ptr == NULL ? "" : text.ptr, text.len);
		if (text.len == 0)
			text.ptr = NULL;
		else if (!seal_is_sealed(text.ptr, text.len) ||
		    store_seal_open(&s->seal, &place, &text) == -1)
			outcome = STORE_FAILED; /* it is somebody's, not ours */
	}
	s->events.refresh_done(s->arg, k->token, outcome, text.ptr, text.len);
	store_seal_wipe(&s->seal);
}

static void
on_written(struct store_key *k, const struct proto_answer *a)
{
	struct store *s = k->store;
	enum store_outcome outcome = outcome_of(k, a);

	if (outcome == STORE_DONE) {
		mem_free_secret(k->record);
		k->record = k->record_sent;
		k->record_sent = NULL;
	}
	s->events.refresh_done(s->arg, k->token, outcome, NULL, 0);
}

int
store_refresh_read(struct store *s, size_t token)
{
	return store_call(s->links, &s->keys[token],
	    &(struct store_call_args){.script = STORE_REFRESH,
		.done = on_read,
		.argv = {s->owner, "read", "", "", ""}});
}

/* A value that was sent before, without an answer, may be there by now. */
static int
replace(struct store *s, size_t token, const char *mode, const char *text)
{
	struct store_key *k = &s->keys[token];
	struct seal_place place = {k->name[STORE_REFRESH_TOKEN], 0};
	const char *value =
	    store_seal_bytes(&s->seal, &place, text, strlen(text));
	char *sent = k->record_sent;

	if (value == NULL ||
	    store_call(s->links, k,
		&(struct store_call_args){.script = STORE_REFRESH,
		    .done = on_written,
		    .argv = {s->owner, mode, k->record == NULL ? "" : k->record,
			value, sent == NULL ? "" : sent}}) == -1)
		return -1;
	k->record_sent = mem_strdup(value);
	mem_free_secret(sent);
	return 0;
}

int
store_refresh_begin(struct store *s, size_t token, const char *text)
{
	return replace(s, token, "begin", text);
}

int
store_refresh_end(struct store *s, size_t token, const char *text)
{
	return replace(s, token, "end", text);
}
