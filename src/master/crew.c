/* SPDX-License-Identifier: MIT */
/* The workers of one configuration, their sockets and channels. */
#include "config.h"

#include "master/crew_private.h"

#include "control/control.h"
#include "master/handover.h"
#include "base/log.h"
#include "worker/worker.h"
#include "base/mem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS_RESERVED 128   /* for everything that is no connection */
#define CONNECTIONS_MIN 16 /* however low the limit on open files is */
#define KILL_EXTRA_MS 2000 /* behind drain-timeout */

/* How many connections a worker may have, as far as descriptors allow. */
static int64_t
max_connections(const struct conf *conf, size_t workers)
{
	int64_t wanted = conf->max_connections;
	int64_t most =
	    proc_raise_fd_limit() - FDS_RESERVED - 2 * (int64_t)workers;

	if (wanted > most && most > 0)
		log_warning(
		    "max-connections = %lld is more than the limit on open files allows; it is %lld now",
		    (long long)wanted, (long long)most);
	if (most < CONNECTIONS_MIN)
		most = CONNECTIONS_MIN;
	return wanted > 0 && wanted < most ? wanted : most;
}

/* Open sockets and channels.  0, or -1 with *err; then count is how many
 * channels there are to be closed. */
static int
open_io(struct crew *c, const struct listeners *before, struct err *err)
{
	int64_t wanted = c->conf->workers > 0 ? c->conf->workers : proc_cpus();
	size_t n =
	    wanted < STATS_WORKERS_MAX ? (size_t)wanted : STATS_WORKERS_MAX;

	c->max_connections = max_connections(c->conf, n);
	c->channels = mem_alloc(n, sizeof(*c->channels));
	c->workers = mem_alloc(n, sizeof(*c->workers));
	if (listen_open(c->conf, before, &c->listeners, err) == -1)
		return -1;
	for (; c->count < n; c->count++)
		if (channel_open(&c->channels[c->count]) == -1)
			return err_set(err, "socketpair: %s", strerror(errno));
	return 0;
}

static void
close_io(struct crew *c, const struct listeners *keep)
{
	size_t i;

	listen_close(&c->listeners, keep);
	for (i = 0; i < c->count; i++)
		channel_close(&c->channels[i]);
	free(c->workers);
	free(c->channels);
}

int
crew_open_first(struct crew *c, struct conf *conf, struct err *err)
{
	*c = (struct crew){.conf = conf};
	if (open_io(c, handover_listeners(), err) == -1 ||
	    crew_memory_first(c, err) == -1) {
		close_io(c, handover_listeners());
		return -1;
	}
	return 0;
}

int
crew_open_next(struct crew *c, struct conf *conf, struct crew *before,
    struct err *err)
{
	*c = (struct crew){.conf = conf, .number = before->number + 1};
	/* memory last: a new segment takes the old one's name */
	if (open_io(c, &before->listeners, err) == -1 ||
	    crew_memory_next(c, before, err) == -1) {
		close_io(c, &before->listeners);
		return -1;
	}
	return 0;
}

void
crew_close(struct crew *c, struct crew *next)
{
	close_io(c, next == NULL ? NULL : &next->listeners);
	if (!c->shares) {
		segment_close(&c->segment);
		stats_close(&c->stats);
	}
	free(c->seen);
	conf_free(c->conf);
	*c = (struct crew){0};
}

void
crew_leave(struct crew *c, const struct crew *current)
{
	if (c == NULL)
		return;
	listen_leave(&c->listeners,
	    current == NULL ? NULL : &current->listeners);
	if (!c->shares && c != current) {
		segment_close(&c->segment);
		stats_close(&c->stats);
	}
	conf_forget_secrets(c->conf);
}

/* A worker's process is started with this. */
struct start {
	struct crew *crew, *old;
	size_t number;
};

static int
run_worker(void *arg)
{
	struct start *s = arg;
	struct crew *c = s->crew;
	struct worker_args args = {
	    .conf = c->conf,
	    .segment = &c->segment,
	    .stats = &c->stats,
	    .listeners = &c->listeners,
	    .channel = c->channels[s->number],
	    .number = s->number,
	    .block = stats_worker_block(c->number, s->number),
	    .max_connections = c->max_connections,
	};
	size_t i;

	control_leave(false);
	/* it must neither take nor make up what others are told */
	close(args.channel.refresher);
	for (i = 0; i < c->count; i++)
		if (i != s->number)
			channel_close(&c->channels[i]);
	for (i = 0; s->old != NULL && i < s->old->count; i++)
		channel_close(&s->old->channels[i]);
	crew_leave(s->old, c);
	handover_leave(&c->listeners, false);
	return worker_run(&args);
}

void
crew_start(struct crew *c, struct crew *old, int64_t now)
{
	struct start s = {.crew = c, .old = old};

	for (s.number = 0; s.number < c->count; s.number++) {
		struct proc *p = &c->workers[s.number];

		p->stats = stats_process(&c->stats,
		    stats_worker_block(c->number, s.number));
		if (p->pid == 0 && !p->retired)
			proc_start(p, run_worker, &s, now);
	}
}

void
crew_retire(struct crew *c, int64_t now)
{
	size_t i;

	c->retired = true;
	for (i = 0; i < c->count; i++)
		proc_retire(&c->workers[i], SIGTERM,
		    c->conf->drain_timeout_ms + KILL_EXTRA_MS, now);
}

void
crew_kill(struct crew *c, int64_t now)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		c->workers[i].kill_at = now;
}

void
crew_close_sockets(struct crew *c, const struct crew *current)
{
	listen_close(&c->listeners, &current->listeners);
}

void
crew_stop_listening(struct crew *c)
{
	listen_close(&c->listeners, handover_listeners());
	crew_memory_disown(c);
}

struct proc *
crew_find(struct crew *c, pid_t pid)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->workers[i].pid == pid)
			return &c->workers[i];
	return NULL;
}

size_t
crew_running(const struct crew *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->count; i++)
		n += c->workers[i].pid != 0;
	return n;
}

size_t
crew_ready(const struct crew *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->count; i++)
		n += c->workers[i].pid != 0 &&
		    stats_get(&c->workers[i].stats->ready) != 0;
	return n;
}
