/* SPDX-License-Identifier: MIT */
/*
 * notify.h - tell systemd how the service is (sd_notify(3), without the
 * library: it is one datagram).
 *
 * Called by the master.  Without $NOTIFY_SOCKET nothing happens.
 */
#ifndef BEARERD_NOTIFY_H
#define BEARERD_NOTIFY_H

#include <stdbool.h>

/* Send assignments such as "READY=1\nSTATUS=..."; failures are ignored. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether there is somebody to tell. */
bool notify_wanted(void);

/*
 * Have systemd keep a descriptor, in the place of what it has kept under this
 * name; it passes it on to the next start of the service (sd_listen_fds(3)).
 */
void notify_keep(int fd, const char *name);

/* How often WATCHDOG=1 is wanted, in ms: half of $WATCHDOG_USEC; 0: never. */
int notify_watchdog_ms(void);

#endif
