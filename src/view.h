/* SPDX-License-Identifier: MIT */
/*
 * view.h - what is known about a token right now, for whoever shows it.
 *
 * Puts together the slot and the refresher's counters.  Called by workers for
 * /metrics, /status and /readyz, and by the master for systemd's status line.
 * Never has the token's text.
 */
#ifndef BEARERD_VIEW_H
#define BEARERD_VIEW_H

#include <stdbool.h>

#include "shm.h"
#include "stats.h"

struct view {
	const char *name;
	enum stats_state state;
	bool there;          /* the slot has a token, dead or alive */
	uint64_t generation;
	char fingerprint[FINGERPRINT_LEN + 1];
	int64_t expires_wall_at;
	int64_t left_ms;     /* until it is handed out no more; <= 0: dead */
	int64_t renew_ms;    /* until its renewal is due */
	int64_t attempt_ms;  /* until the next attempt, 0: none is planned */
	uint64_t failures;   /* in a row */
	const char *result;  /* how the last attempt ended; "none" */
	int status;          /* HTTP status of the last backend answer, or 0 */
	bool had;            /* there was a token once since the start */
};

/* Look at token i at this boot time. */
void view_token(const struct shm *shm, const struct stats *stats, size_t i,
    int64_t now, struct view *out);

/* The word for a state, as in the metrics. */
const char *view_state_name(enum stats_state state);

/* How many tokens have never been there since the start; the name of the
 * first of them in *name. */
size_t view_missing(const struct shm *shm, const struct stats *stats,
    const char **name);

#endif
