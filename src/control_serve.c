/* SPDX-License-Identifier: MIT */
/* What the control socket answers. */
#include "config.h"

#include "control_own.h"

#include "clock.h"
#include "page.h"
#include "view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MIN 16384
#define BAD_MAX 3 /* tokens that a message names */

/* Write a text of any size. */
static void
answer_page(struct control_conn *c, const struct control_of *of,
    void (*write)(const struct shm *, const struct stats *, int64_t,
    struct buf *))
{
	int64_t now = clock_boot_ms();
	size_t size = PAGE_MIN;
	struct buf b;
	char *memory;

	for (;; size *= 2) {
		memory = util_alloc(size, 1);
		buf_init(&b, memory, size);
		write(of->shm, of->stats, now, &b);
		if (!b.overflow)
			break;
		free(memory);
	}
	control_answer(c, true, b.data, b.len);
	free(memory);
}

/* ---- check ---- */

static void
name_unusable(const struct view *v, struct buf *out)
{
	buf_printf(out, "%stoken %s is %s, last attempt: %s",
	    out->len > 0 ? "; " : "", v->name, view_state_name(v->state),
	    v->result);
	if (v->status != 0)
		buf_printf(out, " (status %d)", v->status);
}

static void
check(struct control_conn *c, const struct control_of *of)
{
	int64_t now = clock_boot_ms();
	size_t i, bad = 0, count = of->stats->tokens;
	char memory[400];
	struct view v;
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	for (i = 0; i < count; i++) {
		view_token(of->shm, of->stats, i, now, &v);
		if (v.there && v.left_ms > 0)
			continue;
		if (++bad <= BAD_MAX)
			name_unusable(&v, &b);
	}
	if (bad > BAD_MAX)
		buf_printf(&b, "; and %zu more", bad - BAD_MAX);
	if (of->stopping)
		control_say(c, false, "bearerd is stopping");
	else if (of->ready == 0)
		control_say(c, false, "none of %zu workers is serving",
		    of->workers);
	else if (bad > 0)
		control_say(c, false, "%s", buf_text(&b));
	else
		control_say(c, true, "%zu token%s usable, %zu of %zu workers "
		    "serving", count, count == 1 ? "" : "s", of->ready,
		    of->workers);
}

/* ---- renew ---- */

/* How many attempts for a token have ended. */
static uint64_t
attempts(const struct control_of *of, size_t token)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < STATS_RENEWAL_COUNT; i++)
		n += stats_get(&of->stats->token[token].renewals[i]);
	return n;
}

/* -1: no such token. */
static int
find_tokens(struct control_conn *c, const struct control_of *of)
{
	const struct conf *conf = of->conf;
	size_t i;

	c->first = 0;
	c->count = conf->token_count;
	if (c->command.name[0] == '\0')
		return 0;
	c->count = 1;
	for (i = 0; i < conf->token_count; i++)
		if (strcmp(conf->token[i].name, c->command.name) == 0) {
			c->first = i;
			return 0;
		}
	return -1;
}

static void
renew(struct control_conn *c, const struct control_of *of)
{
	struct channel_message m = {.kind = CHANNEL_RENEW};
	size_t i;

	if (find_tokens(c, of) == -1) {
		control_say(c, false, "there is no token '%s'; \"status\" "
		    "shows those that there are", c->command.name);
		return;
	}
	c->attempts = util_alloc(c->count, sizeof(*c->attempts));
	for (i = 0; i < c->count; i++)
		c->attempts[i] = attempts(of, c->first + i);
	m.token = c->command.name[0] == '\0' ? CHANNEL_ALL
	    : (uint32_t)c->first;
	if (channel_send(control_channel()->worker, &m))
		c->state = CONTROL_WAITING;
	else
		control_say(c, false, "the refresher is not listening; try "
		    "again");
}

/* Whether all attempts that were asked for have ended. */
static bool
renewed(const struct control_conn *c, const struct control_of *of)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (attempts(of, c->first + i) == c->attempts[i] ||
		    stats_get(&of->stats->token[c->first + i].renewing) != 0)
			return false;
	return true;
}

/* A line about each token; returns whether all are renewed. */
static bool
write_results(const struct control_conn *c, const struct control_of *of,
    struct buf *out)
{
	int64_t now = clock_boot_ms();
	bool all = true;
	struct view v;
	size_t i;

	for (i = 0; i < c->count; i++) {
		bool done;

		view_token(of->shm, of->stats, c->first + i, now, &v);
		done = v.failures == 0;
		all = all && done;
		buf_printf(out, "token %s: %s%s", v.name, done ? ""
		    : "not renewed: ", v.result);
		if (done)
			buf_printf(out, ", generation %" PRIu64, v.generation);
		else if (v.status != 0)
			buf_printf(out, " (status %d)", v.status);
		buf_char(out, '\n');
	}
	return all;
}

static void
answer_renewed(struct control_conn *c, const struct control_of *of)
{
	size_t size = c->count * (CONF_NAME_MAX + 128);
	char *memory = util_alloc(size, 1);
	struct buf b;
	bool all;

	buf_init(&b, memory, size);
	all = write_results(c, of, &b);
	control_answer(c, all, b.data, b.len);
	free(memory);
}

/* ---- any ---- */

void
control_serve(struct control_conn *c, const struct control_of *of)
{
	switch (c->command.kind) {
	case CONTROL_STATUS:
		answer_page(c, of, page_status);
		break;
	case CONTROL_STATUS_JSON:
		answer_page(c, of, page_status_json);
		break;
	case CONTROL_CHECK:
		check(c, of);
		break;
	case CONTROL_RENEW:
		renew(c, of);
		break;
	case CONTROL_RELOAD:
		c->state = CONTROL_WAITING;
		break;
	}
}

void
control_serve_wait(struct control_conn *c, const struct control_of *of)
{
	if (c->command.kind == CONTROL_RENEW && renewed(c, of))
		answer_renewed(c, of);
	else if (c->command.kind == CONTROL_RELOAD && of->stopping)
		control_say(c, false, "bearerd is stopping");
}
