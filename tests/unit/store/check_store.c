/* SPDX-License-Identifier: MIT */
/* Operations, with a server that answers when the test says so. */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "store/store.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VALUE                                                             \
	"*9\r\n$3\r\nabc\r\n:5000\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n" \
	"$-1\r\n$-1\r\n"

#define PATH "/tmp/check_store.XXXXXX/socket"

static char path[] = PATH;
static struct stats_process stats;
static struct conf_token token = {.redis_key = (char *)"k", .timeout_ms = 5000};
static struct conf conf = {.redis_host = path,
    .redis_timeout_ms = 60000,
    .token = &token,
    .token_count = 1};

/* The server: connections, and which of them the scripts came by. */
static int listener, peer[4], peers, asked_by = -1;
static int asked; /* scripts received */

static int64_t left_ms[4];
static int answers;

static void
on_looked_up(void *arg, size_t number, enum store_outcome outcome,
    const struct store_value *value)
{
	(void)arg;
	(void)number;
	ck_assert_int_eq(outcome, STORE_DONE);
	left_ms[answers++] = value->left_ms;
}

static void
on_returned(void *arg, size_t number)
{
	(void)arg;
	(void)number;
}

static void
serve(int fd)
{
	char text[65536], *at;
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n <= 0)
		return;
	text[n] = '\0';
	if (strstr(text, "PING") != NULL)
		ck_assert_int_eq(write(fd, "+PONG\r\n", 7), 7);
	for (at = text; (at = strstr(at, "EVALSHA")) != NULL; at++) {
		asked++;
		asked_by = fd;
	}
}

/* Let both sides go on until so many scripts came and answers were read. */
static void
run(struct store *s, int scripts, int read)
{
	struct pollfd fds[STORE_FDS];
	int fd, i;

	while (asked < scripts || answers < read) {
		store_pollfds(s, fds);
		poll(fds, STORE_FDS, 1);
		store_turn(s, fds, clock_boot_ms());
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (fd != -1)
			peer[peers++] = fd;
		for (i = 0; i < peers; i++)
			serve(peer[i]);
	}
}

static struct store *
begin(void)
{
	static const struct store_events events = {.looked_up = on_looked_up,
	    .returned = on_returned};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	peers = asked = answers = 0;
	strcpy(path, PATH);
	*strrchr(path, '/') = '\0';
	ck_assert_ptr_nonnull(mkdtemp(path));
	path[strlen(path)] = '/';
	strcpy(sun.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sun, sizeof(sun)),
	    0);
	ck_assert_int_eq(listen(listener, 4), 0);
	clock_set(1000, 0);
	return store_open(&conf, &events, NULL, &stats);
}

static void
end(struct store *s)
{
	store_close(s);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

START_TEST(a_life_is_counted_from_its_own_look_up)
{
	struct store *s = begin();

	ck_assert_int_eq(store_look_up(s, 0, true), 0);
	run(s, 1, 0);
	clock_set(1500, 0);
	ck_assert_int_eq(store_look_up(s, 0, true), 0);
	run(s, 2, 0);
	ck_assert_int_eq(write(asked_by, VALUE VALUE, 2 * strlen(VALUE)),
	    2 * strlen(VALUE));
	run(s, 2, 2);
	ck_assert_int_eq(left_ms[0], 4500);
	ck_assert_int_eq(left_ms[1], 5000);
	end(s);
}
END_TEST

START_TEST(a_token_that_died_on_its_way_is_none)
{
	struct store *s = begin();

	ck_assert_int_eq(store_look_up(s, 0, true), 0);
	run(s, 1, 0);
	clock_set(6000, 0);
	ck_assert_int_eq(write(asked_by, VALUE, strlen(VALUE)), strlen(VALUE));
	run(s, 1, 1);
	ck_assert_int_le(left_ms[0], 0);
	end(s);
}
END_TEST

UNIT_MAIN("store", a_life_is_counted_from_its_own_look_up,
    a_token_that_died_on_its_way_is_none)
