/* SPDX-License-Identifier: MIT */
/* The master's children: started, reaped, watched over, relieved. */
#include "config.h"

#include "master_own.h"

#include "control.h"
#include "handover.h"
#include "log.h"
#include "refresher.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* What the refresher's process is started with. */
struct start {
	struct master *master;
	struct refresher_of of;
};

static int
run_refresher(void *arg)
{
	struct start *s = arg;

	control_leave(true);
	generation_leave(s->master->old, s->master->current);
	handover_leave(&s->master->current->listeners, true);
	listen_leave(&s->master->current->listeners, NULL);
	return refresher_run(&s->of);
}

static void
append_channels(struct refresher_of *of, struct channel *all,
    const struct channel *more, size_t count)
{
	memcpy(all + of->channel_count, more, count * sizeof(*all));
	of->channel_count += count;
}

/* The workers of a predecessor ask us too, if they read our segment. */
static void
append_handed(struct refresher_of *of, struct channel *all)
{
	const struct handover *h = handover_got();

	if (h != NULL && h->shares)
		append_channels(of, all, h->channels, h->channel_count);
}

static void
start_refresher(struct master *m, int64_t now)
{
	static struct channel channels[2 * STATS_WORKERS_MAX + 1];
	struct generation *g = m->current;
	struct start s = {.master = m, .of = {
	    .conf = g->conf,
	    .before = m->old == NULL ? NULL : m->old->conf,
	    .shm = &g->shm,
	    .stats = &g->stats,
	    .channels = channels,
	    .first = !m->announced,
	}};

	if (m->refresher.pid != 0)
		return;
	append_channels(&s.of, channels, g->channels, g->count);
	if (m->old != NULL && m->old->shares)
		append_channels(&s.of, channels, m->old->channels,
		    m->old->count);
	append_handed(&s.of, channels);
	if (control_channel()->refresher != -1)
		append_channels(&s.of, channels, control_channel(), 1);
	m->refresher.retired = false;
	m->refresher.stats = &g->stats.process[STATS_REFRESHER];
	proc_start(&m->refresher, run_refresher, &s, now);
	if (m->refresher.pid != 0)
		heir_renews(&m->heir, m->refresher.pid);
}

void
master_start_missing(struct master *m, int64_t now)
{
	if (!m->stopping)
		generation_start(m->current, m->old, now);
	if (upgrade_may_renew(&m->upgrade) && heir_may_renew(&m->heir) &&
	    (!m->stopping || generation_running(m->current) > 0))
		start_refresher(m, now);
}

/* Wrong Redis credentials at the start end it; see INTERFACE's exit status. */
static void
mind_refusal(struct master *m, const struct proc *p, int status, int64_t now)
{
	if (p != &m->refresher || m->announced || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != PROC_REDIS_REFUSED || m->stopping)
		return;
	m->status = PROC_REDIS_REFUSED;
	master_stop(m, now);
}

static void
bury(struct master *m, pid_t pid, int status, int64_t now)
{
	bool refresher = pid == m->refresher.pid;
	struct proc *p = refresher ? &m->refresher
	    : generation_find(m->current, pid);
	char text[64];

	if (p == NULL && m->old != NULL)
		p = generation_find(m->old, pid);
	if (p == NULL) {
		upgrade_reaped(&m->upgrade, pid, status, now);
		return;
	}
	if (!p->retired && !m->stopping) {
		proc_status_text(status, text, sizeof(text));
		log_warning("%s %d died: %s", refresher ? "refresher"
		    : "worker", (int)pid, text);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
			log_err("its sandbox forbids a system call that it "
			    "made; the kernel's log has its number: type=1326 "
			    "pid=%d", (int)pid);
		stats_add(&m->current->stats.process[STATS_MASTER].restarts[
		    refresher ? STATS_ROLE_REFRESHER : STATS_ROLE_WORKER], 1);
	}
	proc_died(p, status, now);
	if (p->retired)
		p->start_at = now;
	mind_refusal(m, p, status, now);
}

bool
master_old_is_ours(const struct master *m)
{
	return m->refresher.pid == 0 || !m->refresher.retired;
}

void
master_reap(struct master *m, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(m, pid, status, now);
	if (m->old != NULL && generation_running(m->old) == 0 &&
	    master_old_is_ours(m)) {
		generation_close(m->old, m->current);
		m->old = NULL;
		log_info("the old generation is gone");
	}
}

static void
watch_one(struct proc *p, const char *what, int64_t now)
{
	pid_t pid = p->pid;

	if (proc_watch(p, now))
		log_err("%s %d does not respond: killed", what, (int)pid);
}

/* The old workers go once the new ones do their work. */
void
master_relieve(struct master *m, int64_t now)
{
	if (m->old != NULL && !m->old->retired &&
	    generation_ready(m->current) == m->current->count)
		generation_retire(m->old, now);
}

/* Kill whoever stalls; not when it was us who slept. */
void
master_watch(struct master *m, int64_t now)
{
	bool slept = now - m->ticked_at > 4 * TICK_MS;
	size_t i;

	m->ticked_at = now;
	if (slept)
		return;
	watch_one(&m->refresher, "refresher", now);
	for (i = 0; i < m->current->count; i++)
		watch_one(&m->current->workers[i], "worker", now);
	for (i = 0; m->old != NULL && i < m->old->count; i++)
		watch_one(&m->old->workers[i], "old worker", now);
}
