/* SPDX-License-Identifier: MIT */
/* The old master's side. */
#include "config.h"

#include "upgrade.h"

#include "handover.h"
#include "log.h"
#include "notify.h"
#include "proc.h"

#include <signal.h>

#define PATIENCE_MS 15000 /* for READY, and once more for DONE */
#define KILLED_MS 2000    /* from SIGKILL to the end of the line */

void
upgrade_begin(struct upgrade *u, pid_t pid, int line, int64_t now)
{
	*u = (struct upgrade){
	    .phase = UPGRADE_STARTED,
	    .line = line,
	    .pid = pid,
	    .due_at = now + PATIENCE_MS,
	};
	log_notice("upgrade: the new program runs as process %d", (int)pid);
}

static enum upgrade_step
fail(struct upgrade *u)
{
	handover_hang_up(&u->line);
	u->phase = UPGRADE_NONE;
	if (u->cancelled)
		return UPGRADE_FAILED;
	log_err("the upgrade failed: this program goes on as before");
	return UPGRADE_FAILED;
}

static enum upgrade_step
hear(struct upgrade *u, const struct handover_message *m, int64_t now)
{
	if (m->kind == HANDOVER_REFRESHER)
		u->refresher = m->pid;
	if (m->kind == HANDOVER_READY && u->phase == UPGRADE_STARTED &&
	    !u->cancelled) {
		u->phase = UPGRADE_YIELDING;
		return UPGRADE_REST;
	}
	if (m->kind != HANDOVER_DONE || u->phase != UPGRADE_TRIAL ||
	    u->cancelled)
		return UPGRADE_WAIT;
	/* first, or systemd would not listen to what the other one says */
	notify("MAINPID=%d", (int)u->pid);
	handover_send(u->line, HANDOVER_BYE, 0);
	u->phase = UPGRADE_HANDED;
	u->due_at = now;
	log_notice("upgrade: process %d is the master now", (int)u->pid);
	return UPGRADE_DRAIN;
}

/* Something was due; what can be done is to kill, and to wait for the end of
 * the line: the other refresher may live a moment longer than its master. */
static void
lose_patience(struct upgrade *u, int64_t now)
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
		log_err("upgrade: something that the new program has started "
		    "lives on; tokens are not renewed until it ends");
	}
}

enum upgrade_step
upgrade_turn(struct upgrade *u, bool renewing, int64_t now)
{
	enum upgrade_step step = UPGRADE_WAIT;
	struct handover_message m;
	int status = 0;

	if (u->cancelled && u->pid != 0 && now >= u->due_at)
		lose_patience(u, now);
	if (u->phase == UPGRADE_NONE || u->phase == UPGRADE_HANDED)
		return UPGRADE_WAIT;
	if (u->phase == UPGRADE_YIELDING && !renewing && !u->cancelled) {
		u->phase = UPGRADE_TRIAL;
		u->due_at = now + PATIENCE_MS;
		handover_send(u->line, HANDOVER_GO, 0);
	}
	while (step == UPGRADE_WAIT &&
	    (status = handover_receive(u->line, &m)) == 1)
		step = hear(u, &m, now);
	if (status == -1 || (u->pid == 0 && u->phase < UPGRADE_TRIAL))
		return fail(u);
	if (step == UPGRADE_WAIT && now >= u->due_at)
		lose_patience(u, now);
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
