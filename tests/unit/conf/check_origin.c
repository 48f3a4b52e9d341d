/* SPDX-License-Identifier: MIT */
/* Changes that make a token another backend's or user's, and others. */
#include "config.h"

#include "unit.h"

#include "conf/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char *
text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct conf_token
usual(void)
{
	static char *headers[] = {
	    (char *)(uintptr_t) "Authorization: Bearer %s"};

	return (struct conf_token){
	    .name = text("token"),
	    .base_url = text("http://127.0.0.1:9"),
	    .path = text("/token"),
	    .api_key = text("secret"),
	    .api_key_header = text("backend-APIKey"),
	    .headers = {.item = headers, .count = 1},
	};
}

static struct token_origin
of_usual(void)
{
	struct conf_token t = usual();

	return origin_of(&t);
}

START_TEST(another_url_field_or_header_is_another_place)
{
	struct conf_token t[] = {usual(), usual(), usual(), usual(), usual(),
	    usual()};
	struct token_origin was = of_usual();
	char *other[] = {text("X-Token: %s")};
	size_t i, j;

	t[0].base_url = text("http://127.0.0.1:90");
	t[1].path = text("/other");
	t[2].token_field = text("token");
	t[3].expiry_field = text("token");
	t[4].headers.item = other;
	t[5].base_url = text("http://127.0.0.1:9/token");
	t[5].path = text("");
	for (i = 0; i < COUNT(t); i++) {
		ck_assert_uint_ne(origin_place(&t[i]), was.place);
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(origin_place(&t[i]),
			    origin_place(&t[j]));
	}
}
END_TEST

START_TEST(another_key_is_the_same_place)
{
	struct conf_token t[] = {usual(), usual(), usual()};
	struct token_origin was = of_usual(), is;
	size_t i;

	t[0].api_key = text("secret2");
	t[1].api_key = NULL;
	t[2].api_key_header = text("X-Key");
	for (i = 0; i < COUNT(t); i++) {
		is = origin_of(&t[i]);
		ck_assert_uint_eq(is.place, was.place);
		ck_assert_uint_ne(is.credentials, was.credentials);
	}
}
END_TEST

START_TEST(another_place_in_the_answer_is_another_place)
{
	struct conf_token t[] = {usual(), usual(), usual(), usual()};
	struct token_origin was = of_usual();
	size_t i, j;

	t[0].token_from = text("text");
	t[1].token_from = text("header:X");
	t[2].expiry_from = text("header:X");
	t[3].expiry_unit = TOKEN_MINUTES;
	for (i = 0; i < COUNT(t); i++) {
		ck_assert_uint_ne(origin_place(&t[i]), was.place);
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(origin_place(&t[i]),
			    origin_place(&t[j]));
	}
	t[0].token_from = text("body"); /* the default */
	ck_assert_uint_eq(origin_place(&t[0]), was.place);
}
END_TEST

START_TEST(another_request_is_another_place)
{
	char *one[] = {text("X: y")}, *two[] = {text("X: y"), text("X: z")};
	struct conf_token t[] = {usual(), usual(), usual(), usual(), usual()};
	struct token_origin was = of_usual();
	size_t i, j;

	t[0].method = CONF_POST;
	t[1].method = CONF_PUT;
	t[2].request_body = text("a=@{password}");
	t[3].request_fields = (struct conf_list){.item = one, .count = 1};
	t[4].request_fields = (struct conf_list){.item = two, .count = 2};
	for (i = 0; i < COUNT(t); i++) {
		ck_assert_uint_ne(origin_place(&t[i]), was.place);
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(origin_place(&t[i]),
			    origin_place(&t[j]));
	}
}
END_TEST

START_TEST(another_user_is_the_same_place)
{
	char path[] = "/tmp/check_origin.XXXXXX", named[64], other[64];
	char *file[] = {named}, *file2[] = {other};
	struct conf_token t[] = {usual(), usual(), usual(), usual(), usual(),
	    usual()};
	struct token_origin was = of_usual(), is[COUNT(t)];
	int fd = mkstemp(path);
	size_t i, j;

	ck_assert_int_eq(write(fd, "1\n", 2), 2);
	snprintf(named, sizeof(named), "auth=%s", path);
	snprintf(other, sizeof(other), "s=%s", path);
	t[0].auth = CONF_AUTH_BASIC;
	t[1].username = text("1");
	t[2].password = text("1");
	t[3].secret_files = (struct conf_list){.item = file, .count = 1};
	t[4].secret_files = (struct conf_list){.item = file2, .count = 1};
	t[5].username = text("2");
	for (i = 0; i < COUNT(t); i++) {
		is[i] = origin_of(&t[i]);
		ck_assert_uint_eq(is[i].place, was.place);
		ck_assert_uint_ne(is[i].credentials, was.credentials);
		for (j = 0; j < i; j++)
			ck_assert_uint_ne(is[i].credentials, is[j].credentials);
	}
	unlink(path);
	close(fd);
	ck_assert_uint_eq(origin_of(&t[4]).credentials, 0);
}
END_TEST

START_TEST(what_does_not_change_the_token_changes_nothing)
{
	struct conf_token t = usual();
	struct token_origin was = of_usual(), is;

	t.name = text("other");
	t.redis_key = text("k");
	t.base_url = text("http://127.0.0.1:9//");
	t.default_ttl_ms = t.max_ttl_ms = t.timeout_ms = 7;
	t.exclusive = true;
	is = origin_of(&t);
	ck_assert_uint_eq(is.place, was.place);
	ck_assert_uint_eq(is.credentials, was.credentials);
}
END_TEST

START_TEST(a_key_in_a_file_is_the_same_key)
{
	char path[] = "/tmp/check_origin.XXXXXX";
	struct conf_token t = usual();
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "secret\n", 7), 7);
	t.api_key = NULL;
	t.api_key_file = path;
	ck_assert_uint_eq(origin_of(&t).credentials, of_usual().credentials);
	unlink(path);
	close(fd);
	ck_assert_uint_eq(origin_of(&t).place, of_usual().place);
	ck_assert_uint_eq(origin_of(&t).credentials, 0);
}
END_TEST

/* A digest that a later version computes otherwise costs every fleet a call. */
START_TEST(digests_are_the_same_on_every_machine)
{
	struct token_origin was = of_usual();
	char is[ORIGIN_TEXT_LEN + 1];

	origin_text(&was, is);
	ck_assert_str_eq(is, "534b16d05100a402.a0a512ea081125e1");
}
END_TEST

START_TEST(texts_are_read_back_and_others_are_none)
{
	static const char *const others[] = {"", "0",
	    "0123456789abcdef0123456789abcdef0",
	    "0123456789abcdef.0123456789abcdeg",
	    "0123456789abcdef.0123456789abcde",
	    "0123456789abcdef.0123456789abcdef0",
	    "0123456789ABCDEF.0123456789ABCDEF",
	    "              -1.               1",
	    "0x23456789abcdef.0123456789abcdef"};
	struct token_origin was = of_usual(), is;
	char written[ORIGIN_TEXT_LEN + 1];
	size_t i;

	origin_text(&was, written);
	is = origin_read(written, ORIGIN_TEXT_LEN);
	ck_assert_uint_eq(is.place, was.place);
	ck_assert_uint_eq(is.credentials, was.credentials);
	for (i = 0; i < COUNT(others); i++) {
		is = origin_read(others[i], strlen(others[i]));
		ck_assert_uint_eq(is.place, 0);
		ck_assert_uint_eq(is.credentials, 0);
	}
	ck_assert_uint_eq(origin_read(NULL, 0).place, 0);
}
END_TEST

UNIT_MAIN("origin", another_url_field_or_header_is_another_place,
    another_key_is_the_same_place, another_place_in_the_answer_is_another_place,
    another_request_is_another_place, another_user_is_the_same_place,
    what_does_not_change_the_token_changes_nothing,
    a_key_in_a_file_is_the_same_key, digests_are_the_same_on_every_machine,
    texts_are_read_back_and_others_are_none)
