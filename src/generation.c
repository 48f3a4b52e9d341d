/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "generation_own.h"

#include "control.h"
#include "handover.h"
#include "log.h"
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS_RESERVED 128 /* for everything that is no connection */
#define KILL_EXTRA_MS 2000

/* Take the tokens of a predecessor that left its segment behind: with systemd,
 * or under its name. */
static void
take_over_stranger(struct generation *g, const char *name)
{
	int fd = listen_passed(LISTEN_SEGMENT), status;
	struct err why;
	struct shm old;

	status = fd == -1 ? shm_attach(name, &old, &why)
	    : shm_attach_fd(fd, false, name, &old, &why);
	if (fd != -1)
		close(fd);
	if (status == -1)
		log_debug("nothing to take over: %s", why.text);
	else
		g->shm = old;
}

static int
open_segment(struct generation *g, struct generation *before, struct err *err)
{
	const struct conf *conf = g->conf;
	const char **names = util_alloc(conf->token_count, sizeof(*names));
	struct shm old = {.fd = -1, .fd_readonly = -1};
	size_t i, taken = 0;
	int status;

	for (i = 0; i < conf->token_count; i++)
		names[i] = conf->token[i].name;
	if (before == NULL && handover_got() != NULL) {
		status = generation_inherit(g, names, err);
		free(names);
		return status;
	}
	if (before != NULL)
		old = before->shm;
	else {
		g->shm = old;
		take_over_stranger(g, conf->shm_name);
		old = g->shm;
	}
	status = shm_create(conf->shm_name, names, conf->token_count,
	    (size_t)conf->max_token_size, before != NULL ? &before->shm : NULL,
	    &g->shm, err);
	if (status == 0 && old.header != NULL)
		taken = shm_take_over(&old, &g->shm);
	if (taken > 0)
		log_notice("took %zu valid tokens over", taken);
	if (before == NULL)
		shm_close(&old);
	free(names);
	return status;
}

static bool
can_share(const struct generation *before, const struct conf *conf)
{
	return before != NULL && conf_same_tokens(before->conf, conf) &&
	    before->conf->max_token_size == conf->max_token_size &&
	    strcmp(before->conf->shm_name, conf->shm_name) == 0;
}

static size_t
worker_count(const struct conf *conf)
{
	int64_t n = conf->workers > 0 ? conf->workers : proc_cpus();

	return n < STATS_WORKERS_MAX ? (size_t)n : STATS_WORKERS_MAX;
}

static int
open_channels(struct generation *g, struct err *err)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (channel_open(&g->channels[i]) == -1) {
			err_set(err, "socketpair: %s", strerror(errno));
			while (i-- > 0)
				channel_close(&g->channels[i]);
			return -1;
		}
	return 0;
}

/* What was there once was there before the refresher says so. */
static void
open_stats(struct generation *g)
{
	size_t i;

	stats_open(&g->stats, g->conf->token_count);
	for (i = 0; i < g->conf->token_count; i++)
		if (slot_seq(shm_slot(&g->shm, i)) > 0)
			stats_set(&g->stats.token[i].had, 1);
}

static void
open_workers(struct generation *g)
{
	int64_t fds = proc_raise_fd_limit() - FDS_RESERVED -
	    2 * (int64_t)g->count;
	int64_t wanted = g->conf->max_connections;
	size_t i;

	for (i = 0; i < g->count; i++)
		g->workers[i].stats = &g->stats.process[stats_worker_block(
		    g->number, i)];
	if (wanted > fds && fds > 0)
		log_warning("max-connections = %lld is more than the limit on "
		    "open files allows; it is %lld now", (long long)wanted,
		    (long long)fds);
	g->max_connections = wanted > 0 && wanted < fds ? wanted
	    : fds > 16 ? fds : 16;
}

int
generation_open(struct generation *g, struct conf *conf,
    struct generation *before, struct err *err)
{
	const struct listeners *there = before == NULL ? handover_listeners()
	    : &before->listeners;

	*g = (struct generation){
	    .number = before == NULL ? 0 : before->number + 1,
	    .conf = conf,
	    .count = worker_count(conf),
	};
	if (listen_open(conf, there, &g->listeners, err) == -1)
		return -1;
	g->workers = util_alloc(g->count, sizeof(*g->workers));
	g->channels = util_alloc(g->count, sizeof(*g->channels));
	if (can_share(before, conf)) {
		g->shm = before->shm;
		g->stats = before->stats;
	} else if (open_segment(g, before, err) == -1)
		goto fail;
	else
		open_stats(g);
	if (open_channels(g, err) == -1) {
		if (!can_share(before, conf)) {
			shm_close(&g->shm);
			stats_close(&g->stats);
		}
		goto fail;
	}
	if (before != NULL)
		before->shares = can_share(before, conf);
	open_workers(g);
	return 0;
fail:
	listen_close(&g->listeners, there);
	free(g->workers);
	free(g->channels);
	return -1;
}

void
generation_close(struct generation *g, struct generation *next)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		channel_close(&g->channels[i]);
	listen_close(&g->listeners, next == NULL ? NULL : &next->listeners);
	if (!g->shares) {
		shm_close(&g->shm);
		stats_close(&g->stats);
	}
	free(g->workers);
	free(g->channels);
	free(g->followed);
	conf_free(g->conf);
	*g = (struct generation){0};
}

void
generation_follow(struct generation *old, const struct generation *current)
{
	if (old->shares)
		return;
	if (old->followed == NULL)
		old->followed = util_alloc(shm_count(&old->shm),
		    sizeof(*old->followed));
	shm_follow(&current->shm, &old->shm, old->followed);
}

void
generation_leave(struct generation *g, const struct generation *current)
{
	if (g == NULL)
		return;
	listen_leave(&g->listeners, current == NULL ? NULL
	    : &current->listeners);
	if (!g->shares && g != current)
		shm_close(&g->shm);
	conf_forget_secrets(g->conf);
}

/* In a worker: close all ends of channels that are others', so that it can
 * neither take nor make up what others are told. */
static void
leave_channels(struct generation *g, size_t own)
{
	size_t i;

	for (i = 0; g != NULL && i < g->count; i++)
		if (i != own)
			channel_close(&g->channels[i]);
		else
			close(g->channels[i].refresher);
}

/* What a worker's process is started with. */
struct start {
	struct generation *g, *old;
	size_t number;
};

static int
run_worker(void *arg)
{
	struct start *s = arg;
	struct generation *g = s->g;
	struct worker_of of = {
	    .conf = g->conf,
	    .shm = &g->shm,
	    .stats = &g->stats,
	    .listeners = &g->listeners,
	    .channel = g->channels[s->number],
	    .number = s->number,
	    .block = stats_worker_block(g->number, s->number),
	    .max_connections = g->max_connections,
	};

	control_leave(false);
	leave_channels(s->old, SIZE_MAX);
	leave_channels(g, s->number);
	generation_leave(s->old, g);
	handover_leave(&g->listeners, false);
	return worker_run(&of);
}

void
generation_start(struct generation *g, struct generation *old, int64_t now)
{
	struct start s = {.g = g, .old = old};

	for (s.number = 0; s.number < g->count; s.number++) {
		struct proc *p = &g->workers[s.number];

		if (p->pid == 0 && !p->retired)
			proc_start(p, run_worker, &s, now);
	}
}

void
generation_retire(struct generation *g, int64_t now)
{
	size_t i;

	g->retired = true;
	for (i = 0; i < g->count; i++)
		proc_retire(&g->workers[i], SIGTERM,
		    g->conf->drain_timeout_ms + KILL_EXTRA_MS, now);
}

void
generation_kill(struct generation *g, int64_t now)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		g->workers[i].kill_at = now;
}

struct proc *
generation_find(struct generation *g, pid_t pid)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (g->workers[i].pid == pid)
			return &g->workers[i];
	return NULL;
}

size_t
generation_running(const struct generation *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->count; i++)
		n += g->workers[i].pid != 0;
	return n;
}

size_t
generation_ready(const struct generation *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->count; i++)
		n += g->workers[i].pid != 0 &&
		    stats_get(&g->workers[i].stats->ready) != 0;
	return n;
}
