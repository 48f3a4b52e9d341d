/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/mem.h"

#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(allocations_are_zeroed_and_never_null)
{
	char *p = mem_alloc(100, 3), *copy;
	size_t i;

	for (i = 0; i < 300; i++)
		ck_assert_int_eq(p[i], 0);
	free(p);
	p = mem_alloc(0, 8);
	ck_assert_ptr_nonnull(p);
	free(p);
	copy = mem_strdup("text");
	ck_assert_str_eq(copy, "text");
	mem_free_secret(copy);
	mem_free_secret(NULL);
}
END_TEST

START_TEST(an_allocation_that_overflows_ends_the_process)
{
	volatile size_t much = SIZE_MAX / 2;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		close(STDERR_FILENO);
		mem_alloc(much, 3);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}
END_TEST

UNIT_MAIN("mem", allocations_are_zeroed_and_never_null,
    an_allocation_that_overflows_ends_the_process)
