/* SPDX-License-Identifier: MIT */
/*
 * The commands of the control socket: understood, carried out, answered.  Apart
 * from control.c, which has the socket and decides who may use it.
 */
#include "config.h"

#include "control/private.h"

#include "base/clock.h"
#include "conf/syntax.h"
#include "report/status_page.h"
#include "shared/token_status.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MIN 16384 /* bytes; doubled until the page fits */
#define BAD_MAX 3      /* tokens that a message names */

/* ---- understand ---- */

#define ALL "status, status json, check, renew, renew NAME, reload"

static const struct {
	const char *words;
	enum control_kind kind;
	bool named; /* a token's name may follow */
} commands[] = {
    {"status", CONTROL_STATUS, false},
    {"status json", CONTROL_STATUS_JSON, false},
    {"check", CONTROL_CHECK, false},
    {"renew", CONTROL_RENEW, true},
    {"reload", CONTROL_RELOAD, false},
};

/* Nothing but a token's name is ever repeated. */
static int
take_name(const char *text, size_t len, char name[CONF_NAME_MAX + 1])
{
	if (len > CONF_NAME_MAX)
		return -1;
	memcpy(name, text, len);
	name[len] = '\0';
	return strlen(name) == len && conf_problem_token_name(name) == NULL
	    ? 0
	    : -1;
}

int
control_parse(const char *line, size_t len, struct control_command *out,
    struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t n = strlen(commands[i].words);

		if (len < n || memcmp(line, commands[i].words, n) != 0)
			continue;
		*out = (struct control_command){.kind = commands[i].kind};
		if (len == n)
			return 0;
		if (!commands[i].named || line[n] != ' ')
			continue;
		if (take_name(line + n + 1, len - n - 1, out->name) == 0)
			return 0;
		return err_set(err,
		    "what follows \"renew\" is not the name of a token: 1 to %d letters, digits, points, underscores and hyphens",
		    CONF_NAME_MAX);
	}
	return err_set(err, "unknown command; there are: " ALL);
}

/* ---- status ---- */

/* Answer with a page that is written in steps. */
static void
answer_page(struct control_conn *c, const struct control_args *args,
    size_t (*step)(const struct page_source *, size_t, struct buf *))
{
	const struct page_source source = {args->segment, args->stats,
	    clock_boot_ms()};
	struct buf b = {0};
	size_t at, size = PAGE_MIN;

	do {
		free(b.data);
		buf_init(&b, mem_alloc(1, size), size);
		at = 0;
		do
			at = step(&source, at, &b);
		while (at != 0 && !b.overflow);
		size *= 2;
	} while (b.overflow);
	control_answer(c, true, b.data, b.len);
	free(b.data);
}

/* ---- check ---- */

static void
check(struct control_conn *c, const struct control_args *args)
{
	int64_t now = clock_boot_ms();
	size_t i, bad = 0, count = args->stats->tokens;
	char memory[400];
	struct token_status t;
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	for (i = 0; i < count; i++) {
		token_status_read(args->segment, args->stats, i, now, &t);
		if ((t.there && t.left_ms > 0) || ++bad > BAD_MAX)
			continue;
		buf_printf(&b, "%stoken %s is %s, last attempt: %s",
		    bad > 1 ? "; " : "", t.name, stats_state_label[t.state],
		    t.result);
		if (t.status != 0)
			buf_printf(&b, " (status %d)", t.status);
	}
	if (bad > BAD_MAX)
		buf_printf(&b, "; and %zu more", bad - BAD_MAX);
	if (args->stopping)
		control_say(c, false, "bearerd is stopping");
	else if (args->ready == 0)
		control_say(c, false, "none of %zu workers is serving",
		    args->workers);
	else if (bad > 0)
		control_say(c, false, "%s", buf_text(&b));
	else
		control_say(c, true,
		    "%zu token%s usable, %zu of %zu workers serving", count,
		    count == 1 ? "" : "s", args->ready, args->workers);
}

/* ---- renew ---- */

/* How many attempts for a token have ended. */
static uint64_t
attempts(const struct control_args *args, size_t token)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < STATS_RENEWAL_COUNT; i++)
		n += stats_get(&args->stats->token[token].renewals[i]);
	return n;
}

/* Ask the refresher for newer tokens; `refresher` leads to it. */
static void
renew(struct control_conn *c, const struct control_args *args, int refresher)
{
	const struct conf *conf = args->conf;
	struct channel_message m = {.kind = CHANNEL_RENEW,
	    .token = CHANNEL_ALL};
	size_t i;

	c->first = 0;
	c->count = conf->token_count;
	if (c->command.name[0] != '\0') {
		while (c->first < conf->token_count &&
		    strcmp(conf->token[c->first].name, c->command.name) != 0)
			c->first++;
		c->count = 1;
		m.token = (uint32_t)c->first;
	}
	if (c->first == conf->token_count) {
		control_say(c, false,
		    "there is no token '%s'; \"status\" shows those that there are",
		    c->command.name);
		return;
	}
	c->attempts = mem_alloc(c->count, sizeof(*c->attempts));
	for (i = 0; i < c->count; i++)
		c->attempts[i] = attempts(args, c->first + i);
	if (channel_send(refresher, &m))
		control_wait(c);
	else
		control_say(c, false,
		    "the refresher is not listening; try again");
}

/* Whether all attempts that were asked for have ended. */
static bool
renewed(const struct control_conn *c, const struct control_args *args)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (attempts(args, c->first + i) == c->attempts[i] ||
		    stats_get(&args->stats->token[c->first + i].renewing) != 0)
			return false;
	return true;
}

/* A line about each token; the answer is "ok" if all are renewed. */
static void
answer_renewed(struct control_conn *c, const struct control_args *args)
{
	size_t i, size = c->count * (CONF_NAME_MAX + 128);
	char *memory = mem_alloc(size, 1);
	int64_t now = clock_boot_ms();
	struct token_status t;
	bool all = true;
	struct buf b;

	buf_init(&b, memory, size);
	for (i = 0; i < c->count; i++) {
		token_status_read(args->segment, args->stats, c->first + i, now,
		    &t);
		buf_printf(&b, "token %s: %s%s", t.name,
		    t.failures == 0 ? "" : "not renewed: ", t.result);
		if (t.failures == 0)
			buf_printf(&b, ", generation %" PRIu64, t.generation);
		else if (t.status != 0)
			buf_printf(&b, " (status %d)", t.status);
		buf_char(&b, '\n');
		all = all && t.failures == 0;
	}
	control_answer(c, all, b.data, b.len);
	free(memory);
}

/* ---- any command ---- */

void
control_serve(struct control_conn *c, size_t len,
    const struct control_args *args, int refresher)
{
	struct err err;

	if (control_parse(c->line, len, &c->command, &err) == -1) {
		control_say(c, false, "%s", err.text);
		return;
	}
	switch (c->command.kind) {
	case CONTROL_STATUS:
		answer_page(c, args, status_page_text_step);
		break;
	case CONTROL_STATUS_JSON:
		answer_page(c, args, status_page_json_step);
		break;
	case CONTROL_CHECK:
		check(c, args);
		break;
	case CONTROL_RENEW:
		renew(c, args, refresher);
		break;
	case CONTROL_RELOAD:
		control_wait(c);
		break;
	}
}

void
control_serve_wait(struct control_conn *c, const struct control_args *args)
{
	if (c->command.kind == CONTROL_RENEW && renewed(c, args))
		answer_renewed(c, args);
	else if (c->command.kind == CONTROL_RELOAD && args->stopping)
		control_say(c, false, "bearerd is stopping");
}
