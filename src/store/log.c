/* SPDX-License-Identifier: MIT */
/* A server that comes and goes, in the log; apart to be tested by itself. */
#include "config.h"

#include "store/log.h"

void
store_log_lost(struct store_log *l, const char *text, const char *why)
{
	l->quiet = !log_limit_write(&l->limit, log_limit_kind(why), LVL_WARNING,
	    "%s: %s", text, why);
}

void
store_log_up(struct store_log *l, const char *host, int port)
{
	if (l->quiet)
		return;
	if (host[0] == '/')
		log_notice("Redis %s is up", host);
	else
		log_notice("Redis %s port %d is up", host, port);
}
