/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "page.h"

#include "view.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static bool
up(const struct stats *s)
{
	return stats_get(&s->process[STATS_REFRESHER].redis_up) != 0;
}

static bool
draining(const struct stats *s)
{
	return stats_get(&s->process[STATS_MASTER].draining) != 0;
}

static const char *
role(size_t block)
{
	return block == STATS_MASTER ? "master"
	    : block == STATS_REFRESHER ? "refresher" : "worker";
}

static void
json_token(const struct view *v, struct buf *out)
{
	buf_printf(out, "{\"name\":\"%s\",\"state\":\"%s\",\"generation\":%"
	    PRIu64 ",", v->name, view_state_name(v->state), v->generation);
	if (v->there)
		buf_printf(out, "\"fingerprint\":\"%s\",\"expires_at_ms\":%"
		    PRId64 ",\"expires_in\":%" PRId64 ",\"renewal_in\":%" PRId64
		    ",", v->fingerprint, v->expires_wall_at,
		    v->left_ms > 0 ? v->left_ms / 1000 : 0,
		    v->renew_ms > 0 ? v->renew_ms / 1000 : 0);
	buf_printf(out, "\"next_attempt_in\":%" PRId64 ",\"failures\":%" PRIu64
	    ",\"last_result\":\"%s\",\"last_status\":%d}",
	    v->attempt_ms / 1000, v->failures, v->result, v->status);
}

static void
json_processes(const struct stats *stats, struct buf *out)
{
	size_t i, n = 0, blocks = stats_blocks(stats);

	for (i = 0; i < blocks; i++) {
		uint64_t pid = stats_get(&stats->process[i].pid);

		if (pid != 0)
			buf_printf(out, "%s{\"role\":\"%s\",\"pid\":%" PRIu64
			    "}", n++ > 0 ? "," : "", role(i), pid);
	}
}

void
page_status_json(const struct shm *shm, const struct stats *stats, int64_t now,
    struct buf *out)
{
	struct view v;
	size_t i;

	buf_printf(out, "{\"version\":\"%s\",\"draining\":%s,\"redis_up\":%s,"
	    "\"tokens\":[", PACKAGE_VERSION,
	    draining(stats) ? "true" : "false", up(stats) ? "true" : "false");
	for (i = 0; i < stats->tokens; i++) {
		view_token(shm, stats, i, now, &v);
		if (i > 0)
			buf_char(out, ',');
		json_token(&v, out);
	}
	buf_str(out, "],\"processes\":[");
	json_processes(stats, out);
	buf_str(out, "]}\n");
}

void
page_status(const struct shm *shm, const struct stats *stats, int64_t now,
    struct buf *out)
{
	size_t i, blocks = stats_blocks(stats);
	struct view v;

	buf_printf(out, "bearerd %s, Redis %s%s\n\n%-24s %-9s %11s %9s %10s  "
	    "%s\n", PACKAGE_VERSION, up(stats) ? "up" : "not in use or down",
	    draining(stats) ? ", draining" : "", "token", "state",
	    "generation", "left", "renewal in", "last attempt");
	for (i = 0; i < stats->tokens; i++) {
		view_token(shm, stats, i, now, &v);
		buf_printf(out, "%-24s %-9s %11" PRIu64 " %8" PRId64 "s %9"
		    PRId64 "s  %s\n", v.name, view_state_name(v.state),
		    v.generation, v.left_ms > 0 ? v.left_ms / 1000 : 0,
		    v.renew_ms > 0 ? v.renew_ms / 1000 : 0, v.result);
	}
	buf_char(out, '\n');
	for (i = 0; i < blocks; i++)
		if (stats_get(&stats->process[i].pid) != 0)
			buf_printf(out, "%-10s pid %" PRIu64 "\n", role(i),
			    stats_get(&stats->process[i].pid));
}
