/* SPDX-License-Identifier: MIT */
/*
 * tls_server.h - certificates, and a server that shows them, for the tests of
 * tls.  Both ends are in one process and never wait.
 */
#ifndef BEARERD_TEST_TLS_SERVER_H
#define BEARERD_TEST_TLS_SERVER_H

#include <check.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/tls.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY (24 * 3600)

/* A certificate and its key. */
struct identity {
	X509 *cert;
	EVP_PKEY *key;
};

static inline EVP_PKEY *
key_new(void)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, NULL);
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(EVP_PKEY_keygen_init(c), 1);
	ck_assert_int_eq(EVP_PKEY_keygen(c, &key), 1);
	EVP_PKEY_CTX_free(c);
	return key;
}

static inline void
extend(X509 *x, X509V3_CTX *c, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, c, nid, value);

	ck_assert_msg(e != NULL, "extension %s", value);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* A certificate that an authority (NULL: itself) signs; san and use may be
 * NULL; from, until: seconds from now. */
static inline struct identity
identity_new(const char *name, const struct identity *by, const char *san,
    const char *use, long from, long until)
{
	struct identity i = {X509_new(), key_new()};
	X509_NAME *subject = X509_get_subject_name(i.cert);
	X509V3_CTX c;

	if (by == NULL)
		by = &i;
	X509_set_version(i.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(i.cert), random());
	X509_gmtime_adj(X509_getm_notBefore(i.cert), from);
	X509_gmtime_adj(X509_getm_notAfter(i.cert), until);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(i.cert, X509_get_subject_name(by->cert));
	X509_set_pubkey(i.cert, i.key);
	X509V3_set_ctx(&c, by->cert, i.cert, NULL, NULL, 0);
	if (by == &i)
		extend(i.cert, &c, NID_basic_constraints, "CA:TRUE");
	if (san != NULL)
		extend(i.cert, &c, NID_subject_alt_name, san);
	if (use != NULL)
		extend(i.cert, &c, NID_ext_key_usage, use);
	ck_assert_int_gt(X509_sign(i.cert, by->key, NULL), 0);
	return i;
}

static inline void
identity_free(struct identity *i)
{
	X509_free(i->cert);
	EVP_PKEY_free(i->key);
}

/* Write PEM files; a NULL name: not that one. */
static inline void
identity_write(const struct identity *i, const char *cert, const char *key,
    char *passphrase)
{
	FILE *f;

	if (cert != NULL) {
		f = fopen(cert, "we");
		ck_assert_int_eq(PEM_write_X509(f, i->cert), 1);
		fclose(f);
	}
	if (key != NULL) {
		f = fopen(key, "we");
		ck_assert_int_eq(PEM_write_PrivateKey(f, i->key,
				     passphrase == NULL ? NULL
							: EVP_aes_128_cbc(),
				     NULL, 0, NULL, passphrase),
		    1);
		fclose(f);
	}
}

/* The state of each test, between set_up() and tear_down(). */
static struct identity authority, stranger, client;
static char dir[64];

/* The path of a file in the folder of this test. */
static inline const char *
path(const char *name)
{
	static char text[4][128];
	static unsigned turn;
	char *out = text[turn++ % 4];

	snprintf(out, sizeof(text[0]), "%s/%s", dir, name);
	return out;
}

static inline void
set_up(void)
{
	strcpy(dir, "/tmp/check_tls.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	authority = identity_new("ca", NULL, NULL, NULL, 0, DAY);
	stranger = identity_new("stranger", NULL, NULL, NULL, 0, DAY);
	client = identity_new("client", &authority, NULL, NULL, 0, DAY);
	identity_write(&authority, path("ca"), NULL, NULL);
	identity_write(&client, path("cert"), path("key"), NULL);
}

static inline void
tear_down(void)
{
	static const char *const names[] = {"ca", "cert", "key", "locked",
	    "nonsense", "other", "fifo"};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		unlink(path(names[i]));
	ck_assert_int_eq(rmdir(dir), 0);
	identity_free(&authority);
	identity_free(&stranger);
	identity_free(&client);
	dir[0] = '\0';
}

/* A context that trusts the authority, with our certificate or without; begins
 * the test, too. */
static inline struct tls *
open_tls(bool named)
{
	struct tls *t;

	if (dir[0] == '\0')
		set_up();
	t = tls_open(&(struct tls_files){path("ca"),
	    named ? path("cert") : NULL, named ? path("key") : NULL});

	ck_assert_ptr_null(tls_problem(t));
	return t;
}

/* A client of ours and a server, connected. */
struct meeting {
	SSL_CTX *context;
	SSL *server;
	struct tls_session *client;
	int client_fd, server_fd;
	char name[256]; /* that the client asked for; "": none */
};

static inline struct meeting
meeting_open(struct tls *t, const struct identity *server, const char *host)
{
	struct meeting m = {.context = SSL_CTX_new(TLS_server_method())};
	struct err err;
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd),
	    0);
	m.client_fd = fd[0];
	m.server_fd = fd[1];
	SSL_CTX_use_certificate(m.context, server->cert);
	SSL_CTX_use_PrivateKey(m.context, server->key);
	m.server = SSL_new(m.context);
	SSL_set_fd(m.server, fd[1]);
	m.client = tls_session_open(t, fd[0], host, &err);
	ck_assert_msg(m.client != NULL, "%s", err.text);
	return m;
}

static inline void
meeting_close(struct meeting *m)
{
	tls_session_close(m->client);
	SSL_free(m->server);
	SSL_CTX_free(m->context);
	close(m->client_fd);
	if (m->server_fd != -1)
		close(m->server_fd);
}

/* Both shake hands until the client is done: 1, or -1 with *err. */
static inline int
meeting_greet(struct meeting *m, struct err *err)
{
	int i, status = 0;
	const char *name;

	for (i = 0; i < 10 && status == 0; i++) {
		status = tls_handshake(m->client, err);
		SSL_accept(m->server);
		name = SSL_get_servername(m->server, TLSEXT_NAMETYPE_host_name);
		if (name != NULL)
			snprintf(m->name, sizeof(m->name), "%s", name);
	}
	ck_assert_int_ne(status, 0);
	return status;
}

#endif
