/* SPDX-License-Identifier: MIT */
/* What a process takes from its host: title, descriptors, processors. */
#include "config.h"

#include "proc.h"

#include "log.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
	copy = util_alloc(n + 1, sizeof(*copy));
	for (i = 0; i < n; i++) {
		copy[i] = util_strdup(environ[i]);
		if (environ[i] == end)
			end += strlen(environ[i]) + 1;
	}
	for (i = 0; i < (size_t)argc; i++)
		argv[i] = i == 0 ? argv[0] : util_strdup(argv[i]);
	title = argv[0];
	title_size = (size_t)(end - title);
	argv[0] = util_strdup(title);
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

/* The first two numbers of a file; how many there are. */
static int
read_numbers(const char *path, long long *a, long long *b)
{
	FILE *f = fopen(path, "re");
	int n;

	if (f == NULL)
		return 0;
	n = fscanf(f, "%lld %lld", a, b);
	fclose(f);
	return n;
}

/* CPUs that the cgroup's quota comes to, rounded up; 0: no quota. */
static int
quota_cpus(void)
{
	long long quota = 0, period = 0, unused;

	if (read_numbers("/sys/fs/cgroup/cpu.max", &quota, &period) != 2 &&
	    (read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &quota,
	    &unused) < 1 ||
	    read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us", &period,
	    &unused) < 1))
		return 0;
	if (quota <= 0 || period <= 0)
		return 0;
	return (int)((quota + period - 1) / period);
}

int
proc_cpus(void)
{
	int n = 1, quota = quota_cpus();
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return quota > 0 && quota < n ? quota : n;
}
