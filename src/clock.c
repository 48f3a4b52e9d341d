/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "clock.h"

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

void
clock_set(int64_t boot_ms, int64_t wall_ms)
{
	fixed.set = true;
	fixed.boot_ms = boot_ms;
	fixed.wall_ms = wall_ms;
}
