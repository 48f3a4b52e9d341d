/* SPDX-License-Identifier: MIT */
/* Secrets in texts for people, and what only looks like one. */
#include "config.h"

#include "unit.h"

#include "base/mask.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UE "\xc3\xbc"
#define SECRET "p\"a\\s&s %+" UE "<"

static struct mask mask;

static const char *
shown(const char *text, size_t len)
{
	static char out[512];
	struct buf b;

	buf_init(&b, out, sizeof(out));
	mask_show(&mask, text, len, &b);
	return buf_text(&b);
}

START_TEST(a_secret_is_covered_in_each_encoding)
{
	static const char *const texts[] = {
	    SECRET, "p\\\"a\\\\s&s %+" UE "<", /* JSON */
	    "p%22a%5Cs%26s+%25%2B%C3%BC%3C",   /* form */
	    "p%22a%5cs%26s%20%25%2b%c3%bc%3c", /* URL */
	    "p&quot;a\\s&amp;s %+" UE "&lt;",  /* XML */
	    "cCJhXHMmcyAlK8O8PA==",            /* Base64 */
	};
	char line[128];
	size_t i;

	mask_add(&mask, SECRET);
	for (i = 0; i < COUNT(texts); i++) {
		snprintf(line, sizeof(line), "a %s;b", texts[i]);
		ck_assert_str_eq(shown(line, strlen(line)),
		    "a " MASK_STARS ";b");
	}
	mask_free(&mask);
	ck_assert_str_eq(shown(SECRET, strlen(SECRET)), SECRET);
}
END_TEST

START_TEST(the_longer_of_two_secrets_is_covered_whole)
{
	mask_add(&mask, "geheim");
	mask_add(&mask, "geheimnis");
	mask_add(&mask, "");
	ck_assert_str_eq(shown("x-geheimnis-y", 13), "x-" MASK_STARS "-y");
	ck_assert_str_eq(shown("geheimgeheim", 12), MASK_STARS MASK_STARS);
	ck_assert_str_eq(shown("geheim\0 geheim", 14),
	    MASK_STARS "? " MASK_STARS);
	ck_assert_str_eq(shown("geheimnis", 6), MASK_STARS);
	mask_free(&mask);
}
END_TEST

START_TEST(what_looks_like_a_token_is_covered_and_words_are_not)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
	    {"t=<abcdefgh12345678>", "t=<" MASK_STARS ">"},
	    {"abcdefgHijklmnop x", MASK_STARS " x"},
	    {"eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln", MASK_STARS},
	    {"0123456789abcdef", MASK_STARS},
	    {"0123456789abcde", "0123456789abcde"},
	    {"authentication-is-required", "authentication-is-required"},
	    {"abcdefghijklmnopqrstuvwxyzabcdefg", MASK_STARS},
	    {"https://login.example.com/oauth2/authorize?x=1",
		"https://login.example.com" MASK_STARS "?x=1"},
	    {"https://abcdefgh12345678@h/a", "https:" MASK_STARS "@h/a"},
	    {"//abcdefgh12345678", MASK_STARS},
	    {"2026-11-27T19:00:00Z", "2026-11-27T19:00:00Z"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_str_eq(shown(rows[i].text, strlen(rows[i].text)),
		    rows[i].shown);
}
END_TEST

START_TEST(a_result_that_is_cut_has_no_piece_of_a_secret)
{
	char out[8];
	struct buf b;

	mask_add(&mask, "geheim");
	buf_init(&b, out, sizeof(out));
	mask_show(&mask, "a geheim b", 10, &b);
	ck_assert(b.overflow);
	ck_assert_str_eq(buf_text(&b), "a ");
	mask_free(&mask);
}
END_TEST

UNIT_MAIN("mask", a_secret_is_covered_in_each_encoding,
    the_longer_of_two_secrets_is_covered_whole,
    what_looks_like_a_token_is_covered_and_words_are_not,
    a_result_that_is_cut_has_no_piece_of_a_secret)
