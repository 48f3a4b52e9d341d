/* SPDX-License-Identifier: MIT */
/* Reads the token in shared memory. */
#include "config.h"

#include "ctl/ctl.h"

#include "base/clock.h"
#include "process/proc.h"
#include "shared/segment.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The slot of this name; without one, the token that /token serves. */
static const struct slot *
find(const struct segment *segment, const char *name)
{
	const struct slot *s =
	    segment_find(segment, name == NULL ? "token" : name);

	return s == NULL && name == NULL ? segment_slot(segment, 0) : s;
}

static int
print(const struct slot *s, struct err *err)
{
	static struct token t;
	int64_t now = clock_boot_ms();
	enum ctl_exit status = CTL_NO;
	uint64_t seq;

	if (slot_read(s, &t, &seq) != SLOT_OK ||
	    token_text_problem(t.text, t.len, TOKEN_MAX) != NULL)
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

/*
 * Root becomes the segment's owner.  Anybody can make a segment of this name
 * while no bearerd runs; it must be read with no more rights than its owner
 * has.
 */
static int
become_owner(const char *name, struct err *err)
{
	uid_t user;
	gid_t group;

	if (segment_owner(name, &user, &group, err) == -1) {
		if (errno == ENOENT)
			err_set(err,
			    "shared memory /dev/shm%s: there is none; is bearerd running, with this shm-name?",
			    name);
		else if (errno == EACCES)
			err_set(err,
			    "shared memory /dev/shm%s: permission denied; tokens are for root and the user that started bearerd",
			    name);
		return -1;
	}
	if (geteuid() != 0 || user == 0)
		return 0;
	if (setgroups(0, NULL) == -1 || setresgid(group, group, group) == -1 ||
	    setresuid(user, user, user) == -1)
		return err_set(err,
		    "shared memory /dev/shm%s belongs to uid %d, which bearerctl cannot become: %s",
		    name, (int)user, strerror(errno));
	proc_no_dumps();
	return 0;
}

int
ctl_get(const struct ctl *ctl, const char *name, struct err *err)
{
	const struct slot *s;
	struct segment segment;
	int status;

	if (become_owner(ctl->shm_name, err) == -1 ||
	    segment_attach(ctl->shm_name, &segment, err) == -1)
		return CTL_ERROR;
	s = find(&segment, name);
	if (s != NULL)
		status = print(s, err);
	else {
		err_set(err,
		    "there is no token '%s'; \"bearerctl status\" shows those that there are",
		    name);
		status = CTL_NO;
	}
	segment_close(&segment);
	return status;
}
