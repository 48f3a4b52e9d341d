/* SPDX-License-Identifier: MIT */
/*
 * control.h - control/ is for the Unix socket by which bearerctl controls the
 * daemon.
 *
 * Served by the master: only it can reload, it lives as long as the service,
 *and a missing answer shows that it hangs.  A connection sends one line, one of
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

#include "shared/channel.h"
#include "conf/conf.h"
#include "shared/segment.h"
#include "shared/stats.h"

#define CONTROL_LINE_MAX 128
#define CONTROL_CONNS 8
#define CONTROL_FDS (2 + CONTROL_CONNS) /* what is polled */

/* The state of the service, for the moment of a call. */
struct control_args {
	const struct conf *conf;
	const struct segment *segment;
	const struct stats *stats;
	size_t workers, ready; /* how many are configured, and serve */
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

/* Deal with what happened, as poll(2) has it in fds; now is of the awake clock.
 * True: a reload is waited for. */
bool control_turn(const struct pollfd *fds, const struct control_args *args,
    int64_t now);

/* A reload succeeded or failed: tell those who wait for it, and those whose
 * renewals it made meaningless.  text is copied, with its line end. */
void control_reloaded(bool done, const char *text);

#endif
