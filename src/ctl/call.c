/* SPDX-License-Identifier: MIT */
/* One question over the control socket. */
#include "config.h"

#include "ctl/ctl.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS 5000 /* that bearerd is given by itself, */
#define WAIT_MS 30000  /* and when it waits for others */
#define AGAIN_MS 50    /* between attempts to get into a full queue */
#define WAIT_LINE "wait\n"

struct call {
	const struct ctl *ctl;
	int fd;
	int64_t began_at, end_at; /* boot time */
	bool waits;               /* bearerd said that it takes a while */
	char *text;               /* received so far, on the heap */
	size_t len, size;
};

/* Wait for the descriptor until the deadline. */
static bool
ready(const struct call *c, short events)
{
	struct pollfd fd = {.fd = c->fd, .events = events};
	int64_t left;

	while ((left = c->end_at - clock_boot_ms()) > 0)
		if (poll(&fd, 1, (int)left) > 0)
			return true;
	return false;
}

static int
late(const struct call *c, struct err *err)
{
	double s = (double)(c->end_at - c->began_at) / 1000;
	socklen_t len = sizeof(struct ucred);
	struct ucred peer = {0};

	getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	if (c->waits)
		return err_set(err,
		    "no result within %g s; bearerd goes on, see bearerctl status",
		    s);
	return err_set(err,
	    "bearerd (process %d) did not answer within %g s: it hangs or is stopped",
	    (int)peer.pid, s);
}

static int
unreachable(const char *path, struct err *err)
{
	const char *why = strerror(errno);

	if (errno == ENOENT)
		why =
		    "there is no such socket; is bearerd running, with this control-socket?";
	else if (errno == ECONNREFUSED)
		why = "nobody listens there: bearerd is not running";
	else if (errno == EACCES || errno == EPERM)
		why =
		    "permission denied; it is for root, the user that bearerd runs as, and members of control-group";
	return err_set(err, "control socket %s: %s", path, why);
}

static int
open_call(struct call *c, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const char *path = c->ctl->socket;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_set(err, "control socket %s: the path is too long",
		    path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		return err_set(err, "socket: %s", strerror(errno));
	while (connect(c->fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		if (errno != EAGAIN)
			return unreachable(path, err);
		if (clock_boot_ms() > c->end_at)
			return err_set(err,
			    "control socket %s: bearerd takes no connection: it hangs, or too many programs ask it",
			    path);
		poll(NULL, 0, AGAIN_MS);
	}
	return 0;
}

static int
send_line(struct call *c, const char *line, struct err *err)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "%s\n", line);

	if (len >= (int)sizeof(text))
		return err_set(err, "the name is too long");
	/* a server that refuses us may have closed; its answer says why */
	send(c->fd, text, (size_t)len, MSG_NOSIGNAL);
	return 0;
}

/* "wait" has come: bearerd waits for others from now on. */
static void
mind_wait(struct call *c)
{
	size_t n = strlen(WAIT_LINE);

	if (c->waits || c->len < n || memcmp(c->text, WAIT_LINE, n) != 0)
		return;
	c->waits = true;
	c->len -= n;
	memmove(c->text, c->text + n, c->len);
	if (c->ctl->timeout_ms == 0)
		c->end_at = c->began_at + WAIT_MS;
}

/* Parse the text.  False: it is incomplete, or no answer. */
static bool
understand(struct call *c, struct ctl_reply *out)
{
	size_t len, head;
	char word[3];
	int n = 0;

	c->text[c->len] = '\0';
	if (sscanf(c->text, "%2s %zu%n", word, &len, &n) != 2 ||
	    c->text[n] != '\n')
		return false;
	head = (size_t)n + 1;
	out->ok = strcmp(word, "ok") == 0;
	if ((!out->ok && strcmp(word, "no") != 0) || c->len - head != len)
		return false;
	memmove(c->text, c->text + head, len + 1);
	out->text = c->text;
	out->len = len;
	c->text = NULL;
	return true;
}

static int
receive(struct call *c, struct ctl_reply *out, struct err *err)
{
	char bytes[16384];
	ssize_t n;

	while (ready(c, POLLIN)) {
		n = recv(c->fd, bytes, sizeof(bytes), 0);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return err_set(err,
			    "control socket %s: another program listens there, or bearerd has just ended",
			    c->ctl->socket);
		mem_append(&c->text, &c->len, &c->size, bytes, (size_t)n);
		mem_append(&c->text, &c->len, &c->size, "", 1);
		c->len--; /* room for the NUL */
		mind_wait(c);
		if (understand(c, out))
			return 0;
	}
	return late(c, err);
}

int
ctl_call(const struct ctl *ctl, const char *line, struct ctl_reply *out,
    struct err *err)
{
	struct call c = {.ctl = ctl, .fd = -1, .began_at = clock_boot_ms()};
	int status = -1;

	c.end_at =
	    c.began_at + (ctl->timeout_ms > 0 ? ctl->timeout_ms : ANSWER_MS);
	if (open_call(&c, err) == 0 && send_line(&c, line, err) == 0)
		status = receive(&c, out, err);
	if (c.fd != -1)
		close(c.fd);
	free(c.text);
	return status;
}
