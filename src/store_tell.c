/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_tell.h"

#include "clock.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 60000

void
store_tell_lost(struct store_told *t, const char *why)
{
	int64_t now = clock_boot_ms();

	t->quiet = t->at != 0 && now - t->at < AGAIN_MS &&
	    strncmp(t->why, why, sizeof(t->why) - 1) == 0;
	if (t->quiet) {
		log_debug("Redis is unreachable: %s", why);
		return;
	}
	t->at = now;
	snprintf(t->why, sizeof(t->why), "%s", why);
	log_warning("Redis is unreachable: %s", why);
}

void
store_tell_up(struct store_told *t, const char *host, int port)
{
	if (t->quiet)
		return;
	if (host[0] == '/')
		log_notice("Redis %s is up", host);
	else
		log_notice("Redis %s port %d is up", host, port);
}
