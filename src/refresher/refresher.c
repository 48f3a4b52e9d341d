/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "refresher/refresher.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/log.h"
#include "base/sig.h"
#include "process/proc.h"
#include "process/sandbox.h"
#include "refresher/backend.h"
#include "refresher/renewal.h"
#include "refresher/token_file.h"
#include "store/store.h"

#include <signal.h>
#include <stdlib.h>

struct refresher {
	struct refresher_args args;
	struct renewals *renewals;
	struct store *store;
	struct backend *backend;
	struct token_files *files;
	struct stats_process *stats;
	struct pollfd *fds; /* signals, life line, Redis, then the channels */
	size_t fd_count;
};

#define FINISH_MS 10000 /* for what must not be cut off, at the end */

enum { FD_SIGNALS, FD_LIFE_LINE, FD_STORE, FD_CHANNELS = FD_STORE + STORE_FDS };

/* Handle an operator's request, which comes through the master. */
static void
renew(struct refresher *r, const struct channel_message *m)
{
	if (m->kind != CHANNEL_RENEW)
		return;
	if (m->token == CHANNEL_ALL)
		renewals_all(r->renewals);
	else if (m->token < r->args.conf->token_count)
		renewals_one(r->renewals, m->token);
}

/* Handle a worker's message.  An intruder may have the worker, so each value is
 * checked. */
static void
answer(struct refresher *r, int end, const struct channel_message *asked)
{
	struct channel_message m;

	if (asked->token >= r->args.conf->token_count ||
	    !channel_is_question(asked))
		return;
	if (asked->kind == CHANNEL_REJECT)
		m = renewals_reject(r->renewals, asked->token,
		    asked->generation, end);
	else
		m = renewals_want(r->renewals, asked->token, asked->generation);
	if (m.kind != CHANNEL_WANT && m.kind != CHANNEL_REJECT)
		channel_send(end, &m);
}

static void
receive(struct refresher *r)
{
	struct channel_message m;
	size_t i;
	int left, end;

	for (i = 0; i < r->args.channel_count; i++) {
		end = r->args.channels[i].refresher;
		for (left = CHANNEL_TURN; left > 0 && channel_receive(end, &m);
		     left--)
			if (end == r->args.master_end)
				renew(r, &m);
			else
				answer(r, end, &m);
	}
}

static void
open_all(struct refresher *r)
{
	struct renewals_args args = {
	    .conf = r->args.conf,
	    .segment = r->args.segment,
	    .stats = r->args.stats,
	    .channels = r->args.channels,
	    .channel_count = r->args.channel_count,
	};
	static const int signals[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT,
	    SIGQUIT, SIGHUP, 0};
	size_t i;

	r->renewals = renewals_open(&args);
	stats_set(&r->stats->redis_up,
	    conf_has_redis(r->args.conf) ? STATS_REDIS_DOWN : STATS_REDIS_NONE);
	r->store = store_open(r->args.conf, &renewals_store_events, r->renewals,
	    r->stats);
	stats_beat(r->stats); /* libraries took their time */
	r->backend = backend_open(2 * r->args.conf->token_count);
	renewals_use(r->renewals, r->store, r->backend);
	r->files =
	    token_files_open(r->args.conf, r->args.before, r->args.segment);
	r->fd_count = FD_CHANNELS + r->args.channel_count;
	r->fds = mem_alloc(r->fd_count, sizeof(*r->fds));
	r->fds[FD_SIGNALS] = (struct pollfd){sig_open(signals), POLLIN, 0};
	r->fds[FD_LIFE_LINE] = (struct pollfd){proc_life_line(), POLLIN, 0};
	for (i = 0; i < r->args.channel_count; i++)
		r->fds[FD_CHANNELS + i] =
		    (struct pollfd){r->args.channels[i].refresher, POLLIN, 0};
}

/* True: no other refresher follows, so the token files are removed. */
static bool
is_last(const struct refresher *r)
{
	return proc_orphaned() ||
	    stats_get(&stats_process(r->args.stats, STATS_MASTER)->draining) !=
	    0;
}

static void
close_all(struct refresher *r)
{
	store_close(r->store); /* first: other replicas wait for its locks */
	token_files_close(r->files, is_last(r));
	backend_close(r->backend);
	renewals_close(r->renewals);
	free(r->fds);
}

/* Wait until something happens or is due, and handle it. */
static void
turn(struct refresher *r)
{
	int64_t now = clock_boot_ms();
	int64_t due = renewals_turn(r->renewals, now), wait;
	int64_t token_files_due = token_files_turn(r->files, now);
	const struct backend_result *ended;

	due = token_files_due < due ? token_files_due : due;
	store_pollfds(r->store, r->fds + FD_STORE);
	if (store_next_at(r->store) < due)
		due = store_next_at(r->store);
	wait = due - now;
	if (wait > PROC_BEAT_MS)
		wait = PROC_BEAT_MS;
	backend_poll(r->backend, r->fds, r->fd_count, wait > 0 ? (int)wait : 0);
	while ((ended = backend_next(r->backend)) != NULL)
		renewals_on_backend(r->renewals, ended);
	store_turn(r->store, r->fds + FD_STORE, clock_boot_ms());
	receive(r);
	stats_beat(r->stats);
}

/* True: go on. */
static bool
handle_signals(struct refresher *r)
{
	sig_drain();
	if (sig_taken(SIGUSR1))
		renewals_all(r->renewals);
	return !sig_taken(SIGUSR2) && !proc_orphaned() &&
	    !sandbox_outgrown(clock_boot_ms());
}

/* Only a member of a group can give it a file. */
static void
keep_groups(const struct conf *conf)
{
	gid_t groups[PROC_GROUPS_MAX];

	proc_keep_groups(groups,
	    token_files_groups(conf, groups, PROC_GROUPS_MAX));
}

/* No call is under way for longer than its timeout. */
static void
finish(struct refresher *r)
{
	int64_t end = clock_boot_ms() + FINISH_MS;

	while (renewals_must_finish(r->renewals) && clock_boot_ms() < end)
		turn(r);
}

int
refresher_run(const struct refresher_args *args)
{
	struct refresher r = {.args = *args,
	    .stats = stats_process(args->stats, STATS_REFRESHER)};
	int status = PROC_OK;

	keep_groups(args->conf);
	proc_enter("refresher", args->conf->user, args->conf->group);
	segment_leave_owner(args->segment);
	stats_restrict(args->stats, STATS_REFRESHER);
	sandbox_refresher(args->conf, args->before);
	open_all(&r);
	stats_set(&r.stats->ready, 1);
	while (handle_signals(&r)) {
		turn(&r);
		if (args->first && renewals_refused_at_start(r.renewals)) {
			status = PROC_REDIS_REFUSED;
			break;
		}
	}
	log_debug("stopping");
	finish(&r);
	close_all(&r);
	return status;
}
