/* SPDX-License-Identifier: MIT */
/*
 * clock.h - the only reader of the system's clocks.
 *
 * Two clocks, never mixed: the boot clock (CLOCK_BOOTTIME, counts through
 * suspend, never steps) measures every wait and every token's life; the wall
 * clock (CLOCK_REALTIME) is read only to convert absolute times from outside
 * and to write dates.  Heartbeats use the monotonic clock, which stands still
 * while the machine is suspended, so that nobody is found dead at wake-up.
 *
 * Names: a boot time ends in _at, a wall time in _wall_at; both are
 * milliseconds.  Called by every process; safe everywhere.
 */
#ifndef BEARERD_CLOCK_H
#define BEARERD_CLOCK_H

#include <stdint.h>

/* Milliseconds since boot (CLOCK_BOOTTIME). */
int64_t clock_boot_ms(void);

/* Milliseconds since 1970-01-01 UTC (CLOCK_REALTIME). */
int64_t clock_wall_ms(void);

/* Milliseconds of awake time (CLOCK_MONOTONIC_COARSE); for heartbeats only. */
int64_t clock_awake_ms(void);

/* Microseconds of CLOCK_MONOTONIC, as systemd wants them. */
int64_t clock_awake_us(void);

/* A wall time in UTC, up to the end of the year 9999. */
struct clock_date {
	int year, month, day; /* month: 1 to 12 */
	int weekday;          /* 0: Sunday */
	int hour, minute, second;
};

/* The date of a wall time; one before 1970 counts as 1970.  Unlike
 * gmtime_r(3) it opens no file of the time zone, which workers cannot. */
struct clock_date clock_date(int64_t wall_ms);

/*
 * Tests only: from now on the clocks stand at these values until set again.
 * The awake clock follows the boot clock.
 */
void clock_set(int64_t boot_ms, int64_t wall_ms);

#endif
