/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "master.h"

#include "clock.h"
#include "generation.h"
#include "log.h"
#include "master_status.h"
#include "notify.h"
#include "proc.h"
#include "refresher.h"
#include "sig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 250
#define REFRESHER_GRACE_MS 1000

struct master {
	struct conf_source source;
	struct generation generation[2]; /* current, and the one draining */
	struct generation *current, *old; /* old: NULL unless it drains */
	struct proc refresher;
	bool stopping, announced, reload;
	int signal_fd;
	int status;                /* to exit with */
	char *pid_file;            /* written, or NULL */
	int64_t ticked_at;
	struct told told;
};

/* What the refresher's process is started with. */
struct start {
	struct master *master;
	struct refresher_of of;
};

static int
run_refresher(void *arg)
{
	struct start *s = arg;

	generation_leave(s->master->old, s->master->current);
	listen_leave(&s->master->current->listeners, NULL);
	return refresher_run(&s->of);
}

static void
append_channels(struct refresher_of *of, struct channel *all,
    const struct generation *g)
{
	if (g == NULL)
		return;
	memcpy(all + of->channel_count, g->channels,
	    g->count * sizeof(*all));
	of->channel_count += g->count;
}

static void
start_refresher(struct master *m, int64_t now)
{
	static struct channel channels[2 * STATS_WORKERS_MAX];
	struct generation *g = m->current;
	struct start s = {.master = m, .of = {
	    .conf = g->conf,
	    .shm = &g->shm,
	    .stats = &g->stats,
	    .channels = channels,
	    .first = !m->announced,
	}};

	if (m->refresher.pid != 0)
		return;
	append_channels(&s.of, channels, g);
	if (m->old != NULL && m->old->shares)
		append_channels(&s.of, channels, m->old);
	m->refresher.retired = false;
	m->refresher.stats = &g->stats.process[STATS_REFRESHER];
	proc_start(&m->refresher, run_refresher, &s, now);
}

static void
start_missing(struct master *m, int64_t now)
{
	if (!m->stopping)
		generation_start(m->current, m->old, now);
	if (!m->stopping || generation_running(m->current) > 0)
		start_refresher(m, now);
}

static void
stop(struct master *m, int64_t now)
{
	if (m->stopping) {
		log_notice("told to stop again: not waiting for callers");
		generation_kill(m->current, now);
		if (m->old != NULL)
			generation_kill(m->old, now);
		return;
	}
	m->stopping = true;
	stats_set(&m->current->stats.process[STATS_MASTER].draining, 1);
	notify("STOPPING=1\nSTATUS=draining");
	generation_retire(m->current, now);
	if (m->old != NULL && !m->old->retired)
		generation_retire(m->old, now);
	listen_close(&m->current->listeners, NULL);
}

/* Build the next generation; on any error the running one stays as it is. */
static void
reload(struct master *m, int64_t now)
{
	static char problems[8192], notes[4096];
	struct generation *next = m->current == &m->generation[0]
	    ? &m->generation[1] : &m->generation[0];
	struct buf errors, warnings;
	enum conf_action action;
	struct conf *conf;
	struct err err;

	m->reload = false;
	notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_awake_us());
	buf_init(&errors, problems, sizeof(problems));
	buf_init(&warnings, notes, sizeof(notes));
	conf = conf_load(&m->source, &action, &errors, &warnings);
	buf_text(&errors);
	buf_text(&warnings);
	log_lines(LVL_WARNING, notes);
	if (conf == NULL) {
		log_lines(LVL_ERR, problems);
		log_err("the configuration was not reloaded");
	} else if (generation_open(next, conf, m->current, &err) == -1) {
		log_err("the configuration was not reloaded: %s", err.text);
		conf_free(conf);
	} else {
		m->old = m->current;
		m->current = next;
		log_open((enum log_level)conf->log_level, conf->log_format == 1);
		proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
		start_missing(m, now);
		log_notice("the configuration was reloaded");
	}
	notify("READY=1");
}

static void
mind_signals(struct master *m, int64_t now)
{
	sig_drain();
	if (sig_stop_taken())
		stop(m, now);
	if (sig_taken(SIGUSR2))
		log_warning("USR2 is ignored: this version cannot replace its "
		    "binary while it runs");
	if (sig_taken(SIGHUP))
		m->reload = true;
	if (sig_taken(SIGUSR1) && m->refresher.pid != 0)
		kill(m->refresher.pid, SIGUSR1);
	if (m->reload && m->old == NULL && !m->stopping)
		reload(m, now);
}

/* Wrong Redis credentials at the start end it; see INTERFACE's exit status. */
static void
mind_refusal(struct master *m, const struct proc *p, int status, int64_t now)
{
	if (p != &m->refresher || m->announced || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != PROC_REDIS_REFUSED || m->stopping)
		return;
	m->status = PROC_REDIS_REFUSED;
	stop(m, now);
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
	if (p == NULL)
		return;
	if (!p->retired && !m->stopping) {
		proc_status_text(status, text, sizeof(text));
		log_warning("%s %d died: %s", refresher ? "refresher"
		    : "worker", (int)pid, text);
		stats_add(&m->current->stats.process[STATS_MASTER].restarts[
		    refresher ? STATS_ROLE_REFRESHER : STATS_ROLE_WORKER], 1);
	}
	proc_died(p, status, now);
	if (p->retired)
		p->start_at = now;
	mind_refusal(m, p, status, now);
}

static void
reap(struct master *m, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(m, pid, status, now);
	/* the refresher may still write where the old generation's slots are */
	if (m->old != NULL && generation_running(m->old) == 0 &&
	    (m->refresher.pid == 0 || !m->refresher.retired)) {
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
static void
relieve(struct master *m, int64_t now)
{
	if (m->old != NULL && !m->old->retired &&
	    generation_ready(m->current) == m->current->count)
		generation_retire(m->old, now);
}

/* Kill whoever stalls; not when it was us who slept. */
static void
watch_all(struct master *m, int64_t now)
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

static void
write_pid_file(const char *path)
{
	FILE *f;

	if (path == NULL)
		return;
	f = fopen(path, "we");
	if (f == NULL || fprintf(f, "%d\n", (int)getpid()) < 0 ||
	    fclose(f) != 0)
		log_die("pid-file %s: %s", path, strerror(errno));
}

static void
announce(struct master *m)
{
	const struct listeners *l = &m->current->listeners;
	char name[256];
	size_t i;

	if (m->announced || m->stopping ||
	    generation_ready(m->current) < m->current->count ||
	    (conf_has_redis(m->current->conf) && stats_get(
	    &m->current->stats.process[STATS_REFRESHER].redis_known) == 0))
		return;
	m->announced = true;
	for (i = 0; i < l->count; i++) {
		listen_name(&l->item[i], name, sizeof(name));
		log_notice("serving %s on %s", l->item[i].admin
		    ? "health, metrics and status" : "tokens", name);
	}
	if (m->current->conf->pid_file != NULL)
		m->pid_file = util_strdup(m->current->conf->pid_file);
	write_pid_file(m->pid_file);
	notify("READY=1\nMAINPID=%d", (int)getpid());
}

static bool
finished(struct master *m, int64_t now)
{
	if (!m->stopping || generation_running(m->current) > 0 ||
	    m->old != NULL)
		return false;
	if (m->refresher.pid == 0)
		return true;
	proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
	return false;
}

static void
turn(struct master *m)
{
	struct pollfd fd = {.fd = m->signal_fd, .events = POLLIN};
	int64_t now;

	poll(&fd, 1, TICK_MS);
	now = clock_awake_ms();
	mind_signals(m, now);
	reap(m, now);
	watch_all(m, now);
	start_missing(m, now);
	relieve(m, now);
	announce(m);
	master_tell(&m->told, &(struct tellable){m->current, m->old,
	    &m->refresher, m->announced, m->stopping}, now);
}

int
master_run(struct conf *conf, const struct conf_source *source)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP,
	    SIGUSR1, SIGUSR2, SIGCHLD, 0};
	static struct master m;
	struct err err;

	m = (struct master){.source = *source};
	m.current = &m.generation[0];
	proc_no_dumps();
	m.signal_fd = sig_open(signals);
	proc_life_line_open();
	if (generation_open(m.current, conf, NULL, &err) == -1) {
		log_err("%s", err.text);
		return PROC_FAILED;
	}
	stats_set(&m.current->stats.process[STATS_MASTER].pid,
	    (uint64_t)getpid());
	m.ticked_at = clock_awake_ms();
	start_missing(&m, m.ticked_at);
	while (!finished(&m, clock_awake_ms()))
		turn(&m);
	if (m.pid_file != NULL)
		unlink(m.pid_file);
	free(m.pid_file);
	log_notice("stopped");
	generation_close(m.current, NULL);
	return m.status;
}
