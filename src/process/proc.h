/* SPDX-License-Identifier: MIT */
/*
 * process/ is for a process: its sockets, privileges and sandbox.
 *
 * proc.h - processes: the contract between the master and its children.
 *
 * The contract.  A child inherits from the master: the configuration, the
 * segment, the counters, the listening sockets (workers), one end of each
 * channel, and the reading end of the life line.  That is a pipe without data;
 * only the master has its writing end, so end-of-file means that the master is
 * dead.  A child
 *   - calls proc_enter() first, for the set-up that all children share;
 *   - beats (stats_beat()) at least once a second; the master kills it after
 *     PROC_STALLED_MS without a heartbeat;
 *   - sets `ready` in its block once it does its work: a child that dies
 *     before that is replaced with a growing delay, else at once;
 *   - worker: drains at TERM, INT or QUIT and at the end of the life line;
 *   - refresher: leaves those to the master, so that callers are served to the
 *     end; stops at USR2 and at the end of the life line; renews at USR1;
 *   - exits with a status of enum proc_exit.
 *
 * Called by the master, and by children where noted.
 */
#ifndef BEARERD_PROC_H
#define BEARERD_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "shared/stats.h"

#define PROC_BEAT_MS 500
#define PROC_STALLED_MS 3000
#define PROC_GROUPS_MAX 32
#define PROC_ORPHAN_MS 4000 /* longest drain without a master */

enum proc_exit {
	PROC_OK,
	PROC_FAILED,
	PROC_CONFIGURATION, /* as bearerd(8) has them */
	PROC_REDIS_REFUSED,
};

/* One place for a child; its process comes and goes. */
struct proc {
	pid_t pid; /* 0: none is running */
	struct stats_process *stats;
	int64_t start_at;  /* awake clock: not to be started before */
	int64_t kill_at;   /* awake clock: SIGKILL is due; 0: not */
	unsigned failures; /* in a row, before it was ready */
	bool retired;      /* told to stop; not to be replaced */
};

/* Prepare process titles; call first in main(), before anything else looks at
 * the environment, which moves to the heap. */
void proc_title_init(int argc, char **argv);
void proc_title(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Open the life line.  Master, once. */
void proc_life_line_open(void);

/*
 * Start a child that runs run(arg) and exits with what it returns.  Does
 * nothing while start_at is in the future.
 */
void proc_start(struct proc *p, int (*run)(void *arg), void *arg, int64_t now);

/* Child: take the role's name, close the life line's other end, drop to
 * user/group (names or NULL) and all capabilities(7), also those of root;
 * forbid core dumps and new privileges.  Ends the process on failure. */
void proc_enter(const char *role, const char *user, const char *group);

/* Child, before that: groups to stay in when it drops to user/group; at most
 * PROC_GROUPS_MAX count. */
void proc_keep_groups(const gid_t *groups, size_t count);

/* Forbid core dumps, and ptrace(2) by other processes of the user. */
void proc_no_dumps(void);

/* Child: overwrite the environment, which may hold secrets, but for what the
 * log needs. */
void proc_forget_environment(void);

/* Child: the life line, to wait for; and whether it has ended. */
int proc_life_line(void);
bool proc_orphaned(void);

/* The child of p died: plan the replacement, at once if it had done its work or
 * was told to stop, else with a delay that doubles from 1 s to 60 s. */
void proc_died(struct proc *p, int64_t now);

/* Ask a child to stop with this signal, and kill it after grace_ms. */
void proc_retire(struct proc *p, int signal, int64_t grace_ms, int64_t now);

/* SIGKILL a child that is stalled or was told to stop too long ago; true if
 * so.  It is reaped as any other death. */
bool proc_watch(struct proc *p, int64_t now);

/* True: a child works: it was ready, it was not told to stop, and its last
 * heartbeat is recent. */
bool proc_beats(const struct proc *p, int64_t now);

/* Describe a wait status: "exit status 1", "signal 9 (Killed)". */
void proc_status_text(int status, char *out, size_t size);

/* Raise RLIMIT_NOFILE as far as allowed; returns the limit. */
int64_t proc_raise_fd_limit(void);

/* The number of CPUs this process may use: affinity and cgroup quota. */
int proc_cpus(void);

/* CPUs that the quotas of our control groups (cgroups(7)) allow, rounded up; 0:
 * no quota.  root is "", or a directory that stands for "/". */
int proc_quota_cpus(const char *root);

#endif
