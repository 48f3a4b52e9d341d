/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "http/route.h"

#include <string.h>

struct row {
	const char *path;
	enum route_id callers, admins; /* on whose addresses */
	const char *name;              /* for callers; NULL: none */
};

/* In memory of exactly its size, so that a read behind it is found out. */
static enum route_id
find(const char *path, bool admin, char name[64])
{
	size_t len = strlen(path);
	char *copy = malloc(len > 0 ? len : 1);
	struct slice s = {copy, len}, found;
	enum route_id id;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, path, len);
	id = route_find(&s, admin, &found)->id;
	name[0] = '\0';
	if (found.ptr != NULL)
		strncat(name, found.ptr, found.len);
	free(copy);
	return id;
}

static void
check(const struct row *row)
{
	char name[64];

	ck_assert_msg(find(row->path, true, name) == row->admins,
	    "'%s' for administrators", row->path);
	ck_assert_msg(find(row->path, false, name) == row->callers,
	    "'%s' for callers", row->path);
	if (row->name != NULL)
		ck_assert_str_eq(name, row->name);
}

#define CHECK_ALL(rows)                                                \
	do {                                                           \
		size_t i;                                              \
                                                                       \
		for (i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
			check(&(rows)[i]);                             \
	} while (0)

START_TEST(each_path_leads_to_its_route_on_its_addresses_alone)
{
	static const struct row rows[] = {
	    {"/token", ROUTE_TOKEN, ROUTE_NONE, ""},
	    {"/tokens/a", ROUTE_TOKENS, ROUTE_NONE, "a"},
	    {"/tokens/a/auth", ROUTE_AUTH, ROUTE_NONE, "a"},
	    {"/tokens/a/auth/b/c", ROUTE_AUTH, ROUTE_NONE, "a"},
	    {"/auth", ROUTE_AUTH, ROUTE_NONE, ""},
	    {"/auth/", ROUTE_AUTH, ROUTE_NONE, ""},
	    {"/auth//a", ROUTE_AUTH, ROUTE_NONE, ""},
	    {"/openapi.json", ROUTE_OPENAPI, ROUTE_NONE, ""},
	    {"/docs", ROUTE_DOCS, ROUTE_NONE, ""},
	    {"/docs/page.css", ROUTE_DOCS, ROUTE_NONE, ""},
	    {"/readyz", ROUTE_NONE, ROUTE_READYZ, ""},
	    {"/metrics", ROUTE_NONE, ROUTE_METRICS, ""},
	    {"/status", ROUTE_NONE, ROUTE_STATUS, ""},
	    {"/status.json", ROUTE_NONE, ROUTE_STATUS_JSON, ""},
	    {"/healthz", ROUTE_HEALTHZ, ROUTE_HEALTHZ, ""},
	    {"/", ROUTE_ROOT, ROUTE_ROOT, ""},
	};
	CHECK_ALL(rows);
}
END_TEST

START_TEST(a_slash_at_the_end_means_nothing)
{
	static const struct row rows[] = {
	    {"/token/", ROUTE_TOKEN, ROUTE_NONE, ""},
	    {"/tokens/a/", ROUTE_TOKENS, ROUTE_NONE, "a"},
	    {"/openapi.json/", ROUTE_OPENAPI, ROUTE_NONE, ""},
	    {"/healthz/", ROUTE_HEALTHZ, ROUTE_HEALTHZ, ""},
	    {"/metrics/", ROUTE_NONE, ROUTE_METRICS, ""},
	    {"/token//", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/token/a", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/tokens/a//", ROUTE_NONE, ROUTE_NONE, NULL},
	};
	CHECK_ALL(rows);
}
END_TEST

START_TEST(odd_paths_lead_nowhere)
{
	static const struct row rows[] = {
	    {"", ROUTE_NONE, ROUTE_NONE, ""},
	    {"*", ROUTE_NONE, ROUTE_NONE, ""},
	    {"a:443", ROUTE_NONE, ROUTE_NONE, ""},
	    {"//", ROUTE_NONE, ROUTE_NONE, ""},
	    {"///", ROUTE_NONE, ROUTE_NONE, ""},
	    {"//auth", ROUTE_NONE, ROUTE_NONE, ""},
	    {"//token", ROUTE_NONE, ROUTE_NONE, ""},
	    {"//healthz", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/tokens", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/tokens/", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/tokens//", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/tokens//auth", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/tokens/a/aut", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/tokens/a/authx", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/tokens/a/b", ROUTE_NONE, ROUTE_NONE, NULL},
	    {"/Token", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/toke", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/./token", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/../token", ROUTE_NONE, ROUTE_NONE, ""},
	    {"/%74oken", ROUTE_NONE, ROUTE_NONE, ""},
	};
	CHECK_ALL(rows);
}
END_TEST

/* Every place of the table, by length and first letter of the segment. */
START_TEST(a_segment_of_any_length_and_first_byte_is_compared_with_a_rule)
{
	char path[72], name[64];
	int first, len;

	for (len = 0; len < 66; len++)
		for (first = 1; first < 256; first++) {
			memset(path, '.', sizeof(path));
			path[0] = '/';
			path[1] = (char)first;
			path[1 + len] = '\0';
			ck_assert_int_eq(find(path, first % 2 == 0, name),
			    len == 0 ? ROUTE_ROOT : ROUTE_NONE);
		}
}
END_TEST

UNIT_MAIN("route", each_path_leads_to_its_route_on_its_addresses_alone,
    a_slash_at_the_end_means_nothing, odd_paths_lead_nowhere,
    a_segment_of_any_length_and_first_byte_is_compared_with_a_rule)
