/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "net/dial.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NAME \
	"0x7f000001"  /* is asked of the resolver; no file need explain it */
#define SOON_MS 30000 /* under valgrind, on a busy machine */

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

START_TEST(no_address_is_known_yet)
{
	struct dial d;
	struct err err;

	dial_init(&d, "", 0);
	dial_start(&d, clock_boot_ms());
	ck_assert_int_eq(dial_turn(&d, clock_boot_ms(), &err), DIAL_FAILED);
	ck_assert_str_eq(err.text, "no address is known yet");
}
END_TEST

START_TEST(the_answer_for_the_host_before_is_not_taken_for_the_new_one)
{
	int fd, port = listener(&fd);
	struct dial d, last;
	struct err err;

	dial_init(&d, NAME, 1); /* nobody is there */
	dial_start(&d, clock_boot_ms() + SOON_MS);
	dial_aim(&d, "127.0.0.1", port);
	dial_start(&d, clock_boot_ms() + SOON_MS);
	ck_assert_int_eq(finish(&d, &err), DIAL_CONNECTED);
	close(dial_take(&d));
	/* Look-ups that were left behind end before this one. */
	dial_init(&last, NAME, port);
	dial_start(&last, clock_boot_ms() + SOON_MS);
	ck_assert_int_eq(finish(&last, &err), DIAL_CONNECTED);
	close(dial_take(&last));
	dial_aim(&last, "", 0);
	close(fd);
}
END_TEST

UNIT_MAIN("dial", an_attempt_without_a_host_waits_for_one,
    no_address_is_known_yet,
    the_answer_for_the_host_before_is_not_taken_for_the_new_one)
