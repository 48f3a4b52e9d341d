/* SPDX-License-Identifier: MIT */
/* TLS against a server in the same process: whom we believe, and that nothing
 * waits. */
#include "config.h"

#include "unit.h"

#include "base/mem.h"
#include "tls_server.h"

#include <poll.h>
#include <sys/stat.h>
#include <time.h>

#define BIG 1000000

/* A greeted pair with a good certificate for 127.0.0.1. */
static struct meeting
meet(struct tls *t)
{
	struct identity i =
	    identity_new("s", &authority, "IP:127.0.0.1", NULL, 0, DAY);
	struct meeting m = meeting_open(t, &i, "127.0.0.1");
	struct err err;

	ck_assert_int_eq(meeting_greet(&m, &err), 1);
	identity_free(&i);
	return m;
}

#define NAME "host name does not match: the certificate is not for '"
#define HOUR 3600

static const struct {
	const char *san, *host;
	const char *error; /* a part; NULL: none */
} rows[] = {
    {"DNS:redis.example.com", "redis.example.com", NULL},
    {"DNS:redis.example.com", "redis.example.com.", NULL},
    {"DNS:redis.example.com", "Redis.EXAMPLE.com", NULL},
    {"DNS:*.example.com", "redis.example.com", NULL},
    {"DNS:a,DNS:b,IP:192.0.2.9", "b", NULL},
    {"IP:192.0.2.1", "192.0.2.1", NULL},
    {"IP:2001:db8::1", "2001:db8:0::1", NULL},
    {"IP:fe80::1", "fe80::1%eth0", NULL},
    {"DNS:redis.example.com", "other.example.com", NAME "other.example.com'"},
    {"DNS:example.com", "redis.example.com", NAME},
    {"DNS:*.example.com", "a.b.example.com", NAME},
    {"DNS:r*.example.com", "redis.example.com", NAME},
    {"DNS:192.0.2.1", "192.0.2.1", NAME "192.0.2.1'"},
    {"IP:192.0.2.2", "192.0.2.1", NAME},
    {"IP:2001:db8::2", "2001:db8::1", NAME},
    {"IP:192.0.2.1", "redis.example.com", NAME},
};

/* Whether a client that asks for a host believes a certificate: if not, a
 * part of the reason. */
static void
try_identity(struct tls *t, struct identity id, const char *host,
    const char *error)
{
	struct meeting m = meeting_open(t, &id, host);
	struct err err = {""};
	int status = meeting_greet(&m, &err);

	ck_assert_msg(status == (error == NULL ? 1 : -1), "%s: %d %s", host,
	    status, err.text);
	ck_assert_msg(error == NULL ||
		(strstr(err.text, "TLS: certificate verify failed: ") ==
			err.text &&
		    strstr(err.text, error) != NULL),
	    "%s: %s", host, err.text);
	meeting_close(&m);
	identity_free(&id);
}

START_TEST(a_certificate_is_believed_for_its_own_host_alone)
{
	struct tls *t = open_tls(false);
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		try_identity(t,
		    identity_new("s", &authority, rows[i].san, NULL, 0, DAY),
		    rows[i].host, rows[i].error);
	tls_close(t);
	tear_down();
}
END_TEST

START_TEST(a_certificate_of_another_time_authority_or_use_is_not_believed)
{
	struct tls *t = open_tls(false);

	try_identity(t,
	    identity_new("s", &authority, "DNS:a", "serverAuth", 0, DAY), "a",
	    NULL);
	try_identity(t,
	    identity_new("s", &authority, "DNS:a", "clientAuth", 0, DAY), "a",
	    " certificate purpose");
	try_identity(t,
	    identity_new("s", &authority, "DNS:a", NULL, -2 * HOUR, -HOUR), "a",
	    ": certificate has expired");
	try_identity(t,
	    identity_new("s", &authority, "DNS:a", NULL, HOUR, 2 * HOUR), "a",
	    ": certificate is not yet valid");
	try_identity(t, identity_new("s", &stranger, "DNS:a", NULL, 0, DAY),
	    "a", ": unable to get local issuer certificate");
	try_identity(t, identity_new("s", NULL, "DNS:a", NULL, 0, DAY), "a",
	    ": self-signed certificate");
	tls_close(t);
	tear_down();
}
END_TEST

START_TEST(the_server_is_told_the_name_but_not_an_address)
{
	static const struct {
		const char *host, *told;
	} asked[] = {{"redis.example.com.", "redis.example.com"},
	    {"192.0.2.1", ""}, {"::1", ""}};
	struct tls *t = open_tls(false);
	size_t i;

	for (i = 0; i < COUNT(asked); i++) {
		struct meeting m = meeting_open(t, &client, asked[i].host);
		struct err err;

		meeting_greet(&m, &err);
		ck_assert_str_eq(m.name, asked[i].told);
		meeting_close(&m);
	}
	tls_close(t);
	tear_down();
}
END_TEST

START_TEST(a_silent_server_is_not_waited_for)
{
	struct tls *t = open_tls(false);
	struct meeting m = meeting_open(t, &client, "a");
	struct err err;

	ck_assert_int_eq(tls_handshake(m.client, &err), 0);
	ck_assert_int_eq(tls_handshake(m.client, &err), 0);
	ck_assert_int_eq(tls_events(m.client, false), POLLIN);
	meeting_close(&m);
	tls_close(t);
	tear_down();
}
END_TEST

START_TEST(a_server_without_tls_or_with_an_old_one_is_refused)
{
	static const char plain[] = "-ERR unknown command\r\n";
	struct tls *t = open_tls(false);
	struct meeting m = meeting_open(t, &client, "a");
	struct err err;

	ck_assert_int_eq(tls_handshake(m.client, &err), 0);
	ck_assert_int_gt(send(m.server_fd, plain, sizeof(plain) - 1, 0), 0);
	ck_assert_int_eq(tls_handshake(m.client, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "does not speak TLS ("));
	meeting_close(&m);

	m = meeting_open(t, &client, "a");
	SSL_set_min_proto_version(m.server, TLS1_VERSION);
	SSL_set_max_proto_version(m.server, TLS1_1_VERSION);
	ck_assert_int_eq(meeting_greet(&m, &err), -1);
	ck_assert_msg(strstr(err.text, "version") != NULL, "%s", err.text);
	meeting_close(&m);
	tls_close(t);
	tear_down();
}
END_TEST

/* Bytes that tell their place. */
static char *
pattern(size_t len)
{
	char *bytes = mem_alloc(len, 1);
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (char)(i * 7919 >> 5);
	return bytes;
}

START_TEST(what_is_sent_arrives_though_the_buffer_moves_and_grows)
{
	struct tls *t = open_tls(false);
	struct meeting m = meet(t);
	char *sent = pattern(BIG), *got = mem_alloc(BIG, 1);
	char *moved, *before = NULL;
	size_t out = 0, in = 0, len, waits = 0;
	struct err err;
	ssize_t n;
	int r;

	while (in < BIG) {
		len = BIG - out < 40000 + waits ? BIG - out : 40000 + waits;
		moved = mem_alloc(len + 1, 1);
		memcpy(moved, sent + out, len);
		n = len == 0 ? 0 : tls_write(m.client, moved, len, &err);
		free(before); /* only now, lest it is the same again */
		before = moved;
		ck_assert_msg(n != -1, "%s", err.text);
		out += (size_t)n;
		if (n > 0)
			continue;
		ck_assert(len == 0 ||
		    tls_events(m.client, true) == (POLLIN | POLLOUT));
		waits++;
		while ((r = SSL_read(m.server, got + in, (int)(BIG - in))) > 0)
			in += (size_t)r;
	}
	ck_assert_int_gt(waits, 1);
	ck_assert_int_eq(memcmp(sent, got, BIG), 0);
	meeting_close(&m);
	tls_close(t);
	free(sent);
	free(before);
	free(got);
	tear_down();
}
END_TEST

START_TEST(what_poll_does_not_show_is_told)
{
	struct tls *t = open_tls(false);
	struct meeting m = meet(t);
	struct pollfd p = {m.client_fd, POLLIN, 0};
	char *sent = pattern(10000), got[10000];
	struct err err;
	size_t len = 0;
	ssize_t n;

	ck_assert_int_eq(tls_read(m.client, got, 1, &err), 0);
	ck_assert(!tls_holds(m.client));
	ck_assert_int_eq(SSL_write(m.server, sent, 10000), 10000);
	do {
		n = tls_read(m.client, got + len, 700, &err);
		ck_assert_int_gt(n, 0);
		len += (size_t)n;
		ck_assert_int_eq(poll(&p, 1, 0), 0);
	} while (tls_holds(m.client));
	ck_assert_uint_eq(len, 10000);
	ck_assert_int_eq(memcmp(sent, got, len), 0);
	meeting_close(&m);
	tls_close(t);
	free(sent);
	tear_down();
}
END_TEST

/* A server that asks for a certificate, in a version of TLS, and hangs up. */
static int
greet_a_curious(struct tls *t, int version, bool sending, struct err *err)
{
	struct identity id =
	    identity_new("s", &authority, "DNS:a", NULL, 0, DAY);
	struct meeting m = meeting_open(t, &id, "a");
	char byte;
	int status;

	SSL_set_max_proto_version(m.server, version);
	SSL_set_verify(m.server,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(m.context), authority.cert);
	status = meeting_greet(&m, err);
	/* Version 1.3 ends before the server has judged. */
	if (status == 1 && sending) {
		SSL_accept(m.server);
		close(m.server_fd);
		m.server_fd = -1;
		status = (int)tls_write(m.client, "x", 1, err);
	} else if (status == 1) {
		SSL_accept(m.server);
		status = tls_read(m.client, &byte, 1, err) == -1 ? -1 : 1;
	}
	meeting_close(&m);
	identity_free(&id);
	return status;
}

START_TEST(a_server_that_asks_for_a_certificate_gets_ours)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	static const char *const asks[] = {"it may want a client certificate",
	    "the server wants a client certificate"};
	struct tls *without = open_tls(false), *with = open_tls(true);
	struct err err;
	size_t i;

	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(greet_a_curious(with, versions[i], false,
				     &err),
		    1);
		ck_assert_int_eq(greet_a_curious(without, versions[i], false,
				     &err),
		    -1);
		ck_assert_msg(strstr(err.text, asks[i]) != NULL, "%s",
		    err.text);
	}
	tls_close(without);
	tls_close(with);
	tear_down();
}
END_TEST

START_TEST(a_server_that_hangs_up_is_heard_out_first)
{
	struct tls *t = open_tls(false);
	struct meeting m;
	struct err err;

	ck_assert_int_eq(greet_a_curious(t, TLS1_3_VERSION, true, &err), -1);
	ck_assert_msg(strstr(err.text, "wants a client certificate") != NULL,
	    "%s", err.text);
	m = meet(t);
	close(m.server_fd);
	m.server_fd = -1;
	ck_assert_int_eq(tls_read(m.client, (char[1]){0}, 1, &err), -1);
	ck_assert_str_eq(err.text, "the server closed the connection");
	meeting_close(&m);
	tls_close(t);
	tear_down();
}
END_TEST

UNIT_MAIN("tls", a_certificate_is_believed_for_its_own_host_alone,
    a_certificate_of_another_time_authority_or_use_is_not_believed,
    the_server_is_told_the_name_but_not_an_address,
    a_silent_server_is_not_waited_for,
    a_server_without_tls_or_with_an_old_one_is_refused,
    what_is_sent_arrives_though_the_buffer_moves_and_grows,
    what_poll_does_not_show_is_told,
    a_server_that_asks_for_a_certificate_gets_ours,
    a_server_that_hangs_up_is_heard_out_first)
