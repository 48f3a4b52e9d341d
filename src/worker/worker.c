/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "worker.h"

#include "api.h"
#include "conn.h"
#include "log.h"
#include "proc.h"
#include "sandbox.h"
#include "sig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX 256
#define ACCEPTS_MAX 64      /* per wake-up and socket */
#define PAUSE_MS 100        /* of accepting, when there is no room */
#define ASK_AGAIN_MS 250    /* a question may have died with the refresher */
#define SWEEP_MS 1000

struct port {
	struct watch watch;
	bool admin, watched;
};

/* What was asked of the refresher about a token. */
struct asked {
	bool open;           /* no answer yet */
	uint64_t generation;
};

struct worker {
	struct worker_of of;
	struct api api;
	struct conns conns;
	struct port *ports;
	struct watch channel, wake, life; /* wake: signals */
	struct asked *asked;        /* by token */
	int epoll;
	int64_t accept_at;          /* paused until then; 0: not paused */
	int64_t sweep_at, ask_at;
	int64_t drained_at;         /* when a drain ends; 0: none */
};

static struct worker self; /* a process is one worker */

static void
watch(struct watch *w, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = w};

	if (epoll_ctl(self.epoll, EPOLL_CTL_ADD, w->fd, &e) == -1)
		log_die("epoll_ctl: %s", strerror(errno));
}

/* Accept again where accepting was paused. */
static void
ports_watch(void)
{
	size_t i;

	for (i = 0; i < self.of.listeners->count; i++)
		if (!self.ports[i].watched)
			watch(&self.ports[i].watch, EPOLLIN | EPOLLEXCLUSIVE);
	for (i = 0; i < self.of.listeners->count; i++)
		self.ports[i].watched = true;
	self.accept_at = 0;
}

static void
port_leave(struct port *p)
{
	if (p->watched)
		epoll_ctl(self.epoll, EPOLL_CTL_DEL, p->watch.fd, NULL);
	p->watched = false;
}

/* Leave new connections to the other workers, or in the queue. */
static void
pause_accepting(struct port *p, const char *why)
{
	static int64_t told_at;

	if (self.drained_at != 0)
		return;
	if (told_at == 0 || self.api.clock.now - told_at > 10000) {
		told_at = self.api.clock.now;
		log_warning("not accepting for the moment: %s", why);
	}
	port_leave(p);
	self.accept_at = self.api.clock.now + PAUSE_MS;
}

/* Accept up to `most` connections; false: there are no more for now. */
static bool
port_accept(struct port *p, int most)
{
	int fd;

	while (most-- > 0) {
		if (conns_full(&self.conns, p->admin)) {
			pause_accepting(p, "max-connections are open and busy");
			return false;
		}
		fd = accept4(p->watch.fd, NULL, NULL, SOCK_NONBLOCK |
		    SOCK_CLOEXEC);
		if (fd != -1) {
			conn_accept(&self.conns, fd, p->admin);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			pause_accepting(p, strerror(errno));
		if (errno != ECONNABORTED && errno != EINTR)
			return false;
	}
	return true;
}

static void
port_ready(struct watch *w, uint32_t events)
{
	(void)events;
	port_accept((struct port *)w, ACCEPTS_MAX);
}

static void
send_question(const struct api_wait *wait)
{
	struct channel_message m = {
	    .kind = wait->reject ? CHANNEL_REJECT : CHANNEL_WANT,
	    .token = (uint32_t)wait->token,
	    .generation = wait->generation,
	};

	channel_send(self.of.channel.worker, &m);
}

/* One question per token at a time; a report always is one of its own. */
static void
ask(void *arg, const struct api_wait *wait)
{
	struct asked *a = &self.asked[wait->token];

	(void)arg;
	if (!wait->reject && a->open && a->generation >= wait->generation) {
		stats_add(&self.api.handouts[wait->token].coalesced, 1);
		return;
	}
	if (!wait->reject)
		*a = (struct asked){true, wait->generation};
	send_question(wait);
}

static void
channel_ready(struct watch *w, uint32_t events)
{
	struct channel_message m;

	(void)events;
	while (channel_receive(w->fd, &m)) {
		if (m.token >= self.of.conf->token_count)
			continue;
		if (m.kind == CHANNEL_PUBLISHED || m.kind == CHANNEL_FAILED)
			self.asked[m.token].open = false;
		conns_said(&self.conns, &m);
	}
}

/* Take the connections of the queue; whoever comes later is for others. */
static void
ports_close(void)
{
	size_t i;

	for (i = 0; i < self.of.listeners->count; i++) {
		while (port_accept(&self.ports[i], ACCEPTS_MAX))
			;
		port_leave(&self.ports[i]);
		close(self.ports[i].watch.fd);
	}
	self.accept_at = 0;
}

static void
drain(int64_t grace_ms)
{
	int64_t end = self.api.clock.now + grace_ms;

	if (self.drained_at == 0) {
		conns_drain(&self.conns);
		self.drained_at = end;
		ports_close();
		log_debug("draining %zu connections", self.conns.open);
	} else if (end < self.drained_at)
		self.drained_at = end;
}

static void
wake_ready(struct watch *w, uint32_t events)
{
	(void)w;
	(void)events;
	sig_drain();
	if (sig_stop_taken())
		drain(self.of.conf->drain_timeout_ms);
}

static void
life_ready(struct watch *w, uint32_t events)
{
	(void)events;
	if (!proc_orphaned())
		return;
	epoll_ctl(self.epoll, EPOLL_CTL_DEL, w->fd, NULL);
	drain(self.of.conf->drain_timeout_ms < PROC_ORPHAN_MS
	    ? self.of.conf->drain_timeout_ms : PROC_ORPHAN_MS);
}

/* Ask anew for what is still waited for, and look at the slots ourselves. */
static void
ask_again(void)
{
	size_t i;

	for (i = 0; i < self.of.conf->token_count; i++) {
		struct channel_message m = {.kind = CHANNEL_WANT,
		    .token = (uint32_t)i,
		    .generation = self.asked[i].generation};

		if (self.asked[i].open)
			channel_send(self.of.channel.worker, &m);
	}
}

/* What is done by time, not by event. */
static void
tick(int64_t now)
{
	if (self.accept_at != 0 && now >= self.accept_at)
		ports_watch();
	if (now >= self.ask_at) {
		self.ask_at = now + ASK_AGAIN_MS;
		if (!TAILQ_EMPTY(&self.conns.waiting))
			ask_again();
	}
	if (now < self.sweep_at)
		return;
	self.sweep_at = now + SWEEP_MS;
	stats_beat(self.api.own);
	conns_sweep(&self.conns);
}

/* How long to sleep, in ms. */
static int
patience(void)
{
	int64_t due = self.sweep_at, conns = conns_due_at(&self.conns), left;

	if (conns < due)
		due = conns;
	if (self.accept_at != 0 && self.accept_at < due)
		due = self.accept_at;
	if (!TAILQ_EMPTY(&self.conns.waiting) && self.ask_at < due)
		due = self.ask_at;
	if (self.drained_at != 0 && self.drained_at < due)
		due = self.drained_at;
	left = due - self.api.clock.now;
	return left <= 0 ? 0 : left > PROC_BEAT_MS ? PROC_BEAT_MS : (int)left;
}

static void
turn(void)
{
	struct epoll_event events[EVENTS_MAX];
	int i, n = epoll_wait(self.epoll, events, EVENTS_MAX, patience());

	answer_clock_turn(&self.api.clock);
	for (i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		w->ready(w, events[i].events);
	}
	conns_turn(&self.conns);
	tick(self.api.clock.now);
}

static bool
finished(void)
{
	return self.drained_at != 0 && (self.conns.open == 0 ||
	    self.api.clock.now >= self.drained_at);
}

static void
open_all(struct worker_of *of)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP,
	    SIGUSR1, SIGUSR2, 0};
	struct channel_message stale;
	size_t i;

	self = (struct worker){.of = *of};
	self.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (self.epoll == -1)
		log_die("epoll_create: %s", strerror(errno));
	api_open(&self.api, of->conf, of->shm, of->stats, of->block);
	conns_open(&self.conns, &self.api, self.epoll,
	    (size_t)of->max_connections);
	self.conns.ask = ask;
	self.asked = util_alloc(of->conf->token_count, sizeof(*self.asked));
	self.ports = util_alloc(of->listeners->count, sizeof(*self.ports));
	for (i = 0; i < of->listeners->count; i++)
		self.ports[i] = (struct port){
		    .watch = {port_ready, of->listeners->item[i].fd},
		    .admin = of->listeners->item[i].admin};
	while (channel_receive(of->channel.worker, &stale))
		; /* what my predecessor was told */
	self.channel = (struct watch){channel_ready, of->channel.worker};
	watch(&self.channel, EPOLLIN);
	self.wake = (struct watch){wake_ready, sig_open(signals)};
	watch(&self.wake, EPOLLIN);
	self.life = (struct watch){life_ready, proc_life_line()};
	watch(&self.life, EPOLLIN);
}

int
worker_run(struct worker_of *of)
{
	char role[32];

	snprintf(role, sizeof(role), "worker %zu", of->number);
	proc_enter(role, of->conf->user, of->conf->group);
	conf_forget_secrets(of->conf);
	proc_forget_environment();
	shm_make_readonly(of->shm);
	open_all(of);
	ports_watch();
	sandbox_worker(of->conf);
	stats_beat(self.api.own);
	stats_set(&self.api.own->ready, 1);
	while (!finished())
		turn();
	log_debug("stopped with %zu connections open", self.conns.open);
	return PROC_OK;
}
