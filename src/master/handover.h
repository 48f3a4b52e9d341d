/* SPDX-License-Identifier: MIT */
/*
 * handover.h - what a master hands to the program that is to replace it.
 *
 * The old master forks and executes the new program.  Open descriptors stay
 * open over that; variables of the environment tell which they are:
 *
 *   BEARERD_HANDOVER    version, process id of the new program, then the
 *                       descriptors of the line, of the segment for writing
 *                       (with its lock) and for reading, and of the ends of
 *                       the channels to the old workers
 *   BEARERD_HANDOVER_N  for each listening socket, from 0: its descriptor,
 *                       "callers" or "admin", and the address
 *
 * Sockets of systemd keep their own numbers and variables.  The line is a pair
 * of sockets between the two masters: master/upgrade.h says what is spoken on
 * it.
 *
 * Called by main, by both masters, and by their children.
 *
 * Invariants:
 *   - Nothing of it is left in the environment once the new program runs.
 *   - Our end of the line to a predecessor is open in the master and in its
 *     refresher only: when the other end sees its end, nobody is left on our
 *     side who could write the segment.
 */
#ifndef BEARERD_HANDOVER_H
#define BEARERD_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "shared/channel.h"
#include "process/listen.h"
#include "shared/segment.h"

#define HANDOVER_CHANNELS_MAX 256

/* Everything that a predecessor hands down. */
struct handover {
	int line;     /* to the old master; -1: it is gone */
	pid_t master; /* its process id */
	struct listeners listeners;
	struct segment segment; /* descriptors only; -1 once adopted */
	bool shares;            /* it was adopted: its workers read it too */
	struct segment old;     /* mapped, if it was not adopted, from GO on */
	uint64_t *seen;         /* as in struct crew; NULL: not mapped */
	struct channel channels[HANDOVER_CHANNELS_MAX]; /* one end of each */
	size_t channel_count;
};

/* Messages on the line; master/upgrade.h says when each is sent. */
enum handover_kind {
	HANDOVER_READY = 1, /* new: my workers serve */
	HANDOVER_GO,        /* old: my refresher is gone, start yours */
	HANDOVER_REFRESHER, /* new: this is my refresher's process id */
	HANDOVER_DONE,      /* new: all of me works */
	HANDOVER_BYE,       /* old: you are the master */
};

struct handover_message {
	uint32_t kind; /* enum handover_kind */
	int32_t pid;
};

/*
 * Take what the environment tells of.  Call before anything else reads the
 * environment.  0, also when there is nothing; -1 with *err when it is of
 * another version or makes no sense.
 */
int handover_take(struct err *err);

/* The things handed down; NULL: no predecessor. */
struct handover *handover_got(void);

/* The predecessor's sockets, which a master that gives up must not remove.
 * NULL: it owns what it has. */
const struct listeners *handover_listeners(void);

/* Close what was taken but is of no use, and remove the files of Unix sockets
 * that are not in `keep`: we are the master now. */
void handover_settle(const struct listeners *keep);

/* The predecessor is gone, or we give up: close what leads to it. */
void handover_end(void);

/* In a child: give up what belongs to the master.  A refresher keeps the line
 * and the channels. */
void handover_leave(const struct listeners *keep, bool refresher);

/*
 * Execute argv[0] as our successor, beside us.  Returns its process id, with
 * our end of the line in *line, or -1 with *err.  That it cannot be executed
 * shows in its death.
 */
pid_t handover_start(char *const *argv, const struct listeners *listeners,
    const struct segment *segment, const struct channel *channels, size_t count,
    int *line, struct err *err);

/* Send a message; handover_receive() notices a line that has ended. */
void handover_send(int line, enum handover_kind kind, pid_t pid);

/*
 * Receive a message.  1: it is in *out; 0: none now; -1: the other side has
 * ended.  Only messages of the other master count: its refresher has that end
 * too, and must not name processes to be killed.
 */
int handover_receive(int line, pid_t other, struct handover_message *out);

/* Close the line to a successor. */
void handover_hang_up(int *line);

#endif
