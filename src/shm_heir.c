/* SPDX-License-Identifier: MIT */
/* A segment passes from one master to the next program's. */
#include "config.h"

#include "shm_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/dev/shm" /* where Linux has them */

static bool
same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool
shm_has_name(const struct shm *given, const char *name)
{
	int fd = shm_open(name, O_RDONLY, 0);
	bool same = fd != -1 && same_file(fd, given->fd);

	if (fd != -1)
		close(fd);
	return same;
}

/* What about the slots is not as these would be made, or NULL. */
static const char *
difference(const struct shm *shm, const char *const *names, size_t count,
    size_t text_max)
{
	size_t i;

	if (shm->header->stride != slot_size(text_max))
		return "is for another max-token-size";
	if (shm->header->count != count)
		return "is for other tokens";
	for (i = 0; i < count; i++)
		if (strcmp(shm_slot(shm, i)->name, names[i]) != 0)
			return "is for other tokens";
	return NULL;
}

/* Mapped through a description of its own, as in shm_create(). */
int
shm_write_into(const struct shm *given, const char *name, struct shm *out,
    struct err *err)
{
	int fd = shm_open(name, O_RDWR, 0), status = 0;

	*out = (struct shm){.fd = -1, .fd_readonly = -1};
	if (fd == -1 || !same_file(fd, given->fd))
		status = err_set(err, "shared memory %s is not what was handed "
		    "over", name);
	if (status == 0)
		status = shm_attach_fd(fd, true, name, out, err);
	if (fd != -1)
		close(fd);
	return status;
}

int
shm_adopt(const char *name, const char *const *names, size_t count,
    size_t text_max, struct shm *given, struct shm *out, struct err *err)
{
	const char *problem;

	if (shm_write_into(given, name, out, err) == -1)
		return -1;
	problem = difference(out, names, count, text_max);
	if (problem != NULL) {
		shm_close(out);
		return err_set(err, "shared memory %s %s", name, problem);
	}
	out->fd = given->fd;
	out->fd_readonly = given->fd_readonly;
	given->fd = given->fd_readonly = -1;
	return 0;
}

int
shm_look_into(const struct shm *given, struct shm *out, struct err *err)
{
	return shm_attach_fd(given->fd_readonly, false, "of the predecessor",
	    out, err);
}

void
shm_follow(const struct shm *from, struct shm *to, uint64_t *seen)
{
	struct token *t = util_alloc(1, sizeof(*t));
	size_t i;

	for (i = 0; i < shm_count(to); i++) {
		const struct slot *new = shm_find(from, shm_slot(to, i)->name);
		enum slot_status status;
		uint64_t seq;

		if (new == NULL || slot_seq(new) == seen[i])
			continue;
		status = slot_read(new, t, &seq);
		if (status == SLOT_OK)
			slot_publish(shm_slot(to, i), t); /* if it has room */
		else if (status == SLOT_EMPTY)
			slot_clear(shm_slot(to, i), t->generation);
		if (status == SLOT_OK || status == SLOT_EMPTY)
			seen[i] = seq;
	}
	explicit_bzero(t, sizeof(*t));
	free(t);
}

int
shm_rename(const char *from, const char *to, struct err *err)
{
	char old[512], new[512];

	snprintf(old, sizeof(old), FOLDER "%s", from);
	snprintf(new, sizeof(new), FOLDER "%s", to);
	if (rename(old, new) == -1)
		return err_set(err, "shared memory %s cannot be renamed to %s: "
		    "%s", from, to, strerror(errno));
	return 0;
}

void
shm_own(struct shm *shm)
{
	shm->header->master = getpid();
}
