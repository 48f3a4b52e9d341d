/* SPDX-License-Identifier: MIT */
/*
 * systemd.h - tell systemd the state of the service, by one datagram as
 * sd_notify(3) sends it.
 *
 * Called by the master.  Without $NOTIFY_SOCKET nothing happens.
 */
#ifndef BEARERD_SYSTEMD_H
#define BEARERD_SYSTEMD_H

#include <stdbool.h>

/* Send assignments such as "READY=1\nSTATUS=..."; failures are ignored. */
void systemd_notify(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* True: $NOTIFY_SOCKET is set. */
bool systemd_wanted(void);

/*
 * Have systemd keep a descriptor, in the place of what it has kept under this
 * name; it passes it on to the next start of the service (sd_listen_fds(3)).
 */
void systemd_keep(int fd, const char *name);

/* The interval of WATCHDOG=1 in ms: half of $WATCHDOG_USEC; 0: no watchdog. */
int systemd_watchdog_ms(void);

#endif
