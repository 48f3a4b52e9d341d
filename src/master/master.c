/* SPDX-License-Identifier: MIT */
/* The master's loop and its decisions: to stop, to reload, to hand over to
 * another program or to take over from one. */
#include "config.h"

#include "master/private.h"

#include "base/clock.h"
#include "control/control.h"
#include "base/crypto.h"
#include "master/handover.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/systemd.h"
#include "base/pidfile.h"
#include "process/sandbox.h"
#include "base/sig.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define TICK_HURRIED_MS 50 /* while one crew waits for the other */
#define FDS (3 + CONTROL_FDS)

/* ---- to stop ---- */

static void
stop_refresher(struct master *m, int64_t now)
{
	proc_retire(&m->refresher, SIGUSR2, REFRESHER_GRACE_MS, now);
}

static void
note_draining(struct master *m)
{
	stats_set(&stats_process(&m->current->stats, STATS_MASTER)->draining,
	    1);
}

/* Stop now; asked again, do not wait for callers. */
static void
stop(struct master *m, int64_t now)
{
	m->stop_at = 0;
	upgrade_cancel(&m->upgrade,
	    now + m->current->conf->drain_timeout_ms + REFRESHER_GRACE_MS);
	if (m->stopping) {
		log_notice("told to stop again: not waiting for callers");
		crew_kill(m->current, now);
		if (m->old != NULL)
			crew_kill(m->old, now);
		return;
	}
	m->stopping = true;
	note_draining(m);
	systemd_notify("STOPPING=1\nSTATUS=draining");
	crew_retire(m->current, now);
	if (m->old != NULL && !m->old->retired)
		crew_retire(m->old, now);
	crew_stop_listening(m->current);
	if (takeover_give_up(&m->takeover))
		stop_refresher(m, now);
}

/*
 * Told to stop: serve on for shutdown-delay, until load balancers notice.  Told
 * again, or when that time is over: stop.
 */
static void
stop_after_delay(struct master *m, int64_t now)
{
	int64_t delay_ms = m->current->conf->shutdown_delay_ms;

	if (delay_ms == 0 || m->stop_at != 0 || m->stopping) {
		stop(m, now);
		return;
	}
	m->stop_at = now + delay_ms;
	note_draining(m);
	systemd_notify("STOPPING=1\nSTATUS=serving on for shutdown-delay");
	log_notice("told to stop: serving on for %lld ms", (long long)delay_ms);
}

/* ---- to reload ---- */

/* True: no reload, no upgrade and no stop is under way. */
static bool
is_free(const struct master *m)
{
	return m->old == NULL && !m->stopping && m->stop_at == 0 &&
	    m->upgrade.phase == UPGRADE_NONE && m->upgrade.pid == 0 &&
	    m->takeover.phase == TAKEOVER_NONE;
}

/* Set the next crew up; on any error the running one stays as it is. */
static void
reload(struct master *m, int64_t now)
{
	static char problems[8192], notes[4096];
	struct crew *next = &m->crew[m->current == &m->crew[0]];
	struct buf errors, warnings;
	enum conf_action action;
	struct conf *conf;
	struct err err;

	m->reload = false;
	systemd_notify("RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)clock_awake_us());
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
	    crew_open_next(next, conf, m->current, &err) == -1) {
		control_reloaded(false, err.text);
		log_err("the configuration was not reloaded: %s", err.text);
		conf_free(conf);
	} else {
		control_reloaded(true, "the configuration was reloaded\n");
		m->old = m->current;
		m->current = next;
		log_open((enum log_level)conf->log_level,
		    conf->log_format == 1);
		stop_refresher(m, now); /* the next starts when it is reaped */
		log_notice("the configuration was reloaded");
	}
	systemd_notify("READY=1");
}

/* ---- to be replaced by another program, or to replace one ---- */

/* SIGUSR2 came: start the new program once we are free. */
static void
replace(struct master *m, int64_t now)
{
	const struct crew *c = m->current;
	struct err err;
	pid_t pid;
	int line;

	if (m->upgrade.pid != 0) {
		m->replace = false;
		log_warning(
		    "USR2 is ignored: process %d, which an upgrade has started, is not done yet",
		    (int)m->upgrade.pid);
	}
	if (!m->replace || !is_free(m))
		return;
	m->replace = false;
	if (getpid() == 1) {
		log_err(
		    "USR2 is refused: this is process 1, and its container would end with it; replace the container");
		return;
	}
	pid = handover_start(m->source.argv, &c->listeners, &c->segment,
	    c->channels, c->count, &line, &err);
	if (pid == -1)
		log_err("the upgrade failed: %s", err.text);
	else
		upgrade_begin(&m->upgrade, pid, line, now);
}

/* Pass a signal on to the master that has taken over from us.  False: there is
 * none. */
static bool
forward(const struct master *m, int signal)
{
	return m->upgrade.phase == UPGRADE_HANDED && m->upgrade.pid != 0 &&
	    kill(m->upgrade.pid, signal) == 0;
}

static void
follow_upgrade(struct master *m, int64_t now)
{
	switch (upgrade_turn(&m->upgrade, m->refresher.pid != 0, now)) {
	case UPGRADE_YIELD:
		stop_refresher(m, now);
		break;
	case UPGRADE_DRAIN:
		/* all is the successor's, but for our workers' connections */
		m->stopping = true;
		control_close();
		crew_retire(m->current, now);
		listen_leave(&m->current->listeners, NULL);
		if (m->reload)
			forward(m, SIGHUP);
		break;
	case UPGRADE_FAILED:
	case UPGRADE_WAIT:
		break;
	}
}

static void
follow_takeover(struct master *m, int64_t now)
{
	switch (takeover_turn(&m->takeover, children_serve(m), children_work(m),
	    m->refresher.pid != 0)) {
	case TAKEOVER_CATCH_UP:
		crew_catch_up(m->current);
		break;
	case TAKEOVER_COMPLETE:
		crew_complete_takeover(m->current);
		break;
	case TAKEOVER_ORPHANED:
		m->status = PROC_FAILED;
		stop(m, now);
		break;
	case TAKEOVER_WAIT:
		break;
	}
}

/* ---- the loop ---- */

/* Sleep until something happens, or there may be something to see. */
static void
wait_for_events(const struct master *m, struct pollfd fds[FDS])
{
	bool alone = m->old == NULL && takeover_is_master(&m->takeover);

	fds[0] = (struct pollfd){.fd = m->signal_fd, .events = POLLIN};
	fds[1] =
	    (struct pollfd){.fd = upgrade_line(&m->upgrade), .events = POLLIN};
	fds[2] = (struct pollfd){.fd = m->takeover.line, .events = POLLIN};
	control_pollfds(fds + 3);
	if (poll(fds, FDS, alone ? TICK_MS : TICK_HURRIED_MS) == -1)
		control_pollfds(fds + 3); /* nothing has happened */
}

static void
answer_control(struct master *m, const struct pollfd *fds, int64_t now)
{
	struct control_args args = {
	    .conf = m->current->conf,
	    .segment = &m->current->segment,
	    .stats = &m->current->stats,
	    .workers = m->current->count,
	    .ready = crew_ready(m->current),
	    .stopping = m->stopping,
	};

	if (control_turn(fds, &args, now))
		m->reload = true;
}

static void
handle_signals(struct master *m, int64_t now)
{
	sig_drain();
	if (sig_stop_taken() || (m->stop_at != 0 && now >= m->stop_at))
		stop_after_delay(m, now);
	if (sig_taken(SIGUSR2) && !forward(m, SIGUSR2))
		m->replace = true;
	if (sig_taken(SIGHUP) && !forward(m, SIGHUP))
		m->reload = true;
	if (sig_taken(SIGUSR1) && !forward(m, SIGUSR1) && m->refresher.pid != 0)
		kill(m->refresher.pid, SIGUSR1);
	if (m->replace)
		replace(m, now);
	if (m->reload && is_free(m))
		reload(m, now);
}

/* A predecessor keeps the socket until all is ours. */
static int
open_control(struct master *m, struct err *err)
{
	if (m->controlled || !takeover_is_master(&m->takeover) || m->stopping)
		return 0;
	if (control_open(m->current->conf, err) == -1)
		return -1;
	m->controlled = true;
	return 0;
}

static void
turn(struct master *m)
{
	struct pollfd fds[FDS];
	struct err err;
	int64_t now;

	wait_for_events(m, fds);
	now = clock_awake_ms();
	answer_control(m, fds + 3, now);
	handle_signals(m, now);
	children_reap(m, now);
	if (m->status != PROC_OK && !m->stopping)
		stop(m, now);
	children_watch(m, now);
	children_check_segment(m, now);
	follow_upgrade(m, now);
	follow_takeover(m, now);
	crew_pass_on(m->current, children_left_old(m) ? m->old : NULL);
	if (open_control(m, &err) == -1 && m->announced.serving &&
	    !m->complained) {
		m->complained = true;
		log_err("%s", err.text);
	}
	children_start(m, now);
	children_relieve(m, now);
	if (!m->announced.serving && !m->stopping &&
	    takeover_is_master(&m->takeover) && children_work(m))
		announce_serving(&m->announced, m->current);
	announce_status(&m->announced, m->current, m->old, &m->refresher,
	    m->stopping, now);
}

/* True: all children have stopped; the refresher is the last. */
static bool
finished(struct master *m, int64_t now)
{
	if (!m->stopping || crew_running(m->current) > 0 || m->old != NULL ||
	    upgrade_lingers(&m->upgrade))
		return false;
	if (m->refresher.pid != 0)
		stop_refresher(m, now);
	return m->refresher.pid == 0;
}

int
master_run(struct conf *conf, const struct conf_source *source)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1,
	    SIGUSR2, SIGCHLD, 0};
	const struct handover *from = handover_got();
	static struct master m;
	struct err err;

	m = (struct master){.source = *source, .current = &m.crew[0]};
	takeover_begin(&m.takeover, from == NULL ? -1 : from->line,
	    from == NULL ? 0 : from->master);
	proc_no_dumps();
	segment_guard();
	crypto_begin();
	m.signal_fd = sig_open(signals);
	proc_life_line_open();
	if (crew_open_first(m.current, conf, &err) == -1) {
		log_err("%s", err.text);
		return PROC_FAILED;
	}
	/* the pid file now, before there is anything that had to be undone */
	if ((conf->pid_file != NULL &&
		pidfile_check(conf->pid_file, &err) == -1) ||
	    control_prepare(conf, &err) == -1 || open_control(&m, &err) == -1 ||
	    sandbox_begin(conf, &err) == -1) {
		log_err("%s", err.text);
		crew_close(m.current, NULL);
		return PROC_FAILED;
	}
	stats_set(&stats_process(&m.current->stats, STATS_MASTER)->pid,
	    (uint64_t)getpid());
	m.ticked_at = clock_awake_ms();
	children_start(&m, m.ticked_at);
	while (!finished(&m, clock_awake_ms()))
		turn(&m);
	announce_end(&m.announced);
	log_notice("stopped");
	control_close();
	crew_close(m.current, NULL);
	return m.status;
}
