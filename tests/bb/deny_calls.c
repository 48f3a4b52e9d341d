/* SPDX-License-Identifier: MIT */
/*
 * deny_calls: run a command where some system calls fail with EPERM, or, with
 * -l, with ENOSYS, as in a container whose profile lacks them.
 *
 *     deny_calls [-l] NAME... -- COMMAND [ARGUMENT...]
 *
 * With -6 there are no sockets of IPv6, as on a kernel without.
 */
#include "config.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int error = argc > 1 && strcmp(argv[1], "-l") == 0 ? ENOSYS : EPERM;
	int i, first = error == ENOSYS ? 2 : 1;

	if (argc > 1 && strcmp(argv[1], "-6") == 0) {
		first = 2;
		seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		    SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_INET6));
	}
	for (i = first; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(error),
			seccomp_syscall_resolve_name(argv[i]), 0) != 0) {
			fprintf(stderr, "deny_calls: %s: no such call\n",
			    argv[i]);
			return 2;
		}
	if (i + 1 >= argc || seccomp_load(ctx) != 0) {
		fprintf(stderr, "deny_calls: nothing to run, or not allowed\n");
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 2;
}
