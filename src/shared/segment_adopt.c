/* SPDX-License-Identifier: MIT */
/* A segment passes from one master to the next program's. */
#include "config.h"

#include "shared/segment_private.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && file_is_same(&x, &y);
}

bool
segment_has_name(const struct segment *given, const char *name)
{
	int fd = segment_name_open(name, O_RDONLY);
	bool same = fd != -1 && same_file(fd, given->fd);

	if (fd != -1)
		close(fd);
	return same;
}

/* How the slots differ from those that would be made, in words; or NULL. */
static const char *
difference(const struct segment *segment, const char *const *names,
    size_t count, size_t text_max)
{
	size_t i;

	if (segment->stride != slot_size(text_max))
		return "is for another max-token-size";
	if (segment->count != count)
		return "is for other tokens";
	for (i = 0; i < count; i++)
		if (strcmp(segment_slot(segment, i)->name, names[i]) != 0)
			return "is for other tokens";
	return NULL;
}

/* Mapped through a description of its own, as in segment_create(). */
int
segment_write_into(const struct segment *given, const char *name,
    struct segment *out, struct err *err)
{
	int fd = segment_name_open(name, O_RDWR), status = 0;

	*out = (struct segment){.fd = -1, .fd_readonly = -1};
	if (fd == -1 || !same_file(fd, given->fd))
		status = err_set(err,
		    "shared memory /dev/shm%s is not what was handed over",
		    name);
	if (status == 0)
		status = segment_attach_fd(fd, true, name, out, err);
	if (fd != -1)
		close(fd);
	return status;
}

int
segment_adopt(const char *name, const char *const *names, size_t count,
    size_t text_max, struct segment *given, struct segment *out,
    struct err *err)
{
	const char *problem;

	if (segment_write_into(given, name, out, err) == -1)
		return -1;
	problem = difference(out, names, count, text_max);
	if (problem != NULL) {
		segment_close(out);
		return err_set(err, "shared memory /dev/shm%s %s", name,
		    problem);
	}
	out->fd = given->fd;
	out->fd_readonly = given->fd_readonly;
	given->fd = given->fd_readonly = -1;
	return 0;
}

int
segment_look_into(const struct segment *given, struct segment *out,
    struct err *err)
{
	return segment_attach_fd(given->fd_readonly, false,
	    " of the predecessor", out, err);
}

/* Whether a token that somebody left behind lives, and no longer than any can.
 */
static bool
lives(const struct token *t, int64_t now)
{
	return t->obtained_at <= now &&
	    t->obtained_at > now - TOKEN_LIFE_MAX_MS &&
	    t->expires_at > t->obtained_at &&
	    t->expires_at <= now + TOKEN_LIFE_MAX_MS && token_dead_at(t) > now;
}

/* Take one slot over: its token, or else what generation it was. */
static bool
take_over(const struct slot *old, struct slot *to, struct token *t)
{
	int64_t now = clock_boot_ms();
	uint64_t seq;
	enum slot_status status = slot_read(old, t, &seq);

	if (status == SLOT_OK && lives(t, now) && slot_publish(to, t) == 0)
		return true;
	if ((status == SLOT_OK || status == SLOT_EMPTY) && t->generation > 0)
		slot_clear(to, t->generation);
	return false;
}

size_t
segment_take_over(const struct segment *from, struct segment *to)
{
	struct token *t = mem_alloc(1, sizeof(*t));
	size_t i, taken = 0;

	for (i = 0; i < segment_count(to); i++) {
		const struct slot *old =
		    segment_find(from, segment_slot(to, i)->name);

		if (old != NULL && take_over(old, segment_slot(to, i), t))
			taken++;
	}
	explicit_bzero(t, sizeof(*t));
	free(t);
	return taken;
}

void
segment_follow(const struct segment *from, struct segment *to, uint64_t *seen)
{
	struct token *t = mem_alloc(1, sizeof(*t));
	size_t i;

	for (i = 0; i < segment_count(to); i++) {
		const struct slot *new =
		    segment_find(from, segment_slot(to, i)->name);
		enum slot_status status;
		uint64_t seq;

		if (new == NULL || slot_seq(new) == seen[i])
			continue;
		status = slot_read(new, t, &seq);
		if (status == SLOT_OK)
			slot_publish(segment_slot(to, i),
			    t); /* if it has room */
		else if (status == SLOT_EMPTY)
			slot_clear(segment_slot(to, i), t->generation);
		if (status == SLOT_OK || status == SLOT_EMPTY)
			seen[i] = seq;
	}
	explicit_bzero(t, sizeof(*t));
	free(t);
}

void
segment_own(struct segment *segment)
{
	segment->header->master = getpid();
}
