/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/private.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- from settings to a configuration ---- */

/* The member of an option: of the daemon or the defaults (token 0), or of a
 * token (from 1 on). */
static void *
member(struct conf *conf, size_t token, const struct conf_option *o)
{
	char *base = o->scope == CONF_DAEMON ? (char *)conf
	    : token == 0                     ? (char *)&conf->defaults
					     : (char *)&conf->token[token - 1];

	return base + o->offset;
}

/*
 * An invalid value counts as made, so that nobody calls it missing.  Of an
 * option that has several values those of a weaker source are forgotten.
 */
static void
apply_one(struct conf_draft *d, size_t token, const struct conf_setting *s)
{
	const struct conf_option *o = s->option;
	const struct conf_setting **by = &d->made_by[token * CONF_IDS + o->id];
	void *value = member(d->conf, token, o);
	struct err err;

	if (conf_is_several(o) && (*by == NULL || (*by)->rank != s->rank))
		o->type->release(value);
	if (o->type->parse(o, s->text, value, &err) == -1)
		conf_error(d, s->where, conf_setting_name(s), "%s", err.text);
	*by = s;
}

static void
apply_built_in(struct conf *conf)
{
	struct err err;
	size_t i;

	for (i = 0; i < CONF_IDS; i++) {
		const struct conf_option *o = &conf_options[i];

		if (o->type->parse(o, o->fallback, member(conf, 0, o), &err) ==
		    -1)
			abort();
	}
}

/* Settings outside of sections, the weaker source first. */
static void
apply_outside(struct conf_draft *d)
{
	size_t rank, i;

	for (rank = CONF_FROM_FILE; rank <= CONF_FROM_FLAG; rank++)
		for (i = 0; i < d->setting_count; i++)
			if (d->setting[i].rank == (enum conf_rank)rank)
				apply_one(d, 0, &d->setting[i]);
}

/* Each token is a copy of the defaults, to begin with. */
static void
make_tokens(struct conf_draft *d)
{
	struct conf *conf = d->conf;
	size_t t, i;

	for (t = 1; t <= conf->token_count; t++) {
		memcpy(d->made_by + t * CONF_IDS, d->made_by,
		    CONF_IDS * sizeof(*d->made_by));
		for (i = 0; i < CONF_IDS; i++) {
			const struct conf_option *o = &conf_options[i];

			if (o->scope == CONF_TOKEN)
				o->type->copy(member(conf, t, o),
				    member(conf, 0, o));
		}
		conf->token[t - 1].name = mem_strdup(
		    d->section_count == 0 ? "token" : d->section[t - 1].name);
	}
	for (i = 0; i < d->setting_count; i++)
		if (d->setting[i].rank == CONF_FROM_SECTION)
			apply_one(d, d->setting[i].section + 1, &d->setting[i]);
	for (t = 0; t < conf->token_count; t++)
		if (conf->token[t].redis_key == NULL)
			conf->token[t].redis_key =
			    mem_strdup(conf->token[t].name);
}

/* Of a secret and its file the one from the stronger source counts. */
static void
settle(struct conf_draft *d, size_t token, enum conf_id secret,
    enum conf_id file)
{
	const struct conf_setting *s = conf_made_by(d, token, secret);
	const struct conf_setting *f = conf_made_by(d, token, file);
	const struct conf_option *weaker;

	if (s == NULL || f == NULL || s->text[0] == '\0' || f->text[0] == '\0')
		return;
	if (s->rank == f->rank)
		conf_error(d, s->where, conf_setting_name(s),
		    "%s and %s (%s) exclude each other; set one of them",
		    s->option->name, f->option->name, f->where);
	weaker = s->rank < f->rank ? s->option : f->option;
	weaker->type->release(member(d->conf, token, weaker));
}

static void
apply(struct conf_draft *d)
{
	size_t t, tokens = d->section_count > 0 ? d->section_count : 1;

	d->conf->token = mem_alloc(tokens, sizeof(*d->conf->token));
	d->conf->token_count = tokens;
	d->made_by = mem_alloc((tokens + 1) * CONF_IDS, sizeof(*d->made_by));
	apply_built_in(d->conf);
	apply_outside(d);
	make_tokens(d);
	settle(d, 0, CONF_ID_redis_password, CONF_ID_redis_password_file);
	settle(d, 0, CONF_ID_redis_sentinel_password,
	    CONF_ID_redis_sentinel_password_file);
	for (t = 0; t <= tokens; t++) {
		settle(d, t, CONF_ID_api_key, CONF_ID_api_key_file);
		settle(d, t, CONF_ID_password, CONF_ID_password_file);
		settle(d, t, CONF_ID_client_secret, CONF_ID_client_secret_file);
		settle(d, t, CONF_ID_proxy_password,
		    CONF_ID_proxy_password_file);
	}
}

/* ---- the public functions ---- */

static void
read_sources(struct conf_draft *d, const struct conf_source *source,
    enum conf_action *action)
{
	const char *file = NULL;

	conf_read_flags(d, source, action, &file);
	if (*action == CONF_VERSION || *action == CONF_HELP)
		return;
	if (file == NULL && source->default_file != NULL &&
	    access(source->default_file, F_OK) == 0)
		file = source->default_file;
	d->file = file != NULL ? file : source->default_file;
	if (file != NULL)
		conf_read_file(d, file);
	conf_read_environment(d, source->environ);
}

struct conf *
conf_load(const struct conf_source *source, enum conf_action *action,
    struct buf *errors, struct buf *warnings)
{
	struct conf_draft d = {
	    .conf = mem_alloc(1, sizeof(*d.conf)),
	    .errors = errors,
	    .warnings = warnings,
	};

	*action = CONF_RUN;
	read_sources(&d, source, action);
	if (*action != CONF_VERSION && *action != CONF_HELP) {
		apply(&d);
		if (!d.unreadable)
			conf_check(&d);
	}
	conf_drop_draft(&d);
	if (d.error_count == 0 && d.conf->token_count > 0)
		return d.conf;
	conf_free(d.conf);
	return NULL;
}

struct conf *
conf_look(const struct conf_source *source, struct buf *errors,
    bool *unreadable)
{
	char unused[1];
	struct buf warnings;
	struct conf_draft d = {
	    .conf = mem_alloc(1, sizeof(*d.conf)),
	    .errors = errors,
	    .warnings = &warnings,
	};
	enum conf_action action = CONF_RUN;

	buf_init(&warnings, unused, sizeof(unused));
	read_sources(&d, source, &action);
	apply(&d);
	*unreadable = d.unreadable;
	conf_drop_draft(&d);
	conf_forget_secrets(d.conf);
	return d.conf;
}

/* Release the members of one kind of options, of the secret ones or all. */
static void
release(struct conf *conf, bool secrets_only)
{
	size_t i, t;

	for (i = 0; i < CONF_IDS; i++) {
		const struct conf_option *o = &conf_options[i];

		if (secrets_only && !conf_is_secret(o))
			continue;
		for (t = 0; t <= conf->token_count; t++)
			if (t == 0 || o->scope == CONF_TOKEN)
				o->type->release(member(conf, t, o));
	}
}

void
conf_free(struct conf *conf)
{
	size_t t;

	if (conf == NULL)
		return;
	release(conf, false);
	for (t = 0; t < conf->token_count; t++)
		free(conf->token[t].name);
	free(conf->token);
	free(conf);
}

void
conf_forget_secrets(struct conf *conf)
{
	release(conf, true);
}
