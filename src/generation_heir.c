/* SPDX-License-Identifier: MIT */
/* The first generation of a program that replaces a running one. */
#include "config.h"

#include "generation_own.h"

#include "handover.h"
#include "log.h"

#include <stdio.h>

#define NAME_SIZE 300

/* What the segment is called until it may have its name. */
static const char *
provisional_name(const struct conf *conf, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%s.new", conf->shm_name);
	return name;
}

/* Take what is valid in the predecessor's segment, which is not ours. */
static void
catch_up(struct generation *g)
{
	struct err why;
	struct shm old;

	if (shm_look_into(&handover_got()->shm, &old, &why) == -1) {
		log_warning("no token can be taken over: %s", why.text);
		return;
	}
	log_notice("took %zu valid tokens over",
	    shm_take_over(&old, &g->shm));
	shm_close(&old);
}

int
generation_inherit(struct generation *g, const char *const *names,
    struct err *err)
{
	const struct conf *conf = g->conf;
	struct handover *from = handover_got();
	char name[NAME_SIZE];
	struct err why;

	if (shm_adopt(conf->shm_name, names, conf->token_count,
	    (size_t)conf->max_token_size, &from->shm, &g->shm, &why) == 0) {
		from->shares = true;
		return 0;
	}
	log_notice("%s: a new one is made", why.text);
	g->provisional = shm_has_name(&from->shm, conf->shm_name);
	if (shm_create(g->provisional ? provisional_name(conf, name)
	    : conf->shm_name, names, conf->token_count,
	    (size_t)conf->max_token_size, NULL, &g->shm, err) == -1)
		return -1;
	catch_up(g);
	return 0;
}

void
generation_succeed(struct generation *g)
{
	struct handover *from = handover_got();
	struct err why;

	if (from->shares)
		return;
	catch_up(g);
	if (shm_write_into(&from->shm, g->conf->shm_name, &from->old, &why) ==
	    -1)
		log_notice("old workers get no new token: %s", why.text);
	else
		from->followed = util_alloc(shm_count(&from->old),
		    sizeof(*from->followed));
}

void
generation_lead(const struct generation *g)
{
	struct handover *from = handover_got();

	if (from != NULL && from->line != -1 && from->followed != NULL)
		shm_follow(&g->shm, &from->old, from->followed);
}

void
generation_settle(struct generation *g)
{
	char name[NAME_SIZE];
	struct err err;

	if (handover_got() == NULL)
		return;
	if (g->provisional && shm_rename(provisional_name(g->conf, name),
	    g->conf->shm_name, &err) == -1)
		log_err("%s", err.text);
	g->provisional = false;
	shm_own(&g->shm);
	handover_settle(&g->listeners);
}

void
generation_disown(struct generation *g)
{
	char name[NAME_SIZE];

	listen_close(&g->listeners, handover_listeners());
	if (g->provisional)
		shm_remove(provisional_name(g->conf, name));
	g->provisional = false;
}
