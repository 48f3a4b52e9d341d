/* SPDX-License-Identifier: MIT */
/*
 * net/tls.h - TLS as a client, over a non-blocking socket.
 *
 * A `struct tls` is common to connections: the authorities to trust and our own
 * certificate.  A `struct tls_session` is one connection.  The only user of
 * libssl.
 * Called by the refresher, through redis.h and store/nodes.h; and by
 * check_redis.c to find files that are of no use before anything is started.
 *
 * Invariants:
 *   - TLS 1.2 or newer; the server's certificate and name are always verified,
 *     there is no way to leave that out.
 *   - A context that could not be made opens no session: nothing goes on
 *     without encryption instead.
 *   - Files are read by tls_open() and never again, but for those of the
 *     system's authorities.
 *   - No function of a session waits; nothing asks for a passphrase.
 *   - Received text does not stay in libssl's buffers.
 *   - SIGPIPE is ignored by the process.
 */
#ifndef BEARERD_TLS_H
#define BEARERD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct tls;
struct tls_session;

/* Names of PEM files. */
struct tls_files {
	const char *ca;         /* NULL: the system's authorities */
	const char *cert, *key; /* ours; NULL: none */
};

/* Read the files.  Never NULL; tls_close() it. */
struct tls *tls_open(const struct tls_files *files);
void tls_close(struct tls *t); /* NULL is allowed */

/*
 * Try the files in a child process, so that this one neither gets to know the
 * key nor grows by libssl; workers are forked from it.  0, or -1 with *err
 * naming the file.  Waits, for 5 seconds at most.
 */
int tls_check(const struct tls_files *files, struct err *err);

/* Why no session can be opened, which names a file; NULL: it can. */
const char *tls_problem(const struct tls *t);

/*
 * Begin a connection to a host (a name or an address, as the certificate is to
 * have it) over a connected, non-blocking socket, which stays the caller's.
 * NULL with *err: it cannot be.
 */
struct tls_session *tls_session_open(struct tls *t, int fd, const char *host,
    struct err *err);

/* Send close_notify if that does not block, and free; NULL is allowed.  The
 * caller then closes the socket. */
void tls_session_close(struct tls_session *s);

/* Shake hands: 1: done; 0: call again when tls_events() come; -1 with *err:
 * the server cannot be trusted, or does not speak TLS. */
int tls_handshake(struct tls_session *s, struct err *err);

/*
 * Receive: how many bytes; 0: there are none now; -1 with *err: the connection
 * has ended.  A socket without input may have bytes all the same: go on while
 * tls_holds().
 */
ssize_t tls_read(struct tls_session *s, char *bytes, size_t size,
    struct err *err);
bool tls_holds(const struct tls_session *s);

/*
 * Send: how many bytes were taken; 0: none now; -1 with *err as above.  What
 * was not taken must come first at the next call; it may have moved, and more
 * may follow it.
 */
ssize_t tls_write(struct tls_session *s, const char *bytes, size_t len,
    struct err *err);

/* The events of poll(2) to wait for; sending: there is something to send. */
short tls_events(const struct tls_session *s, bool sending);

#endif
