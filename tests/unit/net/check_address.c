/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "net/address.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NONE (-1)

static const struct {
	const char *text, *host; /* NULL: the port is none */
	bool brackets;
	int port;
} addresses[] = {
    {"a.example", "a.example", false, NONE},
    {"a.example:0", "a.example", false, 0},
    {"127.0.0.1:17100", "127.0.0.1", false, 17100},
    {"[::1]:65535", "::1", true, 65535},
    {"[::1]", "::1", true, NONE},
    {"[fe80::1%eth0]:1", "fe80::1%eth0", true, 1},
    {"fe80::1:6379", "fe80::1", false, 6379},
    {":6380", "", false, 6380},
    {"[]:1", "", true, 1},
    {"[]", "", true, NONE},
    {"[", "[", false, NONE},
    {"[::1", "[:", false, 1},
    {"[::1]x:1", "[::1]x", false, 1},
    {"", "", false, NONE},
    {"host:", NULL, false, 0},
    {"host:65536", NULL, false, 0},
    {"host:000001", NULL, false, 0},
    {"host:+1", NULL, false, 0},
    {"host:-1", NULL, false, 0},
    {"host: 1", NULL, false, 0},
    {"host:1x", NULL, false, 0},
    {"[::1]:x", NULL, false, 0},
};

START_TEST(host_and_port_are_told_apart)
{
	struct address a;
	size_t i;

	for (i = 0; i < COUNT(addresses); i++) {
		const char *text = addresses[i].text, *host = addresses[i].host;
		int status = address_read(text, strlen(text), &a);

		ck_assert_msg(status == (host == NULL ? -1 : 0), "'%s': %d",
		    text, status);
		if (status == -1)
			continue;
		ck_assert_msg(a.host_len == strlen(host) &&
			memcmp(a.host, host, a.host_len) == 0 &&
			a.brackets == addresses[i].brackets &&
			a.port == addresses[i].port,
		    "'%s': '%.*s' %d", text, (int)a.host_len, a.host, a.port);
	}
}
END_TEST

START_TEST(a_port_that_is_none_leaves_the_host_readable)
{
	struct address a;

	ck_assert_int_eq(address_read("host:", 5, &a), -1);
	ck_assert_uint_eq(a.host_len, 4);
	ck_assert_int_eq(address_read("[::1]:65536", 11, &a), -1);
	ck_assert_uint_eq(a.host_len, 3);
	ck_assert_int_eq(a.host[0], ':');
}
END_TEST

START_TEST(no_byte_behind_the_length_is_read)
{
	struct address a;

	ck_assert_int_eq(address_read("host:123", 7, &a), 0);
	ck_assert_int_eq(a.port, 12);
	ck_assert_int_eq(address_read("host:123", 4, &a), 0);
	ck_assert_int_eq(a.port, NONE);
}
END_TEST

static const struct {
	const char *text, *host; /* NULL: is none */
	int port;
} servers[] = {
    {"127.0.0.1:17100", "127.0.0.1", 17100},
    {"redis.example.com:1", "redis.example.com", 1},
    {"[::1]:65535", "::1", 65535},
    {"fe80::1:6379", "fe80::1", 6379}, /* as MOVED has it */
    {":6380", "", 6380},               /* likewise: the host that was asked */
    {"?:6380", "?", 6380},             /* likewise: it does not know */
    {"/run/redis.sock:1", NULL, 0},    /* no server sends us to a file */
    {"../x:1", NULL, 0},
    {"a b:1", NULL, 0},
    {"a\nb:1", NULL, 0},
    {"\xc2\x9b:1", NULL, 0},
    {"host??:1", NULL, 0},
    {"host:0", NULL, 0},
    {"host", NULL, 0},
    {"", NULL, 0},
};

START_TEST(a_server_sends_us_to_hosts_only)
{
	char host[ADDRESS_HOST_MAX];
	size_t i;
	int port;

	for (i = 0; i < COUNT(servers); i++) {
		const char *text = servers[i].text;
		int status = address_of_server(text, strlen(text), host, &port);

		ck_assert_msg(status == (servers[i].host == NULL ? -1 : 0),
		    "'%s': %d", text, status);
		if (status == -1)
			continue;
		ck_assert_str_eq(host, servers[i].host);
		ck_assert_int_eq(port, servers[i].port);
	}
}
END_TEST

START_TEST(a_host_that_is_too_long_is_none)
{
	char text[ADDRESS_HOST_MAX + 8], host[ADDRESS_HOST_MAX];
	int port;

	memset(text, 'h', sizeof(text));
	strcpy(text + ADDRESS_HOST_MAX - 1, ":1");
	ck_assert_int_eq(address_of_server(text, strlen(text), host, &port), 0);
	strcpy(text + ADDRESS_HOST_MAX, ":1");
	text[ADDRESS_HOST_MAX - 1] = 'h';
	ck_assert_int_eq(address_of_server(text, strlen(text), host, &port),
	    -1);
}
END_TEST

START_TEST(brackets_are_written_round_colons)
{
	char out[64];

	address_print("::1", 80, out, sizeof(out));
	ck_assert_str_eq(out, "[::1]:80");
	address_print("a.example", 80, out, sizeof(out));
	ck_assert_str_eq(out, "a.example:80");
}
END_TEST

UNIT_MAIN("address", host_and_port_are_told_apart,
    a_port_that_is_none_leaves_the_host_readable,
    no_byte_behind_the_length_is_read, a_server_sends_us_to_hosts_only,
    a_host_that_is_too_long_is_none, brackets_are_written_round_colons)
