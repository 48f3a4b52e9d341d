/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "process/proc.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DELAY_MIN_MS 1000
#define DELAY_MAX_MS 60000

static int life_line[2] = {-1, -1};

void
proc_life_line_open(void)
{
	if (pipe(life_line) == -1 || file_prepare(life_line[0]) == -1 ||
	    file_prepare(life_line[1]) == -1)
		log_die("pipe: %s", strerror(errno));
}

int
proc_life_line(void)
{
	return life_line[0];
}

bool
proc_orphaned(void)
{
	char byte;

	return read(life_line[0], &byte, 1) == 0;
}

void
proc_start(struct proc *p, int (*run)(void *arg), void *arg, int64_t now)
{
	sigset_t all, before;
	pid_t pid;

	if (now < p->start_at)
		return;
	stats_set(&p->stats->ever, 1);
	stats_set(&p->stats->ready, 0);
	stats_set(&p->stats->heartbeat_at, (uint64_t)now);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all,
	    &before); /* the child's sig_open() ends it */
	pid = fork();
	if (pid == 0)
		exit(run(arg));
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid == -1) {
		log_err("fork: %s", strerror(errno));
		p->start_at = now + DELAY_MIN_MS;
		return;
	}
	p->pid = pid;
	p->kill_at = 0;
	stats_set(&p->stats->pid, (uint64_t)pid);
}

/* The first one is left free for the group itself. */
static gid_t kept_groups[1 + PROC_GROUPS_MAX];
static size_t kept_count;

void
proc_keep_groups(const gid_t *groups, size_t count)
{
	kept_count = count < PROC_GROUPS_MAX ? count : PROC_GROUPS_MAX;
	memcpy(kept_groups + 1, groups, kept_count * sizeof(*groups));
}

/* A member of a group can give files to it without privileges. */
static void
drop_to(const char *user, const char *group)
{
	const struct passwd *pw = NULL;
	const struct group *gr = NULL;
	gid_t gid;

	if (user != NULL && (pw = getpwnam(user)) == NULL)
		log_die("user %s is unknown", user);
	if (group != NULL && (gr = getgrnam(group)) == NULL)
		log_die("group %s is unknown", group);
	if (gr != NULL)
		gid = gr->gr_gid;
	else if (pw != NULL)
		gid = pw->pw_gid;
	else
		gid = getgid();
	if (user == NULL && group == NULL && kept_count == 0)
		return;
	kept_groups[0] = gid;
	if (setgroups(1 + kept_count, kept_groups) == -1 ||
	    setresgid(gid, gid, gid) == -1)
		log_die("setgid %d: %s", (int)gid, strerror(errno));
	if (pw != NULL && setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		log_die("setuid %d: %s", (int)pw->pw_uid, strerror(errno));
}

void
proc_no_dumps(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Give up the capabilities that this process, or a program that it would start,
 * could ever get. */
static void
forget_capabilities(void)
{
	unsigned long i;

	for (i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		prctl(PR_CAPBSET_DROP, i, 0, 0, 0); /* refused but to root */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/*
 * Give up the capabilities that the process has, even if its user is root.  The
 * call may be forbidden where they were taken from us before, so make it only
 * when some are left.
 */
static void
drop_capabilities(void)
{
	static const struct __user_cap_data_struct
	    none[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, has) == 0 &&
	    memcmp(has, none, sizeof(none)) == 0)
		return;
	if (syscall(SYS_capset, &head, none) == -1)
		log_warning("capset: %s", strerror(errno));
}

void
proc_enter(const char *role, const char *user, const char *group)
{
	close(life_line[1]);
	life_line[1] = -1;
	log_role(role);
	proc_title("%s", role);
	forget_capabilities();
	if (geteuid() == 0)
		drop_to(user, group);
	drop_capabilities();
	proc_no_dumps();
	signal(SIGBUS, SIG_DFL); /* what a master survives: segment_guard() */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* wake it: a stopped process would keep the sockets for ever */
	prctl(PR_SET_PDEATHSIG, SIGCONT);
	log_debug("started");
}

/* Replaced at once if it had done its work, else with a growing delay. */
void
proc_died(struct proc *p, int64_t now)
{
	bool was_ready = stats_get(&p->stats->ready) != 0;
	int64_t delay = DELAY_MIN_MS;
	unsigned i;

	p->pid = 0;
	p->kill_at = 0;
	p->failures = was_ready ? 0 : p->failures + 1;
	for (i = 1; i < p->failures && delay < DELAY_MAX_MS; i++)
		delay *= 2;
	if (delay > DELAY_MAX_MS)
		delay = DELAY_MAX_MS;
	p->start_at = was_ready || p->retired ? now : now + delay;
	stats_set(&p->stats->heartbeat_at, 0);
	stats_set(&p->stats->ready, 0);
	stats_set(&p->stats->pid, 0);
	for (i = 0; i < STATS_CONNECTION_COUNT; i++)
		stats_set(&p->stats->connections[i], 0);
}

void
proc_retire(struct proc *p, int signal, int64_t grace_ms, int64_t now)
{
	if (p->pid == 0 || p->retired)
		return;
	p->retired = true;
	p->kill_at = now + grace_ms;
	kill(p->pid, signal);
}

/* A heartbeat in the future does not count: children write it. */
static bool
beat_is_fresh(const struct proc *p, int64_t now)
{
	uint64_t beat = stats_get(&p->stats->heartbeat_at);

	return beat < (uint64_t)now + PROC_STALLED_MS &&
	    now - (int64_t)beat < PROC_STALLED_MS;
}

bool
proc_watch(struct proc *p, int64_t now)
{
	if (p->pid == 0)
		return false;
	if ((p->kill_at == 0 || now < p->kill_at) && beat_is_fresh(p, now))
		return false;
	kill(p->pid, SIGKILL);
	p->kill_at = now + PROC_STALLED_MS;
	stats_set(&p->stats->heartbeat_at, (uint64_t)now);
	return true;
}

bool
proc_beats(const struct proc *p, int64_t now)
{
	return p->pid != 0 && p->kill_at == 0 &&
	    stats_get(&p->stats->ready) != 0 && beat_is_fresh(p, now);
}

void
proc_status_text(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "exit status %d", WEXITSTATUS(status));
}
