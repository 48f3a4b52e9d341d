/* SPDX-License-Identifier: MIT */
/* The look of a segment, and those that are not to be trusted. */
#include "config.h"

#include "unit.h"

#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Attach must fail and say this. */
static void
ck_refused(const char *reason)
{
	struct segment other;

	ck_assert_msg(segment_attach(name, &other, &err) == -1,
	    "not refused: %s", reason);
	ck_assert_ptr_null(other.header);
	ck_assert_ptr_nonnull(strstr(err.text, name));
	ck_assert_msg(strstr(err.text, reason) != NULL, "%s", err.text);
}

static void
ck_attaches(void)
{
	struct segment other;

	ck_assert_msg(segment_attach(name, &other, &err) == 0, "%s", err.text);
	segment_close(&other);
}

START_TEST(a_new_segment_has_empty_slots_of_the_given_names)
{
	size_t i;

	create();
	ck_assert_uint_eq(segment_count(&segment), COUNT(names));
	ck_assert_int_eq(segment_master(&segment), getpid());
	for (i = 0; i < COUNT(names); i++) {
		ck_assert_str_eq(segment_slot(&segment, i)->name, names[i]);
		ck_assert_ptr_eq(segment_find(&segment, names[i]),
		    segment_slot(&segment, i));
		ck_assert_uint_eq((uintptr_t)segment_slot(&segment, i)->memory %
			64,
		    0);
		ck_assert_str_eq(get(&segment, names[i]), "");
	}
	ck_assert_ptr_null(segment_find(&segment, "on"));
	ck_assert_ptr_null(segment_find(&segment, "three"));
	drop();
}
END_TEST

START_TEST(who_attaches_sees_what_is_published_later)
{
	struct segment other;

	create();
	ck_assert_int_eq(segment_attach(name, &other, &err), 0);
	ck_assert_str_eq(get(&other, "one"), "");
	put(&segment, "one", "first", 0, 60000);
	ck_assert_str_eq(get(&other, "one"), "first");
	ck_assert_str_eq(get(&other, "two"), "");
	segment_close(&other);
	segment_close(&segment);
	ck_assert_int_eq(segment_attach(name, &other, &err), 0);
	ck_assert_str_eq(get(&other, "one"), "first");
	segment_close(&other);
	drop();
	ck_refused("No such file");
}
END_TEST

START_TEST(the_segment_is_private_allocated_and_not_dumped)
{
	char line[256], mark[40];
	bool ours = false, dumped = true;
	struct stat st;
	FILE *maps;

	umask(0);
	create();
	ck_assert_int_eq(fstat(segment.fd, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq((size_t)st.st_size, segment.size);
	ck_assert_uint_ge((size_t)st.st_blocks * 512, segment.size);
	snprintf(mark, sizeof(mark), "shm%s", name);
	maps = fopen("/proc/self/smaps", "re");
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (strchr(line, '-') != NULL && strstr(line, mark) != NULL)
			ours = true;
		if (ours && strncmp(line, "VmFlags:", 8) == 0) {
			dumped = strstr(line, " dd") == NULL;
			break;
		}
	}
	fclose(maps);
	ck_assert(ours && !dumped);
	drop();
}
END_TEST

START_TEST(attaching_refuses_a_header_with_any_byte_changed)
{
	unsigned char *h;
	size_t i;

	create();
	h = (unsigned char *)segment.header;
	for (i = 0; i < 88; i++) {
		if (i >= 40 && i < 48)
			continue; /* the segment's random number */
		h[i] ^= 0x11;
		ck_refused("");
		h[i] ^= 0x11;
	}
	ck_attaches();
	drop();
}
END_TEST

START_TEST(attaching_says_what_is_wrong)
{
	static const struct {
		size_t at;
		const char *reason;
	} rows[] = {
	    {0, "has another magic number"},
	    {8, "has another layout"},
	    {12, "has another layout"},
	    {16, "sizes that do not agree"},
	    {24, "sizes that do not agree"},
	    {32, "sizes that do not agree"},
	    {48, "is of another boot"},
	    {128 + 8, "a slot that does not fit"},
	};
	unsigned char *h;
	size_t i;

	create();
	h = (unsigned char *)segment.header;
	for (i = 0; i < COUNT(rows); i++) {
		h[rows[i].at] ^= 0x40;
		ck_refused(rows[i].reason);
		h[rows[i].at] ^= 0x40;
	}
	ck_attaches();
	drop();
}
END_TEST

START_TEST(attaching_refuses_sizes_that_agree_but_not_with_the_slots)
{
	static const uint64_t factors[] = {2, 4, 8};
	uint64_t *h, count, stride;
	size_t i;

	create();
	h = (uint64_t *)segment.header;
	count = h[3];
	stride = h[4];
	for (i = 0; i < COUNT(factors); i++) {
		if (stride % factors[i] != 0)
			continue;
		h[3] = count * factors[i];
		h[4] = stride / factors[i];
		ck_refused("");
	}
	h[3] = 0;
	h[4] = stride;
	ck_refused("sizes that do not agree");
	h[3] = count;
	h[4] = 0;
	ck_refused("sizes that do not agree");
	drop();
}
END_TEST

START_TEST(attaching_refuses_a_file_of_another_size)
{
	off_t size;

	create();
	size = (off_t)segment.size;
	ck_assert_int_eq(ftruncate(segment.fd, size + 64), 0);
	ck_refused("sizes that do not agree");
	ck_assert_int_eq(ftruncate(segment.fd, size - 64), 0);
	ck_refused("sizes that do not agree");
	ck_assert_int_eq(ftruncate(segment.fd, 127), 0);
	ck_refused("is too short");
	ck_assert_int_eq(ftruncate(segment.fd, 0), 0);
	ck_refused("is too short");
	drop();
}
END_TEST

START_TEST(attaching_refuses_a_file_that_others_could_have_written)
{
	static const mode_t modes[] = {0644, 0660, 0606, 0700, 0400, 04600};
	size_t i;

	create();
	for (i = 0; i < COUNT(modes); i++) {
		ck_assert_int_eq(fchmod(segment.fd, modes[i]), 0);
		ck_refused("");
	}
	ck_assert_int_eq(fchmod(segment.fd, 0600), 0);
	ck_attaches();
	if (geteuid() == 0) {
		ck_assert_int_eq(fchown(segment.fd, 65534, 65534), 0);
		ck_refused("belongs to another user");
	}
	drop();
}
END_TEST

START_TEST(the_owner_of_a_segment_is_told)
{
	uid_t user = 1;
	gid_t group = 1;

	create();
	ck_assert_int_eq(segment_owner(name, &user, &group, &err), 0);
	ck_assert_uint_eq(user, geteuid());
	ck_assert_uint_eq(group, getegid());
	if (geteuid() == 0) {
		ck_assert_int_eq(fchown(segment.fd, 65534, 65533), 0);
		ck_assert_int_eq(segment_owner(name, &user, &group, &err), 0);
		ck_assert_uint_eq(user, 65534);
		ck_assert_uint_eq(group, 65533);
	}
	drop();
	errno = 0;
	ck_assert_int_eq(segment_owner(name, &user, &group, &err), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, name));
}
END_TEST

UNIT_MAIN("shm", the_owner_of_a_segment_is_told,
    a_new_segment_has_empty_slots_of_the_given_names,
    who_attaches_sees_what_is_published_later,
    the_segment_is_private_allocated_and_not_dumped,
    attaching_refuses_a_header_with_any_byte_changed,
    attaching_says_what_is_wrong,
    attaching_refuses_sizes_that_agree_but_not_with_the_slots,
    attaching_refuses_a_file_of_another_size,
    attaching_refuses_a_file_that_others_could_have_written)
