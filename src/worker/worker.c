/* SPDX-License-Identifier: MIT */
/* The event loop of a worker: accepts, hands events on, asks the refresher. */
#include "config.h"

#include "worker/worker.h"

#include "worker/api.h"
#include "worker/conn.h"
#include "base/log.h"
#include "process/proc.h"
#include "process/sandbox.h"
#include "base/mem.h"
#include "base/sig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_MAX 256
#define ACCEPTS_MAX 64   /* per wake-up and socket */
#define PAUSE_MS 100     /* of accepting, when there is no room */
#define ASK_AGAIN_MS 250 /* a question may have died with the refresher */
#define SWEEP_MS 1000

struct port {
	struct watch watch;
	unsigned door; /* guard.h */
	bool watched;
};

/* The last question to the refresher about a token. */
struct asked {
	bool open;           /* no answer yet */
	uint64_t generation; /* newer than this was wanted */
};

struct worker {
	struct worker_args args;
	struct api api;
	struct conns conns;
	struct port *ports;
	struct watch channel, wake, life; /* wake: signals */
	struct asked *asked;              /* by token */
	int epoll;
	/* boot clock, ms */
	int64_t accept_at;  /* paused until then; 0: not paused */
	int64_t sweep_at;   /* the next conns_sweep() */
	int64_t ask_at;     /* the next ask_again() */
	int64_t drained_at; /* the drain ends; 0: none */
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

	for (i = 0; i < self.args.listeners->count; i++) {
		if (!self.ports[i].watched)
			watch(&self.ports[i].watch, EPOLLIN | EPOLLEXCLUSIVE);
		self.ports[i].watched = true;
	}
	self.accept_at = 0;
}

static void
port_leave(struct port *p)
{
	if (p->watched)
		epoll_ctl(self.epoll, EPOLL_CTL_DEL, p->watch.fd, NULL);
	p->watched = false;
}

/* Leave new connections to the other workers, or in the listen queue. */
static void
pause_accepting(struct port *p, const char *why)
{
	static int64_t warned_at;

	if (self.drained_at != 0)
		return;
	if (warned_at == 0 || self.api.clock.now - warned_at > 10000) {
		warned_at = self.api.clock.now;
		log_warning("not accepting for the moment: %s", why);
	}
	port_leave(p);
	self.accept_at = self.api.clock.now + PAUSE_MS;
}

/* Accept up to `most` connections; false: no more for now. */
static bool
port_accept(struct port *p, int most)
{
	int fd;

	while (most-- > 0) {
		if (conns_full(&self.conns, p->door)) {
			pause_accepting(p, "max-connections are open and busy");
			return false;
		}
		fd = accept4(p->watch.fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd != -1) {
			conn_accept(&self.conns, fd, p->door);
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

	channel_send(self.args.channel.worker, &m);
}

/* One question per token at a time.  Each report is sent: it names its own
 * token and gets its own answer. */
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
	int left = CHANNEL_TURN;

	(void)events;
	while (left-- > 0 && channel_receive(w->fd, &m)) {
		if (m.token >= self.args.conf->token_count ||
		    !channel_is_answer(&m))
			continue;
		if (m.kind == CHANNEL_PUBLISHED || m.kind == CHANNEL_FAILED)
			self.asked[m.token].open = false;
		conns_said(&self.conns, &m);
		stats_beat(self.api.own);
	}
}

/* Accept the connections in the queue, as the last close(2) of the socket would
 * reset them.  Later ones are for other workers. */
static void
ports_close(void)
{
	size_t i;

	for (i = 0; i < self.args.listeners->count; i++) {
		while (port_accept(&self.ports[i], ACCEPTS_MAX))
			stats_beat(self.api.own);
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
		drain(self.args.conf->drain_timeout_ms);
}

static void
life_ready(struct watch *w, uint32_t events)
{
	(void)events;
	if (!proc_orphaned())
		return;
	epoll_ctl(self.epoll, EPOLL_CTL_DEL, w->fd, NULL);
	drain(self.args.conf->drain_timeout_ms < PROC_ORPHAN_MS
		? self.args.conf->drain_timeout_ms
		: PROC_ORPHAN_MS);
}

/* Repeat the open questions: a message may have been lost. */
static void
ask_again(void)
{
	size_t i;

	for (i = 0; i < self.args.conf->token_count; i++) {
		struct channel_message m = {.kind = CHANNEL_WANT,
		    .token = (uint32_t)i,
		    .generation = self.asked[i].generation};

		if (self.asked[i].open)
			channel_send(self.args.channel.worker, &m);
	}
}

/* Timers. */
static void
tick(int64_t now)
{
	if (self.accept_at != 0 && now >= self.accept_at)
		ports_watch();
	if (now >= self.ask_at) {
		self.ask_at = now + ASK_AGAIN_MS;
		if (conns_waiting(&self.conns))
			ask_again();
	}
	if (now < self.sweep_at)
		return;
	stats_beat(self.api.own);
	self.sweep_at = conns_sweep(&self.conns) ? now : now + SWEEP_MS;
}

/* How long epoll_wait() may sleep. */
static int
sleep_ms(void)
{
	int64_t due = self.sweep_at, conns = conns_due_at(&self.conns), left;

	if (conns < due)
		due = conns;
	if (self.accept_at != 0 && self.accept_at < due)
		due = self.accept_at;
	if (conns_waiting(&self.conns) && self.ask_at < due)
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
	int i, n = epoll_wait(self.epoll, events, EVENTS_MAX, sleep_ms());

	reply_clock_turn(&self.api.clock);
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
	return self.drained_at != 0 &&
	    (self.conns.open == 0 || self.api.clock.now >= self.drained_at);
}

static void
open_all(struct worker_args *args)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1,
	    SIGUSR2, 0};
	struct channel_message stale;
	size_t i;

	self = (struct worker){.args = *args};
	self.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (self.epoll == -1)
		log_die("epoll_create: %s", strerror(errno));
	api_open(&self.api, args->conf, args->segment, args->stats,
	    args->block);
	conns_open(&self.conns, &self.api, self.epoll,
	    (size_t)args->max_connections);
	self.conns.ask = ask;
	self.asked = mem_alloc(args->conf->token_count, sizeof(*self.asked));
	self.ports = mem_alloc(args->listeners->count, sizeof(*self.ports));
	for (i = 0; i < args->listeners->count; i++)
		self.ports[i] = (struct port){.watch = {port_ready,
						  args->listeners->item[i].fd},
		    .door = guard_door(args->listeners->item[i].fd,
			args->listeners->item[i].admin)};
	while (channel_receive(args->channel.worker, &stale))
		; /* answers to the predecessor */
	self.channel = (struct watch){channel_ready, args->channel.worker};
	watch(&self.channel, EPOLLIN);
	self.wake = (struct watch){wake_ready, sig_open(signals)};
	watch(&self.wake, EPOLLIN);
	self.life = (struct watch){life_ready, proc_life_line()};
	watch(&self.life, EPOLLIN);
}

int
worker_run(struct worker_args *args)
{
	char role[32];

	snprintf(role, sizeof(role), "worker %zu", args->number);
	proc_enter(role, args->conf->user, args->conf->group);
	conf_forget_secrets(args->conf);
	proc_forget_environment();
	segment_make_readonly(args->segment);
	stats_restrict(args->stats, args->block);
	open_all(args);
	ports_watch();
	sandbox_worker(args->conf);
	stats_beat(self.api.own);
	stats_set(&self.api.own->ready, 1);
	while (!finished())
		turn();
	log_debug("stopped with %zu connections open", self.conns.open);
	return PROC_OK;
}
