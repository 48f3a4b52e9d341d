/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "store/key.h"
#include "store/seal.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT "the-token"

/* The values in Redis for a token, in the order of the look-up; NULL: nil. */
struct found {
	const char *text, *left, *generation, *fingerprint, *expires, *obtained,
	    *counter;
};

static struct proto_value
value(const char *text)
{
	return (struct proto_value){text, text != NULL ? strlen(text) : 0};
}

static struct store_value
decode(const struct found *f)
{
	const struct proto_value v[STORE_READS] = {value(f->text),
	    value(f->left), value(f->generation), value(f->fingerprint),
	    value(f->expires), value(f->obtained), value(f->counter)};
	static struct store_seal plain;
	struct store_key k = {.name = {[STORE_TEXT] = (char *)"token"},
	    .seal = &plain};
	struct store_value out;

	memset(&out, 0x55, sizeof(out));
	store_key_decode(&k, v, &out);
	return out;
}

/* A token as bearerd writes it. */
static struct found
usual(void)
{
	static char print[FINGERPRINT_LEN + 1];

	fingerprint(TEXT, strlen(TEXT), print);
	return (struct found){TEXT, "50000", "7", print, "1700000060000",
	    "1700000000000", "8"};
}

START_TEST(companions_are_in_the_hash_slot_of_their_key)
{
	static const struct {
		const char *key, *meta, *channel;
	} rows[] = {
	    {"token", "{token}:meta", "{token}:rotated"},
	    {"a:b", "{a:b}:meta", "{a:b}:rotated"},
	    {"{app}:token", "{app}:token:meta", "{app}:token:rotated"},
	    {"x{app}", "x{app}:meta", "x{app}:rotated"},
	    {"x{app", "{x{app}:meta", "{x{app}:rotated"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct conf_token t = {.redis_key = (char *)rows[i].key,
		    .timeout_ms = 5000,
		    .max_calls_per_hour = 3};
		struct store_key k = {0};

		store_key_init(&k, NULL, NULL, i, &t);
		ck_assert_uint_eq(k.token, i);
		ck_assert_str_eq(k.name[STORE_TEXT], rows[i].key);
		ck_assert_str_eq(k.name[STORE_META], rows[i].meta);
		ck_assert_str_eq(k.channel, rows[i].channel);
		ck_assert_int_eq(k.lease_ms, 5000 + STORE_LEASE_EXTRA_MS);
		ck_assert_int_eq(k.calls_per_hour, 3);
		store_key_free(&k);
	}
}
END_TEST

START_TEST(every_companion_has_a_name_of_its_own)
{
	static const char *const names[STORE_NAMES] = {"k", "{k}:meta",
	    "{k}:lock", "{k}:generation", "{k}:calls", "{k}:rejected",
	    "{k}:reports", "{k}:refused", "{k}:refresh"};
	struct conf_token t = {.redis_key = (char *)"k"};
	struct store_key k = {0};
	int n;

	store_key_init(&k, NULL, NULL, 0, &t);
	for (n = 0; n < STORE_NAMES; n++)
		ck_assert_str_eq(k.name[n], names[n]);
	ck_assert_int_eq(atoi(STORE_NAMES_TEXT), STORE_NAMES);
	store_key_free(&k);
}
END_TEST

START_TEST(a_token_of_ours_is_read_with_generation_and_life)
{
	struct found f = usual();
	struct store_value v = decode(&f);

	ck_assert_uint_eq(v.len, strlen(TEXT));
	ck_assert_int_eq(memcmp(v.text, TEXT, v.len), 0);
	ck_assert_int_eq(v.left_ms, 50000);
	ck_assert_int_eq(v.life_ms, 60000);
	ck_assert_uint_eq(v.generation, 7);
	ck_assert_uint_eq(v.counter, 8);
}
END_TEST

START_TEST(meta_data_of_another_token_count_for_nothing)
{
	static const char *const prints[] = {NULL, "", "0123456789abcdef",
	    "0123456789abcde", "0123456789abcdef0"};
	size_t i;

	for (i = 0; i < COUNT(prints); i++) {
		struct found f = usual();
		struct store_value v;

		f.fingerprint = prints[i];
		v = decode(&f);
		ck_assert_ptr_nonnull(v.text);
		ck_assert_int_eq(v.left_ms, 50000);
		ck_assert_int_eq(v.life_ms, 0);
		ck_assert_uint_eq(v.generation, 0);
		ck_assert_uint_eq(v.counter, 8);
	}
}
END_TEST

START_TEST(without_a_token_only_the_counter_is_there)
{
	static const char *const texts[] = {NULL, "", "two words", "line\n"};
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		struct found f = usual();
		struct store_value v;

		f.text = texts[i];
		v = decode(&f);
		ck_assert_ptr_null(v.text);
		ck_assert_uint_eq(v.len, 0);
		ck_assert_uint_eq(v.generation, 0);
		ck_assert_int_eq(v.life_ms, 0);
		ck_assert_uint_eq(v.counter, 8);
	}
}
END_TEST

START_TEST(what_another_client_wrote_in_its_way_is_no_token)
{
	struct found f = usual();
	char print[FINGERPRINT_LEN + 1];

	f.text = "\"the-token\"";
	ck_assert_ptr_null(decode(&f).text);
	ck_assert_uint_eq(decode(&f).counter, 8);
	fingerprint(f.text, strlen(f.text), print); /* the backend said so */
	f.fingerprint = print;
	ck_assert_uint_eq(decode(&f).len, strlen(f.text));
}
END_TEST

START_TEST(a_token_that_is_too_long_is_none)
{
	static char text[TOKEN_MAX + 2];
	struct found f = usual();

	memset(text, 'x', TOKEN_MAX + 1);
	f.text = text;
	ck_assert_ptr_null(decode(&f).text);
	text[TOKEN_MAX] = '\0';
	ck_assert_uint_eq(decode(&f).len, TOKEN_MAX);
}
END_TEST

START_TEST(a_generation_that_cannot_be_one_is_unknown)
{
	static const struct {
		const char *text;
		uint64_t number;
	} rows[] = {
	    {"0", 0},
	    {"1", 1},
	    {"999999999999999", 999999999999999},
	    {NULL, 0},
	    {"", 0},
	    {"abc", 0},
	    {"-1", 0},
	    {"1.5", 0},
	    {"7 ", 0},
	    {"0x10", 0},
	    {"1000000000000000", 1000000000000000},
	    {"9007199254740993", 9007199254740993},
	    {"999999999999999999", 999999999999999999},
	    {"1000000000000000000", 0},
	    {"9223372036854775807", 0},
	    {"99999999999999999999999", 0},
	    {"99999999999999999999999999999", 0},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct found f = usual();

		f.generation = f.counter = rows[i].text;
		ck_assert_uint_eq(decode(&f).generation, rows[i].number);
		ck_assert_uint_eq(decode(&f).counter, rows[i].number);
	}
}
END_TEST

START_TEST(a_life_that_cannot_be_one_is_unknown)
{
	static const char *const rows[][2] = {
	    /* expires, obtained */
	    {NULL, NULL},
	    {"1700000060000", NULL},
	    {NULL, "1700000000000"},
	    {"abc", "1700000000000"},
	    {"1700000000000", "1700000060000"},
	    {"9223372036854775807", "-9223372036854775808"},
	    {"-9223372036854775808", "9223372036854775807"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct found f = usual();
		struct store_value v;

		f.expires = rows[i][0];
		f.obtained = rows[i][1];
		v = decode(&f);
		ck_assert_ptr_nonnull(v.text);
		ck_assert_int_eq(v.life_ms, 0);
		ck_assert_uint_eq(v.generation, 7);
	}
}
END_TEST

START_TEST(a_missing_ttl_is_not_taken_for_one)
{
	static const struct {
		const char *text;
		int64_t left;
	} rows[] = {{"-2", -2}, {NULL, -2}, {"abc", -2}, {"0", 0}, {"1", 1}};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct found f = usual();

		f.left = rows[i].text;
		ck_assert_int_eq(decode(&f).left_ms, rows[i].left);
	}
}
END_TEST

START_TEST(a_token_without_an_expiry_is_none)
{
	struct found f = usual();

	f.left = "-1";
	ck_assert_ptr_null(decode(&f).text);
	ck_assert_uint_eq(decode(&f).counter, 8);
}
END_TEST

START_TEST(a_rotation_message_is_a_generation_and_a_fingerprint)
{
	static const struct {
		const char *text, *print; /* NULL: it is none */
		uint64_t generation;
	} rows[] = {
	    {"12 0123456789abcdef", "0123456789abcdef", 12},
	    {"0 0123456789abcdef", "0123456789abcdef", 0},
	    {"999999999999999 0123456789abcdef", "0123456789abcdef",
		999999999999999},
	    {"999999999999999999 0123456789abcdef", "0123456789abcdef",
		999999999999999999},
	    {"1000000000000000000 0123456789abcdef", NULL, 0},
	    {"", NULL, 0},
	    {"12", NULL, 0},
	    {"12 ", NULL, 0},
	    {"abc 0123456789abcdef", NULL, 0},
	    {"-1 0123456789abcdef", NULL, 0},
	    {"12 0123456789abcde", NULL, 0},
	    {"12 0123456789abcdef0", NULL, 0},
	    {"12 0123456789abcdeg", NULL, 0},
	    {"99999999999999999999999 0123456789abcdef", NULL, 0},
	    {"12 0123456789abcdef and so much more that it fits nowhere at all",
		NULL, 0},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct proto_value v = value(rows[i].text);
		char print[FINGERPRINT_LEN + 1] = "";
		uint64_t generation = 0;
		bool is = store_key_message(&v, &generation, print);

		ck_assert_msg(is == (rows[i].print != NULL), "\"%s\"",
		    rows[i].text);
		if (!is)
			continue;
		ck_assert_uint_eq(generation, rows[i].generation);
		ck_assert_str_eq(print, rows[i].print);
	}
}
END_TEST

START_TEST(a_message_without_a_text_is_none)
{
	struct proto_value v = {0};
	char print[FINGERPRINT_LEN + 1];
	uint64_t generation;

	ck_assert(!store_key_message(&v, &generation, print));
}
END_TEST

UNIT_MAIN("store_key", companions_are_in_the_hash_slot_of_their_key,
    every_companion_has_a_name_of_its_own,
    a_token_of_ours_is_read_with_generation_and_life,
    meta_data_of_another_token_count_for_nothing,
    without_a_token_only_the_counter_is_there,
    what_another_client_wrote_in_its_way_is_no_token,
    a_token_that_is_too_long_is_none,
    a_generation_that_cannot_be_one_is_unknown,
    a_life_that_cannot_be_one_is_unknown, a_missing_ttl_is_not_taken_for_one,
    a_token_without_an_expiry_is_none,
    a_rotation_message_is_a_generation_and_a_fingerprint,
    a_message_without_a_text_is_none)
