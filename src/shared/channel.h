/* SPDX-License-Identifier: MIT */
/*
 * channel.h - messages between a worker and the refresher.
 *
 * Each worker has a pair of connected datagram sockets (unix(7)).  The master
 * makes them and keeps both ends, so a message outlives its reader, and a
 * replacement continues with the same channel.  One more pair is for the
 * master, which passes on the requests of control.h.
 *
 * Invariants:
 *   - Sending never blocks; a message that finds no room is lost.  A process
 *     that waits for an answer therefore also looks at the slot and asks again.
 *   - No message holds a token or another secret.
 *   - An intruder may have the other end.  So times are bounded here, and a
 *     reader takes at most CHANNEL_TURN messages at a time, and only of the
 *     kinds that are meant for it.
 */
#ifndef BEARERD_CHANNEL_H
#define BEARERD_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

enum channel_kind {
	/* worker to refresher */
	CHANNEL_WANT,   /* a caller waits for a token newer than generation */
	CHANNEL_REJECT, /* the backend refused this generation */
	/* master to refresher */
	CHANNEL_RENEW, /* renew this token now, or CHANNEL_ALL */
	/* refresher to every worker */
	CHANNEL_PUBLISHED, /* the slot has a new token */
	CHANNEL_FAILED,    /* an attempt failed; the next one is due at `at` */
	/* refresher to the worker that sent CHANNEL_REJECT */
	CHANNEL_ACCEPTED, /* a renewal starts */
	CHANNEL_LIMITED,  /* too soon; the next one is accepted at `at` */
	CHANNEL_STALE,    /* that generation was replaced already */
};

/* Messages that a reader takes from one end before it serves others. */
#define CHANNEL_TURN 64
#define CHANNEL_ALL UINT32_MAX /* instead of a token's number: every token */

/* One datagram.  Unused members are 0. */
struct channel_message {
	uint32_t kind;       /* enum channel_kind */
	uint32_t token;      /* its number in the configuration */
	uint64_t generation; /* of the token that the message is about */
	int64_t at;          /* boot clock, ms */
};

/* Both ends of a pair, by the process that uses them; owned by the master. */
struct channel {
	int worker;    /* descriptor */
	int refresher; /* descriptor */
};

/* Make both ends, non-blocking and close-on-exec.  0, or -1 with errno. */
int channel_open(struct channel *c);

/* Close both ends. */
void channel_close(struct channel *c);

/* Send a message from this end to the other.  False: no room, it is lost. */
bool channel_send(int end, const struct channel_message *m);

/* True: a worker sends messages of this kind. */
static inline bool
channel_is_question(const struct channel_message *m)
{
	return m->kind == CHANNEL_WANT || m->kind == CHANNEL_REJECT;
}

/* True: workers receive messages of this kind. */
static inline bool
channel_is_answer(const struct channel_message *m)
{
	return m->kind >= CHANNEL_PUBLISHED && m->kind <= CHANNEL_STALE;
}

/* Receive the next message at this end.  False: none now.  m->at is 0 to
 * INT64_MAX / 2, so that sums with it do not overflow. */
bool channel_receive(int end, struct channel_message *m);

#endif
