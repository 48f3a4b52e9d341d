/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "master_status.h"

#include "buf.h"
#include "clock.h"
#include "handover.h"
#include "notify.h"
#include "view.h"

#include <ctype.h>
#include <string.h>

#define LOOK_MS 1000

static bool
worker_beats(const struct generation *g, int64_t now)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (proc_beats(&g->workers[i], now))
			return true;
	return false;
}

static bool
alive(const struct tellable *what, int64_t now)
{
	if (what->stopping)
		return true;
	return proc_beats(what->refresher, now) &&
	    (worker_beats(what->current, now) ||
	    (what->old != NULL && worker_beats(what->old, now)));
}

/* "2 fresh, 1 empty" */
static void
append_states(const struct generation *g, struct buf *out)
{
	size_t i, n[STATS_STATE_COUNT] = {0};
	const char *c, *separator = ": ";
	int64_t now = clock_boot_ms();
	struct view v;

	for (i = 0; i < shm_count(&g->shm); i++) {
		view_token(&g->shm, &g->stats, i, now, &v);
		n[v.state]++;
	}
	for (i = 0; i < STATS_STATE_COUNT; i++) {
		if (n[i] == 0)
			continue;
		buf_printf(out, "%s%zu ", separator, n[i]);
		for (c = view_state_name((enum stats_state)i); *c != '\0'; c++)
			buf_char(out, (char)tolower((unsigned char)*c));
		separator = ", ";
	}
}

static void
tell_status(struct told *told, const struct tellable *what)
{
	size_t count = shm_count(&what->current->shm);
	char text[sizeof(told->text)];
	struct buf out;

	buf_init(&out, text, sizeof(text));
	buf_printf(&out, "%s %zu token%s", what->announced ? "serving"
	    : "starting, with", count, count == 1 ? "" : "s");
	append_states(what->current, &out);
	if (strcmp(buf_text(&out), told->text) == 0)
		return;
	memcpy(told->text, text, sizeof(text));
	notify("STATUS=%s", text);
}

void
master_tell(struct told *told, const struct tellable *what, int64_t now)
{
	int watchdog_ms = notify_watchdog_ms();
	const struct shm *shm = &what->current->shm;

	if (now < told->look_at || !notify_wanted())
		return;
	told->look_at = now + LOOK_MS;
	if (watchdog_ms > 0 && watchdog_ms < LOOK_MS)
		told->look_at = now + watchdog_ms;
	if (watchdog_ms > 0 && alive(what, now))
		notify("WATCHDOG=1");
	/* before it reigns nobody would listen to an heir */
	if (what->stopping || (!what->announced && handover_got() != NULL))
		return;
	tell_status(told, what);
	if (what->announced && told->segment != shm->header) {
		told->segment = shm->header;
		notify_keep(shm->fd_readonly, LISTEN_SEGMENT);
	}
}
