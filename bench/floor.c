/* SPDX-License-Identifier: MIT */
/*
 * floor: the least that a server of tokens over HTTP can cost.
 *     floor PORT|/UNIX/SOCKET SHM-NAME TOKEN
 *
 * One process, epoll, edge-triggered.  It looks for the blank line that ends a
 * request and for nothing else, and answers from the slot of a running
 * bearerd, of which it keeps a rendered copy as long as the slot's sequence
 * stands still.  What bearerd costs more is the price of being a real server.
 */
#include "config.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/segment.h"

#define IN_SIZE 16384
#define OUT_SIZE 65536

static struct token token;
static const struct slot *slot;
static uint64_t seq;
static char answer[TOKEN_MAX + 512];
static size_t answer_len;

static int
listen_tcp(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1)
		err(1, "bind");
	return fd;
}

static int
listen_unix(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == -1)
		err(1, "bind");
	return fd;
}

static void
render(void)
{
	char body[TOKEN_MAX + 128];
	int n;

	if (slot_read(slot, &token, &seq) != SLOT_OK)
		errx(1, "the slot holds no token");
	n = snprintf(body, sizeof(body),
	    "{\"token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":3000,"
	    "\"refresh_in\":2000}",
	    token.text);
	answer_len = (size_t)snprintf(answer, sizeof(answer),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %d\r\nCache-Control: no-store\r\n\r\n%s",
	    n, body);
}

/* Answer all that arrived at once with one send; false: the end. */
static bool
serve(int fd)
{
	static char in[IN_SIZE], out[OUT_SIZE];
	size_t len = 0;
	char *p, *end;
	ssize_t n = recv(fd, in, sizeof(in), 0);

	if (n <= 0)
		return n == -1 && errno == EAGAIN;
	if (slot_seq(slot) != seq)
		render();
	for (p = in;
	     (end = memmem(p, (size_t)(in + n - p), "\r\n\r\n", 4)) != NULL;
	     p = end + 4) {
		if (len + answer_len > sizeof(out))
			errx(1, "too much at once");
		memcpy(out + len, answer, answer_len);
		len += answer_len;
	}
	if (p != in + n)
		errx(1, "half a request: the load generator does not do that");
	if (send(fd, out, len, MSG_NOSIGNAL) != (ssize_t)len)
		return false;
	return memmem(in, (size_t)n, "Connection: close", 17) == NULL;
}

static void
loop(int listener)
{
	struct epoll_event e[256], add = {.events = EPOLLIN | EPOLLET};
	int ep = epoll_create1(0), i, n, fd;

	add.data.fd = listener;
	epoll_ctl(ep, EPOLL_CTL_ADD, listener, &add);
	while ((n = epoll_wait(ep, e, 256, -1)) > 0 || errno == EINTR) {
		for (i = 0; i < n; i++) {
			if (e[i].data.fd != listener) {
				if (!serve(e[i].data.fd))
					close(e[i].data.fd);
				continue;
			}
			while ((fd = accept4(listener, NULL, NULL,
				    SOCK_NONBLOCK)) != -1) {
				if (!serve(fd)) {
					close(fd);
					continue;
				}
				add.data.fd = fd;
				epoll_ctl(ep, EPOLL_CTL_ADD, fd, &add);
			}
		}
	}
}

int
main(int argc, char **argv)
{
	struct segment segment;
	struct err e;
	int fd;

	if (argc != 4)
		errx(2, "usage: floor PORT|/UNIX/SOCKET SHM-NAME TOKEN");
	if (segment_attach(argv[2], &segment, &e) == -1)
		errx(1, "%s: %s", argv[2], e.text);
	if ((slot = segment_find(&segment, argv[3])) == NULL)
		errx(1, "%s: no token %s", argv[2], argv[3]);
	fd = argv[1][0] == '/' ? listen_unix(argv[1])
			       : listen_tcp(atoi(argv[1]));
	if (listen(fd, 4096) == -1)
		err(1, "listen");
	render();
	loop(fd);
	return 1;
}
