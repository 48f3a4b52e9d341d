/* SPDX-License-Identifier: MIT */
/* Holders of a segment, its writers, and those that take it over. */
#include "config.h"

#include "unit.h"

#include "segment.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Run in a process of its own; its exit status. */
static int
in_child(int (*what)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(what());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

/* Hold a segment of this name until killed; tells when it is there. */
static pid_t
start_holder(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		create();
		put(&segment, "two", "held", 0, TOKEN_LIFE_MAX_MS);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

START_TEST(a_name_that_a_living_master_holds_is_refused)
{
	struct segment other;
	pid_t holder;

	holder = start_holder();
	ck_assert_int_eq(segment_create(name, names, 2, TEXT_MAX, NULL, &other,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.text, "in use by a running bearerd"));
	ck_assert_ptr_null(other.header);
	ck_assert_int_eq(segment_attach(name, &other, &err), 0);
	ck_assert_str_eq(get(&other, "two"), "held"); /* it did no harm */
	ck_assert_int_eq(segment_master(&other), holder);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	create();
	clock_set(1000, 0);
	ck_assert_uint_eq(segment_take_over(&other, &segment), 1);
	ck_assert_str_eq(get(&segment, "two"), "held");
	segment_close(&other);
	drop();
}
END_TEST

START_TEST(a_reload_may_replace_the_segment_of_its_own_process)
{
	struct segment next, third;

	create();
	ck_assert_int_eq(segment_create(name, names, 1, TEXT_MAX, &segment,
			     &next, &err),
	    0);
	ck_assert_uint_eq(segment_count(&next), 1);
	ck_assert_uint_eq(segment_count(&segment), 2);
	/* the old one is not this name's any more */
	ck_assert_int_eq(segment_create(name, names, 1, TEXT_MAX, &segment,
			     &third, &err),
	    -1);
	segment_close(&next);
	drop();
}
END_TEST

START_TEST(a_refresher_that_survives_its_master_does_not_hold_the_name)
{
	int done[2];
	char byte;
	pid_t pid;

	create();
	ck_assert_int_eq(pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		segment_leave_owner(&segment);
		put(&segment, "one", "written", 0, 60000);
		if (write(done[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(done[0], &byte, 1), 1);
	ck_assert_str_eq(get(&segment, "one"), "written");
	segment_close(&segment);
	create(); /* is not refused */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(done[0]);
	close(done[1]);
	drop();
}
END_TEST

/* The content of the old segment, and whether a successor takes it over. */
static const struct {
	const char *text;
	int64_t obtained_at, expires_at;
	size_t taken;
} leftovers[] = {
    /* now is 100000 */
    {"good", 0, 160000, 1},
    {"good", 100000, 160000, 1},
    {"good", 40000, 107000, 1}, /* S is 6.7 s */
    {"dead", 40000, 106000, 0}, /* S is 6.6 s */
    {"dead", 0, 100000, 0},
    {"old", 0, 99999, 0},
    {"early", 100001, 160000, 0}, /* of another clock */
    {"endless", 0, INT64_MAX, 0},
    {"endless", INT64_MIN, 160000, 0},
    {"endless", INT64_MIN, INT64_MAX, 0},
    {"b a d", 0, 160000, 0},
    {"", 0, 160000, 0},
};

START_TEST(a_successor_takes_over_what_is_still_alive)
{
	struct segment old;
	size_t i;

	clock_set(100000, 1700000000000);
	for (i = 0; i < COUNT(leftovers); i++) {
		create();
		put(&segment, "two", leftovers[i].text,
		    leftovers[i].obtained_at, leftovers[i].expires_at);
		segment_close(&segment);
		ck_assert_int_eq(segment_attach(name, &old, &err), 0);
		create();
		ck_assert_msg(segment_take_over(&old, &segment) ==
			leftovers[i].taken,
		    "row %zu", i);
		ck_assert_str_eq(get(&segment, "two"),
		    leftovers[i].taken ? leftovers[i].text : "");
		ck_assert_uint_eq(generation(&segment, "two"), 7);
		ck_assert_str_eq(get(&segment, "one"), "");
		ck_assert_uint_eq(generation(&segment, "one"), 0);
		segment_close(&old);
		drop();
	}
}
END_TEST

START_TEST(a_token_is_taken_over_by_name_and_keeps_its_generation_and_times)
{
	static const char *const others[] = {"three", "two"};
	struct segment old;
	struct token t;
	uint64_t seq;

	clock_set(100000, 1700000000000);
	create();
	put(&segment, "one", "gone", 0, 160000);
	put(&segment, "two", "kept", 5, 160000);
	segment_close(&segment);
	ck_assert_int_eq(segment_attach(name, &old, &err), 0);
	ck_assert_int_eq(segment_create(name, others, 2, TEXT_MAX, NULL,
			     &segment, &err),
	    0);
	ck_assert_uint_eq(segment_take_over(&old, &segment), 1);
	ck_assert_int_eq(slot_read(segment_slot(&segment, 1), &t, &seq),
	    SLOT_OK);
	ck_assert_str_eq(t.text, "kept");
	ck_assert_uint_eq(t.generation, 7);
	ck_assert_int_eq(t.obtained_at, 5);
	ck_assert_int_eq(t.expires_at, 160000);
	ck_assert_int_eq(slot_read(segment_slot(&segment, 0), &t, &seq),
	    SLOT_EMPTY);
	segment_close(&old);
	drop();
}
END_TEST

START_TEST(a_token_too_long_for_the_new_segment_is_left_behind)
{
	char text[TEXT_MAX + 1];
	struct segment old;

	clock_set(100000, 1700000000000);
	memset(text, 'x', TEXT_MAX);
	text[TEXT_MAX] = '\0';
	create();
	put(&segment, "one", text, 0, 160000);
	segment_close(&segment);
	ck_assert_int_eq(segment_attach(name, &old, &err), 0);
	ck_assert_int_eq(segment_create(name, names, 2, TEXT_MAX / 2, NULL,
			     &segment, &err),
	    0);
	ck_assert_uint_eq(segment_take_over(&old, &segment), 0);
	ck_assert_str_eq(get(&segment, "one"), "");
	segment_close(&old);
	drop();
}
END_TEST

static int
become_worker_and_mprotect(void)
{
	segment_make_readonly(&segment);
	if (segment.fd != -1 || segment.fd_readonly != -1)
		return 1;
	if (strcmp(get(&segment, "one"), "token") != 0)
		return 2;
	return mprotect(segment.header, segment.size, PROT_READ | PROT_WRITE) ==
		    -1 &&
		errno == EACCES
	    ? 0
	    : 3;
}

static int
become_worker_and_write_memory(void)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	segment_make_readonly(&segment);
	if (fd == -1)
		return 77;
	return pwrite(fd, "x", 1, (off_t)(uintptr_t)segment.header) == -1 ? 0
									  : 1;
}

static int
become_worker_and_store(void)
{
	signal(SIGSEGV, SIG_DFL); /* a sanitizer would catch it */
	segment_make_readonly(&segment);
	atomic_store(&segment_slot(&segment, 0)->memory->seq, 99);
	return 1;
}

static int
become_worker_and_reopen(void)
{
	char path[64], target[64];
	ssize_t n;
	int fd;

	segment_make_readonly(&segment);
	for (fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strstr(target, name) != NULL)
			return 1;
	}
	return 0;
}

START_TEST(a_worker_cannot_write_by_any_means_it_has)
{
	create();
	put(&segment, "one", "token", 0, 60000);
	ck_assert_int_eq(in_child(become_worker_and_mprotect), 0);
	ck_assert_int_eq(in_child(become_worker_and_write_memory), 0);
	ck_assert_int_eq(in_child(become_worker_and_store), 100 + SIGSEGV);
	ck_assert_int_eq(in_child(become_worker_and_reopen), 0);
	ck_assert_str_eq(get(&segment, "one"), "token");
	ck_assert_uint_eq(slot_seq(segment_slot(&segment, 0)), 1);
	drop();
}
END_TEST

static int
create_beyond_the_limit(void)
{
	struct rlimit limit = {.rlim_cur = 256, .rlim_max = 256};
	struct segment huge;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	if (segment_create(name, names, 2, TEXT_MAX, NULL, &huge, &err) == 0)
		return 1;
	if (strstr(err.text, "File too large") == NULL || huge.header != NULL)
		return 2;
	return shm_open(name, O_RDONLY, 0) == -1 && errno == ENOENT ? 0 : 3;
}

START_TEST(a_segment_for_which_there_is_no_room_leaves_no_name_behind)
{
	ck_assert_int_eq(in_child(create_beyond_the_limit), 0);
	create(); /* the same with a predecessor's segment there */
	segment_close(&segment);
	ck_assert_int_eq(in_child(create_beyond_the_limit), 0);
}
END_TEST

static int
replace_beyond_the_limit(void)
{
	struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
	struct segment huge;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	return segment_create(name, names, 2, TOKEN_MAX, &huge, &huge, &err) ==
		    -1 &&
		strstr(err.text, "File too large") != NULL
	    ? 0
	    : 1;
}

START_TEST(a_reload_for_which_there_is_no_room_leaves_the_name_to_the_old_one)
{
	struct segment other;
	char beside[64];

	create();
	put(&segment, "two", "kept", 0, TOKEN_LIFE_MAX_MS);
	ck_assert_int_eq(in_child(replace_beyond_the_limit), 0);
	ck_assert_msg(segment_attach(name, &other, &err) == 0, "%s", err.text);
	ck_assert_str_eq(get(&other, "two"), "kept");
	segment_close(&other);
	snprintf(beside, sizeof(beside), "%s.next", name);
	ck_assert_int_eq(shm_open(beside, O_RDONLY, 0), -1);
	drop();
}
END_TEST

UNIT_MAIN("segment_life", a_name_that_a_living_master_holds_is_refused,
    a_reload_may_replace_the_segment_of_its_own_process,
    a_refresher_that_survives_its_master_does_not_hold_the_name,
    a_successor_takes_over_what_is_still_alive,
    a_token_is_taken_over_by_name_and_keeps_its_generation_and_times,
    a_token_too_long_for_the_new_segment_is_left_behind,
    a_worker_cannot_write_by_any_means_it_has,
    a_segment_for_which_there_is_no_room_leaves_no_name_behind,
    a_reload_for_which_there_is_no_room_leaves_the_name_to_the_old_one)
