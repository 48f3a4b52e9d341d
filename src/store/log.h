/* SPDX-License-Identifier: MIT */
/*
 * store/log.h - log that a server was lost or is there again, once a minute for
 * each reason.  Called by store/nodes.c.
 */
#ifndef BEARERD_STORE_LOG_H
#define BEARERD_STORE_LOG_H

#include "base/log_limit.h"

/* All zeros to begin with. */
struct store_log {
	struct log_limit limit;
	bool quiet; /* the loss was not logged, nor will the return be */
};

/* The text is logged before the reason. */
void store_log_lost(struct store_log *l, const char *text, const char *why);
void store_log_up(struct store_log *l, const char *host, int port);

#endif
