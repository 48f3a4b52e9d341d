/* SPDX-License-Identifier: MIT */
/*
 * unit.h - the frame of a unit test: one program per module.
 *
 * A test is START_TEST(name_that_is_a_sentence) ... END_TEST; the file ends in
 * UNIT_MAIN("module", test, test, ...).  Prints Check's line; the exit status
 * says whether all passed.
 */
#ifndef BEARERD_TEST_UNIT_H
#define BEARERD_TEST_UNIT_H

#include <check.h>
#include <stdlib.h>

#define UNIT_MAIN(module, ...)                                         \
	int main(void)                                                 \
	{                                                              \
		const TTest *const tests[] = {__VA_ARGS__};            \
		Suite *suite = suite_create(module);                   \
		TCase *all = tcase_create(module);                     \
		SRunner *runner;                                       \
		size_t i;                                              \
		int failed;                                            \
                                                                       \
		tcase_set_timeout(all, 60);                            \
		for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) \
			tcase_add_test(all, tests[i]);                 \
		suite_add_tcase(suite, all);                           \
		runner = srunner_create(suite);                        \
		srunner_run_all(runner, CK_ENV);                       \
		failed = srunner_ntests_failed(runner);                \
		srunner_free(runner);                                  \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;      \
	}

#endif
