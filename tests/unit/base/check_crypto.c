/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/crypto.h"

#include <stdint.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

START_TEST(digests_are_those_of_the_standards)
{
	unsigned char digest[CRYPTO_SHA256_LEN];
	char hex[2 * CRYPTO_SHA256_LEN + 1];

	crypto_sha1("abc", 3, digest);
	crypto_hex(digest, CRYPTO_SHA1_LEN, hex);
	ck_assert_str_eq(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
	crypto_sha256("abc", 3, digest);
	crypto_hex(digest, CRYPTO_SHA256_LEN, hex);
	ck_assert_str_eq(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a"
	    "9cb410ff61f20015ad");
}
END_TEST

#define MESSAGE                                                               \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3" \
	"c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define MESSAGE_LEN 60
#define SEALED                                                                \
	"cafebabefacedbaddecaf888"                                            \
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb" \
	"08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
#define SEALED_LEN (MESSAGE_LEN + CRYPTO_SEAL_LEN)

static void
unhex(const char *hex, unsigned char *out)
{
	ck_assert_int_eq(crypto_unhex(hex, strlen(hex) / 2, out), 0);
}

/*
 * The key, nonce, message and ciphertext of a published example of AES-256-GCM;
 * the associated data are a text of ours, and so the tag is.
 */
START_TEST(what_others_encrypted_is_decrypted)
{
	unsigned char key[CRYPTO_KEY_LEN], sealed[SEALED_LEN];
	unsigned char message[MESSAGE_LEN], out[MESSAGE_LEN];

	unhex("feffe9928665731c6d6a8f9467308308"
	      "feffe9928665731c6d6a8f9467308308",
	    key);
	unhex(MESSAGE, message);
	unhex(SEALED "d4e7c85c239affe0bdffbce7962bf848", sealed);
	ck_assert_int_eq(crypto_open(key, "about", sealed, SEALED_LEN, out), 0);
	ck_assert_mem_eq(out, message, MESSAGE_LEN);
	sealed[0] ^= 1;
	ck_assert_int_eq(crypto_open(key, "about", sealed, SEALED_LEN, out),
	    -1);
}
END_TEST

START_TEST(a_message_opens_with_its_key_and_associated_data_only)
{
	unsigned char key[CRYPTO_KEY_LEN] = {1}, sealed[6 + CRYPTO_SEAL_LEN];
	unsigned char out[8] = "xxxxxxx";
	size_t i;

	crypto_seal(key, "about", "s3cret", 6, sealed);
	ck_assert_int_eq(crypto_open(key, "about", sealed, sizeof(sealed), out),
	    0);
	ck_assert_str_eq((char *)out, "s3cretx");
	ck_assert_int_eq(crypto_open(key, "abour", sealed, sizeof(sealed), out),
	    -1);
	ck_assert_mem_eq(out, "\0\0\0\0\0\0x", 8);
	for (i = 0; i < sizeof(sealed); i++) {
		ck_assert_int_eq(crypto_open(key, "about", sealed, i, out), -1);
		sealed[i] ^= 0x80;
		ck_assert_int_eq(crypto_open(key, "about", sealed,
				     sizeof(sealed), out),
		    -1);
		sealed[i] ^= 0x80;
	}
	key[CRYPTO_KEY_LEN - 1] ^= 1;
	ck_assert_int_eq(crypto_open(key, "about", sealed, sizeof(sealed), out),
	    -1);
}
END_TEST

START_TEST(bytes_come_back_from_hexadecimal_of_either_case)
{
	static const char *const bad[] = {"0g", "g0", "0 ", "0@", "0`", "0/",
	    "0:", "0G", "\3770", ""};
	unsigned char out[4];
	size_t i;

	ck_assert_int_eq(crypto_unhex("000fA5Ff", 4, out), 0);
	ck_assert_mem_eq(out, "\x00\x0f\xa5\xff", 4);
	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(crypto_unhex(bad[i], 1, out) == -1, "row %zu", i);
}
END_TEST

START_TEST(hexadecimal_is_lower_case_and_ends_in_a_nul)
{
	char out[11] = "##########";

	crypto_hex("\x00\x0f\xa5\xff", 4, out);
	ck_assert_str_eq(out, "000fa5ff");
	crypto_hex("", 0, out);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(random_numbers_are_spread_over_the_unit_interval)
{
	int hits[10] = {0}, i;

	for (i = 0; i < 20000; i++) {
		double r = crypto_random_unit();

		ck_assert(r >= 0 && r < 1);
		hits[(int)(r * 10)]++;
	}
	for (i = 0; i < 10; i++)
		ck_assert_msg(hits[i] > 1700 && hits[i] < 2300, "%d: %d", i,
		    hits[i]);
}
END_TEST

UNIT_MAIN("crypto", digests_are_those_of_the_standards,
    what_others_encrypted_is_decrypted,
    a_message_opens_with_its_key_and_associated_data_only,
    bytes_come_back_from_hexadecimal_of_either_case,
    hexadecimal_is_lower_case_and_ends_in_a_nul,
    random_numbers_are_spread_over_the_unit_interval)
