/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include <stdbool.h>
#include <time.h>

static struct {
	bool set;
	int64_t boot_ms, wall_ms;
} fixed;

static int64_t
read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_boot_ms(void)
{
	return fixed.set ? fixed.boot_ms : read_ms(CLOCK_BOOTTIME);
}

int64_t
clock_wall_ms(void)
{
	return fixed.set ? fixed.wall_ms : read_ms(CLOCK_REALTIME);
}

int64_t
clock_awake_ms(void)
{
	return fixed.set ? fixed.boot_ms : read_ms(CLOCK_MONOTONIC_COARSE);
}

int64_t
clock_awake_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

struct clock_date
clock_date(int64_t wall_ms)
{
	int days_of[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t second = (wall_ms > 0 ? wall_ms : 0) / 1000;
	int64_t days = second / 86400;
	struct clock_date d = {
	    .year = 1970,
	    .weekday = (int)((days + 4) % 7),
	    .hour = (int)(second / 3600 % 24),
	    .minute = (int)(second / 60 % 60),
	    .second = (int)(second % 60),
	};

	for (; d.year < 9999 && days >= 365 + is_leap(d.year); d.year++)
		days -= 365 + is_leap(d.year);
	days_of[1] += is_leap(d.year);
	for (; d.month < 11 && days >= days_of[d.month]; d.month++)
		days -= days_of[d.month];
	d.month++;
	d.day = (int)days + 1;
	return d;
}

void
clock_set(int64_t boot_ms, int64_t wall_ms)
{
	fixed.set = true;
	fixed.boot_ms = boot_ms;
	fixed.wall_ms = wall_ms;
}
