/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "clock.h"
#include "dial.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SOON_MS 30000 /* under valgrind, on a busy machine */

static const struct {
	const char *text, *host; /* NULL: is none */
	int port;
} addresses[] = {
    {"127.0.0.1:17100", "127.0.0.1", 17100},
    {"redis.example.com:1", "redis.example.com", 1},
    {"[::1]:65535", "::1", 65535},
    {"fe80::1:6379", "fe80::1", 6379}, /* as MOVED has it */
    {":6380", "", 6380},               /* likewise: the host that was asked */
    {"host", NULL, 0},
    {"host:", NULL, 0},
    {"host:0", NULL, 0},
    {"host:65536", NULL, 0},
    {"host:1x", NULL, 0},
    {"host:-1", NULL, 0},
    {"", NULL, 0},
};

START_TEST(host_and_port_are_told_apart)
{
	char host[DIAL_HOST_MAX];
	size_t i;
	int port;

	for (i = 0; i < COUNT(addresses); i++) {
		int status = dial_split(addresses[i].text, host, &port);

		ck_assert_msg(status == (addresses[i].host == NULL ? -1 : 0),
		    "%s: %d", addresses[i].text, status);
		if (status == -1)
			continue;
		ck_assert_str_eq(host, addresses[i].host);
		ck_assert_int_eq(port, addresses[i].port);
	}
}
END_TEST

START_TEST(a_host_that_is_too_long_is_none)
{
	char text[DIAL_HOST_MAX + 8], host[DIAL_HOST_MAX];
	int port;

	memset(text, 'h', sizeof(text));
	strcpy(text + DIAL_HOST_MAX - 1, ":1");
	ck_assert_int_eq(dial_split(text, host, &port), 0);
	strcpy(text + DIAL_HOST_MAX, ":1");
	text[DIAL_HOST_MAX - 1] = 'h';
	ck_assert_int_eq(dial_split(text, host, &port), -1);
}
END_TEST

/* Listen on loopback; returns the port. */
static int
listener(int *fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(*fd, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(*fd, 1), 0);
	ck_assert_int_eq(getsockname(*fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

/* Turn until the attempt is over. */
static enum dial_status
finish(struct dial *d, struct err *err)
{
	int64_t end = clock_boot_ms() + SOON_MS;
	enum dial_status status;

	while ((status = dial_turn(d, clock_boot_ms(), err)) == DIAL_BUSY &&
	    clock_boot_ms() < end)
		poll(NULL, 0, DIAL_POLL_MS); /* as the caller does */
	return status;
}

START_TEST(an_attempt_without_a_host_waits_for_one)
{
	int fd, port = listener(&fd);
	struct dial d;
	struct err err;

	dial_init(&d, "", 0);
	dial_start(&d, clock_boot_ms() + SOON_MS);
	ck_assert_int_eq(dial_turn(&d, clock_boot_ms(), &err), DIAL_BUSY);
	dial_aim(&d, "127.0.0.1", port);
	dial_start(&d, d.deadline_at);
	ck_assert_int_eq(finish(&d, &err), DIAL_CONNECTED);
	close(dial_take(&d));
	close(fd);
}
END_TEST

START_TEST(nobody_says_where_it_is)
{
	struct dial d;
	struct err err;

	dial_init(&d, "", 0);
	dial_start(&d, clock_boot_ms());
	ck_assert_int_eq(dial_turn(&d, clock_boot_ms(), &err), DIAL_FAILED);
	ck_assert_str_eq(err.text, "nobody says where it is");
}
END_TEST

START_TEST(the_answer_for_the_host_before_is_not_taken_for_the_new_one)
{
	int fd, port = listener(&fd);
	struct dial d, last;
	struct err err;

	dial_init(&d, "localhost", 1); /* nobody is there */
	dial_start(&d, clock_boot_ms() + SOON_MS);
	dial_aim(&d, "127.0.0.1", port);
	dial_start(&d, clock_boot_ms() + SOON_MS);
	ck_assert_int_eq(finish(&d, &err), DIAL_CONNECTED);
	close(dial_take(&d));
	/* What was left behind is done before this is. */
	dial_init(&last, "localhost", port);
	dial_start(&last, clock_boot_ms() + SOON_MS);
	ck_assert_int_eq(finish(&last, &err), DIAL_CONNECTED);
	close(dial_take(&last));
	dial_aim(&last, "", 0);
	close(fd);
}
END_TEST

UNIT_MAIN("dial", host_and_port_are_told_apart, a_host_that_is_too_long_is_none,
    an_attempt_without_a_host_waits_for_one, nobody_says_where_it_is,
    the_answer_for_the_host_before_is_not_taken_for_the_new_one)
