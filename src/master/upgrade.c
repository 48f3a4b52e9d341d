/* SPDX-License-Identifier: MIT */
/* Both sides of an upgrade, as two machines of states: what is said on the line
 * comes in, what the master has to do comes out. */
#include "config.h"

#include "master/upgrade.h"

#include "master/handover.h"
#include "base/log.h"
#include "base/systemd.h"
#include "process/proc.h"

#include <signal.h>

/* ---- the old master's side ---- */

#define PATIENCE_MS 15000 /* for READY, and once more for DONE */
#define KILLED_MS 2000    /* from SIGKILL to the end of the line */

void
upgrade_begin(struct upgrade *u, pid_t pid, int line, int64_t now)
{
	*u = (struct upgrade){
	    .phase = UPGRADE_STARTED,
	    .line = line,
	    .pid = pid,
	    .speaker = pid,
	    .due_at = now + PATIENCE_MS,
	};
	log_notice("upgrade: the new program runs as process %d", (int)pid);
}

static enum upgrade_step
fail(struct upgrade *u)
{
	handover_hang_up(&u->line);
	u->phase = UPGRADE_NONE;
	if (!u->cancelled)
		log_err("the upgrade failed: this program goes on as before");
	return UPGRADE_FAILED;
}

static enum upgrade_step
handle_successor(struct upgrade *u, const struct handover_message *m,
    int64_t now)
{
	if (m->kind == HANDOVER_REFRESHER && m->pid > 1)
		u->refresher = m->pid;
	if (m->kind == HANDOVER_READY && u->phase == UPGRADE_STARTED &&
	    !u->cancelled) {
		u->phase = UPGRADE_YIELDING;
		return UPGRADE_YIELD;
	}
	if (m->kind != HANDOVER_DONE || u->phase != UPGRADE_TRIAL ||
	    u->cancelled)
		return UPGRADE_WAIT;
	/* first, or systemd would ignore messages of the new master */
	systemd_notify("MAINPID=%d", (int)u->pid);
	handover_send(u->line, HANDOVER_BYE, 0);
	u->phase = UPGRADE_HANDED;
	u->due_at = now;
	log_notice("upgrade: process %d is the master now", (int)u->pid);
	return UPGRADE_DRAIN;
}

/* A deadline has passed: kill, and wait for the end of the line, since the
 * other refresher may outlive its master for a moment. */
static void
end_overdue(struct upgrade *u, int64_t now)
{
	u->due_at = now + KILLED_MS;
	if (u->pid != 0) {
		log_err("upgrade: process %d is not done in time: killed",
		    (int)u->pid);
		kill(u->pid, SIGKILL);
	} else if (u->refresher != 0) /* holds the line, so the id is its own */
		kill(u->refresher, SIGKILL);
	else {
		u->due_at = now + PATIENCE_MS;
		log_err(
		    "upgrade: a process of the new program is still alive; tokens are not renewed until it ends");
	}
}

enum upgrade_step
upgrade_turn(struct upgrade *u, bool renewing, int64_t now)
{
	enum upgrade_step step = UPGRADE_WAIT;
	struct handover_message m;
	int status = 0;

	if (u->cancelled && u->pid != 0 && now >= u->due_at)
		end_overdue(u, now);
	if (u->phase == UPGRADE_NONE || u->phase == UPGRADE_HANDED)
		return UPGRADE_WAIT;
	if (u->phase == UPGRADE_YIELDING && !renewing && !u->cancelled) {
		u->phase = UPGRADE_TRIAL;
		u->due_at = now + PATIENCE_MS;
		handover_send(u->line, HANDOVER_GO, 0);
	}
	while (step == UPGRADE_WAIT &&
	    (status = handover_receive(u->line, u->speaker, &m)) == 1)
		step = handle_successor(u, &m, now);
	if (status == -1 || (u->pid == 0 && u->phase < UPGRADE_TRIAL))
		return fail(u);
	if (step == UPGRADE_WAIT && now >= u->due_at)
		end_overdue(u, now);
	return step;
}

bool
upgrade_reaped(struct upgrade *u, pid_t pid, int status, int64_t now)
{
	char text[64];

	if (u->pid == 0 || pid != u->pid)
		return false;
	proc_status_text(status, text, sizeof(text));
	log_warning("the new program, process %d, ended: %s", (int)pid, text);
	u->pid = 0;
	u->due_at = now + KILLED_MS;
	return true;
}

int
upgrade_line(const struct upgrade *u)
{
	return u->phase == UPGRADE_NONE || u->phase == UPGRADE_HANDED ? -1
								      : u->line;
}

bool
upgrade_may_renew(const struct upgrade *u)
{
	return u->phase == UPGRADE_NONE || u->phase == UPGRADE_STARTED;
}

void
upgrade_cancel(struct upgrade *u, int64_t until)
{
	if (u->pid == 0 || u->phase == UPGRADE_HANDED)
		return;
	if (!u->cancelled)
		u->due_at = until;
	u->cancelled = true;
	kill(u->pid, SIGTERM);
}

bool
upgrade_lingers(const struct upgrade *u)
{
	return u->cancelled && u->pid != 0;
}

/* ---- the new master's side ---- */

void
takeover_begin(struct takeover *t, int line, pid_t pid)
{
	*t = (struct takeover){
	    .phase = line == -1 ? TAKEOVER_NONE : TAKEOVER_STARTING,
	    .line = line,
	    .speaker = pid,
	};
}

/* The line has ended: the old master is gone. */
static enum takeover_step
lose_predecessor(struct takeover *t)
{
	enum takeover_phase phase = t->phase;

	handover_end();
	t->line = -1;
	if (phase == TAKEOVER_STARTING || phase == TAKEOVER_READY) {
		t->phase = TAKEOVER_GONE;
		log_err(
		    "upgrade: the old master died before it had handed over; start anew");
		return TAKEOVER_ORPHANED;
	}
	t->phase = phase == TAKEOVER_LEAVING ? TAKEOVER_GONE : TAKEOVER_NONE;
	if (phase == TAKEOVER_MASTER)
		log_info("the old master is gone");
	return phase == TAKEOVER_TRIAL || phase == TAKEOVER_DONE
	    ? TAKEOVER_COMPLETE
	    : TAKEOVER_WAIT;
}

static enum takeover_step
handle_predecessor(struct takeover *t, const struct handover_message *m)
{
	if (m->kind == HANDOVER_GO && t->phase == TAKEOVER_READY) {
		t->phase = TAKEOVER_TRIAL;
		return TAKEOVER_CATCH_UP;
	}
	if (m->kind == HANDOVER_BYE && t->phase == TAKEOVER_DONE) {
		t->phase = TAKEOVER_MASTER;
		return TAKEOVER_COMPLETE;
	}
	return TAKEOVER_WAIT;
}

enum takeover_step
takeover_turn(struct takeover *t, bool serving, bool works, bool renewing)
{
	struct handover_message m;
	int status;

	if (t->phase == TAKEOVER_NONE || t->phase == TAKEOVER_GONE)
		return TAKEOVER_WAIT;
	if (t->phase == TAKEOVER_LEAVING && !renewing) {
		handover_end();
		t->line = -1;
		t->phase = TAKEOVER_GONE;
		return TAKEOVER_WAIT;
	}
	if (t->phase == TAKEOVER_STARTING && serving) {
		t->phase = TAKEOVER_READY;
		handover_send(t->line, HANDOVER_READY, 0);
	} else if (t->phase == TAKEOVER_TRIAL && works) {
		t->phase = TAKEOVER_DONE;
		handover_send(t->line, HANDOVER_DONE, 0);
	}
	status = handover_receive(t->line, t->speaker, &m);
	if (status == -1)
		return lose_predecessor(t);
	return status == 1 ? handle_predecessor(t, &m) : TAKEOVER_WAIT;
}

void
takeover_name_refresher(const struct takeover *t, pid_t refresher)
{
	if (t->phase == TAKEOVER_TRIAL || t->phase == TAKEOVER_DONE)
		handover_send(t->line, HANDOVER_REFRESHER, refresher);
}

bool
takeover_may_renew(const struct takeover *t)
{
	return t->phase == TAKEOVER_NONE ||
	    (t->phase >= TAKEOVER_TRIAL && t->phase <= TAKEOVER_MASTER);
}

bool
takeover_is_master(const struct takeover *t)
{
	return t->phase == TAKEOVER_NONE || t->phase == TAKEOVER_MASTER;
}

bool
takeover_give_up(struct takeover *t)
{
	if (takeover_is_master(t) || t->phase == TAKEOVER_GONE)
		return false;
	t->phase = TAKEOVER_LEAVING;
	return true;
}
