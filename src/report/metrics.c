/* SPDX-License-Identifier: MIT */
/* /metrics: a row says where the counters of a family are; a few families have
 * a printer of their own. */
#include "config.h"

#include "report/metrics.h"

#include "shared/token_status.h"

#include <inttypes.h>
#include <stdio.h>

#define LABEL(id, label) [id] = label,
static const char *const paths[] = {STATS_PATHS(LABEL)};
static const char *const sources[STATS_SOURCE_COUNT] = {STATS_SOURCES(LABEL)};
static const char *const connections[] = {STATS_CONNECTIONS(LABEL)};
static const char *const locks[] = {STATS_LOCKS(LABEL)};
static const char *const commands[] = {STATS_COMMANDS(LABEL)};
static const char *const refusals[] = {STATS_REFUSED(LABEL)};
static const char *const reports[] = {STATS_REJECTED(LABEL)};
#undef LABEL
#define NUMBER(code, phrase) code,
static const int codes[] = {STATS_CODES(NUMBER)};
#undef NUMBER
static const int bounds_ms[] = STATS_BOUNDS_MS;

/* Whose counters they are: one block for each process; of each token, one for
 * each worker; of each token, one of the refresher's. */
enum scope { PROCESS, HANDOUT, TOKEN };

/* One step of the page. */
struct step {
	const struct page_source *source;
	const char *family;
	const struct printer *printer;
	size_t token; /* unless the scope is PROCESS */
	struct buf *out;
};

struct printer {
	enum scope scope;
	void (*print)(const struct step *s);
	size_t offset;     /* of the first counter in its scope */
	size_t count;      /* of counters side by side */
	const char *label; /* that tells them apart; NULL: there is one */
	const char *const *values; /* of the label */
};

/* The sum over all blocks of the counter at this offset. */
static uint64_t
sum(const struct step *s, size_t offset)
{
	const struct stats *stats = s->source->stats;
	enum scope scope = s->printer->scope;
	size_t block = scope == HANDOUT ? STATS_FIRST_WORKER : 0;
	size_t end = scope == TOKEN ? 1 : stats_blocks(stats);
	uint64_t n = 0;

	for (; block < end; block++) {
		const void *base = scope == PROCESS
		    ? (const void *)stats_process(stats, block)
		    : scope == HANDOUT
		    ? (const void *)&stats_handouts(stats, block)[s->token]
		    : (const void *)&stats->token[s->token];

		n += stats_get((
		    const struct stats_counter *)((const char *)base + offset));
	}
	return n;
}

static const char *
token_name(const struct step *s)
{
	return segment_slot(s->source->segment, s->token)->name;
}

/* family{token="T",label="value"}, without what there is not. */
static void
series(const struct step *s, const char *label, const char *value)
{
	const char *open = "{";

	buf_str(s->out, s->family);
	if (s->printer->scope != PROCESS) {
		buf_printf(s->out, "{token=\"%s\"", token_name(s));
		open = ",";
	}
	if (label != NULL)
		buf_printf(s->out, "%s%s=\"%s\"", open, label, value);
	if (label != NULL || s->printer->scope != PROCESS)
		buf_char(s->out, '}');
}

static void
line(const struct step *s, const char *label, const char *value, uint64_t n)
{
	series(s, label, value);
	buf_printf(s->out, " %" PRIu64 "\n", n);
}

static void
print_counters(const struct step *s)
{
	const struct printer *p = s->printer;
	size_t i;

	for (i = 0; i < p->count; i++)
		line(s, p->label, p->label != NULL ? p->values[i] : NULL,
		    sum(s, p->offset + i * sizeof(struct stats_counter)));
}

static void
print_histogram(const struct step *s)
{
	const size_t at = s->printer->offset;
	char token[SLOT_NAME_MAX + 16] = "", all[SLOT_NAME_MAX + 16] = "";
	uint64_t n = 0;
	size_t i;

	if (s->printer->scope != PROCESS) {
		snprintf(token, sizeof(token), "token=\"%s\",", token_name(s));
		snprintf(all, sizeof(all), "{token=\"%s\"}", token_name(s));
	}
	for (i = 0; i < STATS_BUCKETS; i++) {
		n += sum(s, at + offsetof(struct stats_histogram, bucket[i]));
		buf_printf(s->out, "%s_bucket{%sle=\"", s->family, token);
		if (i < STATS_BUCKETS - 1)
			buf_printf(s->out, "%g", bounds_ms[i] / 1000.0);
		else
			buf_str(s->out, "+Inf");
		buf_printf(s->out, "\"} %" PRIu64 "\n", n);
	}
	buf_printf(s->out, "%s_sum%s %.6f\n", s->family, all,
	    (double)sum(s, at + offsetof(struct stats_histogram, sum_us)) /
		1e6);
	buf_printf(s->out, "%s_count%s %" PRIu64 "\n", s->family, all, n);
}

static void
print_version(const struct step *s)
{
	line(s, "version", PACKAGE_VERSION, 1);
}

/* Two labels; the pairs that never occurred are left out but for one, so that
 * the family is not empty. */
static void
print_requests(const struct step *s)
{
	size_t path, code;
	uint64_t n;

	for (path = 0; path < STATS_PATH_COUNT; path++)
		for (code = 0; code < STATS_CODE_COUNT; code++) {
			n = sum(s,
			    offsetof(struct stats_process,
				requests[path][code]));
			if (n > 0 || (path == 0 && code == 0))
				buf_printf(s->out,
				    "%s{path=\"%s\",code=\"%d\"} %" PRIu64 "\n",
				    s->family, paths[path], codes[code], n);
		}
}

static struct token_status
status_of(const struct step *s)
{
	struct token_status v;

	token_status_read(s->source->segment, s->source->stats, s->token,
	    s->source->now, &v);
	return v;
}

static void
print_seconds(const struct step *s, int64_t ms)
{
	series(s, NULL, NULL);
	buf_printf(s->out, " %.3f\n", (double)ms / 1000);
}

static void
print_expiry(const struct step *s)
{
	print_seconds(s, status_of(s).expires_wall_at);
}

static void
print_skew(const struct step *s)
{
	print_seconds(s,
	    atomic_load_explicit(&s->source->stats->token[s->token].skew_ms,
		memory_order_relaxed));
}

static void
print_state(const struct step *s)
{
	enum stats_state is = status_of(s).state;
	int i;

	for (i = 0; i < STATS_STATE_COUNT; i++)
		line(s, "state", stats_state_label[i], i == (int)is);
}

static void
print_generation(const struct step *s)
{
	line(s, NULL, NULL, status_of(s).generation);
}

/* While there is one. */
static void
print_oauth_error(const struct step *s)
{
	const char *error = status_of(s).error;

	if (error != NULL)
		line(s, "error", error, 1);
}

/* For tokens that have a limit. */
static void
print_calls_left(const struct step *s)
{
	uint64_t left = sum(s, offsetof(struct stats_token, calls_left));

	if (left > 0)
		line(s, NULL, NULL, left - 1);
}

/* Only where there is one to reach. */
static void
print_redis_up(const struct step *s)
{
	uint64_t state = stats_get(
	    &stats_process(s->source->stats, STATS_REFRESHER)->redis_up);

	if (state != STATS_REDIS_NONE)
		line(s, NULL, NULL, state == STATS_REDIS_UP);
}

/*
 * A family of stats_tbl.h is printed by the row of its name: the table below
 * puts the two together, so that they cannot be mixed up.
 */
#define PRINTER(family) static const struct printer printer_##family =
#define COUNTER(scope, owner, member)                                     \
	{                                                                 \
		scope, print_counters, offsetof(struct owner, member), 1, \
		    NULL, NULL                                            \
	}
#define COUNTERS(scope, owner, member, label, values)                   \
	{                                                               \
		scope, print_counters, offsetof(struct owner, member),  \
		    sizeof(values) / sizeof((values)[0]), label, values \
	}
#define HISTOGRAM(scope, owner, member)                                    \
	{                                                                  \
		scope, print_histogram, offsetof(struct owner, member), 0, \
		    NULL, NULL                                             \
	}
#define SPECIAL(scope, print)                  \
	{                                      \
		scope, print, 0, 0, NULL, NULL \
	}

/* clang-format off */
PRINTER(BUILD_INFO) SPECIAL(PROCESS, print_version);
PRINTER(REQUESTS) SPECIAL(PROCESS, print_requests);
PRINTER(ANSWERS) COUNTERS(HANDOUT, stats_handout, answers, "source", sources);
PRINTER(DURATION) HISTOGRAM(PROCESS, stats_process, duration);
PRINTER(CONNECTIONS)
    COUNTERS(PROCESS, stats_process, connections, "state", connections);
PRINTER(DISCARDED) COUNTER(PROCESS, stats_process, discarded);
PRINTER(EXPIRY) SPECIAL(TOKEN, print_expiry);
PRINTER(STATE) SPECIAL(TOKEN, print_state);
PRINTER(GENERATION) SPECIAL(TOKEN, print_generation);
PRINTER(RENEWALS)
    COUNTERS(TOKEN, stats_token, renewals, "result", stats_renewal_label);
PRINTER(OAUTH_ERROR) SPECIAL(TOKEN, print_oauth_error);
PRINTER(BACKEND_DURATION) HISTOGRAM(TOKEN, stats_token, backend);
PRINTER(CALLS_LEFT) SPECIAL(TOKEN, print_calls_left);
PRINTER(REDIS_COMMANDS)
    COUNTERS(PROCESS, stats_process, redis_commands, "result", commands);
PRINTER(REDIS_UP) SPECIAL(PROCESS, print_redis_up);
PRINTER(REFUSED)
    COUNTERS(PROCESS, stats_process, redis_refused, "reason", refusals);
PRINTER(LOCKS) COUNTERS(TOKEN, stats_token, locks, "outcome", locks);
PRINTER(COALESCED) COUNTER(HANDOUT, stats_handout, coalesced);
PRINTER(REJECTED)
    COUNTERS(HANDOUT, stats_handout, rejected, "result", reports);
PRINTER(RESTARTS)
    COUNTERS(PROCESS, stats_process, restarts, "role", stats_role_label);
PRINTER(SKEW) SPECIAL(TOKEN, print_skew);
/* clang-format on */

#define FAMILY(id, type, name, help) {name, type, help, &printer_##id},
static const struct {
	const char *name, *type, *help;
	const struct printer *printer;
} families[] = {STATS_FAMILIES(FAMILY)};
#undef FAMILY
#define FAMILIES (sizeof(families) / sizeof(families[0]))

size_t
metrics_step(const struct page_source *source, size_t at, struct buf *out)
{
	size_t steps = source->stats->tokens + 1; /* of a family */
	size_t family = at / steps, i = at % steps;
	struct step s = {.source = source,
	    .family = families[family].name,
	    .printer = families[family].printer,
	    .token = i - 1,
	    .out = out};
	bool by_token = s.printer->scope != PROCESS;

	if (i == 0)
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", s.family,
		    families[family].help, s.family, families[family].type);
	if (i > 0 || !by_token)
		s.printer->print(&s);
	at = by_token ? at + 1 : (family + 1) * steps;
	return at < FAMILIES * steps ? at : 0;
}
