/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "master_own.h"

#include "clock.h"
#include "control.h"
#include "crypto.h"
#include "handover.h"
#include "log.h"
#include "notify.h"
#include "pidfile.h"
#include "sandbox.h"
#include "sig.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_HURRIED_MS 50 /* while one generation waits for the other */

void
master_stop(struct master *m, int64_t now)
{
	m->stop_at = 0;
	upgrade_cancel(&m->upgrade, now + m->current->conf->drain_timeout_ms +
	    REFRESHER_GRACE_MS);
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
	generation_disown(m->current);
	if (heir_give_up(&m->heir))
		proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
}

/*
 * Told to stop: serve on for shutdown-delay, while those who send us callers
 * find out.  Told again, or when that time is over: stop.
 */
static void
stop_after_delay(struct master *m, int64_t now)
{
	int64_t delay_ms = m->current->conf->shutdown_delay_ms;

	if (delay_ms == 0 || m->stop_at != 0 || m->stopping) {
		master_stop(m, now);
		return;
	}
	m->stop_at = now + delay_ms;
	stats_set(&m->current->stats.process[STATS_MASTER].draining, 1);
	notify("STOPPING=1 on for shutdown-delay");
	log_notice("told to stop: serving on for %lld ms",
	    (long long)delay_ms);
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
		control_reloaded(false, problems);
		log_lines(LVL_ERR, problems);
		log_err("the configuration was not reloaded");
	} else if (sandbox_check(conf, &err) == -1 ||
	    generation_open(next, conf, m->current, &err) == -1) {
		control_reloaded(false, err.text);
		log_err("the configuration was not reloaded: %s", err.text);
		conf_free(conf);
	} else {
		control_reloaded(true, "the configuration was reloaded\n");
		m->old = m->current;
		m->current = next;
		log_open((enum log_level)conf->log_level, conf->log_format == 1);
		proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
		master_start_missing(m, now);
		log_notice("the configuration was reloaded");
	}
	notify("READY=1");
}

static void
mind_signals(struct master *m, int64_t now)
{
	sig_drain();
	if (sig_stop_taken() || (m->stop_at != 0 && now >= m->stop_at))
		stop_after_delay(m, now);
	if (sig_taken(SIGUSR2) && !master_forward(m, SIGUSR2))
		m->replace = true;
	if (sig_taken(SIGHUP) && !master_forward(m, SIGHUP))
		m->reload = true;
	if (sig_taken(SIGUSR1) && !master_forward(m, SIGUSR1) &&
	    m->refresher.pid != 0)
		kill(m->refresher.pid, SIGUSR1);
	if (m->replace)
		master_replace(m, now);
	if (m->reload && master_is_free(m))
		reload(m, now);
}

bool
master_works(const struct master *m)
{
	const struct generation *g = m->current;
	const struct stats_process *r = &g->stats.process[STATS_REFRESHER];

	return generation_ready(g) == g->count && stats_get(&r->ready) != 0 &&
	    (!conf_has_redis(g->conf) || stats_get(&r->redis_known) != 0);
}

/* Tell the world that we are there, and who we are. */
static void
introduce(struct master *m)
{
	struct err err;

	if (m->current->conf->pid_file != NULL)
		m->pid_file = util_strdup(m->current->conf->pid_file);
	if (m->pid_file != NULL && pidfile_write(m->pid_file, &err) == -1) {
		if (handover_got() == NULL)
			log_die("%s", err.text);
		log_err("%s", err.text); /* too late to give up */
	}
	/* systemd got to know an heir from its predecessor */
	if (handover_got() == NULL)
		notify("READY=1\nMAINPID=%d", (int)getpid());
}

static void
announce(struct master *m)
{
	const struct listeners *l = &m->current->listeners;
	char name[256];
	size_t i;

	if (m->announced || m->stopping || !heir_reigns(&m->heir) ||
	    !master_works(m))
		return;
	m->announced = true;
	for (i = 0; i < l->count; i++) {
		listen_name(&l->item[i], name, sizeof(name));
		log_notice("serving %s on %s", l->item[i].admin
		    ? "health, metrics and status" : "tokens", name);
	}
	introduce(m);
}

static bool
finished(struct master *m, int64_t now)
{
	if (!m->stopping || generation_running(m->current) > 0 ||
	    m->old != NULL || upgrade_lingers(&m->upgrade))
		return false;
	if (m->refresher.pid == 0)
		return true;
	proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
	return false;
}

/* Sleep until something happens, or there may be something to see. */
static void
doze(const struct master *m, struct pollfd *control)
{
	bool alone = m->old == NULL && heir_reigns(&m->heir);
	struct pollfd fds[3 + CONTROL_FDS] = {
	    {.fd = m->signal_fd, .events = POLLIN},
	    {.fd = upgrade_line(&m->upgrade), .events = POLLIN},
	    {.fd = m->heir.line, .events = POLLIN},
	};

	control_pollfds(fds + 3);
	if (poll(fds, 3 + CONTROL_FDS, alone ? TICK_MS : TICK_HURRIED_MS) ==
	    -1)
		control_pollfds(fds + 3); /* nothing has happened */
	memcpy(control, fds + 3, CONTROL_FDS * sizeof(*control));
}

/* A predecessor keeps the socket until all is ours. */
static int
open_control(struct master *m, struct err *err)
{
	if (m->controlled || !heir_reigns(&m->heir) || m->stopping)
		return 0;
	if (control_open(m->current->conf, err) == -1)
		return -1;
	m->controlled = true;
	return 0;
}

static void
mind_control(struct master *m, const struct pollfd *fds, int64_t now)
{
	struct control_of of = {
	    .conf = m->current->conf,
	    .shm = &m->current->shm,
	    .stats = &m->current->stats,
	    .workers = m->current->count,
	    .ready = generation_ready(m->current),
	    .stopping = m->stopping,
	};

	if (control_turn(fds, &of, now))
		m->reload = true;
}

static void
turn(struct master *m)
{
	struct pollfd fds[CONTROL_FDS];
	struct err err;
	int64_t now;

	doze(m, fds);
	now = clock_awake_ms();
	mind_control(m, fds, now);
	mind_signals(m, now);
	master_reap(m, now);
	master_watch(m, now);
	master_mind_upgrade(m, now);
	if (open_control(m, &err) == -1 && m->announced && !m->control_told) {
		m->control_told = true;
		log_err("%s", err.text);
	}
	master_start_missing(m, now);
	master_relieve(m, now);
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
	heir_begin(&m.heir, handover_got() == NULL ? -1
	    : handover_got()->line);
	proc_no_dumps();
	crypto_begin();
	m.signal_fd = sig_open(signals);
	proc_life_line_open();
	if (generation_open(m.current, conf, NULL, &err) == -1) {
		log_err("%s", err.text);
		return PROC_FAILED;
	}
	if (control_prepare(conf, &err) == -1 ||
	    open_control(&m, &err) == -1 || sandbox_begin(conf, &err) == -1) {
		log_err("%s", err.text);
		generation_close(m.current, NULL);
		return PROC_FAILED;
	}
	stats_set(&m.current->stats.process[STATS_MASTER].pid,
	    (uint64_t)getpid());
	m.ticked_at = clock_awake_ms();
	master_start_missing(&m, m.ticked_at);
	while (!finished(&m, clock_awake_ms()))
		turn(&m);
	if (m.pid_file != NULL)
		pidfile_remove(m.pid_file);
	free(m.pid_file);
	log_notice("stopped");
	control_close();
	generation_close(m.current, NULL);
	return m.status;
}
