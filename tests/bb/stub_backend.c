/* SPDX-License-Identifier: MIT */
/*
 * stub_backend.c - a backend that issues tokens, and misbehaves on demand.
 *
 * For the black-box tests and for script/run; never installed.  Speaks
 * HTTP/1.1 on a loopback port, several connections at once; one that hangs
 * delays no other.
 *
 *   ANY ANY/token   200 {"token":"stub-N-RANDOM","expires_in":LIFE}; 401 when
 *                   -k was given and the key is another
 *   GET  ANY/uuid   200 {"uuid":"..."}, whatever the mode
 *   PUT  /control?mode=M&NAME=N...  from now on misbehave like this.  mode
 *                   sets all else back; modes and numbers are in the tables
 *                   of stub_answers.c; field=NAME renames the member, count=0
 *                   resets the counters.  A body becomes the answer, with
 *                   the status and fields that stub_made.c has; stub_wants.c
 *                   has what a request can be made to be.
 *   GET  /control   what was counted, one "name value" a line
 */
#include "config.h"

#include "stub.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#define CLIENTS 128

static struct client clients[CLIENTS];

int64_t
stub_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

const char *
stub_field(const char *head, const char *name)
{
	const char *line = head;
	size_t len = strlen(name);

	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " ");
	}
	return NULL;
}

bool
stub_field_is(const char *head, const char *name, const char *value)
{
	const char *is = stub_field(head, name);
	size_t len = strlen(value);

	return is != NULL && strncmp(is, value, len) == 0 && is[len] == '\r';
}

void
stub_base64url(const char *text, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	int count = 0;

	for (; *text != '\0'; text++) {
		bits = bits << 8 | (unsigned char)*text;
		for (count += 8; count >= 6; count -= 6)
			*out++ = digits[bits >> (count - 6) & 63];
	}
	if (count > 0)
		*out++ = digits[bits << (6 - count) & 63];
	*out = '\0';
}

static bool
ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

/* Answer one whole request; head ends in one CRLF. */
static void
answer(struct client *c, const char *head, const char *body)
{
	char method[16] = "", target[16384] = "", *query;

	c->close = strcasestr(head, "\r\nConnection: close") != NULL;
	sscanf(head, "%15s %16383s", method, target);
	query = strchr(target, '?');
	if (query != NULL)
		*query++ = '\0';
	if (strcmp(target, "/control") == 0 && strcmp(method, "GET") != 0)
		stub_control_put(c, query != NULL ? query : target + 8, body);
	else if (strcmp(target, "/control") == 0)
		stub_control_get(c);
	else if (ends_with(target, "/token"))
		stub_token(c, head, body);
	else if (ends_with(target, "/uuid"))
		stub_uuid(c);
	else
		stub_other(c);
}

/* Answer the first request of the input if it is whole. */
static void
take_request(struct client *c)
{
	const char *value;
	char *end, body[STUB_IN_MAX + 1];
	size_t head_len, len;

	c->in[c->in_len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return;
	head_len = (size_t)(end - c->in) + 4;
	end[2] = '\0';
	value = stub_field(c->in, "Content-Length");
	len = value != NULL ? strtoul(value, NULL, 10) : 0;
	if (len > STUB_IN_MAX - head_len)
		len = STUB_IN_MAX - head_len;
	if (c->in_len < head_len + len) {
		end[2] = '\r';
		return;
	}
	memcpy(body, c->in + head_len, len);
	body[len] = '\0';
	answer(c, c->in, body);
	c->in_len -= head_len + len;
	memmove(c->in, c->in + head_len + len, c->in_len);
}

static void
client_open(int fd)
{
	struct client *c;

	for (c = clients; c < clients + CLIENTS && c->fd != -1; c++)
		continue;
	if (c == clients + CLIENTS) {
		close(fd);
		return;
	}
	memset(c, 0, offsetof(struct client, in));
	c->fd = fd;
	stub_connected();
}

static void
client_close(struct client *c)
{
	stub_answered(c);
	close(c->fd);
	c->fd = -1;
}

/* Whether something is to be sent, now or later. */
static bool
is_answering(const struct client *c)
{
	return c->out_off < c->out_len || c->endless > 0;
}

/* The answer is sent: go on to the next request, if any is there. */
static void
client_next(struct client *c)
{
	stub_answered(c);
	if (c->close) {
		client_close(c);
		return;
	}
	c->out_len = c->out_off = 0;
	c->due_at = c->drip_ms = 0;
	take_request(c);
}

static void
client_read(struct client *c)
{
	ssize_t n = read(c->fd, c->in + c->in_len, STUB_IN_MAX - c->in_len);

	if (n <= 0) {
		client_close(c);
		return;
	}
	c->in_len += (size_t)n;
	if (is_answering(c) || c->hang || c->busy)
		return;
	take_request(c);
	if (c->close && !is_answering(c))
		client_close(c);
}

static void
client_write(struct client *c)
{
	size_t len = c->out_len - c->out_off;
	ssize_t n;

	if (len == 0) { /* the answer proper is out: fill it up */
		memset(c->out, 'x', sizeof(c->out));
		c->out_len = sizeof(c->out);
		c->out_off = 0;
		len = sizeof(c->out);
		c->endless -= (long)len;
	}
	n = send(c->fd, c->out + c->out_off, c->drip_ms > 0 ? 1 : len,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n == -1 && errno != EAGAIN) {
		client_close(c);
		return;
	}
	c->out_off += n > 0 ? (size_t)n : 0;
	c->due_at = c->drip_ms > 0 ? stub_now() + c->drip_ms : c->due_at;
	if (!is_answering(c))
		client_next(c);
}

/* Fill in what to wait for; returns for how long at most. */
static int
prepare(struct pollfd *pfd, int64_t now)
{
	int64_t wait = 60000;
	size_t i;

	for (i = 0; i < CLIENTS; i++) {
		const struct client *c = &clients[i];

		pfd[i] = (struct pollfd){.fd = c->fd, .events = POLLIN};
		if (c->fd == -1 || !is_answering(c))
			continue;
		if (c->due_at <= now)
			pfd[i].events |= POLLOUT;
		else if (c->due_at - now < wait)
			wait = c->due_at - now;
	}
	return (int)wait;
}

static void
serve(int listener)
{
	struct pollfd pfd[CLIENTS + 1];
	size_t i;
	int fd;

	for (;;) {
		int wait = prepare(pfd, stub_now());

		pfd[CLIENTS] =
		    (struct pollfd){.fd = listener, .events = POLLIN};
		if (poll(pfd, CLIENTS + 1, wait) == -1)
			continue;
		for (i = 0; i < CLIENTS; i++) {
			if (pfd[i].revents & (POLLIN | POLLHUP | POLLERR))
				client_read(&clients[i]);
			if (clients[i].fd != -1 && pfd[i].revents & POLLOUT)
				client_write(&clients[i]);
		}
		if (pfd[CLIENTS].revents & POLLIN) {
			fd = accept(listener, NULL, NULL);
			if (fd != -1)
				client_open(fd);
		}
	}
}

static int
die(const char *what)
{
	fprintf(stderr, "stub_backend: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Listen on loopback, say where, and leave the port in a file if asked to. */
static int
listen_on(int port, const char *portfile)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *f;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(fd, (struct sockaddr *)&a, len) == -1 ||
	    listen(fd, CLIENTS) == -1 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		die("listen");
	printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
	fflush(stdout);
	if (portfile == NULL)
		return fd;
	f = fopen(portfile, "w");
	if (f == NULL || fprintf(f, "%d\n", ntohs(a.sin_port)) < 0 ||
	    fclose(f) != 0)
		die(portfile);
	return fd;
}

int
main(int argc, char **argv)
{
	struct stub_options options = {.key_header = "backend-APIKey",
	    .life = 60};
	const char *portfile = NULL;
	int option, port = 0;
	size_t i;

	while ((option = getopt(argc, argv, "p:k:l:H:P:")) != -1) {
		if (option == 'p')
			port = atoi(optarg);
		else if (option == 'k')
			options.api_key = optarg;
		else if (option == 'l')
			options.life = atol(optarg);
		else if (option == 'H')
			options.key_header = optarg;
		else if (option == 'P')
			portfile = optarg;
		else {
			fprintf(stderr,
			    "usage: stub_backend [-p port] "
			    "[-k key] [-l seconds] [-H header] [-P file]\n");
			return 2;
		}
	}
	signal(SIGPIPE, SIG_IGN);
	stub_answers_init(&options);
	for (i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	serve(listen_on(port, portfile));
}
