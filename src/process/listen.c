/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "process/listen.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096     /* the kernel cuts it to net.core.somaxconn */
#define QUEUE_MAX 131072 /* bytes, which the kernel doubles */
#define UNSENT_MAX 16384
#define SYSTEMD_FD_FIRST 3 /* SD_LISTEN_FDS_START */
#define SYSTEMD "systemd:" /* in the place of an address */

/*
 * Limit what may be queued for one client that does not read; connections
 * inherit it.  The kernel would let it grow to megabytes.  A connection is
 * writable again when no more than UNSENT_MAX bytes wait to leave.  They last
 * until the writer comes back, if it does so within about a round trip.
 */
static void
limit_queue(int fd)
{
	int size = QUEUE_MAX, unsent = UNSENT_MAX;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
}

void
listen_append(struct listeners *l, int fd, bool admin, const char *address)
{
	struct listener *grown =
	    reallocarray(l->item, l->count + 1, sizeof(*grown));

	if (grown == NULL)
		abort();
	limit_queue(fd);
	l->item = grown;
	l->item[l->count++] = (struct listener){.fd = fd,
	    .admin = admin,
	    .address = mem_strdup(address)};
}

/* Remove the file of a Unix socket that nobody listens on any more. */
static int
remove_stale(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, status;

	if (lstat(sun->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		errno = EEXIST;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	status = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	close(fd);
	if (status == 0 || errno == EAGAIN) { /* or its queue is full */
		errno = EADDRINUSE;
		return -1;
	}
	if (errno == ECONNREFUSED)
		unlink(sun->sun_path);
	return 0;
}

/* Bind with a umask, so that the file never has a wider mode. */
static int
bind_unix(int fd, const struct sockaddr_un *sun, unsigned mode)
{
	mode_t before = umask(0777 & ~mode);
	int status = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));

	umask(before);
	return status;
}

int
listen_unix(const char *path, unsigned mode, int backlog, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = -1;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_set(err, "listen unix:%s: the path is too long",
		    path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	if (remove_stale(&sun) == -1 ||
	    (fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1 ||
	    file_prepare(fd) == -1 || bind_unix(fd, &sun, mode) == -1 ||
	    listen(fd, backlog) == -1) {
		err_set(err, "listen unix:%s: %s%s", path, strerror(errno),
		    errno == EADDRINUSE ? ": another process listens on it"
					: "");
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

static int
bind_inet(const struct addrinfo *ai)
{
	int on = 1, keep, fd = socket(ai->ai_family, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
	    sizeof(on)); /* inherited */
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (file_prepare(fd) == 0 &&
	    bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	keep = errno;
	close(fd);
	errno = keep;
	return -1;
}

/* True: binding failed because the kernel lacks the family.  It was built
 * without, or it is switched off for every interface. */
static bool
lacks_family(const struct addrinfo *ai, int error)
{
	return error == EAFNOSUPPORT || error == EPROTONOSUPPORT ||
	    (error == EADDRNOTAVAIL && ai->ai_family == AF_INET6);
}

/* Listen on all of these addresses.  Those of a family that the kernel lacks
 * are left out if one of another family is served.  0, or -1 with *err. */
static int
bind_all(const char *address, bool admin, const struct addrinfo *ai,
    struct listeners *out, struct err *err)
{
	const char *lacking = NULL;
	size_t before = out->count;
	int fd;

	for (; ai != NULL; ai = ai->ai_next) {
		if ((fd = bind_inet(ai)) != -1) {
			listen_append(out, fd, admin, address);
			continue;
		}
		err_set(err, "listen %s: %s", address, strerror(errno));
		if (!lacks_family(ai, errno))
			return -1;
		lacking = ai->ai_family == AF_INET6 ? "IPv6" : "IPv4";
	}
	if (out->count == before)
		return -1;
	if (lacking != NULL)
		log_notice(
		    "listen %s: %s is not available here; its addresses are left out",
		    address, lacking);
	return 0;
}

/* Listen on every address of a name. */
static int
open_inet(const char *address, bool admin, struct listeners *out,
    struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list;
	char host[ADDRESS_HOST_MAX], port[8];
	struct address a;
	int status;

	if (address_read(address, strlen(address), &a) == -1 ||
	    address_host(&a, host) == -1)
		return err_set(err, "listen %s: not an address", address);
	snprintf(port, sizeof(port), "%d", a.port == -1 ? 0 : a.port);
	status =
	    getaddrinfo(host[0] == '\0' || strcmp(host, "*") == 0 ? NULL : host,
		port, &hints, &list);
	if (status != 0)
		return err_set(err, "listen %s: %s", address,
		    gai_strerror(status));
	status = bind_all(address, admin, list, out, err);
	freeaddrinfo(list);
	return status;
}

static int
open_one(const char *address, bool admin, const struct listeners *before,
    struct listeners *out, struct err *err)
{
	bool shared = false;
	size_t i;
	int fd;

	for (i = 0; before != NULL && i < before->count; i++)
		if (before->item[i].admin == admin &&
		    strcmp(before->item[i].address, address) == 0) {
			listen_append(out, before->item[i].fd, admin, address);
			shared = true;
		}
	if (shared)
		return 0;
	if (strncmp(address, "unix:", 5) != 0)
		return open_inet(address, admin, out, err);
	if ((fd = listen_unix(address + 5, 0666, BACKLOG, err)) == -1)
		return -1;
	listen_append(out, fd, admin, address);
	return 0;
}

/* Whether $LISTEN_FDNAMES (a:b:c) calls this descriptor so. */
static bool
named(int i, const char *name)
{
	size_t len = strlen(name);
	const char *names = getenv("LISTEN_FDNAMES");

	for (; names != NULL && i > 0; i--) {
		names = strchr(names, ':');
		names = names == NULL ? NULL : names + 1;
	}
	return names != NULL && strcspn(names, ":") == len &&
	    strncmp(names, name, len) == 0;
}

/* How many descriptors systemd has passed to this process. */
static int
passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	return pid != NULL && atol(pid) == (long)getpid() && fds != NULL
	    ? atoi(fds)
	    : 0;
}

int
listen_passed(const char *name)
{
	int i, n = passed();

	for (i = 0; i < n; i++)
		if (named(i, name) && file_prepare(SYSTEMD_FD_FIRST + i) == 0)
			return SYSTEMD_FD_FIRST + i;
	return -1;
}

/* Take systemd's sockets over; *got tells for which purposes there are any. */
static void
inherit(struct listeners *out, bool got[2])
{
	int i, n = passed();
	char name[32];

	for (i = 0; i < n; i++) {
		bool admin = named(i, "admin");

		if (named(i, LISTEN_SEGMENT) ||
		    file_prepare(SYSTEMD_FD_FIRST + i) == -1)
			continue;
		snprintf(name, sizeof(name), SYSTEMD "%d", i);
		listen_append(out, SYSTEMD_FD_FIRST + i, admin, name);
		got[admin] = true;
	}
}

int
listen_open(const struct conf *conf, const struct listeners *before,
    struct listeners *out, struct err *err)
{
	const struct conf_list *list[2] = {&conf->listen, &conf->admin_listen};
	bool got[2] = {false, false};
	int admin;
	size_t i;

	*out = (struct listeners){0};
	inherit(out, got);
	for (admin = 0; admin < 2; admin++)
		for (i = 0; !got[admin] && i < list[admin]->count; i++)
			if (open_one(list[admin]->item[i], admin == 1, before,
				out, err) == -1) {
				listen_close(out, before);
				return -1;
			}
	return 0;
}

bool
listen_is_systemd(const struct listener *l)
{
	return strncmp(l->address, SYSTEMD, strlen(SYSTEMD)) == 0;
}

static bool
has_fd(const struct listeners *l, int fd)
{
	size_t i;

	for (i = 0; l != NULL && i < l->count; i++)
		if (l->item[i].fd == fd)
			return true;
	return false;
}

/* Remove the file of a Unix socket that we made. */
static void
remove_file(const struct listener *l)
{
	if (strncmp(l->address, "unix:", 5) == 0)
		unlink(l->address + 5);
}

void
listen_leave(struct listeners *l, const struct listeners *keep)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (!has_fd(keep, l->item[i].fd))
			close(l->item[i].fd);
		free(l->item[i].address);
	}
	free(l->item);
	*l = (struct listeners){0};
}

void
listen_close(struct listeners *l, const struct listeners *keep)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (!has_fd(keep, l->item[i].fd))
			remove_file(&l->item[i]);
	listen_leave(l, keep);
}

void
listen_name(const struct listener *l, char *out, size_t size)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	char host[128], port[16];

	if (getsockname(l->fd, (struct sockaddr *)&ss, &len) == -1 ||
	    ss.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, size, "%s", l->address);
	else
		address_print(host, atoi(port), out, size);
}
