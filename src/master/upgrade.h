/* SPDX-License-Identifier: MIT */
/*
 * upgrade.h - how one master gives way to the next program's.
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

#include "util.h"

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
	pid_t refresher; /* the new one; 0: not told */
	int64_t due_at;  /* awake clock: the end of our patience */
	bool cancelled;  /* we stop */
};

/* What the master is to do next. */
enum upgrade_step {
	UPGRADE_WAIT,
	UPGRADE_REST,   /* end the refresher */
	UPGRADE_DRAIN,  /* all is handed over: drain and end */
	UPGRADE_FAILED, /* logged; go on as before */
};

/* Watch over a program that handover_start() has started. */
void upgrade_begin(struct upgrade *u, pid_t pid, int line, int64_t now);

/* One turn; `renewing` tells whether a refresher of ours is not reaped yet. */
enum upgrade_step upgrade_turn(struct upgrade *u, bool renewing, int64_t now);

/* Whether this was the new program, which ended with this wait status. */
bool upgrade_reaped(struct upgrade *u, pid_t pid, int status, int64_t now);

/* What to poll for an upgrade_turn(); -1: nothing is awaited. */
int upgrade_line(const struct upgrade *u);

/* Whether our refresher may be started. */
bool upgrade_may_renew(const struct upgrade *u);

/* We stop: the new program is told to stop too, if it is not the master yet,
 * and killed at this time. */
void upgrade_cancel(struct upgrade *u, int64_t until);

/* Whether such a program still lives. */
bool upgrade_lingers(const struct upgrade *u);

/* ---- the new master's side ---- */

enum heir_phase {
	HEIR_NONE,     /* no predecessor, or it is gone */
	HEIR_STARTING, /* our workers are */
	HEIR_WAITING,  /* for GO */
	HEIR_TRIED,    /* our refresher is starting */
	HEIR_TOLD,     /* DONE; waiting for BYE */
	HEIR_MASTER,   /* until the predecessor is gone */
	HEIR_LEAVING,  /* giving up: our refresher is ending */
	HEIR_GONE,     /* gave up */
};

struct heir {
	enum heir_phase phase;
	int line; /* to poll for a heir_turn(); -1: it has ended */
};

enum heir_step {
	HEIR_WAIT,
	HEIR_RENEW,   /* start the refresher */
	HEIR_REIGN,   /* we are the master */
	HEIR_ORPHANED, /* logged: the predecessor died too early; stop */
};

/* line: to the predecessor, or -1. */
void heir_begin(struct heir *h, int line);

/* One turn: whether our workers serve, whether all of us works, and whether a
 * refresher of ours is not reaped yet. */
enum heir_step heir_turn(struct heir *h, bool serving, bool works,
    bool renewing);

/* Tell who our refresher is. */
void heir_renews(const struct heir *h, pid_t refresher);

/* Whether our refresher may be started; whether we are the master. */
bool heir_may_renew(const struct heir *h);
bool heir_reigns(const struct heir *h);

/* We stop: true if the refresher is to end first, since the predecessor goes
 * on without us. */
bool heir_give_up(struct heir *h);

#endif
