/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "process/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* The errno of getpgid(2), which nobody here needs, in a master: no kernel and
 * no other filter gives it. */
#define MARK EXFULL

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
/* As SCMP_SYS(), but where libc has a macro stat64 that is not replaced. */
#define CALL(name) (__SNR_##name)

/* The newer call is used by libc where an architecture lacks the older one, and
 * by musl everywhere. */
#ifdef SYS_poll
#define POLL CALL(poll)
#else
#define POLL CALL(ppoll)
#endif
#if defined(SYS_epoll_wait) && defined(__GLIBC__)
#define EPOLL_WAIT CALL(epoll_wait)
#else
#define EPOLL_WAIT CALL(epoll_pwait)
#endif
#ifdef SYS_fcntl64
#define FCNTL CALL(fcntl64)
#else
#define FCNTL CALL(fcntl)
#endif
#ifdef SYS_mmap2
#define MMAP CALL(mmap2)
#else
#define MMAP CALL(mmap)
#endif

/* ---- what each role calls ---- */

/* clang-format off */
static const int everybody[] = {
    CALL(brk), CALL(clock_gettime), CALL(close), CALL(exit_group),
    CALL(futex), CALL(getpid), CALL(gettid), CALL(madvise), CALL(mremap),
    CALL(munmap), POLL, CALL(read), CALL(recvfrom), CALL(restart_syscall),
    CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(shutdown), CALL(write),
    CALL(writev),
    /* 32 bits, or sockets by socketcall(2); passed over elsewhere */
    CALL(clock_gettime64), CALL(futex_time64), CALL(ppoll_time64), CALL(recv),
    CALL(send), CALL(sigreturn),
#ifdef __s390__
    CALL(mmap), /* whose arguments are in memory, where no filter sees them */
#endif
#ifdef SYS_socketcall
    CALL(sendto), /* likewise */
#endif
};

static const int worker[] = {
    CALL(accept4), CALL(epoll_ctl), EPOLL_WAIT,
};

/* libcurl, libcrypto, the resolver in threads of its own, tokens' files. */
static const int refresher[] = {
    /* files */
    CALL(access), CALL(faccessat), CALL(faccessat2), CALL(fchmod),
    CALL(fchown), CALL(fstat), CALL(fsync), CALL(getcwd), CALL(getdents64),
    CALL(lseek), CALL(lstat), CALL(newfstatat), CALL(open), CALL(openat),
    CALL(pread64), CALL(readlink), CALL(readlinkat), CALL(readv),
    CALL(rename), CALL(renameat), CALL(renameat2), CALL(stat), CALL(statfs),
    CALL(fstatfs), CALL(statx), CALL(truncate), CALL(unlink), CALL(unlinkat),
    CALL(_llseek), CALL(fchown32), CALL(fstat64), CALL(fstatat64),
    CALL(fstatfs64), CALL(lstat64), CALL(stat64), CALL(statfs64),
    CALL(truncate64),
    /* sockets, and waiting for them; bind(2) is for netlink */
    CALL(bind), CALL(connect), CALL(epoll_create1), CALL(epoll_ctl),
    CALL(epoll_pwait), CALL(epoll_wait), CALL(eventfd2), CALL(getpeername),
    CALL(getsockname), CALL(getsockopt), CALL(pipe), CALL(pipe2),
    CALL(poll), CALL(ppoll), CALL(pselect6), CALL(recvmmsg), CALL(recvmsg),
    CALL(select), CALL(sendmmsg), CALL(sendmsg), CALL(sendto),
    CALL(setsockopt), CALL(socketpair), CALL(_newselect),
    CALL(pselect6_time64), CALL(recvmmsg_time64),
    /* memory and threads */
    CALL(exit), CALL(membarrier), CALL(rseq),
    CALL(rt_sigaction), CALL(sched_getaffinity), CALL(sched_yield),
    CALL(set_robust_list), CALL(sigaltstack),
    /* what libraries ask for */
    CALL(capget), CALL(clock_getres), CALL(clock_nanosleep), CALL(getegid),
    CALL(geteuid), CALL(getgid), CALL(getppid), CALL(getrandom),
    CALL(getresgid), CALL(getresuid), CALL(gettimeofday), CALL(getuid),
    CALL(nanosleep), CALL(sysinfo), CALL(time), CALL(uname),
    CALL(clock_getres_time64),
    CALL(clock_nanosleep_time64), CALL(getegid32), CALL(geteuid32),
    CALL(getgid32), CALL(getresgid32), CALL(getresuid32), CALL(getuid32),
    CALL(ugetrlimit),
};

/* Whatever the others call, to start them, and to start a program anew. */
static const int master[] = {
    CALL(accept), CALL(arch_prctl), CALL(capset), CALL(chdir),
    CALL(chmod),
    CALL(chown), CALL(dup), CALL(dup2), CALL(dup3), CALL(execve),
    CALL(fadvise64), CALL(fallocate), CALL(fchmodat), CALL(fchownat),
    CALL(fcntl), CALL(fdatasync), CALL(flock), CALL(fork), CALL(fsync),
    CALL(ftruncate),
    CALL(getgroups), CALL(getpgrp), CALL(getrlimit), CALL(getrusage),
    CALL(kill), CALL(landlock_add_rule), CALL(landlock_create_ruleset),
    CALL(landlock_restrict_self), CALL(lchown), CALL(link), CALL(linkat),
    CALL(listen), CALL(memfd_create), CALL(mkdir), CALL(mkdirat), CALL(mlock),
    CALL(mlock2), CALL(mprotect), CALL(munlock), CALL(prctl), CALL(prlimit64),
    CALL(rt_sigpending), CALL(rt_sigsuspend), CALL(rt_sigtimedwait),
    CALL(seccomp), CALL(set_tid_address), CALL(setgid), CALL(setgroups),
    CALL(setpgid), CALL(setregid), CALL(setresgid), CALL(setresuid),
    CALL(setreuid), CALL(setrlimit), CALL(setsid), CALL(setuid),
    CALL(tgkill), CALL(tkill), CALL(umask), CALL(vfork), CALL(wait4),
    CALL(waitid),
    /* as above */
    CALL(arm_fadvise64_64), CALL(cacheflush), CALL(chown32),
    CALL(fadvise64_64), CALL(fcntl64), CALL(ftruncate64), CALL(get_thread_area),
    CALL(getgroups32), CALL(lchown32), CALL(rt_sigtimedwait_time64),
    CALL(set_thread_area), CALL(set_tls), CALL(setgid32), CALL(setgroups32),
    CALL(setregid32), CALL(setresgid32), CALL(setresuid32), CALL(setreuid32),
    CALL(setuid32), CALL(sigaction), CALL(sigprocmask), CALL(waitpid),
};

/* Neither a library nor a program that is started anew has a use for these. */
static const int never[] = {
    CALL(acct), CALL(add_key), CALL(adjtimex), CALL(bpf),
    CALL(clock_adjtime), CALL(clock_settime), CALL(create_module),
    CALL(delete_module), CALL(finit_module), CALL(init_module),
    CALL(io_uring_enter), CALL(io_uring_register), CALL(io_uring_setup),
    CALL(ioperm), CALL(iopl), CALL(kcmp), CALL(kexec_file_load),
    CALL(kexec_load), CALL(keyctl), CALL(mount), CALL(move_mount),
    CALL(move_pages), CALL(open_by_handle_at), CALL(open_tree),
    CALL(perf_event_open), CALL(personality),
    CALL(pidfd_getfd), CALL(pivot_root), CALL(process_madvise),
    CALL(process_vm_readv), CALL(process_vm_writev), CALL(ptrace),
    CALL(quotactl), CALL(reboot), CALL(request_key), CALL(setns),
    CALL(settimeofday), CALL(swapoff), CALL(swapon), CALL(umount2),
    CALL(unshare), CALL(userfaultfd),
};

/* Libraries might call these, but not on our behalf: to become another user, to
 * start a process, or to signal one. */
static const int others[] = {
    CALL(capset), CALL(chroot), CALL(execve), CALL(execveat), CALL(fork),
    CALL(kill), CALL(pidfd_open), CALL(pidfd_send_signal),
    CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(setgid),
    CALL(setgroups), CALL(setregid), CALL(setresgid), CALL(setresuid),
    CALL(setreuid), CALL(setuid), CALL(vfork), CALL(setgid32),
    CALL(setgroups32), CALL(setregid32), CALL(setresgid32), CALL(setresuid32),
    CALL(setreuid32), CALL(setuid32),
#ifdef __GLIBC__
    CALL(tkill),
#endif
};
/* clang-format on */

static const struct list {
	unsigned roles;
	bool kills;
	const int *calls;
	size_t count;
} lists[] = {
    {SANDBOX_WORKER | SANDBOX_REFRESHER | SANDBOX_MASTER, false, everybody,
	COUNT(everybody)},
    {SANDBOX_WORKER | SANDBOX_MASTER, false, worker, COUNT(worker)},
    {SANDBOX_REFRESHER | SANDBOX_MASTER, false, refresher, COUNT(refresher)},
    {SANDBOX_MASTER, false, master, COUNT(master)},
    {SANDBOX_REFRESHER | SANDBOX_MASTER, true, never, COUNT(never)},
    {SANDBOX_REFRESHER, true, others, COUNT(others)},
};

/* ---- calls with some arguments only ---- */

#define THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define NAMESPACES                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#ifdef __s390__
#define FLAGS 1 /* of clone(2): which argument they are */
#else
#define FLAGS 0
#endif
#define LIBRARIES (SANDBOX_REFRESHER | SANDBOX_MASTER)
#define OWN (-1) /* for a value: this process */

/* Allowed, or deadly, when argument number `arg` has, of the bits of the mask,
 * these. */
static const struct limit {
	unsigned roles;
	bool kills;
	int call;
	unsigned arg;
	scmp_datum_t mask, value;
} limits[] = {
/* memory is written to or executed, never both; a worker loads nothing */
#ifndef __s390__
    {SANDBOX_WORKER, false, MMAP, 2, PROT_EXEC, 0},
    {LIBRARIES, false, MMAP, 2, PROT_WRITE | PROT_EXEC, 0},
    {LIBRARIES, false, MMAP, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE},
    {LIBRARIES, false, MMAP, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC},
    {LIBRARIES, true, MMAP, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC},
#endif
    {SANDBOX_REFRESHER, false, CALL(mprotect), 2, PROT_EXEC, 0},
    {SANDBOX_REFRESHER, true, CALL(mprotect), 2, PROT_EXEC, PROT_EXEC},
    /* threads are no processes, and nobody makes a name space */
    {SANDBOX_REFRESHER, false, CALL(clone), FLAGS, THREAD, THREAD},
    {SANDBOX_REFRESHER, true, CALL(clone), FLAGS, CLONE_THREAD, 0},
    {SANDBOX_MASTER, false, CALL(clone), FLAGS, NAMESPACES, 0},
/* with an address and MSG_FASTOPEN, a listener that was shut down connects,
 * which landlock does not see */
#ifndef SYS_socketcall
    {SANDBOX_WORKER, false, CALL(sendto), 4, ~0UL, 0},
#endif
    /* descriptors, up to F_SETLKW; but they raise no signals */
    {SANDBOX_REFRESHER, false, FCNTL, 1, ~7U, 0},
    {SANDBOX_REFRESHER, false, FCNTL, 1, ~0U, F_DUPFD_CLOEXEC},
    {SANDBOX_REFRESHER, true, FCNTL, 1, ~0U, F_SETOWN},
    {SANDBOX_REFRESHER, true, FCNTL, 1, ~0U, F_SETOWN_EX},
    {SANDBOX_REFRESHER, true, FCNTL, 1, ~0U, F_SETSIG},
    {LIBRARIES, false, CALL(socket), 0, ~0U, AF_UNIX},
    {LIBRARIES, false, CALL(socket), 0, ~0U, AF_INET},
    {LIBRARIES, false, CALL(socket), 0, ~0U, AF_INET6},
    {LIBRARIES, false, CALL(socket), 0, ~0U, AF_NETLINK},
    {LIBRARIES, false, CALL(ioctl), 1, ~0U, FIONBIO},
    {LIBRARIES, false, CALL(ioctl), 1, ~0U, FIONREAD},
    {LIBRARIES, false, CALL(ioctl), 1, ~0U, TCGETS},
    {SANDBOX_MASTER, false, CALL(ioctl), 1, ~0U, FIOCLEX},
    {SANDBOX_MASTER, false, CALL(ioctl), 1, ~0U, FIONCLEX},
    {SANDBOX_MASTER, false, CALL(ioctl), 1, ~0U, TIOCGWINSZ},
    {SANDBOX_REFRESHER, false, CALL(prctl), 0, ~0U, PR_CAPBSET_READ},
    {SANDBOX_REFRESHER, false, CALL(prctl), 0, ~0U, PR_GET_NAME},
    {SANDBOX_REFRESHER, false, CALL(prctl), 0, ~0U, PR_SET_NAME},
    {SANDBOX_REFRESHER, false, CALL(prlimit64), 2, ~0UL, 0}, /* to ask */
    /* abort(3) */
    {SANDBOX_WORKER | SANDBOX_REFRESHER, false, CALL(tgkill), 0, ~0U,
	(scmp_datum_t)OWN},
#ifndef __GLIBC__ /* musl raises and allocates with these */
    {SANDBOX_WORKER | SANDBOX_REFRESHER, false, CALL(tkill), 0, ~0U,
	(scmp_datum_t)OWN},
    {SANDBOX_WORKER, false, CALL(mprotect), 2, PROT_EXEC, 0},
#endif
};

/* ---- the filter ---- */

bool
sandbox_calls_possible(void)
{
	unsigned action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool
sandbox_calls_inherited(void)
{
	return syscall(SYS_getpgid, 0) == -1 && errno == MARK;
}

static int
add_list(scmp_filter_ctx ctx, const struct list *l)
{
	uint32_t action = l->kills ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW;
	int status = 0;
	size_t i;

	for (i = 0; i < l->count && status == 0; i++)
		status = seccomp_rule_add(ctx, action, l->calls[i], 0);
	return status;
}

static int
add_limit(scmp_filter_ctx ctx, const struct limit *l)
{
	scmp_datum_t value =
	    l->value == (scmp_datum_t)OWN ? (scmp_datum_t)getpid() : l->value;

	return seccomp_rule_add(ctx,
	    l->kills ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW, l->call, 1,
	    SCMP_CMP(l->arg, SCMP_CMP_MASKED_EQ, l->mask, value));
}

/* All rules of a role; 0, or a negative errno. */
static int
fill(scmp_filter_ctx ctx, enum sandbox_role role)
{
	int status = 0;
	size_t i;

	for (i = 0; i < COUNT(lists) && status == 0; i++)
		if ((lists[i].roles & role) != 0)
			status = add_list(ctx, &lists[i]);
	for (i = 0; i < COUNT(limits) && status == 0; i++)
		if ((limits[i].roles & role) != 0)
			status = add_limit(ctx, &limits[i]);
	if (role == SANDBOX_MASTER && status == 0)
		status = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(MARK),
		    CALL(getpgid), 0);
	return status;
}

int
sandbox_calls_limit(enum sandbox_role role, struct err *err)
{
	scmp_filter_ctx ctx =
	    seccomp_init(role == SANDBOX_WORKER ? SCMP_ACT_KILL_PROCESS
						: SCMP_ACT_ERRNO(ENOSYS));
	int status;

	if (ctx == NULL)
		return err_set(err, "seccomp_init failed");
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* the filter guards against intruders, not against speculation */
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_SSB, 1);
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	status = fill(ctx, role);
	if (status == 0)
		status = seccomp_load(ctx);
	seccomp_release(ctx);
	if (status != 0)
		return err_set(err, "seccomp: %s", strerror(-status));
	return 0;
}
