/* SPDX-License-Identifier: MIT */
/*
 * net/address.h - HOST:PORT and [V6]:PORT, read and written in one place.
 *
 * Called by the configuration's checks, by listen, by proxy, by http/guard for
 * the host that a request names, and by the store for what Redis and its
 * Sentinels say of other servers.
 */
#ifndef BEARERD_NET_ADDRESS_H
#define BEARERD_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_HOST_MAX 256 /* with its NUL */

/* Parts of the text that was read. */
struct address {
	const char *host; /* without brackets; may be empty */
	size_t host_len;
	bool brackets;
	int port; /* 0 to 65535; -1: the text has none */
};

/*
 * Split HOST, HOST:PORT, [V6] or [V6]:PORT of so many bytes.  The port is
 * behind the last colon, so that V6:PORT is split as well.  0, or -1: what
 * stands in the port's place is none; the host is read all the same.  The
 * caller judges the host.
 */
int address_read(const char *text, size_t len, struct address *out);

/* Copy the host.  0, or -1: it is too long. */
int address_host(const struct address *a, char out[ADDRESS_HOST_MAX]);

/*
 * Read the address of another server as Redis tells it: HOST:PORT, [V6]:PORT or
 * V6:PORT, where HOST may be empty or "?".  0, or -1: it is no address; a path
 * of a Unix socket is none, nor is what can be no host's name.
 */
int address_of_server(const char *text, size_t len, char host[ADDRESS_HOST_MAX],
    int *port);

/* Write HOST:PORT, with brackets round a host that has a colon. */
void address_print(const char *host, int port, char *out, size_t size);

#endif
