/* SPDX-License-Identifier: MIT */
/* One connection: handshake, verification, bytes, and errors in words. */
#include "config.h"

#include "net/tls_private.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSED "the server closed the connection"

struct tls_session {
	SSL *ssl;
	char host[256]; /* as the certificate is to have it */
	bool greeted;   /* the handshake is through, and nothing failed */
	short read_on, write_on; /* events that the next try waits for */
};

/* A certificate names neither the zone of an address nor a final dot. */
static void
note_host(struct tls_session *s, const char *host)
{
	size_t len = strcspn(host, "%");

	if (len > 1 && host[len - 1] == '.')
		len--;
	snprintf(s->host, sizeof(s->host), "%.*s", (int)len, host);
}

/* Demand a certificate for the host.  0, or -1. */
static int
demand(struct tls_session *s)
{
	X509_VERIFY_PARAM *rules = SSL_get0_param(s->ssl);
	struct in6_addr address;

	if (inet_pton(AF_INET, s->host, &address) == 1)
		return X509_VERIFY_PARAM_set1_ip(rules,
			   (const unsigned char *)&address, 4) == 1
		    ? 0
		    : -1;
	if (inet_pton(AF_INET6, s->host, &address) == 1)
		return X509_VERIFY_PARAM_set1_ip(rules,
			   (const unsigned char *)&address, 16) == 1
		    ? 0
		    : -1;
	SSL_set_hostflags(s->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (s->host[0] == '\0' || SSL_set1_host(s->ssl, s->host) != 1)
		return -1;
	return SSL_set_tlsext_host_name(s->ssl, s->host) == 1 ? 0 : -1;
}

struct tls_session *
tls_session_open(struct tls *t, int fd, const char *host, struct err *err)
{
	struct tls_session *s;

	if (t->context == NULL) {
		*err = t->problem;
		return NULL;
	}
	ERR_clear_error();
	s = mem_alloc(1, sizeof(*s));
	s->read_on = POLLIN;
	s->write_on = POLLOUT;
	note_host(s, host);
	s->ssl = SSL_new(t->context);
	if (s->ssl == NULL || demand(s) == -1 || SSL_set_fd(s->ssl, fd) != 1) {
		err_set(err, "TLS: no session with '%s': %s", s->host,
		    tls_reason(ERR_peek_error()));
		tls_session_close(s);
		return NULL;
	}
	return s;
}

void
tls_session_close(struct tls_session *s)
{
	if (s == NULL)
		return;
	ERR_clear_error();
	if (s->greeted)
		SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	free(s);
	ERR_clear_error();
}

/* Errors of libssl whose own words do not say what to do. */
static const struct {
	int reason;
	const char *text;
} hints[] = {
    {SSL_R_WRONG_VERSION_NUMBER, "the server does not speak TLS"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
	"the server wants a client certificate"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
	"the server refuses; it may want a client certificate"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
	"the server does not trust our certificate's authority"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the server refuses our certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "our certificate has expired"},
};

static int
explain_verification(const struct tls_session *s, struct err *err)
{
	long result = SSL_get_verify_result(s->ssl);

	if (result == X509_V_ERR_HOSTNAME_MISMATCH ||
	    result == X509_V_ERR_IP_ADDRESS_MISMATCH)
		return err_set(err,
		    "TLS: certificate verify failed: host name does not match: the certificate is not for '%s'",
		    s->host);
	return err_set(err, "TLS: certificate verify failed: %s",
	    X509_verify_cert_error_string(result));
}

static int
explain(const struct tls_session *s, struct err *err)
{
	unsigned long error = ERR_peek_error();
	int code = ERR_GET_REASON(error);
	size_t i;

	if (code == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return explain_verification(s, err);
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING
	if (code == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return err_set(err, CLOSED);
#endif
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].reason == code)
			return err_set(err, "TLS: %s (%s)", hints[i].text,
			    tls_reason(error));
	return err_set(err, "TLS: %s", tls_reason(error));
}

/* The result of a call that did not succeed: 0 and the event that it waits
 * for, or -1 with *err. */
static int
judge(struct tls_session *s, int result, short *on, struct err *err)
{
	int error = errno;

	switch (SSL_get_error(s->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*on = POLLIN;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		*on = POLLOUT;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		err_set(err, CLOSED);
		break;
	case SSL_ERROR_SYSCALL:
		err_set(err, "%s", error == 0 ? CLOSED : strerror(error));
		break;
	default:
		explain(s, err);
	}
	s->greeted = false;
	ERR_clear_error();
	return -1;
}

/* Before each call: SSL_get_error() looks at what earlier calls left. */
static void
forget_errors(void)
{
	ERR_clear_error();
	errno = 0;
}

int
tls_handshake(struct tls_session *s, struct err *err)
{
	int result;

	forget_errors();
	result = SSL_connect(s->ssl);
	if (result != 1)
		return judge(s, result, &s->read_on, err);
	s->greeted = true;
	s->read_on = POLLIN;
	return 1;
}

ssize_t
tls_read(struct tls_session *s, char *bytes, size_t size, struct err *err)
{
	size_t n;
	int result;

	forget_errors();
	result = SSL_read_ex(s->ssl, bytes, size, &n);
	if (result != 1)
		return judge(s, result, &s->read_on, err);
	s->read_on = POLLIN;
	return (ssize_t)n;
}

bool
tls_holds(const struct tls_session *s)
{
	return SSL_pending(s->ssl) > 0;
}

ssize_t
tls_write(struct tls_session *s, const char *bytes, size_t len, struct err *err)
{
	struct err reason = {""};
	char unread[1];
	bool hung_up;
	size_t n;
	int result;

	forget_errors();
	result = SSL_write_ex(s->ssl, bytes, len, &n);
	if (result == 1) {
		s->write_on = POLLOUT;
		return (ssize_t)n;
	}
	hung_up = SSL_get_error(s->ssl, result) == SSL_ERROR_SYSCALL;
	if (judge(s, result, &s->write_on, err) == 0)
		return 0;
	/* The server may have sent the reason before it hung up. */
	if (hung_up && tls_read(s, unread, sizeof(unread), &reason) == -1)
		*err = reason;
	return -1;
}

short
tls_events(const struct tls_session *s, bool sending)
{
	return sending ? (short)(s->read_on | s->write_on) : s->read_on;
}
