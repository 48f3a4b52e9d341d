/* SPDX-License-Identifier: MIT */
/*
 * channel.h - what a worker and the refresher say to each other.
 *
 * One pair of connected datagram sockets per worker, made by the master, which
 * keeps both ends: a message outlives the process that was to read it, and a
 * replacement finds the channel as it was.  The master has one of its own, for
 * what control.h is asked.
 *
 * Invariants:
 *   - Sending never blocks; a message that finds no room is lost.  Whoever
 *     waits for an answer therefore looks at the slot as well, and asks again.
 *   - No message bears a token or another secret.
 */
#ifndef BEARERD_CHANNEL_H
#define BEARERD_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

enum channel_kind {
	/* worker to refresher */
	CHANNEL_WANT,   /* a caller waits for this token, newer than generation */
	CHANNEL_REJECT, /* the backend refused this generation */
	CHANNEL_RENEW,  /* get a newer token now, or of CHANNEL_ALL */
	/* refresher to every worker */
	CHANNEL_PUBLISHED, /* the slot has a new token */
	CHANNEL_FAILED,    /* an attempt failed; the next one is due at `at` */
	/* refresher to the worker that sent CHANNEL_REJECT */
	CHANNEL_ACCEPTED, /* a renewal starts */
	CHANNEL_LIMITED,  /* too soon; the next one is accepted at `at` */
	CHANNEL_STALE,    /* that generation is replaced already */
};

#define CHANNEL_ALL UINT32_MAX /* in the place of a token's number */

struct channel_message {
	uint32_t kind;  /* enum channel_kind */
	uint32_t token; /* its number in the configuration */
	uint64_t generation;
	int64_t at; /* boot time */
};

struct channel {
	int worker, refresher; /* the two ends */
};

/* 0, or -1 with errno. */
int channel_open(struct channel *c);
void channel_close(struct channel *c);

/* Whether the message was taken. */
bool channel_send(int end, const struct channel_message *m);

/* Whether there was a message. */
bool channel_receive(int end, struct channel_message *m);

#endif
