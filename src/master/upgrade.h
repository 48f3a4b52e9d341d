/* SPDX-License-Identifier: MIT */
/*
 * master/upgrade.h - how one master gives way to the next program's.
 *
 * The old master starts the program beside itself (handover.h).  What is said:
 *
 *   old                               new
 *   starts it                         starts its workers
 *                      <- READY       they serve
 *   ends its refresher, reaps it
 *                         GO ->
 *                                     starts its refresher
 *                      <- REFRESHER
 *                      <- DONE        that works as well
 *   tells systemd          BYE ->     is the master now
 *   drains its workers, ends          sees the line end
 *
 * Until DONE any failure of the new one (its death, an overdue answer, the end
 * of its line) leaves the old one master, as if nothing had been.  After GO the
 * old one waits for the end of the line, that is of the other refresher, before
 * it starts a refresher of its own.  A new one whose old one dies before GO
 * gives up, since nobody can tell whether the old refresher is gone; after GO
 * it is the master.
 *
 * Called by the master, which has one struct for each direction.
 *
 * Invariants:
 *   - Of both masters at most one may have a refresher.
 *   - One upgrade at a time; none before a predecessor is gone.
 */
#ifndef BEARERD_UPGRADE_H
#define BEARERD_UPGRADE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- the old master's side ---- */

enum upgrade_phase {
	UPGRADE_NONE,
	UPGRADE_STARTED,  /* READY is awaited */
	UPGRADE_YIELDING, /* our refresher is ending */
	UPGRADE_TRIAL,    /* after GO: DONE is awaited */
	UPGRADE_HANDED,   /* after BYE */
};

struct upgrade {
	enum upgrade_phase phase;
	int line;
	pid_t pid;       /* the new master; 0: none, or it is reaped */
	pid_t speaker;   /* the same, also when what it said is read later */
	pid_t refresher; /* the new one; 0: not told */
	int64_t due_at;  /* awake clock: what is awaited is overdue then */
	bool cancelled;  /* we stop */
};

/* The next thing that the old master is to do. */
enum upgrade_step {
	UPGRADE_WAIT,
	UPGRADE_YIELD,  /* end the refresher */
	UPGRADE_DRAIN,  /* all is handed over: drain and end */
	UPGRADE_FAILED, /* logged; go on as before */
};

/* Watch over a program that handover_start() has started. */
void upgrade_begin(struct upgrade *u, pid_t pid, int line, int64_t now);

/* One turn; `renewing` tells whether a refresher of ours is not reaped yet. */
enum upgrade_step upgrade_turn(struct upgrade *u, bool renewing, int64_t now);

/* True: the process that ended with this wait status was the new program. */
bool upgrade_reaped(struct upgrade *u, pid_t pid, int status, int64_t now);

/* The descriptor to poll for an upgrade_turn(); -1: nothing is awaited. */
int upgrade_line(const struct upgrade *u);

/* Whether our refresher may be started. */
bool upgrade_may_renew(const struct upgrade *u);

/* We stop: the new program is told to stop too, if it is not the master yet,
 * and killed at this time. */
void upgrade_cancel(struct upgrade *u, int64_t until);

/* Whether a program that we have cancelled still lives. */
bool upgrade_lingers(const struct upgrade *u);

/* ---- the new master's side ---- */

enum takeover_phase {
	TAKEOVER_NONE,     /* no predecessor, or it is gone */
	TAKEOVER_STARTING, /* our workers are */
	TAKEOVER_READY,    /* READY is said: waiting for GO */
	TAKEOVER_TRIAL,    /* our refresher is starting */
	TAKEOVER_DONE,     /* DONE is said: waiting for BYE */
	TAKEOVER_MASTER,   /* until the predecessor is gone */
	TAKEOVER_LEAVING,  /* giving up: our refresher is ending */
	TAKEOVER_GONE,     /* gave up */
};

struct takeover {
	enum takeover_phase phase;
	int line;      /* to poll for a takeover_turn(); -1: it has ended */
	pid_t speaker; /* the old master */
};

/* The next thing that the new master is to do. */
enum takeover_step {
	TAKEOVER_WAIT,
	TAKEOVER_CATCH_UP, /* the old refresher is gone, ours may start */
	TAKEOVER_COMPLETE, /* we are the master */
	TAKEOVER_ORPHANED, /* logged: the old master died too early; stop */
};

/* line: to the old master, whose process id is pid; -1: there is none. */
void takeover_begin(struct takeover *t, int line, pid_t pid);

/* One turn: whether our workers serve, whether all of us works, and whether a
 * refresher of ours is not reaped yet. */
enum takeover_step takeover_turn(struct takeover *t, bool serving, bool works,
    bool renewing);

/* Tell the old master who our refresher is. */
void takeover_name_refresher(const struct takeover *t, pid_t refresher);

/* Whether our refresher may be started. */
bool takeover_may_renew(const struct takeover *t);

/* Whether we are the master: nobody else is, or has been until BYE. */
bool takeover_is_master(const struct takeover *t);

/* We stop: true if the refresher is to end first, since the old master goes on
 * without us. */
bool takeover_give_up(struct takeover *t);

#endif
