/* SPDX-License-Identifier: MIT */
/* Values written to Redis and believed from there, with keys and without. */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/seal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define HEX_B "f0112233445566778899aabbccddeeff00112233445566778899aabbccddeef0"

#define PATH "/tmp/check_store_seal.XXXXXX"
static char path[sizeof(PATH)], sealed[512];
static struct conf conf;
static struct stats_process stats;
static struct store_seal seal;
static struct token token = {.generation = 7};
static const struct seal_place here = {"k", 7};

/* The file of keys has this text from now on. */
static void
write_keys(const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* A store with a file of keys, or without. */
static void
begin(bool keys, bool accept_plain)
{
	strcpy(path, PATH);
	close(mkstemp(path));
	memset(&stats, 0, sizeof(stats));
	memset(&seal, 0, sizeof(seal));
	conf.redis_key_file = keys ? path : NULL;
	conf.redis_accept_plain = accept_plain;
	store_seal_init(&seal, &conf, &stats);
	token_set_text(&token, "s3cret", 6);
	clock_set(1000, 0);
}

/* Whether a value is believed; it is then this text. */
static bool
opens(const char *value, const char *text)
{
	struct proto_value v = {value, strlen(value)};

	if (store_seal_open(&seal, &here, &v) == -1)
		return false;
	ck_assert_uint_eq(v.len, strlen(text));
	ck_assert_mem_eq(v.ptr, text, v.len);
	return true;
}

static uint64_t
refused(enum stats_refused reason)
{
	return stats_get(&stats.redis_refused[reason]);
}

START_TEST(without_keys_a_text_is_as_it_is_and_a_sealed_one_is_refused)
{
	begin(false, false);
	ck_assert_str_eq(store_seal_text(&seal, "k", &token), "s3cret");
	ck_assert(opens("s3cret", "s3cret"));
	ck_assert(!opens("bearerd1.a.AAAA", ""));
	ck_assert(!opens("bearerd9.", ""));
	ck_assert_uint_eq(refused(STATS_REFUSED_NO_KEY), 2);
	unlink(path);
}
END_TEST

START_TEST(with_keys_a_text_is_sealed_for_its_place)
{
	const char *text;

	begin(true, false);
	write_keys("a " HEX_A);
	text = store_seal_text(&seal, "k", &token);
	ck_assert_ptr_nonnull(text);
	snprintf(sealed, sizeof(sealed), "%s", text);
	ck_assert_ptr_null(strstr(sealed, "s3cret"));
	ck_assert(opens(sealed, "s3cret"));
	ck_assert_str_eq(seal.opened, "s3cret");
	store_seal_wipe(&seal);
	ck_assert_str_eq(seal.opened, "");
	snprintf(sealed, sizeof(sealed), "%s",
	    store_seal_text(&seal, "l", &token));
	ck_assert(!opens(sealed, ""));
	ck_assert_uint_eq(refused(STATS_REFUSED_BAD_TAG), 1);
	unlink(path);
}
END_TEST

START_TEST(a_plain_text_is_believed_only_when_that_is_asked_for)
{
	begin(true, false);
	ck_assert(!opens("s3cret", ""));
	ck_assert_uint_eq(refused(STATS_REFUSED_PLAIN), 1);
	seal.accept_plain = true;
	ck_assert(opens("s3cret", "s3cret"));
	ck_assert_uint_eq(refused(STATS_REFUSED_PLAIN), 1);
	unlink(path);
}
END_TEST

START_TEST(the_file_is_read_for_each_use)
{
	begin(true, false);
	write_keys("a " HEX_A);
	snprintf(sealed, sizeof(sealed), "%s",
	    store_seal_text(&seal, "k", &token));
	write_keys("b " HEX_B);
	ck_assert(!opens(sealed, ""));
	ck_assert_uint_eq(refused(STATS_REFUSED_UNKNOWN_KEY), 1);
	write_keys("b");
	ck_assert(!opens(sealed, ""));
	ck_assert_uint_eq(refused(STATS_REFUSED_NO_KEY), 1);
	ck_assert_ptr_null(store_seal_text(&seal, "k", &token));
	write_keys("b " HEX_B "\na " HEX_A);
	ck_assert(opens(sealed, "s3cret"));
	unlink(path);
	ck_assert_ptr_null(store_seal_text(&seal, "k", &token));
}
END_TEST

START_TEST(a_value_that_is_too_long_is_refused)
{
	static char value[2 * sizeof(seal.opened)];

	begin(true, false);
	write_keys("a " HEX_A);
	memset(value, 'A', sizeof(value) - 1);
	memcpy(value, "bearerd1.a.", 11);
	seal.sealed[0] = 'x'; /* behind the room for a text */
	ck_assert(!opens(value, ""));
	ck_assert_int_eq(seal.sealed[0], 'x');
	ck_assert_uint_eq(refused(STATS_REFUSED_BAD_TAG), 1);
	unlink(path);
}
END_TEST

/* How many lines were logged about this since the last time. */
static int
lines(int fd, const char *about)
{
	static char text[65536];
	ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *at = text;
	int count = 0;

	text[n > 0 ? n : 0] = '\0';
	while ((at = strstr(at, about)) != NULL) {
		at++;
		count++;
	}
	return count;
}

START_TEST(what_is_refused_is_always_counted_and_logged_once_a_minute)
{
	int fd[2], i;

	begin(true, false);
	write_keys("a " HEX_A "\nsome-text");
	ck_assert_int_eq(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(fd[1], STDERR_FILENO);
	log_open(LVL_INFO, false);
	for (i = 0; i < 100; i++) {
		clock_set(1000 + 1000 * i, 0);
		opens("s3cret", "");
		store_seal_text(&seal, "k", &token);
	}
	ck_assert_uint_eq(refused(STATS_REFUSED_PLAIN), 100);
	ck_assert_int_eq(lines(fd[0], "of k is not encrypted"), 2);
	clock_set(121000, 0);
	opens("s3cret", "");
	ck_assert_int_eq(lines(fd[0], "of k is not encrypted"), 1);
	clock_set(131000, 0);
	store_seal_text(&seal, "k", &token);
	ck_assert_int_eq(lines(fd[0], ":2: must be ID HEX"), 1);
	/* of different things each is logged */
	clock_set(191000, 0);
	for (i = 0; i < STATS_REFUSED_COUNT; i++)
		store_seal_refuse(&seal, (enum stats_refused)i, "k", "detail");
	ck_assert_int_eq(lines(fd[0], ": detail; ignored"),
	    STATS_REFUSED_COUNT);
	unlink(path);
}
END_TEST

UNIT_MAIN("store_seal",
    without_keys_a_text_is_as_it_is_and_a_sealed_one_is_refused,
    with_keys_a_text_is_sealed_for_its_place,
    a_plain_text_is_believed_only_when_that_is_asked_for,
    the_file_is_read_for_each_use, a_value_that_is_too_long_is_refused,
    what_is_refused_is_always_counted_and_logged_once_a_minute)
