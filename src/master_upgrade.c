/* SPDX-License-Identifier: MIT */
/* The master gives way to another program, or takes over from one. */
#include "config.h"

#include "master_own.h"

#include "control.h"
#include "handover.h"
#include "log.h"

#include <signal.h>
#include <unistd.h>

bool
master_is_free(const struct master *m)
{
	return m->old == NULL && !m->stopping && m->stop_at == 0 &&
	    m->upgrade.phase == UPGRADE_NONE && m->upgrade.pid == 0 &&
	    m->heir.phase == HEIR_NONE;
}

void
master_replace(struct master *m, int64_t now)
{
	const struct generation *g = m->current;
	struct err err;
	pid_t pid;
	int line;

	if (m->upgrade.pid != 0) {
		m->replace = false;
		log_warning("USR2 is ignored: process %d, which an upgrade has "
		    "started, is not done yet", (int)m->upgrade.pid);
	}
	if (!m->replace || !master_is_free(m))
		return;
	m->replace = false;
	if (getpid() == 1) {
		log_err("USR2 is refused: this is process 1, and its container "
		    "would end with it; replace the container");
		return;
	}
	pid = handover_start(m->source.argv, &g->listeners, &g->shm,
	    g->channels, g->count, &line, &err);
	if (pid == -1)
		log_err("the upgrade failed: %s", err.text);
	else
		upgrade_begin(&m->upgrade, pid, line, now);
}

bool
master_forward(const struct master *m, int signal)
{
	return m->upgrade.phase == UPGRADE_HANDED && m->upgrade.pid != 0 &&
	    kill(m->upgrade.pid, signal) == 0;
}

/* Everything is the successor's now, but for our workers' connections. */
static void
step_down(struct master *m, int64_t now)
{
	m->stopping = true;
	control_close();
	generation_retire(m->current, now);
	listen_leave(&m->current->listeners, NULL);
	if (m->reload)
		master_forward(m, SIGHUP);
}

static void
mind_successor(struct master *m, int64_t now)
{
	switch (upgrade_turn(&m->upgrade, m->refresher.pid != 0, now)) {
	case UPGRADE_REST:
		proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
		break;
	case UPGRADE_DRAIN:
		step_down(m, now);
		break;
	case UPGRADE_FAILED:
	case UPGRADE_WAIT:
		break;
	}
}

static void
mind_predecessor(struct master *m, int64_t now)
{
	bool serving = generation_ready(m->current) == m->current->count;

	switch (heir_turn(&m->heir, serving, master_works(m),
	    m->refresher.pid != 0)) {
	case HEIR_RENEW:
		generation_succeed(m->current);
		break;
	case HEIR_REIGN:
		generation_settle(m->current);
		break;
	case HEIR_ORPHANED:
		m->status = PROC_FAILED;
		master_stop(m, now);
		break;
	case HEIR_WAIT:
		break;
	}
}

void
master_mind_upgrade(struct master *m, int64_t now)
{
	mind_successor(m, now);
	mind_predecessor(m, now);
	generation_lead(m->current);
	if (m->old != NULL && master_old_is_ours(m))
		generation_follow(m->old, m->current);
}
