/* SPDX-License-Identifier: MIT */
/* The life of an example token, as --test shows it. */
#include "config.h"

#include "conf/private.h"
#include "token/schedule.h"
#include "token/token.h"

#define EXAMPLE_LIFE HOUR
#define DRAWS 100 /* samples of the renewal point, to find its range */

struct life {
	int64_t whole, reserve, dead_at, renew_from, renew_to;
};

static struct life
live(const struct conf_token *t, int64_t life_ms)
{
	struct schedule_renewal r = {.percent_min = t->renew_at_min,
	    .percent_max = t->renew_at_max,
	    .outage_budget_ms = t->outage_budget_ms};
	struct life l = {
	    .whole = t->max_ttl_ms < life_ms ? t->max_ttl_ms : life_ms};
	int64_t at;
	int i;

	l.reserve = token_reserve_ms(l.whole);
	l.dead_at = l.whole - l.reserve;
	l.renew_from = l.renew_to = schedule_renewal(&r, 0, l.whole, 0);
	for (i = 1; i <= DRAWS; i++) {
		at = schedule_renewal(&r, 0, l.whole, (double)i / DRAWS);
		l.renew_from = at < l.renew_from ? at : l.renew_from;
		l.renew_to = at > l.renew_to ? at : l.renew_to;
	}
	return l;
}

static bool
have_same_life(const struct conf_token *a, const struct conf_token *b)
{
	return a->renew_at_min == b->renew_at_min &&
	    a->renew_at_max == b->renew_at_max &&
	    a->outage_budget_ms == b->outage_budget_ms &&
	    a->max_ttl_ms == b->max_ttl_ms && a->timeout_ms == b->timeout_ms;
}

/* A time as text; milliseconds matter in short lives only. */
struct moment {
	char text[64];
};

static struct moment
moment(int64_t ms)
{
	struct moment m = {""};
	struct buf b;

	buf_init(&b, m.text, sizeof(m.text));
	conf_print_time(ms < 10 * SECOND ? ms : ms / SECOND * SECOND, &b);
	buf_text(&b);
	return m;
}

static void
print_names(const struct conf *conf, size_t first, struct buf *out)
{
	size_t i;

	buf_str(out, conf->token[first].name);
	for (i = first + 1; i < conf->token_count; i++)
		if (have_same_life(&conf->token[first], &conf->token[i]))
			buf_printf(out, ", %s", conf->token[i].name);
}

void
conf_timeline_of(const struct conf *conf, const struct conf_token *t,
    int64_t life_ms, struct buf *out)
{
	struct life l = live(t, life_ms);

	buf_printf(out, "#   %9s  the backend is asked; it has %s to answer\n",
	    "0s", moment(t->timeout_ms).text);
	buf_printf(out,
	    "#   %9s  renewal begins at the earliest; each host draws its own moment\n",
	    moment(l.renew_from).text);
	buf_printf(out,
	    "#   %9s  renewal begins at the latest; after a failure again within 1s,\n#   %9s  2s, 4s ... 30s, or a tenth of the time that is left\n",
	    moment(l.renew_to).text, "");
	buf_printf(out,
	    "#   %9s  the reserve of %s begins: last hand-out, last retry\n",
	    moment(l.dead_at).text, moment(l.reserve).text);
	buf_printf(out, "#   %9s  the token expires\n", moment(l.whole).text);
	if (conf_has_redis(conf))
		buf_printf(out,
		    "# Redis keeps it for at most %s, until the reserve begins.\n",
		    moment(l.dead_at).text);
	buf_printf(out, "# An outage of the backend of %s is survived.\n",
	    moment(l.dead_at - l.renew_to).text);
	if (t->outage_budget_ms > l.dead_at - l.renew_to)
		buf_printf(out,
		    "# This life is too short for outage-budget (%s).\n",
		    moment(t->outage_budget_ms).text);
}

static void
print_example(const struct conf *conf, size_t first, struct buf *out)
{
	const struct conf_token *t = &conf->token[first];

	buf_printf(out, "\n# A life of %s, for example (",
	    moment(live(t, EXAMPLE_LIFE).whole).text);
	print_names(conf, first, out);
	buf_str(out, "):\n");
	conf_timeline_of(conf, t, EXAMPLE_LIFE, out);
}

/* A wait-limit shorter than timeout is usual, and no mistake. */
static void
print_wait(const struct conf *conf, struct buf *out)
{
	size_t i;

	buf_printf(out,
	    "\n# A caller waits at most %s (wait-limit) for a missing token",
	    moment(conf->wait_limit_ms).text);
	for (i = 0; i < conf->token_count; i++)
		if (conf->token[i].timeout_ms > conf->wait_limit_ms) {
			buf_str(out,
			    "; a later\n# answer of the backend serves the next caller");
			break;
		}
	buf_str(out, ".\n");
}

void
conf_timeline(const struct conf *conf, struct buf *out)
{
	size_t i, j;

	for (i = 0; i < conf->token_count; i++) {
		for (j = 0; j < i; j++)
			if (have_same_life(&conf->token[j], &conf->token[i]))
				break;
		if (j == i)
			print_example(conf, i, out);
	}
	print_wait(conf, out);
}
