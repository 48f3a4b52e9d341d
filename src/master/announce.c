/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "master/announce.h"

#include "base/buf.h"
#include "base/clock.h"
#include "master/handover.h"
#include "base/log.h"
#include "base/pidfile.h"
#include "base/systemd.h"
#include "shared/token_status.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 1000

void
announce_serving(struct announced *a, const struct crew *c)
{
	const char *pid_file = c->conf->pid_file;
	char name[256];
	struct err err;
	size_t i;

	a->serving = true;
	if (pid_file != NULL && pidfile_write(pid_file, &err) == -1) {
		if (handover_got() == NULL)
			log_die("%s", err.text);
		log_err("%s", err.text); /* too late to give up */
	}
	if (pid_file != NULL)
		a->pid_file = mem_strdup(pid_file);
	/* systemd got to know a successor from its predecessor */
	if (handover_got() == NULL)
		systemd_notify("READY=1\nMAINPID=%d", (int)getpid());
	for (i = 0; i < c->listeners.count; i++) {
		const struct listener *l = &c->listeners.item[i];

		listen_name(l, name, sizeof(name));
		log_notice("serving %s on %s",
		    l->admin ? "health, metrics and status" : "tokens", name);
	}
}

void
announce_end(struct announced *a)
{
	if (a->pid_file != NULL)
		pidfile_remove(a->pid_file);
	free(a->pid_file);
	a->pid_file = NULL;
}

static bool
has_beating_worker(const struct crew *c, int64_t now)
{
	size_t i;

	for (i = 0; c != NULL && i < c->count; i++)
		if (proc_beats(&c->workers[i], now))
			return true;
	return false;
}

/* "serving 3 tokens: 2 fresh, 1 empty" */
static void
write_status(const struct announced *a, const struct crew *c, struct buf *out)
{
	size_t i, count = segment_count(&c->segment),
		  n[STATS_STATE_COUNT] = {0};
	const char *name, *separator = ": ";
	int64_t now = clock_boot_ms();
	struct token_status t;

	buf_printf(out, "%s %zu token%s",
	    a->serving ? "serving" : "starting, with", count,
	    count == 1 ? "" : "s");
	for (i = 0; i < count; i++) {
		token_status_read(&c->segment, &c->stats, i, now, &t);
		n[t.state]++;
	}
	for (i = 0; i < STATS_STATE_COUNT; i++) {
		if (n[i] == 0)
			continue;
		buf_printf(out, "%s%zu ", separator, n[i]);
		name = stats_state_label[i];
		for (; *name != '\0'; name++)
			buf_char(out, (char)tolower((unsigned char)*name));
		separator = ", ";
	}
}

void
announce_status(struct announced *a, const struct crew *current,
    const struct crew *old, const struct proc *refresher, bool stopping,
    int64_t now)
{
	int watchdog_ms = systemd_watchdog_ms();
	char text[sizeof(a->status)];
	struct buf b;

	if (now < a->look_at || !systemd_wanted())
		return;
	a->look_at = now +
	    (watchdog_ms > 0 && watchdog_ms < LOOK_MS ? watchdog_ms : LOOK_MS);
	if (watchdog_ms > 0 &&
	    (stopping ||
		(proc_beats(refresher, now) &&
		    (has_beating_worker(current, now) ||
			has_beating_worker(old, now)))))
		systemd_notify("WATCHDOG=1");
	/* systemd ignores a successor until it is the main process */
	if (stopping || (!a->serving && handover_got() != NULL))
		return;
	buf_init(&b, text, sizeof(text));
	write_status(a, current, &b);
	if (strcmp(buf_text(&b), a->status) != 0) {
		memcpy(a->status, text, sizeof(text));
		systemd_notify("STATUS=%s", text);
	}
	if (a->serving && a->segment != current->segment.header) {
		a->segment = current->segment.header;
		systemd_keep(current->segment.fd_readonly, LISTEN_SEGMENT);
	}
}
