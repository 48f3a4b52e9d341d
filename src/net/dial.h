/* SPDX-License-Identifier: MIT */
/*
 * net/ is for connections to other hosts.
 *
 * net/dial.h - connect to a host without blocking.
 *
 * Looks the name up anew at each attempt (getaddrinfo_a(3), on a thread of
 * libc), then tries one address after the other.  A host that begins with a
 * slash is a Unix socket's path.  Called by the refresher for Redis.
 *
 * Invariants:
 *   - No function here blocks.
 *   - At most one lookup for a host is under way; one that outlasts its attempt
 *     is reused by the next.
 */
#ifndef BEARERD_DIAL_H
#define BEARERD_DIAL_H

#include <stdint.h>

#include "base/err.h"
#include "net/address.h"

struct dial {
	char host[ADDRESS_HOST_MAX];
	int port;
	struct dial_lookup *lookup;    /* under way, or NULL */
	struct addrinfo *found, *next; /* addresses still to try */
	int fd;                        /* being connected, or -1 */
	int64_t deadline_at;
};

enum dial_status { DIAL_BUSY, DIAL_CONNECTED, DIAL_FAILED };

void dial_init(struct dial *d, const char *host, int port);

/* Go to another host from the next attempt on; one under way is given up.  An
 * attempt without a host waits for one. */
void dial_aim(struct dial *d, const char *host, int port);

/* Begin an attempt that ends at this boot time at the latest. */
void dial_start(struct dial *d, int64_t deadline_at);

/*
 * Go on as far as possible.  Call when the descriptor is writable, and every
 * DIAL_POLL_MS while there is none.  DIAL_CONNECTED: dial_take() the
 * descriptor.  DIAL_FAILED: *err says why; start again whenever you like.
 */
#define DIAL_POLL_MS 5
enum dial_status dial_turn(struct dial *d, int64_t now, struct err *err);

/* The connected descriptor; it is the caller's from now on. */
int dial_take(struct dial *d);

/* Give up an attempt. */
void dial_stop(struct dial *d);

#endif
