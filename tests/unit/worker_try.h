/* SPDX-License-Identifier: MIT */
/*
 * worker_try.h - the inside of a worker for its tests: connections over
 * socketpairs, two tokens in a segment, and clocks that are set.
 */
#ifndef BEARERD_TEST_WORKER_TRY_H
#define BEARERD_TEST_WORKER_TRY_H

#include "base/clock.h"
#include "worker/conn_private.h"

#include "segment.h"

#include <errno.h>
#include <sys/socket.h>

#define WALL_MS 1700000000000 /* "Tue, 14 Nov 2023 22:13:20 GMT" at 0 */

static char *headers[] = {(char *)(uintptr_t) "Authorization: Bearer %s"};
static char first_name[] = "one", second_name[] = "two";
static struct conf_token conf_tokens[] = {
    {.name = first_name, .headers = {.item = headers, .count = 1}},
    {.name = second_name, .headers = {.item = headers, .count = 1}},
};
static struct conf conf = {
    .token = conf_tokens,
    .token_count = 2,
    .max_token_size = TEXT_MAX,
    .idle_timeout_ms = 60000,
    .header_timeout_ms = 10000,
    .drain_timeout_ms = 5000,
    .wait_limit_ms = 3000,
};
static struct stats stats;
static struct api api;
static struct conns conns;
static struct api_wait asked; /* of the refresher, at last */
static int asks;

static void
note_question(void *arg, const struct api_wait *wait)
{
	(void)arg;
	asked = *wait;
	asks++;
}

/* Let the time be so many ms, for all that follows. */
static inline void
set_time(int64_t ms)
{
	clock_set(ms, WALL_MS + ms);
	reply_clock_turn(&api.clock);
}

static inline void
open_worker(void)
{
	create();
	stats_open(&stats, conf.token_count);
	clock_set(0, WALL_MS);
	api_open(&api, &conf, &segment, &stats, STATS_FIRST_WORKER);
	conns_open(&conns, &api, epoll_create1(EPOLL_CLOEXEC), 4);
	conns.ask = note_question;
	asks = 0;
}

static inline void
close_worker(void)
{
	size_t i;

	for (i = 0; i < conns.used; i++)
		if (conns.all[i].watch.fd != -1)
			conn_drop(&conns.all[i]);
	close(conns.epoll);
	name_index_free(&api.names);
	free(api.answers);
	free(conns.all);
	free(conns.in);
	free(conns.out.data);
	stats_close(&stats);
	drop();
}

/* A client's end of a new connection. */
static inline int
join(void)
{
	int fd[2], size = 4096;

	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd),
	    0);
	setsockopt(fd[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	conn_accept(&conns, fd[1], 0);
	return fd[0];
}

/* Turns of the event loop, until nothing is left to do. */
static inline void
turns(void)
{
	struct epoll_event events[8];
	int i, n, rounds = 0;

	do {
		n = epoll_wait(conns.epoll, events, 8, 0);
		for (i = 0; i < n; i++) {
			struct watch *w = events[i].data.ptr;

			w->ready(w, events[i].events);
		}
		conns_turn(&conns);
		ck_assert_int_lt(rounds++, 10000);
	} while (n > 0 || conns_due_at(&conns) <= api.clock.now);
}

static inline void
say(int fd, const char *text)
{
	ck_assert_int_eq(write(fd, text, strlen(text)), strlen(text));
	turns();
}

/* Whatever has come for a client; "" for nothing, NULL for the end. */
static inline const char *
hear(int fd)
{
	static char text[65536];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (n == 0 || (n == -1 && errno != EAGAIN))
		return NULL;
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static inline void
expect(int fd, const char *status_line)
{
	const char *text = hear(fd);

	ck_assert_ptr_nonnull(text);
	ck_assert_msg(strncmp(text, status_line, strlen(status_line)) == 0,
	    "expected %s, got %.40s", status_line, text);
}

/* How many connections are in a state. */
static inline unsigned
count_in(enum stats_connection state)
{
	return (unsigned)stats_get(&api.own->connections[state]);
}

#endif
