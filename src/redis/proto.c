/* SPDX-License-Identifier: MIT */
/* hiredis, with what it leaves to others: limits, and wiping. */
#include "config.h"

#include "redis/proto.h"

#include "base/log.h"
#include "base/mem.h"
#include "redis/proto_scan.h"

#include <hiredis/hiredis.h>
#include <hiredis/sds.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 24

struct proto {
	redisReader *reader;
	redisReply *current;
	struct proto_scan scan;
	const char *problem;                       /* NULL: none yet */
	char number[PROTO_VALUES_MAX][NUMBER_MAX]; /* integers as text */
};

struct proto *
proto_open(void)
{
	struct proto *r = mem_alloc(1, sizeof(*r));

	r->reader = redisReaderCreate();
	if (r->reader == NULL)
		log_die("out of memory");
	return r;
}

/* Tokens are among the answers; one may have been received in part. */
static void
wipe(redisReply *reply)
{
	size_t i;

	if (reply == NULL)
		return;
	if (reply->str != NULL)
		explicit_bzero(reply->str, (size_t)reply->len);
	for (i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements;
	     i++)
		wipe(reply->element[i]);
}

/* Wipe the bytes that were read, and those behind the end: the reader moves
 * what is left to the front. */
static void
wipe_read(redisReader *reader)
{
	if (reader->buf == NULL)
		return;
	explicit_bzero(reader->buf, reader->pos);
	explicit_bzero(reader->buf + reader->len,
	    sdsalloc(reader->buf) - reader->len);
}

static void
forget(struct proto *r)
{
	if (r->current != NULL) {
		wipe(r->current);
		freeReplyObject(r->current);
	}
	r->current = NULL;
	wipe_read(r->reader);
}

void
proto_close(struct proto *r)
{
	if (r == NULL)
		return;
	forget(r);
	wipe(r->reader->reply);
	if (r->reader->buf != NULL)
		explicit_bzero(r->reader->buf, r->reader->len);
	redisReaderFree(r->reader);
	free(r);
}

/* Make room for more bytes: sds would leave a copy behind when it grows. */
static void
make_room(redisReader *reader, size_t more)
{
	sds bigger;

	if (reader->buf == NULL || sdsavail(reader->buf) >= more)
		return;
	bigger = sdsnewlen(NULL, 2 * (reader->len + more));
	if (bigger == NULL)
		log_die("out of memory");
	sdsclear(bigger);
	bigger = sdscatlen(bigger, reader->buf, reader->len);
	explicit_bzero(reader->buf, reader->len);
	sdsfree(reader->buf);
	reader->buf = bigger;
}

int
proto_feed(struct proto *r, const char *bytes, size_t len)
{
	if (r->problem == NULL)
		r->problem = proto_scan(&r->scan, bytes, len);
	if (r->problem != NULL)
		return -1;
	make_room(r->reader, len);
	return redisReaderFeed(r->reader, bytes, len) == REDIS_OK ? 0 : -1;
}

const char *
proto_problem(const struct proto *r)
{
	return r->problem != NULL ? r->problem : "it does not speak Redis";
}

static void
flatten(struct proto *r, const redisReply *reply, struct proto_answer *a)
{
	struct proto_value *v = &a->value[a->count];
	size_t i;

	for (i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements;
	     i++)
		flatten(r, reply->element[i], a);
	if (reply->type == REDIS_REPLY_ARRAY || a->count == PROTO_VALUES_MAX)
		return;
	*v = (struct proto_value){0};
	if (reply->type == REDIS_REPLY_STRING ||
	    reply->type == REDIS_REPLY_STATUS)
		*v = (struct proto_value){reply->str, (size_t)reply->len};
	if (reply->type == REDIS_REPLY_INTEGER) {
		v->ptr = r->number[a->count];
		v->len = (size_t)snprintf(r->number[a->count], NUMBER_MAX,
		    "%lld", reply->integer);
	}
	a->count++;
}

int
proto_next(struct proto *r, struct proto_answer *out)
{
	void *reply = NULL;

	forget(r);
	if (redisReaderGetReply(r->reader, &reply) != REDIS_OK)
		return -1;
	if (reply == NULL)
		return 0;
	r->current = reply;
	*out = (struct proto_answer){0};
	if (r->current->type == REDIS_REPLY_ERROR)
		out->error = r->current->str;
	else
		flatten(r, r->current, out);
	return 1;
}

size_t
proto_format(int argc, const char *const *argv, const size_t *argvlen,
    char **out)
{
	int len =
	    redisFormatCommandArgv(out, argc, (const char **)argv, argvlen);

	if (len < 0)
		log_die("out of memory");
	return (size_t)len;
}

bool
proto_is_refusal(const char *error)
{
	static const char *const words[] = {"WRONGPASS", "NOAUTH", "NOPERM",
	    "ERR AUTH", "ERR Client sent AUTH", "ERR invalid password"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(error, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}
