/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shared/segment_private.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAGIC 0x3164726572616562u /* the bytes "bearerd1" */
#define LAYOUT 3                  /* of header and slot; see slot.c */
#define SLOTS_MAX 1000000         /* that we would attach to */
#define BESIDE ".next"            /* behind the name, until it is free */
#define HEADER_SIZE ((sizeof(struct segment_header) + 63) / 64 * 64)

/* The kernel's name for this boot; boot times of another mean nothing. */
static void
boot_id(char *out)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	memset(out, 0, BOOT_ID_LEN + 4);
	if (fd != -1) {
		n = read(fd, out, BOOT_ID_LEN);
		close(fd);
	}
	if (n != BOOT_ID_LEN)
		memset(out, '?', BOOT_ID_LEN);
}

static void
header_fill(struct segment_header *h, size_t count, size_t stride)
{
	*h = (struct segment_header){
	    .magic = MAGIC,
	    .layout = LAYOUT,
	    .header_size = HEADER_SIZE,
	    .total_size = HEADER_SIZE + count * stride,
	    .count = count,
	    .stride = stride,
	    .master = getpid(),
	};
	boot_id(h->boot_id);
	crypto_random(&h->generation, sizeof(h->generation));
}

/* The fault of a header, in a file of this size, in words; or NULL. */
static const char *
header_problem(const struct segment_header *h, size_t size)
{
	char boot[BOOT_ID_LEN + 4];

	boot_id(boot);
	if (h->magic != MAGIC)
		return "has another magic number";
	if (h->layout != LAYOUT || h->header_size != HEADER_SIZE)
		return "has another layout";
	if (h->total_size != size || h->count == 0 || h->stride == 0 ||
	    h->stride % 64 != 0 || h->count > SLOTS_MAX ||
	    h->stride > slot_size(TOKEN_ROOM_MAX) ||
	    h->count != (size - HEADER_SIZE) / h->stride ||
	    h->count * h->stride != size - HEADER_SIZE)
		return "has sizes that do not agree";
	if (memcmp(h->boot_id, boot, sizeof(boot)) != 0)
		return "is of another boot";
	return NULL;
}

/* Get to know the slots of a segment whose header was checked. */
static const char *
slots_problem(struct segment *segment)
{
	char *first = (char *)segment->header + HEADER_SIZE;
	size_t i;

	segment->slots = mem_alloc(segment->count, sizeof(*segment->slots));
	for (i = 0; i < segment->count; i++)
		if (slot_attach(&segment->slots[i],
			(struct slot_memory *)(first + i * segment->stride),
			segment->stride) == -1)
			return "has a slot that does not fit";
	return NULL;
}

/* The header is looked at once: a writer may change it at any time. */
static const char *
segment_problem(struct segment *segment)
{
	struct segment_header h;
	const char *problem;

	memcpy(&h, segment->header, sizeof(h));
	atomic_signal_fence(memory_order_seq_cst);
	problem = header_problem(&h, segment->size);
	if (problem != NULL)
		return problem;
	segment->count = h.count;
	segment->stride = h.stride;
	return slots_problem(segment);
}

static const char *
file_problem(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return segment_kind(st->st_mode);
	if (st->st_uid != geteuid())
		return "belongs to another user";
	if ((st->st_mode & 07777) != 0600)
		return "is open to other users";
	if ((size_t)st->st_size < HEADER_SIZE)
		return "is too short";
	return NULL;
}

static void
protect(void *p, size_t size)
{
	static bool logged;

	madvise(p, size, MADV_DONTDUMP);
	if (mlock2(p, size, MLOCK_ONFAULT) == -1 && !logged) {
		logged = true;
		log_notice(
		    "memory cannot be locked (%s): tokens may reach the swap; raise RLIMIT_MEMLOCK",
		    strerror(errno));
	}
}

static int
map(int fd, int prot, size_t size, struct segment *out)
{
	void *p = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	protect(p, size);
	out->header = p;
	out->size = size;
	segment_guard_add(p, size);
	return 0;
}

/*
 * Open, size, lock and map; the caller closes on failure.  The mapping goes
 * through a description of its own: it outlives the master in a refresher, and
 * would keep the lock.
 */
static int
create_file(const char *name, size_t size, struct segment *out)
{
	int fd, status;

	out->fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (out->fd == -1 || flock(out->fd, LOCK_EX | LOCK_NB) == -1 ||
	    fchmod(out->fd, 0600) == -1)
		return -1;
	errno = posix_fallocate(out->fd, 0, (off_t)size);
	if (errno != 0)
		return -1;
	out->fd_readonly = segment_name_open(name, O_RDONLY);
	if (out->fd_readonly == -1 ||
	    (fd = segment_name_open(name, O_RDWR)) == -1)
		return -1;
	status = map(fd, PROT_READ | PROT_WRITE, size, out);
	close(fd);
	return status;
}

/* Lay out a new segment. */
static void
fill(struct segment *segment, const char *const *names, size_t count,
    size_t text_max)
{
	size_t i;

	segment->count = count;
	segment->stride = slot_size(text_max);
	header_fill(segment->header, count, segment->stride);
	segment->slots = mem_alloc(count, sizeof(*segment->slots));
	for (i = 0; i < count; i++)
		slot_init(&segment->slots[i],
		    (struct slot_memory *)((char *)segment->header +
			HEADER_SIZE + i * segment->stride),
		    names[i], text_max);
}

/* Make the file under a name that was cleared; -1: nothing is left of it. */
static int
make_file(const char *name, size_t size, struct segment *out, struct err *err)
{
	if (create_file(name, size, out) == 0)
		return 0;
	err_set(err, "shared memory /dev/shm%s of %zu bytes: %s", name, size,
	    strerror(errno));
	if (out->fd != -1)
		shm_unlink(name);
	segment_close(out);
	return -1;
}

/* Beside the one that there is, which keeps its name when this fails. */
static int
replace_file(const char *name, size_t size, const struct segment *current,
    struct segment *out, struct err *err)
{
	char beside[SEGMENT_PATH_SIZE];

	snprintf(beside, sizeof(beside), "%s" BESIDE, name);
	if (segment_name_clear(beside, NULL, err) == -1 ||
	    make_file(beside, size, out, err) == -1)
		return -1;
	if (segment_name_clear(name, current, err) == 0 &&
	    segment_rename(beside, name, err) == 0)
		return 0;
	shm_unlink(beside);
	segment_close(out);
	return -1;
}

int
segment_create(const char *name, const char *const *names, size_t count,
    size_t text_max, const struct segment *current, struct segment *out,
    struct err *err)
{
	size_t size = HEADER_SIZE + count * slot_size(text_max);
	int status;

	*out = (struct segment){.fd = -1, .fd_readonly = -1};
	if (current != NULL && strlen(name) + strlen(BESIDE) <= NAME_MAX)
		status = replace_file(name, size, current, out, err);
	else {
		status = segment_name_clear(name, current, err);
		if (status == 0)
			status = make_file(name, size, out, err);
	}
	if (status == 0)
		fill(out, names, count, text_max);
	return status;
}

int
segment_attach_fd(int fd, bool writable, const char *name, struct segment *out,
    struct err *err)
{
	const char *problem;
	struct stat st;

	*out = (struct segment){.fd = -1, .fd_readonly = -1};
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set(err, "shared memory /dev/shm%s: %s", name,
		    strerror(errno));
	problem = file_problem(&st);
	if (problem == NULL &&
	    map(fd, writable ? PROT_READ | PROT_WRITE : PROT_READ,
		(size_t)st.st_size, out) == -1)
		problem = strerror(errno);
	if (problem == NULL)
		problem = segment_problem(out);
	if (problem == NULL)
		return 0;
	segment_close(out);
	return err_set(err, "shared memory /dev/shm%s %s", name, problem);
}

int
segment_attach(const char *name, struct segment *out, struct err *err)
{
	int fd = segment_name_open(name, O_RDONLY);
	int status = segment_attach_fd(fd, false, name, out, err);

	if (fd != -1)
		close(fd);
	return status;
}

bool
segment_is_whole(const struct segment *segment)
{
	struct stat st;

	return fstat(segment->fd, &st) == -1 ||
	    (size_t)st.st_size >= segment->size;
}

/* In the place of the other mapping, so that the slots are where they were. */
void
segment_make_readonly(struct segment *segment)
{
	if (mmap(segment->header, segment->size, PROT_READ,
		MAP_SHARED | MAP_FIXED, segment->fd_readonly, 0) == MAP_FAILED)
		log_die("mmap: %s", strerror(errno));
	protect(segment->header, segment->size);
	segment_leave_owner(segment);
}

void
segment_leave_owner(struct segment *segment)
{
	if (segment->fd != -1)
		close(segment->fd);
	if (segment->fd_readonly != -1)
		close(segment->fd_readonly);
	segment->fd = segment->fd_readonly = -1;
}

void
segment_close(struct segment *segment)
{
	segment_leave_owner(segment);
	if (segment->header != NULL) {
		segment_guard_drop(segment->header);
		munmap(segment->header, segment->size);
	}
	free(segment->slots);
	segment->header = NULL;
	segment->slots = NULL;
}

size_t
segment_count(const struct segment *segment)
{
	return segment->count;
}

struct slot *
segment_slot(const struct segment *segment, size_t i)
{
	return &segment->slots[i];
}

struct slot *
segment_find(const struct segment *segment, const char *name)
{
	size_t i;

	for (i = 0; i < segment->count; i++)
		if (strcmp(segment->slots[i].name, name) == 0)
			return &segment->slots[i];
	return NULL;
}

int
segment_master(const struct segment *segment)
{
	return (int)segment->header->master;
}
