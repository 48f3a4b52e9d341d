/* SPDX-License-Identifier: MIT */
/* Fields of /auth, filled, and the place of the token in them. */
#include "config.h"

#include "unit.h"

#include "conf/headers.h"
#include "token/token.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char *
text(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* A token with two extras, a name and these templates. */
static struct conf_token
with(char **templates, size_t count)
{
	static char *extras[] = {(char *)(uintptr_t) "csrf=/a",
	    (char *)(uintptr_t) "cs=/b"};

	return (struct conf_token){
	    .headers = {.item = templates, .count = count},
	    .extras = {.item = extras, .count = 2},
	    .client_id = text("me"),
	    .api_key = text("secret"),
	};
}

START_TEST(each_place_has_its_value)
{
	static const struct {
		const char *template, *filled;
	} rows[] = {
	    {"Authorization: Bearer %s", "Authorization: Bearer t/1"},
	    {"X: @{token}", "X: t/1"},
	    {"X: @{token:form}", "X: t%2F1"},
	    {"X: a=%s; b=@{cs}; c=@{csrf}.", "X: a=t/1; b=two; c=one."},
	    {"X: @{client-id}", "X: me"},
	    {"X: plain", "X: plain"},
	};
	char out[256];
	struct conf_token t = with(NULL, 0);
	struct buf b;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		buf_init(&b, out, sizeof(out));
		headers_fill(&t, rows[i].template, "t/1", "one two", &b);
		ck_assert_str_eq(buf_text(&b), rows[i].filled);
	}
}
END_TEST

START_TEST(what_is_filled_fits_into_the_room_that_was_reckoned)
{
	char *templates[] = {text("A: %s"), text("B: @{token:json}@{csrf:xml}"),
	    text("C: d")};
	struct conf_token t = with(templates, 3);
	static char out[1 << 20], token[101], extra[TOKEN_EXTRA_MAX + 1];
	struct buf b;
	size_t i;

	memset(token, '"', 100);
	memset(extra, '"', TOKEN_EXTRA_MAX - 2);
	strcpy(extra + TOKEN_EXTRA_MAX - 2, " x");
	buf_init(&b, out, sizeof(out));
	for (i = 0; i < 3; i++) {
		headers_fill(&t, templates[i], token, extra, &b);
		buf_str(&b, "\r\n");
	}
	ck_assert(!b.overflow);
	ck_assert_uint_le(b.len, headers_size(&t, 100));
}
END_TEST

START_TEST(no_place_names_a_secret)
{
	struct conf_token t = with(NULL, 0);

	ck_assert(headers_have_place(&t, "token"));
	ck_assert(headers_have_place(&t, "csrf"));
	ck_assert(headers_have_place(&t, "client-id"));
	ck_assert(!headers_have_place(&t, "api-key"));
	ck_assert(!headers_have_place(&t, "c"));
	ck_assert(!headers_have_place(&t, "username"));
}
END_TEST

START_TEST(the_place_of_the_token_is_found)
{
	static const struct {
		const char *template, *behind; /* NULL: there is none */
	} rows[] = {
	    {"A: x%sy", "y"},
	    {"A: @{csrf}@{token}z", "z"},
	    {"A: @{token:form}", ""},
	    {"A: @{csrf}", NULL},
	};
	const char *mark;
	size_t i, len;

	for (i = 0; i < COUNT(rows); i++) {
		mark = headers_mark(rows[i].template, &len);
		if (rows[i].behind == NULL)
			ck_assert_ptr_null(mark);
		else
			ck_assert_str_eq(mark + len, rows[i].behind);
	}
}
END_TEST

UNIT_MAIN("headers", each_place_has_its_value,
    what_is_filled_fits_into_the_room_that_was_reckoned,
    no_place_names_a_secret, the_place_of_the_token_is_found)
