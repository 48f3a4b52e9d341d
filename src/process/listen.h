/* SPDX-License-Identifier: MIT */
/*
 * listen.h - the listening sockets: opened, inherited, kept over a reload.
 *
 * Called by the master.  All workers accept on the same sockets, which live
 * as long as the master does: when a worker dies, no connection that waits to
 * be accepted is lost; at a change of the program the new master inherits
 * them (handover.h).  systemd's sockets (sd_listen_fds(3)) take the place of
 * the configured ones: those named "admin" serve administrators, all others
 * callers, but for what is no socket: the segment that systemd has kept.
 *
 * Invariant: every socket is non-blocking and close-on-exec.
 */
#ifndef BEARERD_LISTEN_H
#define BEARERD_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "conf/conf.h"

#define LISTEN_SEGMENT "segment" /* what systemd calls it */

struct listener {
	int fd;
	bool admin;
	char *address; /* as configured */
};

struct listeners {
	struct listener *item;
	size_t count;
};

/*
 * Open all addresses of the configuration; an address that `before` (may be
 * NULL) has too shares its socket.  0, or -1 with *err and nothing opened.
 */
int listen_open(const struct conf *conf, const struct listeners *before,
    struct listeners *out, struct err *err);

/* Add a socket that is open already. */
void listen_append(struct listeners *l, int fd, bool admin,
    const char *address);

/* Whether it is one of systemd's. */
bool listen_is_systemd(const struct listener *l);

/* Close the sockets that `keep` (may be NULL) does not share, and remove the
 * files of Unix sockets among them. */
void listen_close(struct listeners *l, const struct listeners *keep);

/* In a child: close the sockets that `keep` (may be NULL) does not share. */
void listen_leave(struct listeners *l, const struct listeners *keep);

/* The descriptor that systemd has passed under this name, or -1. */
int listen_passed(const char *name);
/*
 * Listen on a Unix socket whose file has this mode, in the place of one that
 * nobody listens on any more.  The descriptor, or -1 with *err.
 */
int listen_unix(const char *path, unsigned mode, int backlog, struct err *err);

/* Write "HOST:PORT" as the kernel has it (the port may have been 0). */
void listen_name(const struct listener *l, char *out, size_t size);

#endif
