/* SPDX-License-Identifier: MIT */
/*
 * load: keep a server busy for a while, and say what that cost it.
 *     load [-c CONNECTIONS] [-d DEPTH] [-n NAMES] [-r] [-t MS] [-p PID]...
 *         PORT|/UNIX/SOCKET PATH
 *
 * One thread that never sleeps, so that the server need not wake it and always
 * finds work.  Each connection has DEPTH requests under way, sent at once, and
 * sends the next as soon as all are answered; with -r it sends one and closes.
 * With -n a %d in PATH goes through 0 .. NAMES-1.  After a quarter of a second
 * of warming up it prints one line:
 *     requests ms p50_us p99_us p99.9_us cpu_us_per_request failures all rss
 * where the CPU time is that of the processes given, all their threads; "all"
 * counts the requests of the warm-up too, and rss is the memory in KiB of the
 * first process given.
 */
#include "config.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 10000
#define PIDS_MAX 16
#define SAMPLES_MAX (16u << 20)
#define WARM_UP_NS 250000000
#define ANSWERS_SIZE 262144

struct connection {
	int fd;
	size_t got; /* bytes of the answers under way */
	bool closing;
	int64_t sent_at;
};

static struct {
	int connections, depth, names, port;
	bool reconnect;
	int64_t time_ns;
	const char *target, *path;
	long pid[PIDS_MAX];
	size_t pids;
} option = {.connections = 1, .depth = 1, .names = 1, .time_ns = 1000000000};

static struct connection connection[CONNECTIONS_MAX];
static char *request[10000]; /* DEPTH requests for each name */
static size_t request_len[10000];
static char answers[ANSWERS_SIZE + 1];
static uint32_t *sample; /* ns */
static size_t samples, failures, done;
static size_t usual; /* length of DEPTH answers, once seen */
static unsigned next_name, next_source;
static int ep;
static bool measuring;

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* CPU time in ns that a thread has used: the first number of its schedstat. */
static int64_t
thread_cpu(const char *thread, long pid)
{
	char path[300];
	long long ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/task/%s/schedstat", pid,
	    thread);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(f, "%lld", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

static int64_t
servers_cpu(void)
{
	int64_t sum = 0;
	char path[64];
	struct dirent *d;
	DIR *dir;
	size_t i;

	for (i = 0; i < option.pids; i++) {
		snprintf(path, sizeof(path), "/proc/%ld/task", option.pid[i]);
		if ((dir = opendir(path)) == NULL)
			err(1, "%s", path);
		while ((d = readdir(dir)) != NULL)
			if (d->d_name[0] != '.')
				sum += thread_cpu(d->d_name, option.pid[i]);
		closedir(dir);
	}
	return sum;
}

static void
failed(const char *what)
{
	if (failures++ == 0)
		warnx("%s", what);
	if (failures > 1000)
		errx(1, "too many failures");
}

/* Take turns with the source addresses: closed connections use up ports. */
static void
take_source(int fd)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	int on = 1;

	setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	from.sin_addr.s_addr = htonl(0x7f010001 + next_source++ % 200);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		err(1, "bind");
}

static int
dial_tcp(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((unsigned short)option.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd, on = 1;

	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
		err(1, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (option.reconnect)
		take_source(fd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "connect to port %d", option.port);
	return fd;
}

static int
dial_unix(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", option.target);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		err(1, "connect to %s", option.target);
	return fd;
}

static void
ask(struct connection *c)
{
	unsigned name = next_name++ % (unsigned)option.names;

	c->got = 0;
	c->closing = false;
	if (send(c->fd, request[name], request_len[name], MSG_NOSIGNAL) !=
	    (ssize_t)request_len[name])
		failed("a request could not be sent");
}

static void
begin(struct connection *c)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.ptr = c};

	c->sent_at = now_ns();
	c->fd = option.target[0] == '/' ? dial_unix() : dial_tcp();
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e) == -1)
		err(1, "epoll_ctl");
	ask(c);
}

/* The length of the whole answer at the front of len bytes, or 0. */
static size_t
answer_len(const char *p, size_t len)
{
	const char *end = memmem(p, len, "\r\n\r\n", 4), *field;

	if (end == NULL)
		return 0;
	field = strcasestr(p, "\r\ncontent-length:");
	if (field == NULL || field > end)
		errx(1, "an answer without Content-Length: %.300s", p);
	return (size_t)(end - p) + 4 + strtoul(field + 17, NULL, 10);
}

/* How many of the answers in len bytes are whole; sets *closing. */
static int
count_answers(size_t len, bool *closing)
{
	size_t at = 0, one;
	int count = 0;

	while (at < len && (one = answer_len(answers + at, len - at)) != 0 &&
	    at + one <= len) {
		if (strncmp(answers + at, "HTTP/1.1 200 ", 13) != 0)
			failed("an answer is not 200");
		at += one;
		count++;
	}
	*closing = strcasestr(answers, "\r\nconnection: close") != NULL;
	return count;
}

/* Learn how long DEPTH answers are, from one connection before all others. */
static void
learn(void)
{
	struct connection *c = &connection[0];
	ssize_t n;

	begin(c);
	fcntl(c->fd, F_SETFL, 0);
	while (count_answers(c->got, &c->closing) < option.depth) {
		n = recv(c->fd, answers + c->got, ANSWERS_SIZE - c->got, 0);
		if (n <= 0)
			errx(1, "the server does not answer");
		c->got += (size_t)n;
		answers[c->got] = '\0';
	}
	usual = c->got;
	close(c->fd);
}

static void
note(struct connection *c)
{
	int64_t at = now_ns();

	done += (size_t)option.depth;
	if (measuring && samples < SAMPLES_MAX)
		sample[samples++] = (uint32_t)(at - c->sent_at);
	if (option.reconnect || c->closing) {
		close(c->fd);
		begin(c);
	} else {
		c->sent_at = at;
		ask(c);
	}
}

/*
 * Read on.  Answers are told by their length, as long as it is the usual one;
 * only an unusual one that came in one piece is looked into.
 */
static void
receive(struct connection *c)
{
	ssize_t n = recv(c->fd, answers, ANSWERS_SIZE, 0);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		failed("the server closed a connection");
		close(c->fd);
		begin(c);
		return;
	}
	answers[n] = '\0';
	if (c->got == 0 && strncmp(answers, "HTTP/1.1 200 ", 13) != 0)
		failed("an answer is not 200");
	c->got += (size_t)n;
	if (c->got == usual ||
	    (c->got == (size_t)n &&
		count_answers(c->got, &c->closing) == option.depth))
		note(c);
}

static void
turn_until(int64_t end)
{
	struct epoll_event e[256];
	int i, n;

	while (now_ns() < end) {
		n = epoll_wait(ep, e, 256, 0);
		for (i = 0; i < n; i++)
			receive(e[i].data.ptr);
	}
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
percentile(double share)
{
	return samples == 0
	    ? 0
	    : sample[(size_t)((double)(samples - 1) * share)] / 1e3;
}

/* Resident memory of the first process, in KiB. */
static long
server_rss(void)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	if (option.pids == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/status", option.pid[0]);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

/* Write the requests of each name. */
static void
prepare(void)
{
	const char *mark;
	char path[256];
	int name, i;
	FILE *f;

	for (name = 0; name < option.names; name++) {
		mark = strstr(option.path, "%d");
		snprintf(path, sizeof(path), "%s", option.path);
		if (mark != NULL)
			snprintf(path, sizeof(path), "%.*s%d%s",
			    (int)(mark - option.path), option.path, name,
			    mark + 2);
		if ((f = open_memstream(&request[name], &request_len[name])) ==
		    NULL)
			err(1, "open_memstream");
		for (i = 0; i < option.depth; i++)
			fprintf(f,
			    "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
			    path,
			    option.reconnect ? "Connection: close\r\n" : "");
		fclose(f);
	}
}

static void
read_options(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "c:d:n:rt:p:")) != -1) {
		switch (opt) {
		case 'c':
			option.connections = atoi(optarg);
			break;
		case 'd':
			option.depth = atoi(optarg);
			break;
		case 'n':
			option.names = atoi(optarg);
			break;
		case 'r':
			option.reconnect = true;
			break;
		case 't':
			option.time_ns = atoll(optarg) * 1000000;
			break;
		case 'p':
			if (option.pids < PIDS_MAX)
				option.pid[option.pids++] = atol(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (argc - optind != 2 || option.connections < 1 ||
	    option.connections > CONNECTIONS_MAX || option.names < 1 ||
	    option.names > 10000)
		errx(2,
		    "usage: load [-c CONNECTIONS] [-d DEPTH] [-n NAMES] [-r] "
		    "[-t MS] [-p PID]... PORT|/UNIX/SOCKET PATH");
	option.target = argv[optind];
	option.port = atoi(option.target);
	option.path = argv[optind + 1];
}

int
main(int argc, char **argv)
{
	int64_t start, end, cpu;
	size_t before;
	int i;

	read_options(argc, argv);
	prepare();
	sample = calloc(SAMPLES_MAX, sizeof(*sample));
	if (sample == NULL || (ep = epoll_create1(0)) == -1)
		err(1, "set-up");
	learn();
	for (i = 0; i < option.connections; i++)
		begin(&connection[i]);
	turn_until(now_ns() + WARM_UP_NS);
	measuring = true;
	before = done;
	start = now_ns();
	cpu = servers_cpu();
	turn_until(start + option.time_ns);
	cpu = servers_cpu() - cpu;
	end = now_ns();
	qsort(sample, samples, sizeof(*sample), by_size);
	printf("%zu %.0f %.1f %.1f %.1f %.3f %zu %zu %ld\n", done - before,
	    (double)(end - start) / 1e6, percentile(0.5), percentile(0.99),
	    percentile(0.999),
	    done > before ? (double)cpu / 1e3 / (double)(done - before) : 0,
	    failures, done, server_rss());
	return failures != 0 || done == before;
}
