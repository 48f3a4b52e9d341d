/* SPDX-License-Identifier: MIT */
/* The token as it is in shared memory. */
#include "config.h"

#include "ctl.h"

#include "clock.h"
#include "shm.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The slot of this name; without one, the token that /token serves. */
static const struct slot *
find(const struct shm *shm, const char *name)
{
	const struct slot *s = shm_find(shm, name == NULL ? "token" : name);

	return s == NULL && name == NULL ? shm_slot(shm, 0) : s;
}

static int
print(const struct slot *s, struct err *err)
{
	static struct token t;
	int64_t now = clock_boot_ms();
	enum ctl_exit status = CTL_NO;
	uint64_t seq;

	if (slot_read(s, &t, &seq) != SLOT_OK)
		err_set(err, "token %s: there is none at the moment", s->name);
	else if (token_dead_at(&t) <= now)
		err_set(err, "token %s: the last one has expired", s->name);
	else if (printf("%.*s\n", (int)t.len, t.text) < 0 ||
	    fflush(stdout) != 0)
		err_set(err, "standard output cannot be written to");
	else
		status = CTL_OK;
	explicit_bzero(&t, sizeof(t));
	return status;
}

/* Words for what most often keeps the segment from being read. */
static int
explain(const char *name, struct err *err)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/shm%s", name);
	if (stat(path, &st) == -1)
		return err_set(err, "shared memory %s: there is none; is "
		    "bearerd running, with this shm-name?", name);
	if (access(path, R_OK) == -1)
		return err_set(err, "shared memory %s: permission denied; "
		    "tokens are for root and uid %d", name, (int)st.st_uid);
	return -1;
}

int
ctl_get(const struct ctl *ctl, const char *name, struct err *err)
{
	const struct slot *s;
	struct shm shm;
	int status;

	if (shm_look(ctl->shm_name, &shm, err) == -1) {
		explain(ctl->shm_name, err);
		return CTL_ERROR;
	}
	s = find(&shm, name);
	if (s != NULL)
		status = print(s, err);
	else {
		err_set(err, "there is no token '%s'; \"bearerctl status\" "
		    "shows those that there are", name);
		status = CTL_NO;
	}
	shm_close(&shm);
	return status;
}
