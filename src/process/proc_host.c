/* SPDX-License-Identifier: MIT */
/* The things that a process takes from its host: title, descriptors,
 * processors. */
#include "config.h"

#include "process/proc.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

/* The memory of argv and environ, which ps(1) and /proc show. */
static char *title;
static size_t title_size;

void
proc_title_init(int argc, char **argv)
{
	char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;
	size_t i, n = 0;
	char **copy;

	while (environ[n] != NULL)
		n++;
	copy = mem_alloc(n + 1, sizeof(*copy));
	for (i = 0; i < n; i++) {
		copy[i] = mem_strdup(environ[i]);
		if (environ[i] == end)
			end += strlen(environ[i]) + 1;
	}
	for (i = 0; i < (size_t)argc; i++)
		argv[i] = i == 0 ? argv[0] : mem_strdup(argv[i]);
	title = argv[0];
	title_size = (size_t)(end - title);
	argv[0] = mem_strdup(title);
	environ = copy;
}

void
proc_title(const char *format, ...)
{
	char role[64];
	va_list ap;

	if (title == NULL)
		return;
	va_start(ap, format);
	vsnprintf(role, sizeof(role), format, ap);
	va_end(ap);
	explicit_bzero(title, title_size);
	snprintf(title, title_size, "bearerd: %s", role);
}

void
proc_forget_environment(void)
{
	char **e;

	for (e = environ; *e != NULL; e++)
		if (strncmp(*e, "JOURNAL_STREAM=", 15) != 0)
			explicit_bzero(*e, strlen(*e));
}

int64_t
proc_raise_fd_limit(void)
{
	struct rlimit now, most;

	if (getrlimit(RLIMIT_NOFILE, &now) == -1)
		return 1024;
	most = now;
	most.rlim_cur = most.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &most) == -1)
		log_warning("the limit on open files stays at %llu: %s",
		    (unsigned long long)now.rlim_cur, strerror(errno));
	else
		now = most;
	return now.rlim_cur > 1048576 ? 1048576 : (int64_t)now.rlim_cur;
}

int
proc_cpus(void)
{
	int n = 1, quota = proc_quota_cpus("");
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return quota > 0 && quota < n ? quota : n;
}
