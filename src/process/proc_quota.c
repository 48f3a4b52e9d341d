/* SPDX-License-Identifier: MIT */
/*
 * How many processors the quotas of control groups leave us (cgroups(7)): those
 * of our own group and of each above it, as far as they can be seen.
 */
#include "config.h"

#include "process/proc.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CPUS_MAX 1000000 /* what a sane quota comes to at most */

/* The two kinds of groups, where each has its quota. */
static const struct kind {
	const char *type;           /* of the file system */
	const char *option;         /* that its mount has; NULL: any */
	const char *quota, *period; /* NULL: both in one file */
} kinds[] = {
    {"cgroup2", NULL, "cpu.max", NULL},
    {"cgroup", "cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us"},
};

/* Where groups of one kind are mounted, and which of them is at the top. */
struct mount {
	char point[PATH_MAX], top[PATH_MAX];
};

/* Whether a list with commas has this word. */
static bool
has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += list[0] == ',') {
		size_t n = strcspn(list, ",\n");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n;
		if (*list == '\n')
			break;
	}
	return false;
}

/* Find the mount in a list as proc(5) has it for mountinfo. */
static bool
find_mount(FILE *f, const struct kind *k, struct mount *out)
{
	char line[4 * PATH_MAX], type[64], options[1024], *rest;

	while (fgets(line, sizeof(line), f) != NULL) {
		rest = strstr(line, " - ");
		if (rest != NULL &&
		    sscanf(rest, " - %63s %*s %1023s", type, options) == 2 &&
		    strcmp(type, k->type) == 0 &&
		    (k->option == NULL || has_word(options, k->option)) &&
		    sscanf(line, "%*s %*s %*s %4095s %4095s", out->top,
			out->point) == 2)
			return true;
	}
	return false;
}

/* Our group, in lines "NUMBER:CONTROLLERS:PATH"; those of version 2 have no
 * controllers. */
static bool
find_group(FILE *f, const struct kind *k, char *out, size_t size)
{
	char line[2 * PATH_MAX], *names, *path;

	while (fgets(line, sizeof(line), f) != NULL) {
		names = strchr(line, ':');
		path = names != NULL ? strchr(++names, ':') : NULL;
		if (path == NULL)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		if (k->option == NULL ? *names == '\0'
				      : has_word(names, k->option)) {
			snprintf(out, size, "%s", path);
			return true;
		}
	}
	return false;
}

/* The first one or two numbers of a file; how many there are. */
static int
read_numbers(const char *folder, const char *name, long long *a, long long *b)
{
	char path[4 * PATH_MAX];
	FILE *f;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

	if (n < 0 || (size_t)n >= sizeof(path) ||
	    (f = fopen(path, "re")) == NULL)
		return 0;
	n = fscanf(f, "%lld %lld", a, b);
	fclose(f);
	return n;
}

/* Processors that the quota of one group comes to, rounded up; 0: none. */
static int
group_cpus(const struct kind *k, const char *folder)
{
	long long quota = 0, period = 0, unused;

	if (k->period == NULL
		? read_numbers(folder, k->quota, &quota, &period) != 2
		: read_numbers(folder, k->quota, &quota, &unused) < 1 ||
		    read_numbers(folder, k->period, &period, &unused) < 1)
		return 0;
	if (quota <= 0 || period <= 0 || quota / period >= CPUS_MAX)
		return 0;
	return (int)(quota / period + (quota % period != 0));
}

/* The least quota from this folder up to the mount, which is len bytes. */
static int
least(const struct kind *k, char *folder, size_t len)
{
	int n, fewest = 0;
	char *slash;

	for (;;) {
		n = group_cpus(k, folder);
		if (n > 0 && (fewest == 0 || n < fewest))
			fewest = n;
		slash = strrchr(folder, '/');
		if (slash == NULL || (size_t)(slash - folder) < len)
			return fewest;
		*slash = '\0';
	}
}

/* The part of a group's path below the top of the mount; "", the top itself,
 * for a group that is elsewhere. */
static const char *
below(const char *group, const char *top)
{
	size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);

	if (strncmp(group, "/..", 3) == 0 || strncmp(group, top, len) != 0 ||
	    (group[len] != '/' && group[len] != '\0'))
		return "";
	return strcmp(group + len, "/") == 0 ? "" : group + len;
}

static FILE *
open_proc(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/self/%s", root, name);
	return fopen(path, "re");
}

static int
kind_cpus(const struct kind *k, const char *root)
{
	char folder[4 * PATH_MAX], group[PATH_MAX];
	struct mount m;
	FILE *f;
	bool found;

	if ((f = open_proc(root, "mountinfo")) == NULL)
		return 0;
	found = find_mount(f, k, &m);
	fclose(f);
	if (!found || (f = open_proc(root, "cgroup")) == NULL)
		return 0;
	found = find_group(f, k, group, sizeof(group));
	fclose(f);
	if (!found)
		return 0;
	snprintf(folder, sizeof(folder), "%s%s%s", root, m.point,
	    below(group, m.top));
	return least(k, folder, strlen(root) + strlen(m.point));
}

int
proc_quota_cpus(const char *root)
{
	int n, fewest = 0;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		n = kind_cpus(&kinds[i], root);
		if (n > 0 && (fewest == 0 || n < fewest))
			fewest = n;
	}
	return fewest;
}
