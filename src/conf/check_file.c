/* SPDX-License-Identifier: MIT */
/* Files: those that hold secrets, and those that tokens are written to.  What
 * can be mended while bearerd runs is a warning: other tokens and other callers
 * do not need that file. */
#include "config.h"

#include "conf/private.h"

#include "base/file.h"
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
conf_check_secret_file(struct conf_draft *d, size_t token, enum conf_id id,
    const char *path)
{
	const struct conf_setting *s = conf_made_by(d, token, id);

	if (path != NULL && s != NULL)
		conf_check_file_of(d, s, path);
}

void
conf_check_file_of(struct conf_draft *d, const struct conf_setting *s,
    const char *path)
{
	char secret[CONF_SECRET_MAX + 1];
	struct err err;

	if (secret_file_read(path, secret, sizeof(secret), &err) == 0) {
		explicit_bzero(secret, sizeof(secret));
		return;
	}
	conf_warning(d, s->where, conf_setting_name(s),
	    "%s; it is read again when it is needed", err.text);
}

/* Whether somebody else, whom we become later, can make files there. */
static bool
can_make_files(const struct conf *conf, const struct passwd *pw,
    const struct stat *st)
{
	const struct group *gr =
	    conf->group == NULL ? NULL : getgrnam(conf->group);
	gid_t gid = gr == NULL ? pw->pw_gid : gr->gr_gid;
	mode_t needed = S_IWOTH | S_IXOTH;

	if (st->st_uid == pw->pw_uid)
		needed = S_IWUSR | S_IXUSR;
	else if (st->st_gid == gid)
		needed = S_IWGRP | S_IXGRP;
	return (st->st_mode & needed) == needed;
}

static void
check_directory(struct conf_draft *d, const struct conf_setting *s,
    const char *dir)
{
	const struct passwd *pw = geteuid() != 0 || d->conf->user == NULL
	    ? NULL
	    : getpwnam(d->conf->user);
	struct stat st;

	if (stat(dir, &st) == -1)
		conf_warning(d, s->where, conf_setting_name(s),
		    "'%s': %s; the token is written there once that is mended",
		    conf_show(dir).text, strerror(errno));
	else if (!S_ISDIR(st.st_mode) ||
	    (pw == NULL
		    ? faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == -1
		    : pw->pw_uid != 0 && !can_make_files(d->conf, pw, &st)))
		conf_warning(d, s->where, conf_setting_name(s),
		    "'%s' must be a directory in which %s can make files",
		    conf_show(dir).text,
		    pw == NULL ? "this user" : pw->pw_name);
}

/* Whether two tokens would overwrite each other's file. */
static void
check_shared(struct conf_draft *d, size_t token, const struct conf_setting *s)
{
	const struct conf_token *all = d->conf->token, *t = &all[token - 1];
	size_t i;

	for (i = 0; i < token - 1; i++)
		if (all[i].token_file != NULL &&
		    strcmp(all[i].token_file, t->token_file) == 0)
			conf_blame(d, s, "token-file",
			    "tokens '%s' and '%s' have the same token-file '%s'; each needs its own",
			    all[i].name, t->name,
			    conf_show(t->token_file).text);
}

void
conf_check_token_file(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	const struct conf_setting *s, *group;
	char *dir;

	if (t->token_file == NULL)
		return;
	s = conf_made_by(d, token, CONF_ID_token_file);
	group = conf_made_by(d, token, CONF_ID_token_file_group);
	check_shared(d, token, s);
	dir = file_directory(t->token_file);
	check_directory(d, s, dir);
	free(dir);
	if (t->token_file_group != NULL &&
	    getgrnam(t->token_file_group) == NULL)
		conf_warning(d, group->where, conf_setting_name(group),
		    "there is no group '%s': token-file cannot be written",
		    conf_show(t->token_file_group).text);
}
