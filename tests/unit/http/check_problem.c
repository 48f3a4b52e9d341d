/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "http/http.h"
#include "http/problem.h"

#include <string.h>

START_TEST(each_problem_has_a_name_of_its_own_and_a_known_status)
{
	enum problem_id id;

	for (id = 0; id < PROBLEM_COUNT; id++) {
		ck_assert_ptr_nonnull(problems[id].name);
		ck_assert_int_eq(problem_find(problems[id].name), id);
		ck_assert_int_ge(problems[id].status, 400);
		ck_assert_str_ne(http_reason(problems[id].status), "Unknown");
	}
	ck_assert_int_eq(problem_find("no-such-problem"), PROBLEM_COUNT);
}
END_TEST

/* problem_write() copies a detail as it is. */
START_TEST(a_detail_needs_no_escape_in_json)
{
	enum problem_id id;
	const char *c;

	for (id = 0; id < PROBLEM_COUNT; id++)
		for (c = problems[id].detail; *c != '\0'; c++)
			ck_assert_msg(*c >= ' ' && *c <= '~' && *c != '"' &&
				*c != '\\',
			    "%s: %s", problems[id].name, c);
}
END_TEST

START_TEST(a_status_that_the_parser_returns_is_the_one_that_is_sent)
{
	static const int statuses[] = {400, 408, 413, 414, 431, 501, 505};
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		ck_assert_int_eq(problems[problem_of_status(statuses[i])]
				     .status,
		    statuses[i]);
	ck_assert_int_eq(problem_of_status(400), PROBLEM_MALFORMED);
	ck_assert_int_eq(problem_of_status(501), PROBLEM_UNKNOWN_CODING);
	ck_assert_int_eq(problem_of_status(999), PROBLEM_MALFORMED);
}
END_TEST

START_TEST(the_body_is_an_object_of_json)
{
	char memory[512];
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	problem_write(PROBLEM_NO_TOKEN, &b);
	ck_assert_str_eq(buf_text(&b),
	    "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"No valid token is available.\"}");
}
END_TEST

UNIT_MAIN("problem", each_problem_has_a_name_of_its_own_and_a_known_status,
    a_detail_needs_no_escape_in_json,
    a_status_that_the_parser_returns_is_the_one_that_is_sent,
    the_body_is_an_object_of_json)
