/* SPDX-License-Identifier: MIT */
/*
 * control.h - the Unix socket over which bearerctl asks and steers.
 *
 * Served by the master: nobody else can reload, it lives as long as the
 * service does, and whoever asks it learns whether it hangs.  A connection is
 * one line, one of
 *
 *	status		status json	check
 *	renew		renew NAME	reload
 *
 * and one answer: "ok LENGTH\n" or "no LENGTH\n" and that many bytes of text;
 * before it "wait\n" when it takes the work of others.
 *
 * Called by the master, and control_leave() by its children.
 *
 * Invariants:
 *   - From a peer that is neither root, nor the user of the master or of its
 *     children, nor in control-group, not one byte is read.
 *   - Nothing here blocks; a connection ends at its deadline; of those that
 *     have not said what they want the oldest makes room for the next.
 *   - At most CONTROL_LINE_MAX bytes are read from a connection, and they can
 *     say nothing but which of the six lines it is, and a token's name.
 *   - No answer holds a token or another secret.
 */
#ifndef BEARERD_CONTROL_H
#define BEARERD_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel.h"
#include "conf.h"
#include "shm.h"
#include "stats.h"

#define CONTROL_LINE_MAX 128
#define CONTROL_CONNS 8
#define CONTROL_FDS (2 + CONTROL_CONNS)

/* What is running, for the moment of a call. */
struct control_of {
	const struct conf *conf;
	const struct shm *shm;
	const struct stats *stats;
	size_t workers, ready; /* how many there are to be, and do their work */
	bool stopping;
};

/* Open the channel to the refresher, if a socket is configured; before the
 * first refresher.  0, or -1 with *err. */
int control_prepare(const struct conf *conf, struct err *err);

/* Open the socket, if one is configured; when no predecessor has it any more.
 * 0, or -1 with *err and nothing opened. */
int control_open(const struct conf *conf, struct err *err);

/* Remove the socket and end all connections. */
void control_close(void);

/* In a child: close what is the master's, and the refresher's unless it is. */
void control_leave(bool refresher);

/* The channel that the refresher is to listen to. */
const struct channel *control_channel(void);

/* Fill CONTROL_FDS entries to poll(2). */
void control_pollfds(struct pollfd *fds);

/* Deal with what happened; true: a reload was asked for. */
bool control_turn(const struct pollfd *fds, const struct control_of *of,
    int64_t now);

/* A reload has ended so: tell those who wait, for it or for what it undid. */
void control_reloaded(bool done, const char *text);

#endif
