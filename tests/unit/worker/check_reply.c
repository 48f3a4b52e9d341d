/* SPDX-License-Identifier: MIT */
/* The bytes of an answer, second by second. */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "worker/reply.h"

#include "segment.h"

#define WALL_MS 1700000000000
static char *headers[] = {(char *)(uintptr_t) "Authorization: Bearer %s"};
static const struct conf_token conf = {
    .headers = {.item = headers, .count = 1}};

static struct reply reply;
static struct reply_clock now;
static char text[1024];

static bool
ready_at(int64_t ms)
{
	clock_set(ms, WALL_MS + ms);
	reply_clock_turn(&now);
	return reply_ready(&reply, segment_slot(&segment, 0), &now, &conf);
}

static const char *
written(const struct reply_text *t, enum reply_connection c, bool head)
{
	struct buf b;

	buf_init(&b, text, sizeof(text));
	reply_write(t, c, head, &b);
	ck_assert(!b.overflow);
	return buf_text(&b);
}

static void
begin(void)
{
	create();
	memset(&reply, 0, sizeof(reply));
	memset(&now, 0, sizeof(now));
}

/* A token of 100 s, which ends 10 s earlier for callers. */
static void
publish(const char *token, int64_t at)
{
	struct token t = {.generation = 7,
	    .obtained_at = at,
	    .expires_at = at + 100000,
	    .renew_at = at + 80000};

	token_set_text(&t, token, strlen(token));
	ck_assert_int_eq(slot_publish(segment_slot(&segment, 0), &t), 0);
}

START_TEST(a_token_is_given_out_until_its_reserve_begins)
{
	begin();
	ck_assert(!ready_at(0));
	publish("secret", 0);
	ck_assert(ready_at(0));
	ck_assert_int_eq(reply_left_s(&reply, 0), 90);
	ck_assert(ready_at(89999));
	ck_assert(!ready_at(90000));
	drop();
}
END_TEST

START_TEST(both_answers_are_written_to_the_byte)
{
	char expected[600];

	begin();
	publish("se\"cret", 0);
	ck_assert(ready_at(0));
	snprintf(expected, sizeof(expected),
	    "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "Content-Type: application/json\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\nETag: %s\r\n"
	    "Content-Length: 75\r\n\r\n"
	    "{\"token\":\"se\\\"cret\",\"token_type\":\"Bearer\","
	    "\"expires_in\":90,\"refresh_in\":81}\n",
	    reply.etag);
	ck_assert_str_eq(written(&reply.token, REPLY_KEEP, false), expected);
	*strstr(expected, "{") = '\0';
	ck_assert_str_eq(written(&reply.token, REPLY_KEEP, true), expected);
	snprintf(expected, sizeof(expected),
	    "HTTP/1.1 200 OK\r\nConnection: close\r\n"
	    "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "Authorization: Bearer se\"cret\r\nCache-Control: no-store\r\n"
	    "ETag: %s\r\nContent-Length: 0\r\n\r\n",
	    reply.etag);
	ck_assert_str_eq(written(&reply.auth, REPLY_CLOSE, false), expected);
	drop();
}
END_TEST

/* The number of a member in the body. */
static long
member(const char *key)
{
	const char *at = strstr(written(&reply.token, REPLY_KEEP, false), key);

	ck_assert_ptr_nonnull(at);
	at += strlen(key);
	ck_assert_int_ne(*at, ' '); /* no hole where a digit was */
	return strtol(at, NULL, 10);
}

START_TEST(numbers_and_date_are_right_in_each_second)
{
	int64_t second, left;

	begin();
	publish("secret", 500);
	for (second = 1; second <= 90; second++) {
		ck_assert(ready_at(second * 1000));
		left = (90500 - second * 1000) / 1000;
		ck_assert_int_eq(member("\"expires_in\":"), left);
		ck_assert_int_eq(member("\"refresh_in\":"),
		    second >= 80 ? (left < 1 ? left : 1)
				 : (80500 - second * 1000) / 1000 + 1);
	}
	ck_assert_ptr_nonnull(strstr(text, "22:14:50 GMT"));
	drop();
}
END_TEST

START_TEST(a_new_publication_is_seen_at_once)
{
	begin();
	publish("secret", 0);
	ck_assert(ready_at(10));
	publish("another-and-a-longer-one-that-needs-more-room", 0);
	ck_assert(ready_at(10));
	ck_assert_ptr_nonnull(strstr(written(&reply.auth, REPLY_KEEP, false),
	    "Bearer another-and-a-longer-one-that-needs-more-room\r\n"));
	slot_clear(segment_slot(&segment, 0), 8);
	ck_assert(!ready_at(10));
	drop();
}
END_TEST

UNIT_MAIN("reply", a_token_is_given_out_until_its_reserve_begins,
    both_answers_are_written_to_the_byte,
    numbers_and_date_are_right_in_each_second,
    a_new_publication_is_seen_at_once)
