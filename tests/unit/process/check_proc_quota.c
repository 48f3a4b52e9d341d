/* SPDX-License-Identifier: MIT */
/* Quotas of control groups, of both versions, wherever our own group is. */
#include "config.h"

#include "unit.h"

#include "process/proc.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FILES_MAX 6

#define V2 \
	"30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1                                                                  \
	"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"        \
	"32 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n" \
	"33 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
#define V1_CPU "sys/fs/cgroup/cpu,cpuacct"

struct host {
	const char *mountinfo, *cgroup;
	int cpus;
	const char *files[FILES_MAX]; /* name, content, ... */
};

static char root[] = "/tmp/bearerd-quota.XXXXXX";

/* Make the folders on the way to a file, and the file. */
static void
write_file(const char *name, const char *content)
{
	char path[512], *p;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (p = path + sizeof(root); (p = strchr(p, '/')) != NULL;
	     *p++ = '/') {
		*p = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int
cpus_of(const struct host *h)
{
	int cpus;
	size_t i;

	strcpy(root + sizeof(root) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	if (h->mountinfo != NULL)
		write_file("proc/self/mountinfo", h->mountinfo);
	if (h->cgroup != NULL)
		write_file("proc/self/cgroup", h->cgroup);
	for (i = 0; i + 1 < FILES_MAX && h->files[i] != NULL; i += 2)
		write_file(h->files[i], h->files[i + 1]);
	cpus = proc_quota_cpus(root);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return cpus;
}

static void
check(const struct host *hosts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		ck_assert_msg(cpus_of(&hosts[i]) == hosts[i].cpus,
		    "row %zu: %d", i, cpus_of(&hosts[i]));
}

START_TEST(version_2_counts_our_own_group_and_those_above)
{
	static const struct host hosts[] = {
	    /* a container with a namespace of its own: the root is ours */
	    {V2, "0::/\n", 2, {"sys/fs/cgroup/cpu.max", "200000 100000\n"}},
	    /* a service with CPUQuota= */
	    {V2, "0::/system.slice/b.service\n", 3,
		{"sys/fs/cgroup/system.slice/b.service/cpu.max",
		    "250000 100000\n"}},
	    /* the slice has less than the service */
	    {V2, "0::/a.slice/b.service\n", 1,
		{"sys/fs/cgroup/a.slice/b.service/cpu.max", "400000 100000\n",
		    "sys/fs/cgroup/a.slice/cpu.max", "50000 100000\n"}},
	    {V2, "0::/a.slice/b.service\n", 4,
		{"sys/fs/cgroup/a.slice/b.service/cpu.max", "400000 100000\n",
		    "sys/fs/cgroup/a.slice/cpu.max", "max 100000\n"}},
	    /* a neighbour's is not ours, nor is what begins alike */
	    {V2, "0::/a.slice/b\n", 0,
		{"sys/fs/cgroup/a.slice/bc/cpu.max", "100000 100000\n",
		    "sys/fs/cgroup/a/cpu.max", "100000 100000\n"}},
	    /* a container without: the mount begins at our group */
	    {"30 23 0:26 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
		"0::/docker/x\n", 2,
		{"sys/fs/cgroup/cpu.max", "200000 100000\n"}},
	    {"30 23 0:26 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
		"0::/docker/x/inner\n", 1,
		{"sys/fs/cgroup/cpu.max", "200000 100000\n",
		    "sys/fs/cgroup/inner/cpu.max", "100000 100000\n"}},
	    /* a group that cannot be seen from here */
	    {V2, "0::/../other\n", 2,
		{"sys/fs/cgroup/cpu.max", "200000 100000\n"}},
	    {V2, "0::/gone\n", 2, {"sys/fs/cgroup/cpu.max", "200000 100000\n"}},
	    /* mounted elsewhere */
	    {"30 23 0:26 / /cg rw - cgroup2 none rw\n", "0::/a\n", 2,
		{"cg/a/cpu.max", "200000 100000\n"}},
	};

	check(hosts, COUNT(hosts));
}
END_TEST

START_TEST(version_1_counts_the_group_of_the_cpu_controller)
{
	static const struct host hosts[] = {
	    {V1, "4:cpu,cpuacct:/\n", 2,
		{V1_CPU "/cpu.cfs_quota_us", "200000\n",
		    V1_CPU "/cpu.cfs_period_us", "100000\n"}},
	    {V1, "5:cpuset:/q\n4:cpuacct,cpu:/a/b\n", 1,
		{V1_CPU "/a/b/cpu.cfs_quota_us", "150\n",
		    V1_CPU "/a/b/cpu.cfs_period_us", "150\n"}},
	    {V1, "4:cpu,cpuacct:/a/b\n", 3,
		{V1_CPU "/a/cpu.cfs_quota_us", "300000\n",
		    V1_CPU "/a/cpu.cfs_period_us", "100000\n"}},
	    {V1, "4:cpu,cpuacct:/a\n", 0,
		{V1_CPU "/a/cpu.cfs_quota_us", "-1\n",
		    V1_CPU "/a/cpu.cfs_period_us", "100000\n"}},
	    {V1, "4:cpuset:/a\n", 0,
		{V1_CPU "/a/cpu.cfs_quota_us", "100000\n",
		    V1_CPU "/a/cpu.cfs_period_us", "100000\n"}},
	    /* both versions at once, the controller with the first */
	    {V1 "34 31 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
		"4:cpu,cpuacct:/a\n0::/a\n", 2,
		{V1_CPU "/a/cpu.cfs_quota_us", "200000\n",
		    V1_CPU "/a/cpu.cfs_period_us", "100000\n"}},
	};

	check(hosts, COUNT(hosts));
}
END_TEST

START_TEST(what_is_no_quota_is_none)
{
	static const struct host hosts[] = {
	    {NULL, NULL, 0, {NULL}},
	    {V2, NULL, 0, {NULL}},
	    {NULL, "0::/\n", 0, {NULL}},
	    {"", "", 0, {NULL}},
	    {V2, "nonsense\n0\n0:\n::\n", 0, {NULL}},
	    {V2, "0::/\n", 0, {"sys/fs/cgroup/cpu.max", "max 100000\n"}},
	    {V2, "0::/\n", 0, {"sys/fs/cgroup/cpu.max", "0 0\n"}},
	    {V2, "0::/\n", 0, {"sys/fs/cgroup/cpu.max", "-5 100000\n"}},
	    {V2, "0::/\n", 0, {"sys/fs/cgroup/cpu.max", "100000\n"}},
	    {V2, "0::/\n", 0,
		{"sys/fs/cgroup/cpu.max", "9223372036854775807 1\n"}},
	    {V2, "0::/\n", 1, {"sys/fs/cgroup/cpu.max", "1 100000\n"}},
	};

	check(hosts, COUNT(hosts));
}
END_TEST

UNIT_MAIN("proc_quota", version_2_counts_our_own_group_and_those_above,
    version_1_counts_the_group_of_the_cpu_controller, what_is_no_quota_is_none)
