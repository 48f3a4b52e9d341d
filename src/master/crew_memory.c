/* SPDX-License-Identifier: MIT */
/*
 * Segment and counters of a crew: made, shared with the crew before, or taken
 * over from a predecessor; and the tokens that pass from one to the other.  A
 * token of another base-url, path, request, field or header is never served.
 */
#include "config.h"

#include "master/crew_private.h"

#include "master/handover.h"
#include "base/log.h"
#include "conf/origin.h"
#include "shared/token_status.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE 300

/* ---- tokens ---- */

/* Take over the valid tokens of another segment, except those of another
 * origin, which no worker may serve. */
static void
take_tokens(struct crew *c, const struct segment *from)
{
	size_t i, taken = segment_take_over(from, &c->segment);
	struct token t;
	uint64_t seq;

	for (i = 0; i < c->conf->token_count; i++) {
		const struct conf_token *conf = &c->conf->token[i];
		struct slot *s = segment_slot(&c->segment, i);

		if (slot_read(s, &t, &seq) != SLOT_OK || t.origin.place == 0 ||
		    t.origin.place == origin_place(conf))
			continue;
		log_warning(
		    "token %s: the one in shared memory was obtained with another base-url, path, request, field or header; it is not served",
		    s->name);
		slot_clear(s, t.generation);
		taken--;
	}
	explicit_bzero(&t, sizeof(t));
	if (taken > 0)
		log_notice("took over %zu valid tokens", taken);
}

/* True: a segment holds a token of another origin. */
static bool
holds_foreign(const struct segment *segment, const struct conf *conf)
{
	bool foreign = false;
	struct token t;
	uint64_t seq;
	size_t i;

	for (i = 0; i < conf->token_count && !foreign; i++) {
		const struct slot *s =
		    segment_find(segment, conf->token[i].name);

		foreign = s != NULL && slot_read(s, &t, &seq) == SLOT_OK &&
		    t.origin.place != 0 &&
		    t.origin.place != origin_place(&conf->token[i]);
	}
	explicit_bzero(&t, sizeof(t));
	return foreign;
}

/* ---- counters ---- */

/* Note which tokens were there once: now, or before in this program or in a
 * predecessor, got from the same place. */
static void
open_stats(struct crew *c, const struct crew *before)
{
	size_t i, k, count = c->conf->token_count;
	struct token_status t;

	stats_open(&c->stats, count);
	for (i = 0; i < count; i++) {
		const struct conf_token *conf = &c->conf->token[i];
		bool had = before == NULL && handover_got() != NULL &&
		    slot_seq(segment_slot(&c->segment, i)) > 0;

		token_status_read(&c->segment, &c->stats, i, 0, &t);
		for (k = 0; before != NULL && k < before->conf->token_count;
		     k++)
			had |= strcmp(before->conf->token[k].name,
				   conf->name) == 0 &&
			    token_status_had(&before->stats, k) &&
			    origin_place(&before->conf->token[k]) ==
				origin_place(conf);
		if (t.there || had)
			stats_set(&c->stats.token[i].had, 1);
	}
}

/* ---- segments ---- */

/* Those of the configuration, for the slots; the caller frees them. */
static const char **
token_names(const struct conf *conf)
{
	const char **names = mem_alloc(conf->token_count, sizeof(*names));
	size_t i;

	for (i = 0; i < conf->token_count; i++)
		names[i] = conf->token[i].name;
	return names;
}

/* As segment_create(), into the crew. */
static int
make_segment(struct crew *c, const char *name, const struct segment *current,
    struct err *err)
{
	const char **names = token_names(c->conf);
	int status = segment_create(name, names, c->conf->token_count,
	    conf_text_max(c->conf), current, &c->segment, err);

	free(names);
	return status;
}

/* A new segment, with the tokens that a program which is gone has left behind:
 * with systemd, or under the segment's name. */
static int
start_anew(struct crew *c, struct err *err)
{
	const char *name = c->conf->shm_name;
	int fd = listen_passed(LISTEN_SEGMENT), left, status;
	struct segment old;
	struct err why;

	left = fd == -1 ? segment_attach(name, &old, &why)
			: segment_attach_fd(fd, false, name, &old, &why);
	if (fd != -1)
		close(fd);
	if (left == -1)
		log_debug("nothing to take over: %s", why.text);
	status = make_segment(c, name, NULL, err);
	if (status == 0 && left == 0)
		take_tokens(c, &old);
	if (left == 0)
		segment_close(&old);
	return status;
}

/* The segment's name until the predecessor, which has one of the right name,
 * is gone. */
static const char *
provisional_name(const struct crew *c, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%s.new", c->conf->shm_name);
	return name;
}

/* Take what is valid in the predecessor's segment, which is not ours. */
static void
take_from_predecessor(struct crew *c)
{
	struct segment old;
	struct err why;

	if (segment_look_into(&handover_got()->segment, &old, &why) == -1) {
		log_warning("no token can be taken over: %s", why.text);
		return;
	}
	take_tokens(c, &old);
	segment_close(&old);
}

/* The predecessor's segment; or, if it does not fit, a new one beside it: the
 * predecessor's refresher goes on writing until ours begins. */
static int
inherit(struct crew *c, struct err *err)
{
	const struct conf *conf = c->conf;
	struct handover *from = handover_got();
	const char **names = token_names(conf);
	bool foreign = false;
	char name[NAME_SIZE];
	struct segment old;
	struct err why;

	if (segment_look_into(&from->segment, &old, &why) == 0) {
		foreign = holds_foreign(&old, conf);
		segment_close(&old);
	}
	if (foreign)
		err_set(&why, "shared memory %s has tokens of another origin",
		    conf->shm_name);
	else
		from->shares = segment_adopt(conf->shm_name, names,
				   conf->token_count, conf_text_max(conf),
				   &from->segment, &c->segment, &why) == 0;
	free(names);
	if (from->shares)
		return 0;
	log_notice("%s: a new one is made", why.text);
	c->unnamed = segment_has_name(&from->segment, conf->shm_name);
	if (make_segment(c,
		c->unnamed ? provisional_name(c, name) : conf->shm_name, NULL,
		err) == -1)
		return -1;
	take_from_predecessor(c);
	return 0;
}

int
crew_memory_first(struct crew *c, struct err *err)
{
	if ((handover_got() == NULL ? start_anew(c, err) : inherit(c, err)) ==
	    -1)
		return -1;
	open_stats(c, NULL);
	return 0;
}

/* Whether slots and counters of one configuration serve for another. */
static bool
can_share(const struct conf *a, const struct conf *b)
{
	size_t i;

	if (!conf_same_tokens(a, b) || conf_text_max(a) != conf_text_max(b) ||
	    strcmp(a->shm_name, b->shm_name) != 0)
		return false;
	for (i = 0; i < a->token_count; i++)
		if (origin_place(&a->token[i]) != origin_place(&b->token[i]))
			return false;
	return true;
}

int
crew_memory_next(struct crew *c, struct crew *before, struct err *err)
{
	if (can_share(before->conf, c->conf)) {
		c->segment = before->segment;
		c->stats = before->stats;
		before->shares = true;
		return 0;
	}
	if (make_segment(c, c->conf->shm_name, &before->segment, err) == -1)
		return -1;
	take_tokens(c, &before->segment);
	open_stats(c, before);
	return 0;
}

void
crew_memory_disown(struct crew *c)
{
	char name[NAME_SIZE];

	if (c->unnamed)
		segment_remove(provisional_name(c, name));
	c->unnamed = false;
}

/* ---- two segments side by side ---- */

void
crew_catch_up(struct crew *c)
{
	struct handover *from = handover_got();
	struct err why;

	if (from->shares)
		return;
	take_from_predecessor(c);
	if (segment_write_into(&from->segment, c->conf->shm_name, &from->old,
		&why) == -1)
		log_notice("old workers get no new token: %s", why.text);
	else
		from->seen =
		    mem_alloc(segment_count(&from->old), sizeof(*from->seen));
}

void
crew_complete_takeover(struct crew *c)
{
	char name[NAME_SIZE];
	struct err err;

	if (handover_got() == NULL)
		return;
	if (c->unnamed &&
	    segment_rename(provisional_name(c, name), c->conf->shm_name,
		&err) == -1)
		log_err("%s", err.text);
	c->unnamed = false;
	segment_own(&c->segment);
	handover_settle(&c->listeners);
}

void
crew_pass_on(const struct crew *c, struct crew *old)
{
	struct handover *from = handover_got();

	if (from != NULL && from->line != -1 && from->seen != NULL)
		segment_follow(&c->segment, &from->old, from->seen);
	if (old == NULL || old->shares)
		return;
	if (old->seen == NULL)
		old->seen =
		    mem_alloc(segment_count(&old->segment), sizeof(*old->seen));
	segment_follow(&c->segment, &old->segment, old->seen);
}

int
crew_replace_segment(struct crew *c, struct err *err)
{
	struct segment old = c->segment;
	size_t i;

	if (make_segment(c, c->conf->shm_name, &old, err) == -1) {
		c->segment = old;
		return -1;
	}
	segment_close(&old);
	for (i = 0; i < c->count; i++)
		if (c->workers[i].pid != 0)
			kill(c->workers[i].pid, SIGKILL);
	return 0;
}
