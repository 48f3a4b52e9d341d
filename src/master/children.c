/* SPDX-License-Identifier: MIT */
/* Starts, reaps, watches and replaces the master's children. */
#include "config.h"

#include "master/private.h"

#include "control/control.h"
#include "master/handover.h"
#include "base/log.h"
#include "refresher/refresher.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define REPLACE_MS 1000

/* The refresher's process is started with this. */
struct start {
	struct master *master;
	struct refresher_args args;
};

static int
run_refresher(void *arg)
{
	struct start *s = arg;

	control_leave(true);
	crew_leave(s->master->old, s->master->current);
	handover_leave(&s->master->current->listeners, true);
	listen_leave(&s->master->current->listeners, NULL);
	return refresher_run(&s->args);
}

/* Everybody who reads our segment asks our refresher. */
static size_t
list_channels(const struct master *m, struct channel *out)
{
	const struct handover *h = handover_got();
	const struct {
		const struct channel *channel;
		size_t count;
	} all[] = {
	    {m->current->channels, m->current->count},
	    {m->old != NULL ? m->old->channels : NULL,
		m->old != NULL && m->old->shares ? m->old->count : 0},
	    {h != NULL ? h->channels : NULL,
		h != NULL && h->shares ? h->channel_count : 0},
	    {control_channel(), control_channel()->refresher != -1},
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].count > 0)
			memcpy(out + n, all[i].channel,
			    all[i].count * sizeof(*out));
		n += all[i].count;
	}
	return n;
}

static void
start_refresher(struct master *m, int64_t now)
{
	static struct channel
	    channels[2 * STATS_WORKERS_MAX + HANDOVER_CHANNELS_MAX + 1];
	struct crew *c = m->current;
	struct start s = {.master = m,
	    .args = {
		.conf = c->conf,
		.before = m->old == NULL ? NULL : m->old->conf,
		.segment = &c->segment,
		.stats = &c->stats,
		.channels = channels,
		.channel_count = list_channels(m, channels),
		.master_end = control_channel()->refresher,
		.first = !m->announced.serving,
	    }};

	m->refresher.retired = false;
	m->refresher.stats = stats_process(&c->stats, STATS_REFRESHER);
	proc_start(&m->refresher, run_refresher, &s, now);
	if (m->refresher.pid != 0)
		takeover_name_refresher(&m->takeover, m->refresher.pid);
}

void
children_start(struct master *m, int64_t now)
{
	if (!m->stopping)
		crew_start(m->current, m->old, now);
	if (m->refresher.pid == 0 && upgrade_may_renew(&m->upgrade) &&
	    takeover_may_renew(&m->takeover) &&
	    (!m->stopping || crew_running(m->current) > 0))
		start_refresher(m, now);
}

static void
log_death(const char *role, pid_t pid, int status)
{
	char text[64];

	proc_status_text(status, text, sizeof(text));
	log_warning("%s %d died: %s", role, (int)pid, text);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_err(
		    "its sandbox forbids a system call that it made; the kernel's log has its number: type=1326 pid=%d",
		    (int)pid);
}

static void
handle_death(struct master *m, pid_t pid, int status, int64_t now)
{
	bool refresher = pid == m->refresher.pid;
	enum stats_role role =
	    refresher ? STATS_ROLE_REFRESHER : STATS_ROLE_WORKER;
	struct proc *p = refresher ? &m->refresher : crew_find(m->current, pid);

	if (p == NULL && m->old != NULL)
		p = crew_find(m->old, pid);
	if (p == NULL) {
		upgrade_reaped(&m->upgrade, pid, status, now);
		return;
	}
	if (!p->retired && !m->stopping) {
		log_death(stats_role_label[role], pid, status);
		stats_add(&stats_process(&m->current->stats, STATS_MASTER)
			       ->restarts[role],
		    1);
	}
	proc_died(p, now);
	/* wrong Redis credentials at the start end it; see bearerd(8) */
	if (refresher && !m->announced.serving && !m->stopping &&
	    WIFEXITED(status) && WEXITSTATUS(status) == PROC_REDIS_REFUSED)
		m->status = PROC_REDIS_REFUSED;
}

bool
children_left_old(const struct master *m)
{
	return m->refresher.pid == 0 || !m->refresher.retired;
}

void
children_reap(struct master *m, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		handle_death(m, pid, status, now);
	if (m->old != NULL && crew_running(m->old) == 0 &&
	    children_left_old(m)) {
		crew_close(m->old, m->current);
		m->old = NULL;
		log_info("the old workers are gone");
	}
}

void
children_check_segment(struct master *m, int64_t now)
{
	struct crew *c = m->current;
	struct err err;

	if (segment_is_whole(&c->segment) || now < m->replace_at ||
	    m->stopping || m->upgrade.phase != UPGRADE_NONE ||
	    !takeover_is_master(&m->takeover))
		return;
	m->replace_at = now + REPLACE_MS;
	if (crew_replace_segment(c, &err) == -1) {
		log_err(
		    "the shared memory was cut short by another process, and cannot be made anew: %s",
		    err.text);
		return;
	}
	log_err(
	    "the shared memory /dev/shm%s was cut short by another process: it is made anew, and so are all processes",
	    c->conf->shm_name);
	if (m->old != NULL && m->old->shares) {
		m->old->segment = c->segment;
		crew_kill(m->old, now);
	}
	if (m->refresher.pid != 0)
		kill(m->refresher.pid, SIGKILL);
}

void
children_relieve(struct master *m, int64_t now)
{
	if (m->old != NULL && !m->old->retired && children_serve(m)) {
		crew_retire(m->old, now);
		crew_close_sockets(m->old, m->current);
	}
}

static void
watch_one(struct proc *p, const char *role, int64_t now)
{
	pid_t pid = p->pid;

	if (proc_watch(p, now))
		log_err("%s %d does not respond: killed", role, (int)pid);
}

void
children_watch(struct master *m, int64_t now)
{
	bool slept = now - m->ticked_at > 4 * TICK_MS;
	size_t i;

	m->ticked_at = now;
	if (slept) /* we were stopped: heartbeats look old */
		return;
	watch_one(&m->refresher, "refresher", now);
	for (i = 0; i < m->current->count; i++)
		watch_one(&m->current->workers[i], "worker", now);
	for (i = 0; m->old != NULL && i < m->old->count; i++)
		watch_one(&m->old->workers[i], "old worker", now);
}

bool
children_serve(const struct master *m)
{
	return crew_ready(m->current) == m->current->count;
}

bool
children_work(const struct master *m)
{
	const struct stats_process *r =
	    stats_process(&m->current->stats, STATS_REFRESHER);

	return children_serve(m) && stats_get(&r->ready) != 0 &&
	    (!conf_has_redis(m->current->conf) ||
		stats_get(&r->redis_known) != 0);
}
