/* SPDX-License-Identifier: MIT */
/*
 * scribble SEED | renew MILLISECONDS PID - a process in other hands.
 *
 * Does what whoever has taken that process over could do to the others: writes
 * at random over all shared memory that it may write to, and says anything on
 * its channels.  Shared memory is found in /proc/PID/maps and written through
 * /proc/PID/mem; channels are fetched with pidfd_getfd(2).  Needs root.
 *
 * With `renew` all that it does is to ask for renewals, as the master may.
 *
 * Prints what it did.  Ends with status 0, also when the process ends under it;
 * with 77 when we may not do this at all.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PARTS_MAX 64
#define CHANNELS_MAX 64
#define FDS_MAX 512
#define BATCH 64

static struct part {
	uint64_t start, size;
} parts[PARTS_MAX];
static size_t part_count;
static int channels[CHANNELS_MAX];
static size_t channel_count;
static uint64_t state;

/* xorshift64*: the same for the same seed. */
static uint64_t
any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1du;
}

/* Numbers that lengths, indices, times and processes are wrong with. */
static uint64_t
number(void)
{
	static const uint64_t bad[] = {0, 1, 2, 7, 64, 4096, 0xffff, 0x10000,
	    INT32_MAX, UINT32_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1,
	    UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 48};
	uint64_t n = any();

	return n % 3 == 0 ? any()
	    : n % 3 == 1  ? any() % 100000
			  : bad[n / 3 % (sizeof(bad) / sizeof(bad[0]))];
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
find_parts(int pid)
{
	char path[64], line[512], rights[8];
	unsigned long start, end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3 &&
		    rights[1] == 'w' && rights[3] == 's' &&
		    part_count < PARTS_MAX)
			parts[part_count++] = (struct part){start, end - start};
	if (f != NULL)
		fclose(f);
}

static void
find_channels(int pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), i, fd, type;

	for (i = 0; pidfd != -1 && i < FDS_MAX; i++) {
		socklen_t len = sizeof(type);

		fd = (int)syscall(SYS_pidfd_getfd, pidfd, i, 0);
		if (fd == -1)
			continue;
		if (channel_count < CHANNELS_MAX &&
		    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
		    type == SOCK_SEQPACKET)
			channels[channel_count++] = fd;
		else
			close(fd);
	}
}

/* One word, or some; false: the process is gone. */
static int
write_some(int mem)
{
	const struct part *p = &parts[any() % part_count];
	uint64_t words[16], n = 1 + any() % 100 / 90 * (any() % 16), i;
	uint64_t at = any() % p->size & ~(uint64_t)7;

	/* what is at the front is small, and worth more */
	if (any() % 2 == 0)
		at %= 1024;
	for (i = 0; i < n; i++)
		words[i] = number();
	if (at + n * 8 > p->size)
		n = 1;
	return pwrite(mem, words, n * 8, (off_t)(p->start + at)) != -1 ||
	    errno == EFAULT || errno == EIO;
}

/* As struct channel_message and struct handover_message, or like neither. */
static void
say_some(void)
{
	uint64_t words[8];
	size_t i,
	    len = any() % 4 == 0 ? any() % sizeof(words)
	    : any() % 4 == 0     ? 8
				 : 24;
	uint32_t head[2] = {(uint32_t)any() % 10,
	    any() % 2 == 0 ? 0 : (uint32_t)number()};

	for (i = 0; i < 8; i++)
		words[i] = number();
	memcpy(words, head, sizeof(head));
	send(channels[any() % channel_count], words, len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* CHANNEL_RENEW of all tokens, as in channel.h. */
static void
ask_for_renewal(void)
{
	static const struct {
		uint32_t kind, token;
		uint64_t generation;
		int64_t at;
	} m = {.kind = 2, .token = UINT32_MAX};

	send(channels[any() % channel_count], &m, sizeof(m),
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

int
main(int argc, char **argv)
{
	unsigned long long wrote = 0, said = 0;
	int64_t end;
	char path[64];
	int i, mem, alive = 1, renew;

	if (argc != 4)
		return 2;
	renew = strcmp(argv[1], "renew") == 0;
	state = strtoull(argv[1], NULL, 10) * 2654435761u + 1;
	end = now_ms() + atol(argv[2]);
	snprintf(path, sizeof(path), "/proc/%s/mem", argv[3]);
	mem = open(path, O_RDWR | O_CLOEXEC);
	if (mem == -1)
		return geteuid() == 0 ? 0 : 77; /* it is gone, or not ours */
	if (!renew)
		find_parts(atoi(argv[3]));
	find_channels(atoi(argv[3]));
	while (alive && now_ms() < end) {
		for (i = 0; alive && i < BATCH && part_count > 0; i++, wrote++)
			alive = write_some(mem);
		if (channel_count > 0) {
			renew ? ask_for_renewal() : say_some();
			said++;
		}
	}
	printf("process %s: %llu writes into %zu parts, %llu messages over "
	       "%zu channels\n",
	    argv[3], wrote, part_count, said, channel_count);
	return 0;
}
