/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "pidfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
pidfile_write(const char *path, struct err *err)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fprintf(f, "%d\n", (int)getpid()) < 0 ||
	    fflush(f) != 0) {
		err_set(err, "pid-file %s: %s", path, strerror(errno));
		if (f != NULL)
			fclose(f);
		return -1;
	}
	fclose(f);
	return 0;
}

void
pidfile_remove(const char *path)
{
	FILE *f = fopen(path, "re");
	long pid = 0;

	if (f == NULL)
		return;
	if (fscanf(f, "%ld", &pid) == 1 && pid == (long)getpid())
		unlink(path);
	fclose(f);
}
