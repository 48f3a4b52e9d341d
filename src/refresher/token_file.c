/* SPDX-License-Identifier: MIT */
/* Writes, replaces and empties token files, when they are due. */
#include "config.h"

#include "refresher/token_file.h"

#include "base/mem.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "shared/slot.h"
#include "token/token.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_MAX (TOKEN_MAX + CONF_TEMPLATE_MAX)

struct token_file {
	const struct conf_token *conf;
	const struct slot *slot;
	char *temporary; /* name to write under */
	gid_t gid;       /* of the file, if has_gid */
	bool has_gid;
	uint64_t seq;     /* of the slot, when it was looked at */
	bool behind;      /* the file does not have the slot's token */
	bool there;       /* the file exists, as far as we know */
	int64_t retry_at; /* when behind */
	int64_t gone_at;  /* when the file has to be removed */
	struct log_limit limit;
	bool failing;  /* a failure was logged, and not yet its end */
	bool in_place; /* logged that the file cannot be replaced */
	dev_t dev;     /* of the file that was written */
	ino_t ino;
};

struct token_files {
	struct token_file *one;
	size_t count;
	struct token token; /* wiped after use, as is the content */
	char content[CONTENT_MAX];
};

/* ---- groups ---- */

/* The group of a token's file, if it has one that is known. */
static bool
find_group(const struct conf_token *t, gid_t *out)
{
	const struct group *gr =
	    t->token_file == NULL || t->token_file_group == NULL
	    ? NULL
	    : getgrnam(t->token_file_group);

	if (gr != NULL)
		*out = gr->gr_gid;
	return gr != NULL;
}

size_t
token_files_groups(const struct conf *conf, gid_t *out, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < conf->token_count && n < max; i++)
		n += find_group(&conf->token[i], &out[n]);
	return n;
}

/* ---- one file ---- */

/* Log what failed (errno), once a minute. */
static void
log_failure(struct token_file *f, const char *what)
{
	f->failing = true;
	log_limit_write(&f->limit, 0, LVL_ERR,
	    "token %s: token-file %s: cannot %s: %s", f->conf->name,
	    f->conf->token_file, what, strerror(errno));
}

/* Give an open file its group, mode and content.  NULL, or what failed. */
static const char *
fill(const struct token_file *f, int fd, const char *content, size_t len,
    struct stat *out)
{
	ssize_t n;

	if (f->conf->token_file_group != NULL && !f->has_gid) {
		errno = ENOENT;
		return "find its group";
	}
	if (f->has_gid && fchown(fd, (uid_t)-1, f->gid) == -1)
		return "give it to its group";
	if (fstat(fd, out) == -1 ||
	    ((out->st_mode & 07777) != (mode_t)f->conf->token_file_mode &&
		fchmod(fd, (mode_t)f->conf->token_file_mode) == -1))
		return "set its mode";
	n = write(fd, content, len);
	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == len ? NULL : "write it";
}

/* Close a file after what failed (errno), or NULL.  NULL, or what failed. */
static const char *
finish(int fd, const char *failed)
{
	int saved = errno;

	if (close(fd) == -1 && failed == NULL)
		return "write it";
	errno = saved;
	return failed;
}

/* Write over the old content; a file that has only a part of it is emptied.
 * NULL, or what failed. */
static const char *
overwrite(const struct token_file *f, int fd, const char *content, size_t len,
    struct stat *out)
{
	const char *failed;
	int saved;

	if (fstat(fd, out) == -1 || !S_ISREG(out->st_mode)) {
		errno = EINVAL;
		return "write what is no file";
	}
	failed = fill(f, fd, content, len, out);
	saved = errno;
	if (truncate(f->conf->token_file, failed == NULL ? (off_t)len : 0) ==
		-1 &&
	    failed == NULL)
		return "write it";
	errno = saved;
	return failed;
}

/*
 * Write the file as it is there, since it cannot be replaced: one that is
 * mounted by itself, as containers have it.  NULL, or what failed.
 */
static const char *
write_in_place(struct token_file *f, const char *content, size_t len,
    struct stat *out)
{
	const char *failed;
	int fd = open(f->conf->token_file,
	    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return "write it in place";
	failed = finish(fd, overwrite(f, fd, content, len, out));
	if (failed != NULL)
		return failed;
	if (!f->in_place)
		log_notice(
		    "token %s: token-file %s is mounted by itself and cannot be replaced: it is written in place, where a reader may find a part of it",
		    f->conf->name, f->conf->token_file);
	f->in_place = true;
	return NULL;
}

/* Replace the file by a new one.  NULL, or what failed. */
static const char *
replace(struct token_file *f, const char *content, size_t len, struct stat *out)
{
	const char *failed;
	int fd, saved;

	unlink(f->temporary); /* left by a refresher that was killed */
	fd = open(f->temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return errno == EROFS ? write_in_place(f, content, len, out)
				      : "create it";
	failed = finish(fd, fill(f, fd, content, len, out));
	if (failed == NULL && rename(f->temporary, f->conf->token_file) == -1)
		failed = "rename it";
	if (failed == NULL)
		return NULL;
	saved = errno;
	unlink(f->temporary);
	errno = saved;
	return saved == EBUSY ? write_in_place(f, content, len, out) : failed;
}

/* Remove the file, or empty it: then it has no dead token either. */
static int
remove_file(const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return truncate(path, 0) == 0 || errno == ENOENT ? 0 : -1;
}

/* ---- a slot's file ---- */

static size_t
compose(const struct conf_token *conf, const struct token *t, char *out)
{
	const char *mark = strstr(conf->token_file_template, "%s");
	struct buf b;

	buf_init(&b, out, CONTENT_MAX);
	buf_add(&b, conf->token_file_template,
	    (size_t)(mark - conf->token_file_template));
	buf_add(&b, t->text, t->len);
	buf_str(&b, mark + 2);
	return b.len;
}

static void
write_token(struct token_files *all, struct token_file *f, int64_t now)
{
	size_t len = compose(f->conf, &all->token, all->content);
	struct stat st;
	const char *failed = replace(f, all->content, len, &st);

	explicit_bzero(all->content, sizeof(all->content));
	f->behind = failed != NULL;
	if (failed != NULL) {
		f->retry_at = now + TOKEN_FILE_RETRY_MS;
		log_failure(f, failed);
		return;
	}
	f->there = true;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->gone_at = token_dead_at(&all->token);
	log_debug("token %s: generation %llu is in %s", f->conf->name,
	    (unsigned long long)all->token.generation, f->conf->token_file);
	if (f->failing)
		log_notice("token %s: token-file %s is written again",
		    f->conf->name, f->conf->token_file);
	f->failing = false;
	f->limit = (struct log_limit){0};
}

static void
follow_slot(struct token_files *all, struct token_file *f, int64_t now)
{
	f->behind = false;
	if (slot_read(f->slot, &all->token, &f->seq) != SLOT_OK ||
	    token_dead_at(&all->token) <= now) {
		f->seq = slot_seq(f->slot);
		f->gone_at = now;
	} else
		write_token(all, f, now);
	explicit_bzero(&all->token, sizeof(all->token));
}

/* Returns the boot time of what is due next. */
static int64_t
turn(struct token_files *all, struct token_file *f, int64_t now)
{
	int64_t next = INT64_MAX;

	if (slot_seq(f->slot) != f->seq || (f->behind && now >= f->retry_at))
		follow_slot(all, f, now);
	if (f->there && now >= f->gone_at) {
		f->there = remove_file(f->conf->token_file) == -1;
		if (f->there) {
			log_failure(f, "remove it");
			f->gone_at = now + TOKEN_FILE_RETRY_MS;
		}
	}
	if (f->there)
		next = f->gone_at;
	if (f->behind && f->retry_at < next)
		next = f->retry_at;
	return next;
}

int64_t
token_files_turn(struct token_files *s, int64_t now)
{
	int64_t at, next = INT64_MAX;
	size_t i;

	for (i = 0; i < s->count; i++) {
		at = turn(s, &s->one[i], now);
		next = at < next ? at : next;
	}
	return next;
}

/* ---- opening and closing ---- */

static bool
has_file(const struct conf *conf, const char *path)
{
	size_t i;

	for (i = 0; i < conf->token_count; i++)
		if (conf->token[i].token_file != NULL &&
		    strcmp(conf->token[i].token_file, path) == 0)
			return true;
	return false;
}

/* Remove files that are in no configuration any more. */
static void
remove_abandoned(const struct conf *conf, const struct conf *before)
{
	size_t i;

	for (i = 0; i < before->token_count; i++) {
		const char *path = before->token[i].token_file;

		if (path != NULL && !has_file(conf, path) &&
		    remove_file(path) == -1)
			log_err("token-file %s: cannot remove it: %s", path,
			    strerror(errno));
	}
}

/* A file that is there already may be of any age: the first turn replaces or
 * removes it. */
static void
open_one(struct token_file *f, const struct conf_token *conf,
    const struct slot *slot)
{
	f->conf = conf;
	f->slot = slot;
	f->seq = UINT64_MAX;
	f->there = true;
	f->has_gid = find_group(conf, &f->gid);
	if (asprintf(&f->temporary, "%s.new", conf->token_file) == -1)
		abort();
}

struct token_files *
token_files_open(const struct conf *conf, const struct conf *before,
    const struct segment *segment)
{
	struct token_files *s = mem_alloc(1, sizeof(*s));
	size_t i;

	s->one = mem_alloc(conf->token_count, sizeof(*s->one));
	for (i = 0; i < conf->token_count; i++)
		if (conf->token[i].token_file != NULL)
			open_one(&s->one[s->count++], &conf->token[i],
			    segment_slot(segment, i));
	if (before != NULL)
		remove_abandoned(conf, before);
	return s;
}

static bool
is_ours(const struct token_file *f)
{
	struct stat st;

	return f->there && lstat(f->conf->token_file, &st) == 0 &&
	    st.st_dev == f->dev && st.st_ino == f->ino;
}

void
token_files_close(struct token_files *s, bool withdrawn)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		struct token_file *one = &s->one[i];

		if (withdrawn && is_ours(one) &&
		    remove_file(one->conf->token_file) == -1)
			log_failure(one, "remove it");
		free(one->temporary);
	}
	free(s->one);
	free(s);
}
