/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sink.h"

#include "log.h"
#include "slot.h"
#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_MAX (TOKEN_MAX + CONF_TEMPLATE_MAX)

struct sink {
	const struct conf_token *conf;
	const struct slot *slot;
	char *temporary;  /* name to write under */
	gid_t gid;        /* of the file, if has_gid */
	bool has_gid;
	uint64_t seq;     /* of the slot, when it was looked at */
	bool behind;      /* what the slot has is not in the file */
	bool there;       /* the file is, as far as we know */
	int64_t retry_at; /* when behind */
	int64_t gone_at;  /* when the file has to be gone, if it is there */
	int64_t quiet_until;
	bool failing;     /* it was said, and not yet that this is over */
	dev_t dev;        /* of the file that was written */
	ino_t ino;
};

struct sinks {
	struct sink *one;
	size_t count;
	struct token token; /* wiped after use, as is the content */
	char content[CONTENT_MAX];
};

/* ---- groups ---- */

/* The group of a token's file, if it has one that is known. */
static bool
find_group(const struct conf_token *t, gid_t *out)
{
	const struct group *gr = t->token_file == NULL ||
	    t->token_file_group == NULL ? NULL
	    : getgrnam(t->token_file_group);

	if (gr != NULL)
		*out = gr->gr_gid;
	return gr != NULL;
}

size_t
sinks_groups(const struct conf *conf, gid_t *out, size_t max)
{
	size_t i, n = 0;

	for (i = 0; i < conf->token_count && n < max; i++)
		n += find_group(&conf->token[i], &out[n]);
	return n;
}

/* ---- one file ---- */

/* Say that something failed (errno), unless it was said a moment ago. */
static void
complain(struct sink *s, const char *what, int64_t now)
{
	s->failing = true;
	if (now < s->quiet_until)
		return;
	s->quiet_until = now + SINK_SAY_MS;
	log_err("token %s: token-file %s: cannot %s: %s", s->conf->name,
	    s->conf->token_file, what, strerror(errno));
}

/* Give an open file its owner, mode and content.  NULL, or what failed. */
static const char *
fill(const struct sink *s, int fd, const char *content, size_t len,
    struct stat *out)
{
	ssize_t n;

	if (s->conf->token_file_group != NULL && !s->has_gid) {
		errno = ENOENT;
		return "find its group";
	}
	if (s->has_gid && fchown(fd, (uid_t)-1, s->gid) == -1)
		return "give it to its group";
	if (fchmod(fd, (mode_t)s->conf->token_file_mode) == -1 ||
	    fstat(fd, out) == -1)
		return "set its mode";
	n = write(fd, content, len);
	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	return n >= 0 && (size_t)n == len ? NULL : "write it";
}

/* Put a new file into the place of the old one.  NULL, or what failed. */
static const char *
replace(struct sink *s, const char *content, size_t len)
{
	const char *failed;
	struct stat st;
	int fd, saved;

	unlink(s->temporary); /* of somebody who was killed */
	fd = open(s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		return "create it";
	failed = fill(s, fd, content, len, &st);
	saved = errno;
	if (close(fd) == -1 && failed == NULL) {
		failed = "write it";
		saved = errno;
	}
	errno = saved;
	if (failed == NULL && rename(s->temporary, s->conf->token_file) == -1)
		failed = "rename it";
	if (failed == NULL) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
		return NULL;
	}
	saved = errno;
	unlink(s->temporary);
	errno = saved;
	return failed;
}

/* Take the file away; emptied it serves nobody either. */
static int
withdraw(const char *path)
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
write_token(struct sinks *all, struct sink *s, int64_t now)
{
	size_t len = compose(s->conf, &all->token, all->content);
	const char *failed = replace(s, all->content, len);

	explicit_bzero(all->content, sizeof(all->content));
	s->behind = failed != NULL;
	if (failed != NULL) {
		s->retry_at = now + SINK_RETRY_MS;
		complain(s, failed, now);
		return;
	}
	s->there = true;
	s->gone_at = token_dead_at(&all->token);
	log_debug("token %s: generation %llu is in %s", s->conf->name,
	    (unsigned long long)all->token.generation, s->conf->token_file);
	if (s->failing)
		log_notice("token %s: token-file %s is written again",
		    s->conf->name, s->conf->token_file);
	s->failing = false;
	s->quiet_until = 0;
}

static void
follow_slot(struct sinks *all, struct sink *s, int64_t now)
{
	s->behind = false;
	if (slot_read(s->slot, &all->token, &s->seq) != SLOT_OK ||
	    token_dead_at(&all->token) <= now) {
		s->seq = slot_seq(s->slot);
		s->gone_at = now;
	} else
		write_token(all, s, now);
	explicit_bzero(&all->token, sizeof(all->token));
}

/* Returns when there is something to do next. */
static int64_t
turn(struct sinks *all, struct sink *s, int64_t now)
{
	int64_t next = INT64_MAX;

	if (slot_seq(s->slot) != s->seq || (s->behind && now >= s->retry_at))
		follow_slot(all, s, now);
	if (s->there && now >= s->gone_at) {
		s->there = withdraw(s->conf->token_file) == -1;
		if (s->there) {
			complain(s, "remove it", now);
			s->gone_at = now + SINK_RETRY_MS;
		}
	}
	if (s->there)
		next = s->gone_at;
	if (s->behind && s->retry_at < next)
		next = s->retry_at;
	return next;
}

int64_t
sinks_turn(struct sinks *s, int64_t now)
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

/* Files that nobody would remove any more. */
static void
remove_abandoned(const struct conf *conf, const struct conf *before)
{
	size_t i;

	for (i = 0; i < before->token_count; i++) {
		const char *path = before->token[i].token_file;

		if (path != NULL && !has_file(conf, path) &&
		    withdraw(path) == -1)
			log_err("token-file %s: cannot remove it: %s", path,
			    strerror(errno));
	}
}

/* What is there already may be of any time: the first turn replaces or
 * removes it. */
static void
open_one(struct sink *s, const struct conf_token *conf,
    const struct slot *slot)
{
	s->conf = conf;
	s->slot = slot;
	s->seq = UINT64_MAX;
	s->there = true;
	s->has_gid = find_group(conf, &s->gid);
	if (asprintf(&s->temporary, "%s.new", conf->token_file) == -1)
		abort();
}

struct sinks *
sinks_open(const struct conf *conf, const struct conf *before,
    const struct shm *shm)
{
	struct sinks *s = util_alloc(1, sizeof(*s));
	size_t i;

	s->one = util_alloc(conf->token_count, sizeof(*s->one));
	for (i = 0; i < conf->token_count; i++)
		if (conf->token[i].token_file != NULL)
			open_one(&s->one[s->count++], &conf->token[i],
			    shm_slot(shm, i));
	if (before != NULL)
		remove_abandoned(conf, before);
	return s;
}

static bool
is_ours(const struct sink *s)
{
	struct stat st;

	return s->there && lstat(s->conf->token_file, &st) == 0 &&
	    st.st_dev == s->dev && st.st_ino == s->ino;
}

void
sinks_close(struct sinks *s, bool withdrawn)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		struct sink *one = &s->one[i];

		if (withdrawn && is_ours(one) &&
		    withdraw(one->conf->token_file) == -1)
			complain(one, "remove it", INT64_MAX);
		free(one->temporary);
	}
	free(s->one);
	free(s);
}
