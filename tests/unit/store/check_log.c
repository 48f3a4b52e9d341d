/* SPDX-License-Identifier: MIT */
/* The log about a server that comes and goes. */
#include "config.h"

#include "unit.h"

#include "store/log.h"

#include "seen.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONG "redis.example port 6379: the certificate is not to be believed"

START_TEST(a_server_that_comes_and_goes_is_told_of_once_a_minute)
{
	static const struct {
		int64_t after_ms; /* of the loss, since the one before */
		const char *why;
		bool told;
	} row[] = {
	    {0, "reset", true},
	    {1, "reset", false},
	    {59998, "reset", false},
	    {1, "reset", true},      /* a minute since it was told last */
	    {59999, "reset", false}, /* and not since it was not */
	    {0, "refused", true},
	    {0, "refused", false},
	    {0, "reset", false}, /* it was said a moment ago */
	    {0, LONG ", says ", true},
	    {0, LONG ", says 1", false}, /* numbers are not */
	    {0, LONG ", says B", true},  /* the words are compared */
	    {3600000, LONG ", says B", true},
	};
	struct store_log told = {.quiet = false};
	int64_t now = 1;
	size_t i;

	see();
	for (i = 0; i < COUNT(row); i++) {
		const char *text;

		clock_set(now += row[i].after_ms, 0);
		store_log_lost(&told, "Redis is unreachable", row[i].why);
		text = strstr(drain(), "Redis is unreachable: ");
		ck_assert_msg((text != NULL) == row[i].told, "loss %zu", i);
		if (text != NULL)
			ck_assert_mem_eq(text +
				strlen("Redis is unreachable: "),
			    row[i].why, strlen(row[i].why));
		store_log_up(&told, "redis.example", 6379);
		ck_assert_msg((strstr(drain(), "is up") != NULL) == row[i].told,
		    "return %zu", i);
	}
	unsee();
}
END_TEST

START_TEST(what_is_not_told_is_there_for_those_who_debug)
{
	struct store_log told = {.quiet = false};

	see();
	log_open(LVL_DEBUG, false);
	store_log_lost(&told, "Redis is unreachable", "reset");
	ck_assert_ptr_nonnull(strstr(drain(), "warning"));
	store_log_lost(&told, "Redis is unreachable", "reset");
	ck_assert_ptr_nonnull(strstr(drain(), "debug"));
	ck_assert_ptr_nonnull(strstr(seen.text, "Redis is unreachable: reset"));
	unsee();
}
END_TEST

START_TEST(a_server_is_called_by_its_address)
{
	struct store_log told = {.quiet = false};

	see();
	store_log_up(&told, "redis.example", 6379);
	ck_assert_ptr_nonnull(
	    strstr(drain(), "Redis redis.example port 6379 is up\n"));
	store_log_up(&told, "/run/redis.sock", 6379);
	ck_assert_ptr_nonnull(strstr(drain(), "Redis /run/redis.sock is up\n"));
	unsee();
}
END_TEST

UNIT_MAIN("store_log", a_server_that_comes_and_goes_is_told_of_once_a_minute,
    what_is_not_told_is_there_for_those_who_debug,
    a_server_is_called_by_its_address)
