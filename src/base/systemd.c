/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/systemd.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The address in $NOTIFY_SOCKET; its length, 0: there is none. */
static socklen_t
address(struct sockaddr_un *sun)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path == NULL ? 0 : strlen(path);

	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len < 2 || len >= sizeof(sun->sun_path))
		return 0;
	memcpy(sun->sun_path, path, len);
	if (path[0] == '@')
		sun->sun_path[0] = '\0'; /* the abstract name space */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

bool
systemd_wanted(void)
{
	struct sockaddr_un sun;

	return address(&sun) != 0;
}

/* Send a text, and with it a descriptor unless that is -1. */
static void
send_text(char *text, int passed)
{
	struct sockaddr_un sun;
	struct iovec part = {.iov_base = text, .iov_len = strlen(text)};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} extra = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
		       .cmsg_level = SOL_SOCKET,
		       .cmsg_type = SCM_RIGHTS}};
	struct msghdr message = {.msg_name = &sun,
	    .msg_namelen = address(&sun),
	    .msg_iov = &part,
	    .msg_iovlen = 1};
	int fd;

	if (message.msg_namelen == 0)
		return;
	if (passed != -1) {
		memcpy(CMSG_DATA(&extra.head), &passed, sizeof(passed));
		message.msg_control = extra.bytes;
		message.msg_controllen = sizeof(extra.bytes);
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	sendmsg(fd, &message, MSG_NOSIGNAL);
	close(fd);
}

void
systemd_notify(const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	send_text(text, -1);
}

void
systemd_keep(int fd, const char *name)
{
	char text[128];

	systemd_notify("FDSTOREREMOVE=1\nFDNAME=%s", name);
	snprintf(text, sizeof(text), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	send_text(text, fd);
}

int
systemd_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && atol(pid) != (long)getpid()))
		return 0;
	return (int)(strtoll(usec, NULL, 10) / 2000);
}
