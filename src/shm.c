/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shm_own.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x3164726572616562u /* the bytes "bearerd1" */
#define LAYOUT 1                  /* of header and slot; see slot.c */
#define HEADER_SIZE ((sizeof(struct shm_header) + 63) / 64 * 64)

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
header_fill(struct shm_header *h, size_t count, size_t stride)
{
	*h = (struct shm_header){
	    .magic = MAGIC,
	    .layout = LAYOUT,
	    .header_size = HEADER_SIZE,
	    .total_size = HEADER_SIZE + count * stride,
	    .count = count,
	    .stride = stride,
	    .master = getpid(),
	};
	util_random(&h->generation, sizeof(h->generation));
	boot_id(h->boot_id);
}

/* What is wrong with a header of a file of this size, or NULL. */
static const char *
header_problem(const struct shm_header *h, size_t size)
{
	char boot[BOOT_ID_LEN + 4];

	boot_id(boot);
	if (h->magic != MAGIC)
		return "has another magic number";
	if (h->layout != LAYOUT || h->header_size != HEADER_SIZE)
		return "has another layout";
	if (h->total_size != size || h->count == 0 || h->stride == 0 ||
	    h->stride % 64 != 0 ||
	    h->count != (size - HEADER_SIZE) / h->stride ||
	    h->count * h->stride != size - HEADER_SIZE)
		return "has sizes that do not agree";
	if (memcmp(h->boot_id, boot, sizeof(boot)) != 0)
		return "is of another boot";
	return NULL;
}

static const char *
slots_problem(const struct shm *shm)
{
	size_t i;

	for (i = 0; i < shm->header->count; i++)
		if (!slot_fits(shm_slot(shm, i), shm->header->stride))
			return "has a slot that does not fit";
	return NULL;
}

static const char *
file_problem(const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || st->st_uid != geteuid())
		return "belongs to another user";
	if ((st->st_mode & 07777) != 0600)
		return "is open to other users";
	if ((size_t)st->st_size < HEADER_SIZE)
		return "is too short";
	return NULL;
}

/* Whether another living master has this name's segment.  fd is opened. */
static bool
held(int fd)
{
	return flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK;
}

static int
refuse_if_held(const char *name, const struct shm *own, struct err *err)
{
	struct stat st, mine;
	int fd = shm_open(name, O_RDONLY, 0), status = 0;

	if (fd == -1)
		return 0;
	if (own != NULL && fstat(own->fd, &mine) == 0 &&
	    fstat(fd, &st) == 0 && mine.st_ino == st.st_ino) {
		close(fd);
		return 0;
	}
	if (held(fd))
		status = err_set(err, "shared memory %s is in use by a running"
		    " bearerd; stop it or set another shm-name", name);
	close(fd);
	return status;
}

static void
protect(void *p, size_t size)
{
	static bool told;

	madvise(p, size, MADV_DONTDUMP);
	if (mlock2(p, size, MLOCK_ONFAULT) == -1 && !told) {
		told = true;
		log_notice("memory cannot be locked (%s): tokens may reach "
		    "the swap; raise RLIMIT_MEMLOCK", strerror(errno));
	}
}

static int
map(int fd, int prot, size_t size, struct shm *out)
{
	void *p = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	protect(p, size);
	out->header = p;
	out->size = size;
	return 0;
}

/*
 * Open, size, lock and map; the caller closes on failure.  The mapping goes
 * through a description of its own: it outlives the master in a refresher, and
 * would keep the lock.
 */
static int
create_file(const char *name, size_t size, struct shm *out)
{
	int fd, status;

	shm_unlink(name);
	out->fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (out->fd == -1 || flock(out->fd, LOCK_EX | LOCK_NB) == -1 ||
	    fchmod(out->fd, 0600) == -1)
		return -1;
	errno = posix_fallocate(out->fd, 0, (off_t)size);
	if (errno != 0)
		return -1;
	out->fd_readonly = shm_open(name, O_RDONLY, 0);
	if (out->fd_readonly == -1 ||
	    (fd = shm_open(name, O_RDWR, 0)) == -1)
		return -1;
	status = map(fd, PROT_READ | PROT_WRITE, size, out);
	close(fd);
	return status;
}

int
shm_create(const char *name, const char *const *names, size_t count,
    size_t text_max, const struct shm *own, struct shm *out, struct err *err)
{
	size_t i, stride = slot_size(text_max);
	size_t size = HEADER_SIZE + count * stride;

	*out = (struct shm){.fd = -1, .fd_readonly = -1};
	if (refuse_if_held(name, own, err) == -1)
		return -1;
	if (create_file(name, size, out) == -1) {
		err_set(err, "shared memory %s of %zu bytes: %s", name, size,
		    strerror(errno));
		if (out->fd != -1)
			shm_unlink(name);
		shm_close(out);
		return -1;
	}
	header_fill(out->header, count, stride);
	for (i = 0; i < count; i++)
		slot_init(shm_slot(out, i), names[i], text_max);
	return 0;
}

int
shm_attach_fd(int fd, bool writable, const char *name, struct shm *out,
    struct err *err)
{
	const char *problem;
	struct stat st;

	*out = (struct shm){.fd = -1, .fd_readonly = -1};
	if (fd == -1 || fstat(fd, &st) == -1)
		return err_set(err, "shared memory %s: %s", name,
		    strerror(errno));
	problem = file_problem(&st);
	if (problem == NULL && map(fd, writable ? PROT_READ | PROT_WRITE
	    : PROT_READ, (size_t)st.st_size, out) == -1)
		problem = strerror(errno);
	if (problem == NULL)
		problem = header_problem(out->header, out->size);
	if (problem == NULL)
		problem = slots_problem(out);
	if (problem == NULL)
		return 0;
	shm_close(out);
	return err_set(err, "shared memory %s %s", name, problem);
}

int
shm_owner(const char *name, uid_t *user, gid_t *group, struct err *err)
{
	struct stat st;
	int fd = shm_open(name, O_RDONLY, 0);
	int status = fd == -1 ? -1 : fstat(fd, &st), keep = errno;

	if (fd != -1)
		close(fd);
	errno = keep;
	if (status == -1)
		return err_set(err, "shared memory %s: %s", name,
		    strerror(keep));
	*user = st.st_uid;
	*group = st.st_gid;
	return 0;
}

int
shm_attach(const char *name, struct shm *out, struct err *err)
{
	int fd = shm_open(name, O_RDONLY, 0);
	int status = shm_attach_fd(fd, false, name, out, err);

	if (fd != -1)
		close(fd);
	return status;
}

void
shm_make_readonly(struct shm *shm)
{
	void *writable = shm->header;

	if (map(shm->fd_readonly, PROT_READ, shm->size, shm) == -1)
		log_die("mmap: %s", strerror(errno));
	munmap(writable, shm->size);
	shm_leave_owner(shm);
}

void
shm_leave_owner(struct shm *shm)
{
	if (shm->fd != -1)
		close(shm->fd);
	if (shm->fd_readonly != -1)
		close(shm->fd_readonly);
	shm->fd = shm->fd_readonly = -1;
}

void
shm_close(struct shm *shm)
{
	shm_leave_owner(shm);
	if (shm->header != NULL)
		munmap(shm->header, shm->size);
	shm->header = NULL;
}

void
shm_remove(const char *name)
{
	shm_unlink(name);
}

size_t
shm_count(const struct shm *shm)
{
	return shm->header->count;
}

struct slot *
shm_slot(const struct shm *shm, size_t i)
{
	return (struct slot *)((char *)shm->header + HEADER_SIZE +
	    i * shm->header->stride);
}

struct slot *
shm_find(const struct shm *shm, const char *name)
{
	size_t i;

	for (i = 0; i < shm->header->count; i++)
		if (strcmp(shm_slot(shm, i)->name, name) == 0)
			return shm_slot(shm, i);
	return NULL;
}

int
shm_master(const struct shm *shm)
{
	return (int)shm->header->master;
}

/* Take one slot over: its token, or else what generation it was. */
static bool
take_over(const struct slot *old, struct slot *to, struct token *t)
{
	int64_t now = clock_boot_ms();
	uint64_t seq;
	enum slot_status status = slot_read(old, t, &seq);

	if (status == SLOT_OK &&
	    token_text_problem(t->text, t->len, TOKEN_MAX) == NULL &&
	    token_dead_at(t) > now && t->obtained_at <= now &&
	    slot_publish(to, t) == 0)
		return true;
	if ((status == SLOT_OK || status == SLOT_EMPTY) && t->generation > 0)
		slot_clear(to, t->generation);
	return false;
}

size_t
shm_take_over(const struct shm *from, struct shm *to)
{
	struct token *t = util_alloc(1, sizeof(*t));
	size_t i, taken = 0;

	for (i = 0; i < shm_count(to); i++) {
		const struct slot *old = shm_find(from, shm_slot(to, i)->name);

		if (old != NULL && take_over(old, shm_slot(to, i), t))
			taken++;
	}
	explicit_bzero(t, sizeof(*t));
	free(t);
	return taken;
}

void *
shm_block(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		log_die("mmap of %zu bytes: %s", size, strerror(errno));
	return p;
}

void
shm_block_free(void *block, size_t size)
{
	munmap(block, size);
}

void *
shm_private(uint32_t *size)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	void *p;

	*size = (*size + page - 1) / page * page;
	p = mmap(NULL, *size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		log_die("mmap of %u bytes: %s", *size, strerror(errno));
	madvise(p, *size, MADV_DONTDUMP);
	return p;
}
