/* SPDX-License-Identifier: MIT */
/* Keys from a file, values that open where they belong and nowhere else. */
#include "config.h"

#include "unit.h"

#include "token/seal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define HEX_B "f0112233445566778899aabbccddeeff00112233445566778899aabbccddeef0"
#define LONG 16384

static struct seal_keys keys;
static const struct seal_place here = {"token", 7};

static int
parse(const char *text, struct err *err)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", text);
	memset(err, 0, sizeof(*err));
	return seal_parse_keys("keys", copy, &keys, err);
}

/* Use these keys from now on. */
static void
use(const char *text)
{
	struct err err;

	ck_assert_msg(parse(text, &err) == 0, "%s", err.text);
}

/* ---- keys ---- */

START_TEST(one_or_two_keys_are_read_in_their_order)
{
	static const struct {
		const char *text;
		const char *ids[SEAL_KEYS_MAX];
	} rows[] = {
	    {"a " HEX_A, {"a"}},
	    {"a " HEX_A "\n", {"a"}},
	    {"a\t \t" HEX_A "\r\n", {"a"}},
	    {"  a " HEX_A "  \n", {"a"}},
	    {"b " HEX_B "\na " HEX_A "\n", {"b", "a"}},
	    {"# old\n\n \t\na " HEX_A " # until May\n#\nA " HEX_B, {"a", "A"}},
	    {"#a " HEX_A "\n -_09azAZ " HEX_B, {"-_09azAZ"}},
	    {"1234567890abcdef " HEX_A, {"1234567890abcdef"}},
	};
	struct err err;
	size_t i, n;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_msg(parse(rows[i].text, &err) == 0, "row %zu: %s", i,
		    err.text);
		n = rows[i].ids[1] == NULL ? 1 : 2;
		ck_assert_msg(keys.count == n, "row %zu", i);
		while (n-- > 0)
			ck_assert_str_eq(keys.key[n].id, rows[i].ids[n]);
	}
	use("a " HEX_A);
	ck_assert_mem_eq(keys.key[0].bytes,
	    "\x00\x11\x22\x33\x44\x55\x66\x77"
	    "\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x11\x22\x33\x44\x55\x66\x77"
	    "\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
	    CRYPTO_KEY_LEN);
}
END_TEST

#define FORM "ID HEX, an id and a key of 64 hexadecimal digits"
#define ID "the id must be 1 to 16 of A-Z a-z 0-9 _ -; a line is " FORM
#define LEN(n)                                                               \
	"the key has " n " characters; it must have exactly 64 hexadecimal " \
	"digits"
#define DIGIT                                                                 \
	"the key has a character that is no hexadecimal digit; it must have " \
	"exactly 64 of them"
#define WORDS "must be " FORM ", separated by a blank"

START_TEST(a_damaged_file_is_told_by_line_and_reason_and_leaves_no_key)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
	    {"", "keys: has no key; it must have a line " FORM},
	    {"# a " HEX_A "\n\n",
		"keys: has no key; it must have a line " FORM},
	    {"a", "keys:1: " WORDS},
	    {HEX_A, "keys:1: " WORDS},
	    {"\n#\n\na\n" HEX_A, "keys:4: " WORDS},
	    {"a " HEX_A " x", "keys:1: " WORDS},
	    {"a # " HEX_A, "keys:1: " WORDS},
	    {HEX_A " a", "keys:1: " ID},
	    {"1234567890abcdefg " HEX_A, "keys:1: " ID},
	    {"a.b " HEX_A, "keys:1: " ID},
	    {"\xe4 " HEX_A, "keys:1: " ID},
	    {"a=" HEX_A " " HEX_A, "keys:1: " ID},
	    {"a " HEX_A "0", "keys:1: " LEN("65")},
	    {"a\n", "keys:1: " WORDS},
	    {"a 00", "keys:1: " LEN("2")},
	    {"a " HEX_A "\nb 0" HEX_B "\n", "keys:2: " LEN("65")},
	    {"a g0112233445566778899aabbccddeeff"
	     "00112233445566778899aabbccddeeff",
		"keys:1: " DIGIT},
	    {"a 0x112233445566778899aabbccddeeff"
	     "00112233445566778899aabbccddeeff",
		"keys:1: " DIGIT},
	    {"a " HEX_A "\n\na " HEX_B,
		"keys:3: has the id of line 1; each "
		"key needs its own"},
	    {"#\na " HEX_A "\nb " HEX_A,
		"keys:3: has the key of line 2; a new "
		"id needs a new key"},
	    {"a " HEX_A "\nb " HEX_B "\nc " HEX_A "\n",
		"keys:3: is a third key; at most two are "
		"allowed, while one replaces the other"},
	};
	static const struct seal_keys none;
	struct err err;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		memset(&keys, 'x', sizeof(keys));
		ck_assert_msg(parse(rows[i].text, &err) == -1, "row %zu", i);
		ck_assert_msg(strcmp(err.text, rows[i].error) == 0,
		    "row %zu: %s", i, err.text);
		ck_assert_msg(memcmp(&keys, &none, sizeof(keys)) == 0,
		    "row %zu", i);
	}
}
END_TEST

START_TEST(a_file_is_read_unless_everybody_may_read_it)
{
	char path[] = "/tmp/check_seal.XXXXXX", expected[256];
	int fd = mkstemp(path);
	struct err err;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, "a " HEX_A "\nb", 68), 68);
	ck_assert_int_eq(seal_read_keys(path, &keys, &err), -1);
	snprintf(expected, sizeof(expected), "%s:2: " WORDS, path);
	ck_assert_str_eq(err.text, expected);
	ck_assert_int_eq(write(fd, " " HEX_B "\n", 66), 66);
	ck_assert_int_eq(seal_read_keys(path, &keys, &err), 0);
	ck_assert_uint_eq(keys.count, 2);
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	ck_assert_int_eq(seal_read_keys(path, &keys, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, ": every user may access it"));
	ck_assert_uint_eq(keys.count, 0);
	close(fd);
	unlink(path);
}
END_TEST

/* ---- values ---- */

/* The token in a value, "" when it does not open. */
static const char *
opened(const struct seal_place *place, const char *value,
    enum seal_outcome expected)
{
	static char text[SEAL_ROOM(LONG)];
	size_t len = 0;

	memset(text, 0, sizeof(text));
	ck_assert_int_eq(seal_open(&keys, place, value, strlen(value), text,
			     &len),
	    expected);
	ck_assert_uint_eq(strlen(text), len);
	return text;
}

START_TEST(a_sealed_text_opens_in_its_place)
{
	static char text[LONG + 1], value[SEAL_ROOM(LONG)];
	size_t len;

	use("key-1 " HEX_A);
	for (len = 0; len <= LONG; len += len < 40 ? 1 : 1021) {
		memset(text, 'x', len);
		text[len] = '\0';
		seal_close(&keys, &here, text, len, value);
		ck_assert_uint_lt(strlen(value), SEAL_ROOM(len));
		ck_assert_str_eq(opened(&here, value, SEAL_OPENED), text);
	}
}
END_TEST

START_TEST(a_value_is_printable_and_never_twice_the_same)
{
	static const char plain[] = "a-token-of-some-length";
	char one[SEAL_ROOM(sizeof(plain))], two[sizeof(one)];
	size_t prefix = strlen("bearerd1.k."), i;

	use("k " HEX_A);
	for (i = 0; i < 100; i++) {
		seal_close(&keys, &here, plain, strlen(plain), one);
		ck_assert_int_eq(strncmp(one, "bearerd1.k.", prefix), 0);
		ck_assert_uint_eq(
		    strspn(one + prefix,
			"ABCDEFGHIJKLMNOPQRSTU"
			"VWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		    BASE64URL_LEN(strlen(plain) + CRYPTO_SEAL_LEN));
		ck_assert_uint_eq(strlen(one),
		    prefix + BASE64URL_LEN(strlen(plain) + CRYPTO_SEAL_LEN));
		seal_close(&keys, &here, plain, strlen(plain), two);
		ck_assert_str_ne(one, two);
		ck_assert_int_ne(strncmp(one, two, prefix + 16), 0);
	}
}
END_TEST

/* Put together in Python, with its cryptography: the nonce is 0, 1 ... 11. */
#define FOREIGN                                  \
	"bearerd1.k.AAECAwQFBgcICQoLZSvWRCU94MK" \
	"mUAqSQktw2birrNrNCD-i1aRtdg"

START_TEST(a_value_that_others_put_together_opens)
{
	use("k " HEX_A);
	ck_assert_str_eq(opened(&here, FOREIGN, SEAL_OPENED), "s3cret-token");
}
END_TEST

START_TEST(a_value_opens_nowhere_else)
{
	static const struct seal_place elsewhere[] = {{"token", 8},
	    {"token", 0}, {"token2", 7}, {"", 7}, {"Token", 7}, {"7.token", 0},
	    {"oken", 7}};
	char value[SEAL_ROOM(16)], other[sizeof(value)];
	size_t i;

	use("k " HEX_A);
	seal_close(&keys, &here, "s3cret", 6, value);
	for (i = 0; i < COUNT(elsewhere); i++)
		ck_assert_str_eq(opened(&elsewhere[i], value, SEAL_BAD), "");
	/* the same key by another name */
	use("l " HEX_A);
	opened(&here, value, SEAL_UNKNOWN_KEY);
	snprintf(other, sizeof(other), "bearerd1.l.%s", value + 11);
	opened(&here, other, SEAL_BAD);
	/* another key of the same name */
	use("k " HEX_B);
	ck_assert_str_eq(opened(&here, value, SEAL_BAD), "");
}
END_TEST

START_TEST(a_name_of_any_length_is_told_from_another)
{
	char name[SEAL_NAME_MAX + 1], value[SEAL_ROOM(16)];
	struct seal_place far = {name, UINT64_MAX};

	use("1234567890abcdef " HEX_A);
	memset(name, 'n', SEAL_NAME_MAX);
	name[SEAL_NAME_MAX] = '\0';
	seal_close(&keys, &far, "s3cret", 6, value);
	opened(&far, value, SEAL_OPENED);
	name[SEAL_NAME_MAX - 1] = 'm';
	opened(&far, value, SEAL_BAD);
}
END_TEST

START_TEST(a_value_with_any_character_changed_or_missing_does_not_open)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	char value[SEAL_ROOM(16)], bad[sizeof(value)], text[sizeof(value)];
	const char *at;
	size_t len, n, i;

	use("k " HEX_A);
	seal_close(&keys, &here, "s3cret", 6, value);
	n = strlen(value);
	for (i = 0; i < n; i++) {
		memcpy(bad, value, n + 1);
		/* the highest bit: low ones of the last digit say nothing */
		at = strchr(digits, value[i]);
		bad[i] = at == NULL ? 'A' : digits[(at - digits) ^ 32];
		ck_assert_msg(seal_open(&keys, &here, bad, n, text, &len) !=
			SEAL_OPENED,
		    "%zu: %s", i, bad);
		ck_assert_msg(seal_open(&keys, &here, value, i, text, &len) !=
			SEAL_OPENED,
		    "%zu", i);
	}
	bad[n - 1] = '\0';
	ck_assert_int_eq(seal_open(&keys, &here, bad, n, text, &len), SEAL_BAD);
}
END_TEST

START_TEST(both_keys_open_and_the_first_one_seals)
{
	char old[SEAL_ROOM(8)], new[SEAL_ROOM(8)];

	use("old " HEX_A);
	seal_close(&keys, &here, "one", 3, old);
	use("old " HEX_A "\nnew " HEX_B);
	opened(&here, old, SEAL_OPENED);
	seal_close(&keys, &here, "two", 3, new);
	ck_assert_int_eq(strncmp(new, "bearerd1.old.", 13), 0);
	use("new " HEX_B "\nold " HEX_A);
	seal_close(&keys, &here, "two", 3, new);
	ck_assert_int_eq(strncmp(new, "bearerd1.new.", 13), 0);
	ck_assert_str_eq(opened(&here, old, SEAL_OPENED), "one");
	ck_assert_str_eq(opened(&here, new, SEAL_OPENED), "two");
	use("new " HEX_B);
	opened(&here, old, SEAL_UNKNOWN_KEY);
	ck_assert_str_eq(opened(&here, new, SEAL_OPENED), "two");
}
END_TEST

START_TEST(garbage_does_not_open)
{
	static const char *const bad[] = {"", "x", "bearerd1", "bearerd1.",
	    "bearerd1..", "bearerd1.k", "bearerd1.k.", "bearerd1.k.A",
	    "bearerd1.k.AAAA", "bearerd1.k.AA=", "bearerd1.k.=", "Bearerd1.k.A",
	    "bearerd1.k!.AAAA", "bearerd1.1234567890abcdefg.AAAA",
	    "bearerd2.k.AAAA", "bearerd1.k.@@@@",
	    "bearerd1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
	    " bearerd1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "bearerd1.k.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	char id[SEAL_ID_MAX + 1];
	size_t i;

	use("k " HEX_A);
	for (i = 0; i < COUNT(bad); i++)
		opened(&here, bad[i], SEAL_BAD);
	opened(&here, "bearerd1.j.x", SEAL_UNKNOWN_KEY);
	ck_assert_int_eq(seal_key_id("bearerd1.j.x", 12, id), 0);
	ck_assert_str_eq(id, "j");
	ck_assert_int_eq(seal_key_id("bearerd1.j.x", 10, id), -1);
}
END_TEST

START_TEST(a_sealed_value_is_known_from_a_token)
{
	static const struct {
		const char *value;
		bool sealed;
	} rows[] = {
	    {"bearerd1.k.AAAA", true},
	    {"bearerd1.", true},
	    {"bearerd2.x", true},
	    {"bearerd10.x", true},
	    {"bearerd1", false},
	    {"bearerd.k.A", false},
	    {"", false},
	    {"bearerd", false},
	    {"bearerdx1.k", false},
	    {"Bearerd1.k", false},
	    {"stub-1-bearerd1.k.", false},
	    {"bearerd1-k.A", false},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_msg(seal_is_sealed(rows[i].value,
				  strlen(rows[i].value)) == rows[i].sealed,
		    "row %zu", i);
	ck_assert(!seal_is_sealed("bearerd1.", 8));
	ck_assert(!seal_is_sealed("bearerd1.", 6));
}
END_TEST

UNIT_MAIN("seal", one_or_two_keys_are_read_in_their_order,
    a_damaged_file_is_told_by_line_and_reason_and_leaves_no_key,
    a_file_is_read_unless_everybody_may_read_it,
    a_sealed_text_opens_in_its_place,
    a_value_is_printable_and_never_twice_the_same,
    a_value_that_others_put_together_opens, a_value_opens_nowhere_else,
    a_name_of_any_length_is_told_from_another,
    a_value_with_any_character_changed_or_missing_does_not_open,
    both_keys_open_and_the_first_one_seals, garbage_does_not_open,
    a_sealed_value_is_known_from_a_token)
