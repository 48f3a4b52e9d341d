/* SPDX-License-Identifier: MIT */
/* A segment that one program hands to the next. */
#include "config.h"

#include "unit.h"

#include "segment.h"

#include "base/clock.h"

/* The segment's descriptors as a successor gets them; ours stay. */
static struct segment
hand_down(void)
{
	struct segment given = {.fd = dup(segment.fd),
	    .fd_readonly = dup(segment.fd_readonly)};

	return given;
}

static void
give_back(struct segment *given)
{
	segment_leave_owner(given);
	drop();
}

START_TEST(what_is_handed_down_is_adopted_with_tokens_and_lock)
{
	struct segment given, successor, other;

	create();
	put(&segment, "two", "kept", 0, 60000);
	given = hand_down();
	ck_assert_int_eq(segment_adopt(name, names, 2, TEXT_MAX, &given,
			     &successor, &err),
	    0);
	ck_assert_int_eq(given.fd, -1);
	ck_assert_int_eq(given.fd_readonly, -1);
	ck_assert_str_eq(get(&successor, "two"), "kept");
	put(&successor, "one", "new", 0, 60000);
	ck_assert_str_eq(get(&segment, "one"), "new");
	segment_own(&successor);
	ck_assert_int_eq(segment_master(&successor), getpid());
	segment_close(&segment); /* the old master ends */
	ck_assert_int_eq(segment_create(name, names, 2, TEXT_MAX, NULL, &other,
			     &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.text, "in use by a running bearerd"));
	segment_close(&successor);
	create();
	drop();
}
END_TEST

/* A successor that wants something else, and why it does not adopt. */
static const struct {
	const char *names[2];
	size_t count, text_max;
	const char *why;
} others[] = {
    {{"one", "two"}, 2, TEXT_MAX + 64, "another max-token-size"},
    {{"one", "two"}, 1, TEXT_MAX, "other tokens"},
    {{"two", "one"}, 2, TEXT_MAX, "other tokens"},
    {{"one", "three"}, 2, TEXT_MAX, "other tokens"},
};

START_TEST(what_would_be_made_otherwise_is_not_adopted)
{
	struct segment given, successor;
	size_t i;

	create();
	given = hand_down();
	for (i = 0; i < COUNT(others); i++) {
		ck_assert_int_eq(segment_adopt(name, others[i].names,
				     others[i].count, others[i].text_max,
				     &given, &successor, &err),
		    -1);
		ck_assert_ptr_nonnull(strstr(err.text, others[i].why));
		ck_assert_ptr_null(successor.header);
		ck_assert_int_ne(given.fd, -1);
	}
	give_back(&given);
}
END_TEST

START_TEST(a_segment_that_lost_its_name_is_looked_into_only)
{
	struct segment given, successor, other;

	create();
	put(&segment, "one", "text", 0, 60000);
	given = hand_down();
	ck_assert(segment_has_name(&given, name));
	ck_assert_int_eq(segment_create(name, names, 2, TEXT_MAX, &segment,
			     &other, &err),
	    0);
	ck_assert(!segment_has_name(&given, name));
	ck_assert_int_eq(segment_adopt(name, names, 2, TEXT_MAX, &given,
			     &successor, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.text, "not what was handed over"));
	ck_assert_int_eq(segment_look_into(&given, &successor, &err), 0);
	ck_assert_str_eq(get(&successor, "one"), "text");
	segment_close(&successor);
	segment_close(&other);
	give_back(&given);
}
END_TEST

START_TEST(a_name_passes_to_another_segment_without_a_gap)
{
	char other_name[48];
	struct segment given, other;

	create();
	given = hand_down();
	snprintf(other_name, sizeof(other_name), "%s.new", name);
	ck_assert_int_eq(segment_rename(other_name, name, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
	ck_assert_int_eq(segment_create(other_name, names, 2, TEXT_MAX, NULL,
			     &other, &err),
	    0);
	ck_assert_int_eq(segment_rename(other_name, name, &err), 0);
	ck_assert(segment_has_name(&other, name));
	ck_assert(!segment_has_name(&given, name));
	segment_close(&other);
	give_back(&given);
}
END_TEST

START_TEST(readers_who_stay_get_what_is_published_elsewhere)
{
	static const char *const others_names[] = {"two", "three"};
	uint64_t seen[2] = {0, 0}, before;
	char other_name[48];
	struct segment to;

	clock_set(1000, 0);
	create();
	snprintf(other_name, sizeof(other_name), "%s.old", name);
	ck_assert_int_eq(segment_create(other_name, others_names, 2, TEXT_MAX,
			     NULL, &to, &err),
	    0);
	put(&to, "two", "old", 0, 60000);
	put(&to, "three", "own", 0, 60000);
	segment_follow(&segment, &to, seen); /* nothing there yet */
	ck_assert_str_eq(get(&to, "two"), "old");
	put(&segment, "two", "new", 0, 60000);
	segment_follow(&segment, &to, seen);
	ck_assert_str_eq(get(&to, "two"), "new");
	before = slot_seq(segment_find(&to, "two"));
	segment_follow(&segment, &to, seen);
	ck_assert_uint_eq(slot_seq(segment_find(&to, "two")), before);
	slot_clear(segment_find(&segment, "two"), 8);
	segment_follow(&segment, &to, seen);
	ck_assert_str_eq(get(&to, "two"), "");
	ck_assert_uint_eq(generation(&to, "two"), 8);
	ck_assert_str_eq(get(&to, "three"), "own");
	segment_close(&to);
	segment_remove(other_name);
	drop();
}
END_TEST

UNIT_MAIN("segment_adopt", what_is_handed_down_is_adopted_with_tokens_and_lock,
    what_would_be_made_otherwise_is_not_adopted,
    a_segment_that_lost_its_name_is_looked_into_only,
    a_name_passes_to_another_segment_without_a_gap,
    readers_who_stay_get_what_is_published_elsewhere)
