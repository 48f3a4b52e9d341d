/* SPDX-License-Identifier: MIT */
/*
 * Which calls a role is left, tried by children that shut themselves in.
 * BEARERD_SANDBOX=off: not here, as under valgrind, whose calls are not ours.
 */
#include "config.h"

#include "unit.h"

#include "process/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 470     /* there are no higher numbers yet */
#define URETPROBE 335 /* on x86-64, and UPROBE: answer only to what the */
#define UPROBE 336    /* kernel itself has planted, and are never filtered */
#ifdef SYS_fcntl64
#define FCNTL SYS_fcntl64
#else
#define FCNTL SYS_fcntl
#endif
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#define WORKER_CALLS                                            \
	30 /* with those of 64-bit times, and others to receive \
	    */
#else
#define MMAP SYS_mmap
#define WORKER_CALLS 25
#endif
#ifdef __x86_64__
#define X32 0x40000000L /* of the other kind of calls of an x86-64 */
#endif

/* Whether these tests make no sense here. */
static bool
off(void)
{
	const char *mode = getenv("BEARERD_SANDBOX");

	return mode != NULL && strcmp(mode, "off") == 0;
}

/* How a child of that role ends that makes this call, as wait(2) tells; exit
 * status 0: it survived, ENOSYS: as well, but the call is lacking.  One that
 * waits is woken. */
static int
fate(enum sandbox_role role, long call, long a, long b, long c)
{
	struct itimerval soon = {.it_value = {.tv_usec = 300000}};
	struct err err;
	int status, lacking;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		setitimer(ITIMER_REAL, &soon, NULL);
		if (sandbox_calls_limit(role, &err) == -1)
			syscall(SYS_exit_group, 99);
		lacking =
		    syscall(call, a, b, c, a, b, c) == -1 && errno == ENOSYS;
		syscall(SYS_exit_group, lacking ? ENOSYS : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_ne(status, W_EXITCODE(99, 0));
	return status;
}

static bool
killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* Whether some arguments let it make the call. */
static bool
allowed(enum sandbox_role role, long call)
{
	int zero = fate(role, call, 0, 0, 0);
	int ones = fate(role, call, -1, -1, -1);

	return (!killed(zero) && zero != W_EXITCODE(ENOSYS, 0)) ||
	    (!killed(ones) && ones != W_EXITCODE(ENOSYS, 0));
}

/* Whether no arguments let it survive. */
static bool
deadly(enum sandbox_role role, long call)
{
	return killed(fate(role, call, 0, 0, 0)) &&
	    killed(fate(role, call, -1, -1, -1));
}

START_TEST(a_worker_has_25_system_calls)
{
	/* 1: tgkill, which is for the process itself only */
	int count = 1;
	long call;

	if (off())
		return;
	for (call = 0; call < CALLS; call++)
		if (call != URETPROBE && call != UPROBE)
			count += allowed(SANDBOX_WORKER, call);
	ck_assert_int_le(count, WORKER_CALLS);
	ck_assert_int_ge(count, 15);
}
END_TEST

START_TEST(nobody_who_hears_strangers_starts_or_watches_anything)
{
	static const long calls[] = {SYS_execve, SYS_execveat, SYS_ptrace,
	    SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill, SYS_mount,
	    SYS_unshare, SYS_setns, SYS_setresuid, SYS_setgroups, SYS_capset,
	    SYS_bpf, SYS_io_uring_setup, SYS_userfaultfd, SYS_keyctl,
	    SYS_chroot};
	size_t i;

	for (i = 0; !off() && i < sizeof(calls) / sizeof(*calls); i++) {
		ck_assert_msg(deadly(SANDBOX_WORKER, calls[i]),
		    "a worker calls %ld", calls[i]);
		ck_assert_msg(deadly(SANDBOX_REFRESHER, calls[i]),
		    "a refresher calls %ld", calls[i]);
	}
}
END_TEST

START_TEST(a_refresher_lacks_what_libraries_can_do_without)
{
	static const long calls[] = {SYS_memfd_create, SYS_listen,
	    SYS_symlinkat, SYS_linkat, SYS_mkdirat, SYS_mknodat, SYS_seccomp,
	    SYS_wait4, SYS_name_to_handle_at, SYS_close_range, SYS_clone3};
	size_t i;

	for (i = 0; !off() && i < sizeof(calls) / sizeof(*calls); i++) {
		ck_assert_int_eq(fate(SANDBOX_REFRESHER, calls[i], 0, 0, 0),
		    W_EXITCODE(ENOSYS, 0));
		ck_assert(deadly(SANDBOX_WORKER, calls[i]));
	}
}
END_TEST

START_TEST(a_worker_opens_connects_and_clones_nothing)
{
	static const long calls[] = {SYS_openat, SYS_openat2, SYS_socket,
	    SYS_connect, SYS_bind, SYS_clone, SYS_clone3, SYS_mprotect,
	    SYS_unlinkat, SYS_renameat2, SYS_prctl, SYS_ioctl, SYS_fcntl,
	    SYS_sendmsg, SYS_recvmsg, SYS_rt_sigaction};
	size_t i;

	for (i = 0; !off() && i < sizeof(calls) / sizeof(*calls); i++)
		ck_assert_msg(deadly(SANDBOX_WORKER, calls[i]),
		    "a worker calls %ld", calls[i]);
}
END_TEST

START_TEST(a_master_is_killed_for_what_no_program_needs)
{
	static const long kills[] = {SYS_ptrace, SYS_process_vm_readv,
	    SYS_mount, SYS_unshare, SYS_setns, SYS_bpf, SYS_io_uring_setup,
	    SYS_userfaultfd, SYS_keyctl, SYS_init_module, SYS_reboot};
	static const long lets[] = {SYS_openat, SYS_kill, SYS_wait4,
	    SYS_execve};
	static const long lacks[] = {SYS_chroot, SYS_mknodat};
	size_t i;

	if (off())
		return;
	for (i = 0; i < sizeof(kills) / sizeof(*kills); i++)
		ck_assert_msg(deadly(SANDBOX_MASTER, kills[i]),
		    "a master calls %ld", kills[i]);
	for (i = 0; i < sizeof(lets) / sizeof(*lets); i++)
		ck_assert_msg(allowed(SANDBOX_MASTER, lets[i]),
		    "a master cannot call %ld", lets[i]);
	for (i = 0; i < sizeof(lacks) / sizeof(*lacks); i++)
		ck_assert_int_eq(fate(SANDBOX_MASTER, lacks[i], 0, 0, 0),
		    W_EXITCODE(ENOSYS, 0));
}
END_TEST

/* Calls that are allowed with some arguments only. */
START_TEST(arguments_count)
{
	enum { W = SANDBOX_WORKER, R = SANDBOX_REFRESHER, M = SANDBOX_MASTER };
	static const struct {
		int role;
		long call, a, b, c;
		bool dies;
	} rows[] = {
	    {W, MMAP, 0, 4096, PROT_READ | PROT_WRITE, false},
	    {W, MMAP, 0, 4096, PROT_READ | PROT_EXEC, true},
	    {R, MMAP, 0, 4096, PROT_READ | PROT_EXEC, false},
	    {R, MMAP, 0, 4096, PROT_WRITE | PROT_EXEC, true},
	    {R, SYS_mprotect, 0, 0, PROT_READ, false},
	    {R, SYS_mprotect, 0, 0, PROT_EXEC, true},
	    {R, SYS_socket, AF_INET, SOCK_STREAM, 0, false},
	    {R, SYS_clone, SIGCHLD, 0, 0, true},
	    {W, SYS_tgkill, 1, 1, 0, true},
	    {R, FCNTL, 0, F_GETFL, 0, false},
	    {R, FCNTL, 0, F_DUPFD_CLOEXEC, 0, false},
	    {R, FCNTL, 0, F_SETOWN, 1, true},
	    {R, FCNTL, 0, F_SETOWN_EX, 0, true},
	    {R, FCNTL, 0, F_SETSIG, SIGKILL, true},
	    {M, SYS_clone, SIGCHLD, 0, 0, false},
#ifdef X32
	    {W, X32 | SYS_openat, 0, 0, 0, true},
#endif
	};
	size_t i;

	for (i = 0; !off() && i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(killed(fate((enum sandbox_role)rows[i].role,
				  rows[i].call, rows[i].a, rows[i].b,
				  rows[i].c)) == rows[i].dies,
		    "row %zu", i);
}
END_TEST

/* With MSG_FASTOPEN a listener that was shut down would connect. */
START_TEST(a_worker_answers_but_sends_nowhere_else)
{
#ifndef SYS_socketcall
	struct sockaddr_in there = {.sin_family = AF_INET};
	int status, fd[2];
	struct err err;
	pid_t pid;

	if (off())
		return;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	pid = fork();
	if (pid == 0) {
		if (sandbox_calls_limit(SANDBOX_WORKER, &err) == -1 ||
		    send(fd[0], "", 1, MSG_NOSIGNAL) != 1)
			syscall(SYS_exit_group, 99);
		sendto(fd[0], "", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
		    (struct sockaddr *)&there, sizeof(there));
		syscall(SYS_exit_group, 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(killed(status));
	close(fd[0]);
	close(fd[1]);
#endif
}
END_TEST

/* Calls for which a library is not killed, but which it does not get either. */
START_TEST(some_arguments_are_lacking)
{
	static const struct {
		long call, a, b, c;
	} rows[] = {
	    {SYS_prctl, PR_SET_DUMPABLE, 1, 0},
	    {SYS_ioctl, 0, 0x5412 /* TIOCSTI */, 0},
	    {SYS_socket, AF_PACKET, SOCK_RAW, 0},
	    {SYS_socket, AF_VSOCK, SOCK_STREAM, 0},
	    {SYS_tgkill, 1, 1, 0},
	};
	size_t i;

	for (i = 0; !off() && i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(fate(SANDBOX_REFRESHER, rows[i].call, rows[i].a,
				  rows[i].b,
				  rows[i].c) == W_EXITCODE(ENOSYS, 0),
		    "row %zu", i);
	if (!off())
		ck_assert_int_eq(fate(SANDBOX_REFRESHER, SYS_prctl,
				     PR_CAPBSET_READ, 0, 0),
		    0);
}
END_TEST

/* An assertion that fails tells so, rather than of a forbidden call. */
START_TEST(abort_is_no_violation)
{
	struct err err;
	int status;
	pid_t pid;

#ifdef SANITIZED
	return; /* it would report first */
#endif
	if (off() || (pid = fork()) == -1)
		return;
	if (pid == 0) {
		if (sandbox_calls_limit(SANDBOX_WORKER, &err) == 0)
			abort();
		_exit(1);
	}
	waitpid(pid, &status, 0);
	ck_assert_int_eq(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGABRT);
}
END_TEST

UNIT_MAIN("sandbox", a_worker_has_25_system_calls,
    nobody_who_hears_strangers_starts_or_watches_anything,
    a_refresher_lacks_what_libraries_can_do_without,
    a_worker_opens_connects_and_clones_nothing,
    a_master_is_killed_for_what_no_program_needs, arguments_count,
    a_worker_answers_but_sends_nowhere_else, some_arguments_are_lacking,
    abort_is_no_violation)
