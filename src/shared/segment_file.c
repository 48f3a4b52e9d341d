/* SPDX-License-Identifier: MIT */
/*
 * A segment's file: its name, and its end.
 *
 * The name is in a directory that everybody may write to, so anything may have
 * it: another user's file, a pipe that waits for a writer, a directory.  Its
 * kind and owner are looked at before it is opened, and opening never waits.
 *
 * The file can be cut short by whoever may write to it.  A look at what is
 * missing then raises SIGBUS.  The master must not end by that: there the
 * segment is replaced by zeroes, which are a slot without a token.  Children
 * do end: they are started anew, with a new segment.
 */
#include "config.h"

#include "shared/segment_private.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the name ---- */

static const char *
path_of(const char *name, char path[SEGMENT_PATH_SIZE])
{
	snprintf(path, SEGMENT_PATH_SIZE, SEGMENT_FOLDER "%s", name);
	return path;
}

int
segment_name_open(const char *name, int access)
{
	return shm_open(name, access | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0);
}

const char *
segment_kind(mode_t mode)
{
	return S_ISREG(mode) ? "is a file"
	    : S_ISDIR(mode)  ? "is a directory"
	    : S_ISFIFO(mode) ? "is a named pipe"
	    : S_ISSOCK(mode) ? "is a socket"
	    : S_ISLNK(mode)  ? "is a symbolic link"
			     : "is a device";
}

/* Whether somebody holds a lock on a file of ours: a living master. */
static bool
is_held(const char *name, const struct stat *seen)
{
	int fd = segment_name_open(name, O_RDONLY);
	struct stat st;
	bool held;

	if (fd == -1)
		return false;
	held = fstat(fd, &st) == 0 && file_is_same(&st, seen) &&
	    flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

static bool
is_file_of(const struct segment *segment, const struct stat *seen)
{
	struct stat st;

	return segment != NULL && fstat(segment->fd, &st) == 0 &&
	    file_is_same(&st, seen);
}

/* Root may remove anybody's; a directory only if it is empty. */
static int
remove_it(const char *path, const struct stat *st, struct err *err)
{
	bool foreign = st->st_uid != geteuid();

	if (foreign && geteuid() != 0)
		return err_set(err,
		    "shared memory: %s %s of uid %d, not ours; have it removed, or set another shm-name",
		    path, segment_kind(st->st_mode), (int)st->st_uid);
	if (unlinkat(AT_FDCWD, path, S_ISDIR(st->st_mode) ? AT_REMOVEDIR : 0) ==
		-1 &&
	    errno != ENOENT)
		return err_set(err,
		    "shared memory: %s %s of uid %d and cannot be removed: %s; remove it, or set another shm-name",
		    path, segment_kind(st->st_mode), (int)st->st_uid,
		    strerror(errno));
	if (foreign || !S_ISREG(st->st_mode))
		log_warning(
		    "shared memory: %s was in the way and is removed: it %s of uid %d",
		    path, segment_kind(st->st_mode), (int)st->st_uid);
	return 0;
}

int
segment_name_clear(const char *name, const struct segment *current,
    struct err *err)
{
	char path[SEGMENT_PATH_SIZE];
	struct stat st;

	if (lstat(path_of(name, path), &st) == -1)
		return errno == ENOENT ? 0
				       : err_set(err, "shared memory: %s: %s",
					     path, strerror(errno));
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    is_held(name, &st) && !is_file_of(current, &st))
		return err_set(err,
		    "shared memory %s is in use by a running bearerd; stop it or set another shm-name",
		    path);
	return remove_it(path, &st, err);
}

int
segment_owner(const char *name, uid_t *user, gid_t *group, struct err *err)
{
	struct stat st;
	int fd = segment_name_open(name, O_RDONLY);
	int status = fd == -1 ? -1 : fstat(fd, &st), keep = errno;

	if (fd != -1)
		close(fd);
	errno = keep;
	if (status == -1)
		return err_set(err, "shared memory /dev/shm%s: %s", name,
		    strerror(keep));
	errno = EINVAL;
	if (!S_ISREG(st.st_mode))
		return err_set(err,
		    "shared memory: /dev/shm%s %s, not a segment of bearerd",
		    name, segment_kind(st.st_mode));
	*user = st.st_uid;
	*group = st.st_gid;
	return 0;
}

int
segment_rename(const char *from, const char *to, struct err *err)
{
	char old[SEGMENT_PATH_SIZE], new[SEGMENT_PATH_SIZE];

	if (rename(path_of(from, old), path_of(to, new)) == -1)
		return err_set(err,
		    "shared memory %s cannot be renamed to %s: %s", old, new,
		    strerror(errno));
	return 0;
}

void
segment_remove(const char *name)
{
	shm_unlink(name);
}

/* ---- a file that is cut short ---- */

#define MAPPED_MAX 8

static struct {
	char *start;
	size_t size;
} mapped[MAPPED_MAX];
static pid_t master; /* its children have the handler, too */

void
segment_guard_add(void *start, size_t size)
{
	size_t i;

	for (i = 0; i < MAPPED_MAX; i++)
		if (mapped[i].start == NULL) {
			mapped[i].size = size;
			mapped[i].start = start;
			return;
		}
}

void
segment_guard_drop(const void *start)
{
	size_t i;

	for (i = 0; i < MAPPED_MAX; i++)
		if (mapped[i].start == start)
			mapped[i].start = NULL;
}

static void
handle(int signal_number, siginfo_t *info, void *context)
{
	char *at = info->si_addr;
	size_t i;

	(void)context;
	for (i = 0; i < MAPPED_MAX && getpid() == master; i++)
		if (mapped[i].start != NULL && at >= mapped[i].start &&
		    at < mapped[i].start + mapped[i].size &&
		    mmap(mapped[i].start, mapped[i].size,
			PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			0) != MAP_FAILED)
			return;
	signal(signal_number, SIG_DFL); /* and once more */
}

void
segment_guard(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = handle;
	sa.sa_flags = SA_SIGINFO;
	sigemptyset(&sa.sa_mask);
	master = getpid();
	sigaction(SIGBUS, &sa, NULL);
}
