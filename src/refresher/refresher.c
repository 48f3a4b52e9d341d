/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "refresher.h"

#include "backend.h"
#include "clock.h"
#include "log.h"
#include "proc.h"
#include "renewal.h"
#include "sandbox.h"
#include "sig.h"
#include "sink.h"
#include "store.h"

#include <signal.h>
#include <stdlib.h>

struct refresher {
	struct refresher_of of;
	struct renewals *renewals;
	struct store *store;
	struct backend *backend;
	struct sinks *sinks;
	struct stats_process *stats;
	struct pollfd *fds; /* signals, life line, Redis, then the channels */
	size_t fd_count;
};

enum { FD_SIGNALS, FD_LIFE_LINE, FD_STORE, FD_CHANNELS = FD_STORE + STORE_FDS };

static void
tell_workers(void *arg, const struct channel_message *m)
{
	struct refresher *r = arg;
	size_t i;

	for (i = 0; i < r->of.channel_count; i++)
		channel_send(r->of.channels[i].refresher, m);
}

static void
reply(void *arg, int end, const struct channel_message *m)
{
	(void)arg;
	channel_send(end, m);
}

static void
renew(struct refresher *r, uint32_t token)
{
	if (token == CHANNEL_ALL)
		renewals_all(r->renewals);
	else if (token < r->of.conf->token_count)
		renewals_one(r->renewals, token);
}

static void
answer(struct refresher *r, int end, const struct channel_message *asked)
{
	struct channel_message m;

	if (asked->kind == CHANNEL_RENEW) {
		renew(r, asked->token);
		return;
	}
	if (asked->token >= r->of.conf->token_count)
		return;
	if (asked->kind == CHANNEL_REJECT)
		m = renewals_reject(r->renewals, asked->token,
		    asked->generation, end);
	else
		m = renewals_want(r->renewals, asked->token,
		    asked->generation);
	if (m.kind != CHANNEL_WANT && m.kind != CHANNEL_REJECT)
		channel_send(end, &m);
}

static void
listen_to_workers(struct refresher *r)
{
	struct channel_message m;
	size_t i;

	for (i = 0; i < r->of.channel_count; i++)
		while (channel_receive(r->of.channels[i].refresher, &m))
			answer(r, r->of.channels[i].refresher, &m);
}

static void
open_all(struct refresher *r)
{
	struct renewals_of of = {
	    .conf = r->of.conf,
	    .shm = r->of.shm,
	    .stats = r->of.stats,
	    .tell = tell_workers,
	    .reply = reply,
	    .arg = r,
	};
	static const int signals[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT,
	    SIGQUIT, SIGHUP, 0};
	size_t i;

	r->renewals = renewals_open(&of);
	r->store = store_open(r->of.conf, &renewals_store_events, r->renewals,
	    r->stats);
	stats_beat(r->stats); /* libraries have taken their time */
	r->backend = backend_open(r->of.conf->token_count,
	    renewals_on_backend, r->renewals);
	renewals_use(r->renewals, r->store, r->backend);
	r->sinks = sinks_open(r->of.conf, r->of.before, r->of.shm);
	r->fd_count = FD_CHANNELS + r->of.channel_count;
	r->fds = util_alloc(r->fd_count, sizeof(*r->fds));
	r->fds[FD_SIGNALS] = (struct pollfd){sig_open(signals), POLLIN, 0};
	r->fds[FD_LIFE_LINE] = (struct pollfd){proc_life_line(), POLLIN, 0};
	for (i = 0; i < r->of.channel_count; i++)
		r->fds[FD_CHANNELS + i] = (struct pollfd){
		    r->of.channels[i].refresher, POLLIN, 0};
}

/* Whether no other refresher follows, who would need the files of tokens. */
static bool
is_last(const struct refresher *r)
{
	return proc_orphaned() ||
	    stats_get(&r->of.stats->process[STATS_MASTER].draining) != 0;
}

static void
close_all(struct refresher *r)
{
	store_close(r->store); /* first: others wait for its locks */
	sinks_close(r->sinks, is_last(r));
	backend_close(r->backend);
	renewals_close(r->renewals);
	free(r->fds);
}

/* Wait until something happens or is due, and deal with it. */
static void
turn(struct refresher *r)
{
	int64_t now = clock_boot_ms();
	int64_t due = renewals_turn(r->renewals, now), wait;
	int64_t sinks_due = sinks_turn(r->sinks, now);

	due = sinks_due < due ? sinks_due : due;
	store_pollfds(r->store, r->fds + FD_STORE);
	if (store_next_at(r->store) < due)
		due = store_next_at(r->store);
	wait = due - now;
	if (wait > PROC_BEAT_MS)
		wait = PROC_BEAT_MS;
	backend_poll(r->backend, r->fds, r->fd_count,
	    wait > 0 ? (int)wait : 0);
	store_turn(r->store, r->fds + FD_STORE, clock_boot_ms());
	listen_to_workers(r);
	stats_beat(r->stats);
}

/* Whether to go on. */
static bool
mind_signals(struct refresher *r)
{
	sig_drain();
	if (sig_taken(SIGUSR1))
		renewals_all(r->renewals);
	return !sig_taken(SIGUSR2) && !proc_orphaned() &&
	    !sandbox_outgrown(clock_boot_ms());
}

/* Files can be given to a group only by one of its members. */
static void
keep_groups(const struct conf *conf)
{
	gid_t groups[PROC_GROUPS_MAX];

	proc_keep_groups(groups, sinks_groups(conf, groups, PROC_GROUPS_MAX));
}

int
refresher_run(struct refresher_of *of)
{
	struct refresher r = {.of = *of,
	    .stats = &of->stats->process[STATS_REFRESHER]};
	int status = PROC_OK;

	keep_groups(of->conf);
	proc_enter("refresher", of->conf->user, of->conf->group);
	shm_leave_owner(of->shm);
	sandbox_refresher(of->conf, of->before);
	open_all(&r);
	stats_set(&r.stats->ready, 1);
	while (mind_signals(&r)) {
		turn(&r);
		if (of->first && renewals_refused_at_start(r.renewals)) {
			status = PROC_REDIS_REFUSED;
			break;
		}
	}
	log_debug("stopping");
	close_all(&r);
	return status;
}
