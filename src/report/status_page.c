/* SPDX-License-Identifier: MIT */
/* /status and /status.json: a step for each token, between a head and an end.
 */
#include "config.h"

#include "report/status_page.h"

#include "shared/token_status.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static uint64_t
redis_state(const struct stats *s)
{
	return stats_get(&stats_process(s, STATS_REFRESHER)->redis_up);
}

static bool
draining(const struct stats *s)
{
	return stats_get(&stats_process(s, STATS_MASTER)->draining) != 0;
}

static const char *
role(size_t block)
{
	if (block == STATS_MASTER)
		return "master";
	return stats_role_label[block == STATS_REFRESHER ? STATS_ROLE_REFRESHER
							 : STATS_ROLE_WORKER];
}

static void
json_token(const struct token_status *v, struct buf *out)
{
	buf_printf(out,
	    "{\"name\":\"%s\",\"state\":\"%s\",\"generation\":%" PRIu64 ",",
	    v->name, stats_state_label[v->state], v->generation);
	if (v->there)
		buf_printf(out,
		    "\"fingerprint\":\"%s\",\"expires_at_ms\":%lld,\"expires_in\":%lld,\"renewal_in\":%lld,",
		    v->fingerprint, (long long)v->expires_wall_at,
		    (long long)(v->left_ms > 0 ? v->left_ms / 1000 : 0),
		    (long long)(v->renew_ms > 0 ? v->renew_ms / 1000 : 0));
	buf_printf(out,
	    "\"next_attempt_in\":%lld,\"failures\":%llu,\"last_result\":\"%s\",\"last_error\":%s%s%s,\"last_status\":%d}",
	    (long long)(v->attempt_ms / 1000), (unsigned long long)v->failures,
	    v->result, v->error != NULL ? "\"" : "",
	    v->error != NULL ? v->error : "null", v->error != NULL ? "\"" : "",
	    v->status);
}

static void
json_begin(const struct stats *stats, struct buf *out)
{
	buf_printf(out,
	    "{\"version\":\"%s\",\"draining\":%s,\"redis_up\":%s,\"tokens\":[",
	    PACKAGE_VERSION, draining(stats) ? "true" : "false",
	    redis_state(stats) == STATS_REDIS_UP ? "true" : "false");
}

static void
json_end(const struct stats *stats, struct buf *out)
{
	size_t i, blocks = stats_blocks(stats);
	const char *comma = "";
	uint64_t pid;

	buf_str(out, "],\"processes\":[");
	for (i = 0; i < blocks; i++) {
		pid = stats_get(&stats_process(stats, i)->pid);
		if (pid == 0)
			continue;
		buf_printf(out, "%s{\"role\":\"%s\",\"pid\":%" PRIu64 "}",
		    comma, role(i), pid);
		comma = ",";
	}
	buf_str(out, "]}\n");
}

size_t
status_page_json_step(const struct page_source *source, size_t at,
    struct buf *out)
{
	struct token_status v;

	if (at == 0)
		json_begin(source->stats, out);
	if (at == source->stats->tokens) {
		json_end(source->stats, out);
		return 0;
	}
	token_status_read(source->segment, source->stats, at, source->now, &v);
	if (at > 0)
		buf_char(out, ',');
	json_token(&v, out);
	return at + 1;
}

static void
text_begin(const struct stats *stats, struct buf *out)
{
	static const char *const redis[] = {
	    [STATS_REDIS_NONE] = "not in use",
	    [STATS_REDIS_DOWN] = "down",
	    [STATS_REDIS_UP] = "up",
	};
	uint64_t state = redis_state(stats);

	buf_printf(out, "bearerd %s, Redis %s%s\n\n", PACKAGE_VERSION,
	    redis[state <= STATS_REDIS_UP ? state : STATS_REDIS_NONE],
	    draining(stats) ? ", draining" : "");
	buf_printf(out, "%-24s %-9s %11s %9s %12s  %s\n", "token", "state",
	    "generation", "left", "next attempt", "last attempt");
}

static void
text_end(const struct stats *stats, struct buf *out)
{
	size_t i, blocks = stats_blocks(stats);
	uint64_t pid;

	buf_char(out, '\n');
	for (i = 0; i < blocks; i++) {
		pid = stats_get(&stats_process(stats, i)->pid);
		if (pid != 0)
			buf_printf(out, "%-10s pid %" PRIu64 "\n", role(i),
			    pid);
	}
}

/* Seconds, right-justified; "-" where there is no such time. */
static void
text_seconds(struct buf *out, int width, bool there, int64_t ms)
{
	if (there)
		buf_printf(out, " %*" PRId64 "s", width - 1,
		    ms > 0 ? ms / 1000 : 0);
	else
		buf_printf(out, " %*s", width, "-");
}

static void
text_token(const struct token_status *v, struct buf *out)
{
	buf_printf(out, "%-24s %-9s %11" PRIu64, v->name,
	    stats_state_label[v->state], v->generation);
	text_seconds(out, 9, v->there, v->left_ms);
	text_seconds(out, 12, v->attempt_ms > 0 || v->there,
	    v->attempt_ms > 0 ? v->attempt_ms : v->renew_ms);
	buf_printf(out, "  %s", v->result);
	if (v->failures > 0)
		buf_printf(out, ", failures in a row: %" PRIu64, v->failures);
	buf_char(out, '\n');
}

size_t
status_page_text_step(const struct page_source *source, size_t at,
    struct buf *out)
{
	struct token_status v;

	if (at == 0)
		text_begin(source->stats, out);
	if (at == source->stats->tokens) {
		text_end(source->stats, out);
		return 0;
	}
	token_status_read(source->segment, source->stats, at, source->now, &v);
	text_token(&v, out);
	return at + 1;
}
