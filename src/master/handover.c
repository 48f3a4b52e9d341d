/* SPDX-License-Identifier: MIT */
/* The environment and the descriptors of a hand-over, and the line itself. */
#include "config.h"

#include "master/handover.h"

#include "base/file.h"
#include "base/log.h"
#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* To be raised when meaning or order of anything here changes, and with it
 * struct channel_message; the segment has a layout number of its own. */
#define PROTOCOL 1

#define VARIABLE "BEARERD_HANDOVER"
#define NAME_SIZE (sizeof(VARIABLE) + 24)

static struct handover got;
static bool have;
static int successor = -1; /* our end of the line to it */

static const char *
socket_variable(size_t i, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, VARIABLE "_%zu", i);
	return name;
}

/* "7 callers 127.0.0.1:8000" */
static int
take_socket(const char *text)
{
	int fd, n = 0;
	char kind[8];

	if (sscanf(text, "%d %7s %n", &fd, kind, &n) != 2 || n == 0 ||
	    file_prepare(fd) == -1)
		return -1;
	listen_append(&got.listeners, fd, strcmp(kind, "admin") == 0, text + n);
	return 0;
}

static int
take_sockets(void)
{
	char name[NAME_SIZE];
	const char *text;
	size_t i;
	int status = 0;

	for (i = 0; (text = getenv(socket_variable(i, name))) != NULL; i++) {
		if (take_socket(text) == -1)
			status = -1;
		unsetenv(name);
	}
	return status;
}

/* The next number of a text, as a descriptor; -1: there is none. */
static int
take_descriptor(char **text)
{
	char *end;
	long fd = strtol(*text, &end, 10);

	if (end == *text || file_prepare((int)fd) == -1)
		return -1;
	*text = end;
	return (int)fd;
}

static int
take_descriptors(char *text)
{
	int fd;

	got.line = take_descriptor(&text);
	got.segment.fd = take_descriptor(&text);
	got.segment.fd_readonly = take_descriptor(&text);
	if (got.line == -1 || got.segment.fd == -1 ||
	    got.segment.fd_readonly == -1)
		return -1;
	while (got.channel_count < HANDOVER_CHANNELS_MAX &&
	    (fd = take_descriptor(&text)) != -1)
		got.channels[got.channel_count++] =
		    (struct channel){.worker = -1, .refresher = fd};
	return 0;
}

int
handover_take(struct err *err)
{
	char *text = getenv(VARIABLE), *rest;
	long version, pid;
	int status, on = 1;

	if (text == NULL)
		return 0;
	version = strtol(text, &rest, 10);
	pid = strtol(rest, &rest, 10);
	if (pid != (long)getpid()) { /* it was meant for an ancestor */
		unsetenv(VARIABLE);
		return 0;
	}
	if (version != PROTOCOL)
		return err_set(err,
		    "the running bearerd hands over in version %ld, this program knows %d; stop it and start this one",
		    version, PROTOCOL);
	got.master = getppid(); /* who has executed us */
	status = take_descriptors(rest);
	if (got.line != -1)
		setsockopt(got.line, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (take_sockets() == -1)
		status = -1;
	unsetenv(VARIABLE);
	if (status == -1)
		return err_set(err, VARIABLE ": a descriptor is not open");
	have = true;
	return 0;
}

struct handover *
handover_got(void)
{
	return have ? &got : NULL;
}

const struct listeners *
handover_listeners(void)
{
	return have ? &got.listeners : NULL;
}

void
handover_settle(const struct listeners *keep)
{
	if (!have)
		return;
	listen_close(&got.listeners, keep);
	segment_close(&got.segment);
}

static void
forget_segment(void)
{
	if (got.seen != NULL)
		segment_close(&got.old);
	free(got.seen);
	got.seen = NULL;
}

void
handover_end(void)
{
	if (!have)
		return;
	while (got.channel_count > 0)
		close(got.channels[--got.channel_count].refresher);
	forget_segment();
	if (got.line != -1)
		close(got.line);
	got.line = -1;
}

void
handover_leave(const struct listeners *keep, bool refresher)
{
	handover_hang_up(&successor);
	if (!have)
		return;
	listen_leave(&got.listeners, keep);
	segment_close(&got.segment);
	forget_segment();
	if (!refresher)
		handover_end();
}

/* Over execve(2). */
static void
keep_open(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

/* Variables of systemd that name the process they are meant for. */
static void
export_pid(const char *name)
{
	const char *value = getenv(name);
	char pid[24];

	if (value == NULL || atol(value) != (long)getppid())
		return;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv(name, pid, 1);
}

static void
export_sockets(const struct listeners *l)
{
	char name[NAME_SIZE], text[1024];
	size_t i, n = 0;

	for (i = 0; i < l->count; i++) {
		keep_open(l->item[i].fd);
		if (listen_is_systemd(&l->item[i]))
			continue;
		snprintf(text, sizeof(text), "%d %s %s", l->item[i].fd,
		    l->item[i].admin ? "admin" : "callers", l->item[i].address);
		setenv(socket_variable(n++, name), text, 1);
	}
	export_pid("LISTEN_PID");
	export_pid("WATCHDOG_PID");
}

static void
export_descriptors(int line, const struct segment *segment,
    const struct channel *channels, size_t count)
{
	char text[64 + 12 * HANDOVER_CHANNELS_MAX];
	int n = snprintf(text, sizeof(text), "%d %ld %d %d %d", PROTOCOL,
	    (long)getpid(), line, segment->fd, segment->fd_readonly);
	size_t i;

	keep_open(line);
	keep_open(segment->fd);
	keep_open(segment->fd_readonly);
	for (i = 0; i < count && i < HANDOVER_CHANNELS_MAX; i++) {
		keep_open(channels[i].refresher);
		n += snprintf(text + n, sizeof(text) - (size_t)n, " %d",
		    channels[i].refresher);
	}
	setenv(VARIABLE, text, 1);
}

pid_t
handover_start(char *const *argv, const struct listeners *listeners,
    const struct segment *segment, const struct channel *channels, size_t count,
    int *line, struct err *err)
{
	sigset_t all, before;
	int fd[2], on = 1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, fd) == -1)
		return err_set(err, "socketpair: %s", strerror(errno));
	setsockopt(fd[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0) {
		export_sockets(listeners);
		export_descriptors(fd[1], segment, channels, count);
		sig_reset();
		execvp(argv[0], argv);
		log_err("%s cannot be executed: %s", argv[0], strerror(errno));
		_exit(1);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fd[1]);
	if (pid == -1) {
		close(fd[0]);
		return err_set(err, "fork: %s", strerror(errno));
	}
	*line = successor = fd[0];
	return pid;
}

void
handover_send(int line, enum handover_kind kind, pid_t pid)
{
	struct handover_message m = {.kind = kind, .pid = (int32_t)pid};

	send(line, &m, sizeof(m), MSG_NOSIGNAL);
}

/* Whether the kernel says that this process has sent it. */
static bool
is_from(const struct msghdr *m, pid_t other)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct ucred from;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_CREDENTIALS ||
	    c->cmsg_len < CMSG_LEN(sizeof(from)))
		return false;
	memcpy(&from, CMSG_DATA(c), sizeof(from));
	return from.pid == other;
}

int
handover_receive(int line, pid_t other, struct handover_message *out)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = {.iov_base = out, .iov_len = sizeof(*out)};
	struct msghdr m = {.msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(line, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n == (ssize_t)sizeof(*out))
		return is_from(&m, other) ? 1 : 0;
	return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void
handover_hang_up(int *line)
{
	if (*line != -1)
		close(*line);
	*line = successor = -1;
}
