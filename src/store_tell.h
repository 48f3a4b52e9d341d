/* SPDX-License-Identifier: MIT */
/*
 * store_tell.h - say in the log that a server was lost or is there, but of one
 * that comes and goes for the same reason only once a minute.
 *
 * The inner side of store_link.h.
 */
#ifndef BEARERD_STORE_TELL_H
#define BEARERD_STORE_TELL_H

#include <stdbool.h>
#include <stdint.h>

/* What was said last; zero at first. */
struct store_told {
	char why[64];
	int64_t at;
	bool quiet; /* the loss was not told, nor is the return */
};

void store_tell_lost(struct store_told *t, const char *why);
void store_tell_up(struct store_told *t, const char *host, int port);

#endif
