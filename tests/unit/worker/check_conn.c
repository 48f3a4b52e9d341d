/* SPDX-License-Identifier: MIT */
/* The states of a connection, and what ends each. */
#include "config.h"

#include "unit.h"

#include "worker_try.h"

#define GET "GET /tokens/one HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\n"

static void
check_gone(int fd)
{
	ck_assert_ptr_null(hear(fd));
	ck_assert_uint_eq(conns.open, 0);
	close(fd);
}

START_TEST(a_request_is_answered_and_the_connection_is_idle_again)
{
	int fd;

	open_worker();
	put(&segment, "one", "first", 0, 100000);
	fd = join();
	say(fd, GET);
	expect(fd, OK);
	ck_assert_uint_eq(count_in(IDLE), 1);
	set_time(conf.idle_timeout_ms - 1);
	ck_assert(!conns_sweep(&conns));
	ck_assert_uint_eq(conns.open, 1);
	set_time(conf.idle_timeout_ms);
	conns_sweep(&conns);
	check_gone(fd);
	close_worker();
}
END_TEST

START_TEST(half_a_head_has_its_time_and_is_then_refused)
{
	int fd;

	open_worker();
	fd = join();
	say(fd, "GET /tok");
	ck_assert_uint_eq(count_in(READING), 1);
	set_time(conf.header_timeout_ms - 1);
	say(fd, "ens/one HTTP/1.1\r\nHo"); /* does not begin anew */
	conns_sweep(&conns);
	ck_assert_uint_eq(count_in(READING), 1);
	set_time(conf.header_timeout_ms);
	conns_sweep(&conns);
	expect(fd, "HTTP/1.1 408 ");
	ck_assert_uint_eq(count_in(CLOSING), 1);
	ck_assert_int_eq(conns_due_at(&conns), 0);
	turns();
	ck_assert_int_gt(conns_due_at(&conns), api.clock.now);
	set_time(conns_due_at(&conns));
	turns();
	check_gone(fd);
	close_worker();
}
END_TEST

START_TEST(a_request_without_a_token_waits_for_its_publication)
{
	const struct channel_message m = {.kind = CHANNEL_PUBLISHED,
	    .token = 0,
	    .generation = 7};
	int fd;

	open_worker();
	fd = join();
	say(fd, GET);
	ck_assert_str_eq(hear(fd), "");
	ck_assert(conns_waiting(&conns));
	ck_assert_int_eq(asks, 1);
	ck_assert_uint_eq(asked.token, 0);
	put(&segment, "one", "first", 0, 100000);
	turns(); /* nobody said so */
	ck_assert(conns_waiting(&conns));
	conns_said(&conns, &m);
	turns();
	expect(fd, OK);
	ck_assert_uint_eq(count_in(IDLE), 1);
	close(fd);
	turns();
	ck_assert_uint_eq(conns.open, 0);
	close_worker();
}
END_TEST

START_TEST(a_failure_ends_a_wait_only_if_no_attempt_comes_in_time)
{
	struct channel_message m = {.kind = CHANNEL_FAILED, .token = 0};
	int fd;

	open_worker();
	fd = join();
	say(fd, GET);
	m.token = 1;
	m.at = INT64_MAX;
	conns_said(&conns, &m); /* is about the other one */
	m.token = 0;
	m.at = conf.wait_limit_ms - 1;
	conns_said(&conns, &m);
	turns();
	ck_assert(conns_waiting(&conns));
	m.at = conf.wait_limit_ms;
	conns_said(&conns, &m);
	turns();
	expect(fd, "HTTP/1.1 503 ");
	ck_assert_uint_eq(count_in(IDLE), 1);
	close(fd);
	close_worker();
}
END_TEST

START_TEST(a_wait_is_over_after_wait_limit)
{
	int fd;

	open_worker();
	fd = join();
	say(fd, GET);
	set_time(conf.wait_limit_ms - 1);
	turns();
	ck_assert_str_eq(hear(fd), "");
	set_time(conf.wait_limit_ms);
	turns();
	expect(fd, "HTTP/1.1 503 ");
	close(fd);
	close_worker();
}
END_TEST

START_TEST(answers_that_are_not_taken_stop_the_reading_and_all_come_later)
{
	int fd, sent = 0, taken = 0;
	const char *text, *p;

	open_worker();
	put(&segment, "one", "first", 0, 10000000);
	fd = join();
	while (count_in(WRITING) == 0) {
		say(fd, GET);
		ck_assert_int_lt(++sent, 10000);
	}
	while (write(fd, GET, strlen(GET)) == (ssize_t)strlen(GET))
		sent++;
	turns();
	while (*(text = hear(fd)) != '\0') {
		for (p = text; (p = strstr(p, OK)) != NULL; p++)
			taken++;
		turns();
	}
	/* a status line may have been cut in two between pieces */
	ck_assert_int_ge(taken, sent * 9 / 10);
	ck_assert_uint_eq(count_in(WRITING), 0);
	close(fd);
	close_worker();
}
END_TEST

START_TEST(whoever_takes_no_answer_is_left_after_idle_timeout)
{
	int fd, sent = 0;

	open_worker();
	put(&segment, "one", "first", 0, 10000000);
	fd = join();
	while (count_in(WRITING) == 0) {
		say(fd, GET);
		ck_assert_int_lt(++sent, 10000);
	}
	set_time(conf.idle_timeout_ms);
	conns_sweep(&conns);
	ck_assert_uint_eq(conns.open, 0);
	ck_assert_uint_eq(conns.kept_out, 0);
	ck_assert_uint_eq(conns.kept_in, 0);
	close(fd);
	close_worker();
}
END_TEST

START_TEST(a_body_that_does_not_come_ends_the_connection_behind_the_answer)
{
	int fd;

	open_worker();
	put(&segment, "one", "first", 0, 100000);
	fd = join();
	say(fd,
	    "GET /tokens/one HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 10\r\n\r\n12345");
	expect(fd, OK "Connection: close\r\n");
	ck_assert_uint_eq(count_in(CLOSING), 1);
	ck_assert_int_gt(conns_due_at(&conns), api.clock.now + 999);
	say(fd, "67890"); /* is there now: no need to wait so long */
	ck_assert_uint_eq(stats_get(&api.own->discarded), 5);
	ck_assert_uint_eq(count_in(CLOSING), 1);
	set_time(999);
	turns();
	check_gone(fd);
	close_worker();
}
END_TEST

START_TEST(a_head_that_comes_again_has_nothing_of_the_one_between)
{
	static const char first[] = "GET /tokens/one HTTP/1.1\r\nHost: h\r\n"
				    "Cache-Control: min-fresh=1\r\n\r\n";
	static const char other[] =
	    "GET /tokens/two HTTP/1.1\r\nHost: other\r\n"
	    "Authorization: Bearer xyz\r\n"
	    "If-None-Match: *\r\n\r\n";
	const struct http_request *r = &conns.last.request;
	const char *bytes = conns.last.bytes;
	int fd, i;
	size_t s;

	open_worker();
	put(&segment, "one", "first", 0, 100000);
	put(&segment, "two", "second", 0, 100000);
	fd = join();
	for (i = 0; i < 2; i++) {
		say(fd, first);
		expect(fd, OK);
		ck_assert_uint_eq(conns.last.len, strlen(first));
		memset(conns.in, '#', 1024);
		for (s = 0; s < HTTP_SLICES; s++)
			ck_assert(r->slices[s].ptr == NULL ||
			    (r->slices[s].ptr >= bytes &&
				r->slices[s].ptr + r->slices[s].len <=
				    bytes + strlen(first)));
		say(fd, first); /* by the slices that are kept */
		expect(fd, OK);
		say(fd, other);
		expect(fd, "HTTP/1.1 304 ");
		ck_assert_uint_eq(conns.last.len, 0); /* bears a secret */
	}
	close(fd);
	close_worker();
}
END_TEST

START_TEST(while_draining_each_answer_closes_its_connection)
{
	int fd;

	open_worker();
	put(&segment, "one", "first", 0, 100000);
	fd = join();
	conns_drain(&conns);
	say(fd, GET);
	expect(fd, OK "Connection: close\r\n");
	close(fd);
	turns();
	ck_assert_uint_eq(conns.open, 0);
	close_worker();
}
END_TEST

START_TEST(a_full_table_gives_up_its_oldest_idle_connection_and_keeps_a_reserve)
{
	int fd[5], i;

	open_worker();
	for (i = 0; i < 4; i++)
		fd[i] = join();
	say(fd[0], "GET ");
	ck_assert(!conns_full(&conns, 0));
	fd[4] = join();
	ck_assert_ptr_null(hear(fd[1]));
	ck_assert_str_eq(hear(fd[0]), "");
	for (i = 2; i < 5; i++)
		say(fd[i], "GET ");
	ck_assert(conns_full(&conns, 0));
	ck_assert(!conns_full(&conns, GUARD_ADMIN));
	for (i = 0; i < 5; i++)
		close(fd[i]);
	close_worker();
}
END_TEST

UNIT_MAIN("conn", a_request_is_answered_and_the_connection_is_idle_again,
    half_a_head_has_its_time_and_is_then_refused,
    a_request_without_a_token_waits_for_its_publication,
    a_failure_ends_a_wait_only_if_no_attempt_comes_in_time,
    a_wait_is_over_after_wait_limit,
    answers_that_are_not_taken_stop_the_reading_and_all_come_later,
    whoever_takes_no_answer_is_left_after_idle_timeout,
    a_body_that_does_not_come_ends_the_connection_behind_the_answer,
    a_head_that_comes_again_has_nothing_of_the_one_between,
    while_draining_each_answer_closes_its_connection,
    a_full_table_gives_up_its_oldest_idle_connection_and_keeps_a_reserve)
