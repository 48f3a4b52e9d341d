/* SPDX-License-Identifier: MIT */
/*
 * notify.h - tell systemd how the service is (sd_notify(3), without the
 * library: it is one datagram).
 *
 * Called by the master.  Without $NOTIFY_SOCKET nothing happens.
 */
#ifndef BEARERD_NOTIFY_H
#define BEARERD_NOTIFY_H

/* Send assignments such as "READY=1\nSTATUS=..."; failures are ignored. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often WATCHDOG=1 is wanted, in ms: half of $WATCHDOG_USEC; 0: never. */
int notify_watchdog_ms(void);

#endif
