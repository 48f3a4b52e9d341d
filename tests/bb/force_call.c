/* SPDX-License-Identifier: MIT */
/*
 * force_call: make another process make a system call, as somebody would who
 * got hold of it.  For x86-64.
 *
 *     force_call PID NAME
 *
 * The process waits in a system call; its program counter is set back onto the
 * instruction, and the registers to another call with arguments of zero.  Exit
 * status: 0 once the process goes on with that, 2 if it could not be done.
 */
#include "config.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#define SYSCALL_BYTES 2
#define SYSCALL_CODE 0x050f

static void
check(long status, const char *what)
{
	if (status != -1)
		return;
	fprintf(stderr, "force_call: %s: %s\n", what, strerror(errno));
	exit(2);
}

int
main(int argc, char **argv)
{
	pid_t pid = argc == 3 ? (pid_t)atol(argv[1]) : 0;
	int call = argc == 3 ? seccomp_syscall_resolve_name(argv[2]) : -1;
	struct user_regs_struct r;
	long code;

	if (pid <= 0 || call < 0) {
		fprintf(stderr, "usage: force_call PID NAME\n");
		return 2;
	}
	check(ptrace(PTRACE_ATTACH, pid, NULL, NULL), "attach");
	check(waitpid(pid, NULL, 0), "wait");
	check(ptrace(PTRACE_GETREGS, pid, NULL, &r), "read registers");
	r.rip -= SYSCALL_BYTES;
	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, pid, (void *)r.rip, NULL);
	if (errno != 0 || (code & 0xffff) != SYSCALL_CODE) {
		fprintf(stderr, "force_call: it is in no system call\n");
		return 2;
	}
	r.rax = (unsigned long long)call;
	r.orig_rax = (unsigned long long)-1; /* nothing to be restarted */
	r.rdi = r.rsi = r.rdx = r.r10 = r.r8 = r.r9 = 0;
	check(ptrace(PTRACE_SETREGS, pid, NULL, &r), "write registers");
	check(ptrace(PTRACE_DETACH, pid, NULL, NULL), "detach");
	return 0;
}
