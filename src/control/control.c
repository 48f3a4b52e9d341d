/* SPDX-License-Identifier: MIT */
/*
 * The control socket itself: opened, closed, who may use it, and what its
 * connections do in one turn of the master's loop.
 */
#include "config.h"

#include "control/private.h"

#include "base/mem.h"
#include "process/listen.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 64
#define NOBODY ((uid_t)-1)

static struct {
	int fd; /* -1: no socket is configured */
	char *path;
	uid_t user;             /* of the children; NOBODY: the master's */
	gid_t group;            /* control-group; -1: none */
	struct channel channel; /* .worker is the master's end */
	struct control_conn conn[CONTROL_CONNS];
} self = {.fd = -1, .channel = {-1, -1}};

/* ---- who may use it ---- */

/* Whether a peer has a group, as its own or as a further one. */
static bool
peer_in_group(int fd, const struct ucred *peer, gid_t group)
{
	static gid_t groups[NGROUPS_MAX];
	socklen_t len = sizeof(groups);
	size_t i;

	if (group == (gid_t)-1 || peer->gid == group)
		return group != (gid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == -1)
		return false;
	for (i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool
is_permitted(int fd)
{
	socklen_t len = sizeof(struct ucred);
	struct ucred peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() ||
	    (self.user != NOBODY && peer.uid == self.user) ||
	    peer_in_group(fd, &peer, self.group);
}

static int
find_owners(const struct conf *conf, struct err *err)
{
	const struct passwd *pw;
	const struct group *gr;

	self.user = NOBODY;
	self.group = (gid_t)-1;
	if (conf->control_group != NULL) {
		gr = getgrnam(conf->control_group);
		if (gr == NULL)
			return err_set(err,
			    "control-group: there is no group '%s'",
			    conf->control_group);
		self.group = gr->gr_gid;
	}
	if (conf->user != NULL && geteuid() == 0) {
		pw = getpwnam(conf->user);
		if (pw == NULL)
			return err_set(err, "user: there is no user '%s'",
			    conf->user);
		self.user = pw->pw_uid;
	}
	return 0;
}

/* ---- open and close ---- */

int
control_prepare(const struct conf *conf, struct err *err)
{
	if (conf->control_socket != NULL && channel_open(&self.channel) == -1)
		return err_set(err, "socketpair: %s", strerror(errno));
	return 0;
}

int
control_open(const struct conf *conf, struct err *err)
{
	const char *path = conf->control_socket;
	bool shared;
	struct err why;

	if (path == NULL)
		return 0;
	if (find_owners(conf, err) == -1)
		return -1;
	self.fd = listen_unix(path, 0600, BACKLOG, &why);
	if (self.fd == -1)
		return err_set(err, "control-socket: %s", why.text);
	/* the kernel keeps everybody else from connecting at all */
	shared = self.group != (gid_t)-1;
	if (((shared || self.user != NOBODY) &&
		chown(path, self.user, self.group) == -1) ||
	    (shared && chmod(path, 0660) == -1)) {
		err_set(err,
		    "control-socket %s: cannot give it to user and control-group: %s",
		    path, strerror(errno));
		unlink(path);
		close(self.fd);
		self.fd = -1;
		return -1;
	}
	self.path = mem_strdup(path);
	return 0;
}

static void
close_socket(void)
{
	size_t i;

	if (self.fd == -1)
		return;
	for (i = 0; i < CONTROL_CONNS; i++)
		control_end(&self.conn[i]);
	close(self.fd);
	self.fd = -1;
	free(self.path);
	self.path = NULL;
}

void
control_close(void)
{
	if (self.fd == -1)
		return;
	unlink(self.path); /* first: it is ours as long as we listen */
	close_socket();
	channel_close(&self.channel);
}

void
control_leave(bool refresher)
{
	close_socket();
	if (self.channel.worker == -1)
		return;
	close(self.channel.worker);
	if (!refresher)
		close(self.channel.refresher);
}

const struct channel *
control_channel(void)
{
	return &self.channel;
}

/* ---- events ---- */

void
control_pollfds(struct pollfd *fds)
{
	size_t i;

	fds[0] =
	    (struct pollfd){.fd = control_has_room(self.conn) ? self.fd : -1,
		.events = POLLIN};
	fds[1] = (struct pollfd){.fd = self.channel.worker, .events = POLLIN};
	for (i = 0; i < CONTROL_CONNS; i++) {
		const struct control_conn *c = &self.conn[i];

		fds[2 + i] =
		    (struct pollfd){.fd = c->state == CONTROL_FREE ? -1 : c->fd,
			.events = c->state == CONTROL_READING ? POLLIN
			    : c->state == CONTROL_WRITING     ? POLLOUT
							      : 0};
	}
}

/* Tell the peer so, and read nothing of it. */
static void
refuse(int fd)
{
	static const char text[] =
	    "this user may not use the control socket: it is for root, the user that bearerd runs as, and members of control-group\n";
	char answer[sizeof(text) + 32];
	int len = snprintf(answer, sizeof(answer), "no %zu\n%s",
	    sizeof(text) - 1, text);

	send(fd, answer, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

/* A bounded number at a time: the master has other things to do. */
static void
accept_some(int64_t now)
{
	int i, fd;

	for (i = 0; i < CONTROL_CONNS && control_has_room(self.conn); i++) {
		fd = accept4(self.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1)
			return;
		if (is_permitted(fd))
			control_accept(self.conn, fd, now);
		else
			refuse(fd);
	}
}

/* Read, carry out, wait and write, as far as it goes. */
static void
go_on(struct control_conn *c, const struct control_args *args, int64_t now)
{
	enum control_state before = c->state;
	int len;

	if (c->state == CONTROL_READING && (len = control_receive(c)) != -1)
		control_serve(c, (size_t)len, args, self.channel.worker);
	if (c->state == CONTROL_WAITING)
		control_serve_wait(c, args);
	if (c->state == CONTROL_WRITING)
		control_send(c);
	control_check_deadline(c, before, now);
}

bool
control_turn(const struct pollfd *fds, const struct control_args *args,
    int64_t now)
{
	struct channel_message unused;
	bool reload = false;
	int left = CHANNEL_TURN;
	size_t i;

	if (self.fd == -1)
		return false;
	while (left-- > 0 && channel_receive(self.channel.worker, &unused))
		; /* it only wakes us: the counters tell what happened */
	for (i = 0; i < CONTROL_CONNS; i++)
		if (fds[2 + i].revents & (POLLHUP | POLLERR) &&
		    self.conn[i].state == CONTROL_WAITING)
			control_end(&self.conn[i]);
	if (fds[0].revents != 0)
		accept_some(now);
	for (i = 0; i < CONTROL_CONNS; i++) {
		struct control_conn *c = &self.conn[i];

		go_on(c, args, now);
		reload |= c->state == CONTROL_WAITING &&
		    c->command.kind == CONTROL_RELOAD;
	}
	return reload;
}

void
control_reloaded(bool done, const char *text)
{
	struct channel_message stale;
	size_t i;

	for (i = 0; i < CONTROL_CONNS; i++) {
		struct control_conn *c = &self.conn[i];

		if (c->state != CONTROL_WAITING)
			continue;
		if (c->command.kind == CONTROL_RELOAD)
			control_answer(c, done, text, strlen(text));
		else if (done)
			control_say(c, false,
			    "the configuration was reloaded meanwhile; ask again");
	}
	/* the numbers of tokens in it are those of the old configuration */
	while (done && self.fd != -1 &&
	    channel_receive(self.channel.refresher, &stale))
		;
}
