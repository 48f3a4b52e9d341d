/* SPDX-License-Identifier: MIT */
/*
 * token_status.h - the current status of a token, for display.
 *
 * Combines the slot with the refresher's counters.  Called by workers for
 * /metrics, /status and /readyz, and by the master for systemd's status line.
 * Never has the token's text.
 */
#ifndef BEARERD_TOKEN_STATUS_H
#define BEARERD_TOKEN_STATUS_H

#include <stdbool.h>

#include "shared/segment.h"
#include "shared/stats.h"

/* A snapshot; its texts belong to the segment or are static. */
struct token_status {
	const char *name;
	enum stats_state state;
	bool there;          /* the slot has a token, dead or alive */
	uint64_t generation; /* of that; 0: none */
	char fingerprint[FINGERPRINT_LEN + 1];
	int64_t expires_wall_at; /* ms since the epoch */
	int64_t left_ms;         /* until its reserve; <= 0: dead */
	int64_t renew_ms;        /* until its renewal is due */
	int64_t attempt_ms;      /* until the next attempt; 0: none planned */
	uint64_t failures;       /* in a row */
	const char *result;      /* of the last attempt; "none" */
	const char *error;       /* of the authorization server; NULL: none */
	int status; /* HTTP status of the last call; 0: no answer */
	bool had;   /* there was a token once since the start */
};

/* Read the status of token i at this boot time (ms). */
void token_status_read(const struct segment *segment, const struct stats *stats,
    size_t i, int64_t now, struct token_status *out);

/* True: token i was there once since the start. */
bool token_status_had(const struct stats *stats, size_t i);

/* The number of tokens that were never there since the start; *name is set to
 * the name of the first one. */
size_t token_status_missing(const struct segment *segment,
    const struct stats *stats, const char **name);

#endif
