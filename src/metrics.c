/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "metrics.h"

#include "view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LABEL(id, label) label,
static const char *const path_label[] = {STATS_PATHS(LABEL)};
static const char *const source_label[] = {STATS_SOURCES(LABEL)};
static const char *const connection_label[] = {STATS_CONNECTIONS(LABEL)};
static const char *const renewal_label[] = {STATS_RENEWALS(LABEL)};
static const char *const lock_label[] = {STATS_LOCKS(LABEL)};
static const char *const command_label[] = {STATS_COMMANDS(LABEL)};
static const char *const refused_label[] = {STATS_REFUSED(LABEL)};
static const char *const rejected_label[] = {STATS_REJECTED(LABEL)};
static const char *const role_label[] = {STATS_ROLES(LABEL)};
#undef LABEL
#define NUMBER(code) code,
static const int code_label[] = {STATS_CODES(NUMBER)};
#undef NUMBER
static const int bounds_ms[] = STATS_BOUNDS_MS;

/* What a family's printer works on. */
struct page {
	const struct shm *shm;
	const struct stats *stats;
	int64_t now;
	const char *name; /* of the family */
	size_t blocks;    /* in use */
	struct buf *out;
};

/* The sum over all processes of the counter at this offset of a block. */
static uint64_t
sum(const struct page *p, size_t offset)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < p->blocks; i++)
		n += stats_get((const struct stats_counter *)
		    ((const char *)&p->stats->process[i] + offset));
	return n;
}
#define SUM(p, member) sum(p, offsetof(struct stats_process, member))

/* The same over a token's hand-out counters. */
static uint64_t
sum_token(const struct page *p, size_t token, size_t offset)
{
	uint64_t n = 0;
	size_t i;

	for (i = STATS_FIRST_WORKER; i < p->blocks; i++)
		n += stats_get((const struct stats_counter *)
		    ((const char *)&stats_handouts(p->stats, i)[token] +
		    offset));
	return n;
}
#define SUM_TOKEN(p, token, member)                                           \
	sum_token(p, token, offsetof(struct stats_handout, member))

static const char *
token_name(const struct page *p, size_t i)
{
	return shm_slot(p->shm, i)->name;
}

/* name{token="T",label="value"} n */
static void
token_line(const struct page *p, size_t token, const char *label,
    const char *value, uint64_t n)
{
	buf_printf(p->out, "%s{token=\"%s\"", p->name, token_name(p, token));
	if (label != NULL)
		buf_printf(p->out, ",%s=\"%s\"", label, value);
	buf_printf(p->out, "} %" PRIu64 "\n", n);
}

static void
line(const struct page *p, const char *label, const char *value, uint64_t n)
{
	buf_printf(p->out, "%s{%s=\"%s\"} %" PRIu64 "\n", p->name, label,
	    value, n);
}

/* One histogram; labels is "" or "token=\"T\",". */
static void
histogram(const struct page *p, const char *labels, size_t len,
    const uint64_t bucket[STATS_BUCKETS], uint64_t sum_us)
{
	const char *open = len > 0 ? "{" : "", *close = len > 0 ? "}" : "";
	int bare = len > 0 ? (int)len - 1 : 0; /* without the comma */
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < STATS_BUCKETS; i++) {
		n += bucket[i];
		buf_printf(p->out, "%s_bucket{%sle=\"", p->name, labels);
		if (i < STATS_BUCKETS - 1)
			buf_printf(p->out, "%g", bounds_ms[i] / 1000.0);
		else
			buf_str(p->out, "+Inf");
		buf_printf(p->out, "\"} %" PRIu64 "\n", n);
	}
	buf_printf(p->out, "%s_sum%s%.*s%s %.6f\n", p->name, open, bare,
	    labels, close, (double)sum_us / 1e6);
	buf_printf(p->out, "%s_count%s%.*s%s %" PRIu64 "\n", p->name, open,
	    bare, labels, close, n);
}

static void
print_build_info(const struct page *p)
{
	line(p, "version", PACKAGE_VERSION, 1);
}

static void
print_requests(const struct page *p)
{
	size_t path, code;
	uint64_t n;

	for (path = 0; path < STATS_PATH_COUNT; path++)
		for (code = 0; code < STATS_CODE_COUNT; code++)
			if ((n = SUM(p, requests[path][code])) > 0 ||
			    (path == 0 && code == 0))
				buf_printf(p->out, "%s{path=\"%s\",code=\"%d\"}"
				    " %" PRIu64 "\n", p->name,
				    path_label[path], code_label[code], n);
}

static void
print_answers(const struct page *p)
{
	size_t i, s;

	for (i = 0; i < p->stats->tokens; i++)
		for (s = 0; s < STATS_SOURCE_COUNT; s++)
			token_line(p, i, "source", source_label[s],
			    SUM_TOKEN(p, i, answers[s]));
}

static void
print_duration(const struct page *p)
{
	uint64_t bucket[STATS_BUCKETS];
	size_t i;

	for (i = 0; i < STATS_BUCKETS; i++)
		bucket[i] = SUM(p, duration.bucket[i]);
	histogram(p, "", 0, bucket, SUM(p, duration.sum_us));
}

static void
print_connections(const struct page *p)
{
	size_t i;

	for (i = 0; i < STATS_CONNECTION_COUNT; i++)
		line(p, "state", connection_label[i], SUM(p, connections[i]));
}

static void
print_expiry(const struct page *p)
{
	struct view v;
	size_t i;

	for (i = 0; i < p->stats->tokens; i++) {
		view_token(p->shm, p->stats, i, p->now, &v);
		buf_printf(p->out, "%s{token=\"%s\"} %.3f\n", p->name, v.name,
		    (double)v.expires_wall_at / 1000);
	}
}

static void
print_state(const struct page *p)
{
	struct view v;
	size_t i, s;

	for (i = 0; i < p->stats->tokens; i++) {
		view_token(p->shm, p->stats, i, p->now, &v);
		for (s = 0; s < STATS_STATE_COUNT; s++)
			token_line(p, i, "state", view_state_name(
			    (enum stats_state)s), s == (size_t)v.state);
	}
}

static void
print_generation(const struct page *p)
{
	struct view v;
	size_t i;

	for (i = 0; i < p->stats->tokens; i++) {
		view_token(p->shm, p->stats, i, p->now, &v);
		token_line(p, i, NULL, NULL, v.generation);
	}
}

static void
print_renewals(const struct page *p)
{
	size_t i, r;

	for (i = 0; i < p->stats->tokens; i++)
		for (r = 0; r < STATS_RENEWAL_COUNT; r++)
			token_line(p, i, "result", renewal_label[r],
			    stats_get(&p->stats->token[i].renewals[r]));
}

static void
print_backend_duration(const struct page *p)
{
	uint64_t bucket[STATS_BUCKETS];
	char labels[SLOT_NAME_MAX + 16];
	size_t i, b;
	int len;

	for (i = 0; i < p->stats->tokens; i++) {
		const struct stats_histogram *h = &p->stats->token[i].backend;

		for (b = 0; b < STATS_BUCKETS; b++)
			bucket[b] = stats_get(&h->bucket[b]);
		len = snprintf(labels, sizeof(labels), "token=\"%s\",",
		    token_name(p, i));
		histogram(p, labels, (size_t)len, bucket,
		    stats_get(&h->sum_us));
	}
}

/* For tokens that have a limit. */
static void
print_calls_left(const struct page *p)
{
	uint64_t left;
	size_t i;

	for (i = 0; i < p->stats->tokens; i++) {
		left = stats_get(&p->stats->token[i].calls_left);
		if (left > 0)
			token_line(p, i, NULL, NULL, left - 1);
	}
}

static void
print_redis_commands(const struct page *p)
{
	size_t i;

	for (i = 0; i < STATS_COMMAND_COUNT; i++)
		line(p, "result", command_label[i], SUM(p, redis_commands[i]));
}

static void
print_redis_up(const struct page *p)
{
	buf_printf(p->out, "%s %" PRIu64 "\n", p->name, SUM(p, redis_up));
}

static void
print_refused(const struct page *p)
{
	size_t i;

	for (i = 0; i < STATS_REFUSED_COUNT; i++)
		line(p, "reason", refused_label[i], SUM(p, redis_refused[i]));
}

static void
print_locks(const struct page *p)
{
	size_t i, o;

	for (i = 0; i < p->stats->tokens; i++)
		for (o = 0; o < STATS_LOCK_COUNT; o++)
			token_line(p, i, "outcome", lock_label[o],
			    stats_get(&p->stats->token[i].locks[o]));
}

static void
print_coalesced(const struct page *p)
{
	size_t i;

	for (i = 0; i < p->stats->tokens; i++)
		token_line(p, i, NULL, NULL, SUM_TOKEN(p, i, coalesced));
}

static void
print_rejected(const struct page *p)
{
	size_t i, r;

	for (i = 0; i < p->stats->tokens; i++)
		for (r = 0; r < STATS_REJECTED_COUNT; r++)
			token_line(p, i, "result", rejected_label[r],
			    SUM_TOKEN(p, i, rejected[r]));
}

static void
print_restarts(const struct page *p)
{
	size_t i;

	for (i = 0; i < STATS_ROLE_COUNT; i++)
		line(p, "role", role_label[i], SUM(p, restarts[i]));
}

static void
print_skew(const struct page *p)
{
	size_t i;

	for (i = 0; i < p->stats->tokens; i++)
		buf_printf(p->out, "%s{token=\"%s\"} %.3f\n", p->name,
		    token_name(p, i), (double)atomic_load_explicit(
		    &p->stats->token[i].skew_ms, memory_order_relaxed) / 1000);
}

/* In the order of STATS_FAMILIES, which names them. */
static void (*const printers[])(const struct page *) = {
    print_build_info, print_requests, print_answers, print_duration,
    print_connections, print_expiry, print_state, print_generation,
    print_renewals, print_backend_duration, print_calls_left,
    print_redis_commands, print_redis_up, print_refused, print_locks,
    print_coalesced, print_rejected, print_restarts, print_skew,
};

#define FAMILY(id, type, name, help) {name, type, help},
static const struct {
	const char *name, *type, *help;
} families[] = {STATS_FAMILIES(FAMILY)};
#undef FAMILY

_Static_assert(sizeof(printers) / sizeof(printers[0]) ==
    sizeof(families) / sizeof(families[0]), "a family without a printer");

void
metrics_write(const struct shm *shm, const struct stats *stats, int64_t now,
    struct buf *out)
{
	struct page p = {.shm = shm, .stats = stats, .now = now,
	    .blocks = stats_blocks(stats), .out = out};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		p.name = families[i].name;
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", p.name,
		    families[i].help, p.name, families[i].type);
		printers[i](&p);
	}
}
