/* SPDX-License-Identifier: MIT */
/*
 * keepalive: send COUNT requests one after the other, over CONNECTIONS kept
 * alive in turn; a load of a known number of requests, for counting what each
 * of them costs.
 *     keepalive PORT COUNT PATH [CONNECTIONS]
 * Exit status 0 when every answer was a 200.
 */
#include "config.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024

static int
dial(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "connect to port %d", port);
	return fd;
}

/* One request and its answer, which fits one segment on loopback. */
static void
ask(int fd, const char *request, size_t len)
{
	char answer[65536];
	ssize_t n;

	if (send(fd, request, len, 0) != (ssize_t)len)
		err(1, "send");
	n = recv(fd, answer, sizeof(answer) - 1, 0);
	if (n <= 0)
		err(1, "recv");
	answer[n] = '\0';
	if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
		errx(1, "answer: %.40s", answer);
}

int
main(int argc, char **argv)
{
	int fd[CONNECTIONS_MAX], i, port, count, connections = 8;
	char request[512];
	size_t len;

	if (argc < 4)
		errx(2, "usage: keepalive PORT COUNT PATH [CONNECTIONS]");
	port = atoi(argv[1]);
	count = atoi(argv[2]);
	if (argc > 4)
		connections = atoi(argv[4]);
	if (connections < 1 || connections > CONNECTIONS_MAX)
		errx(2, "1 to %d connections", CONNECTIONS_MAX);
	len = (size_t)snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", argv[3], port);
	for (i = 0; i < connections; i++)
		fd[i] = dial(port);
	for (i = 0; i < count; i++)
		ask(fd[i % connections], request, len);
	return 0;
}
