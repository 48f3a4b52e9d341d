/* SPDX-License-Identifier: MIT */
/*
 * stub_answers.c - what the stand-in backend answers, and what it counts.
 *
 * The modes and the numbers that PUT /control sets are in two tables.
 */
#include "config.h"

#include "stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <sys/random.h>

#define ENDLESS (1L << 30)

struct settings {
	const struct mode *mode;
	long status, retry_after, size, delay_ms, drip_ms, life, skew;
	char field[64];
	char body[STUB_IN_MAX];
};

static struct settings set, initial;
static struct stub_options options;
static char last_token[STUB_TOKEN_MAX];
static long calls, others, refused, connections, busy, busy_max, gap_min = -1;
static int64_t last_call_at;

/* The Date of an answer. */
static const char *
date_now(void)
{
	static char date[64];
	time_t wall = time(NULL) + set.skew;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT",
	    gmtime(&wall));
	return date;
}

/* Queue an answer; extra is more header fields, each with its CRLF. */
static void
reply(struct client *c, long status, const char *extra, const char *body)
{
	int n = snprintf(c->out, sizeof(c->out),
	    "HTTP/1.1 %ld Stub\r\nDate: %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n%s\r\n%s",
	    status, date_now(), strlen(body), extra, body);

	c->out_len = n < (int)sizeof(c->out) ? (size_t)n : sizeof(c->out) - 1;
	c->out_off = 0;
}

static uint64_t
random_number(void)
{
	uint64_t r;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		abort();
	return r;
}

/* Answer with last_token, and a number beside it unless its name is NULL. */
static void
reply_token(struct client *c, const char *name, long number)
{
	static char body[STUB_TOKEN_MAX + 256];
	int n = snprintf(body, sizeof(body), "{\"%s\":\"%s\"", set.field,
	    last_token);

	if (name != NULL)
		n += snprintf(body + n, sizeof(body) - (size_t)n, ",\"%s\":%ld",
		    name, number);
	snprintf(body + n, sizeof(body) - (size_t)n, "}");
	reply(c, 200, "", body);
}

/* Make a token of set.size bytes at least. */
static void
new_token(void)
{
	size_t len = (size_t)snprintf(last_token, sizeof(last_token),
	    "stub-%ld-%016llx", calls, (unsigned long long)random_number());

	while ((long)len < set.size && len < STUB_TOKEN_MAX - 1)
		last_token[len++] = 'x';
	last_token[len] = '\0';
}

static void
answer_ok(struct client *c)
{
	new_token();
	reply_token(c, "expires_in", set.life);
}

static void
answer_noexpiry(struct client *c)
{
	new_token();
	reply_token(c, NULL, 0);
}

static void
answer_expired(struct client *c)
{
	new_token();
	reply_token(c, "expires_at", (long)time(NULL) - 10);
}

static void
answer_same(struct client *c)
{
	if (last_token[0] == '\0')
		new_token();
	reply_token(c, "expires_in", set.life);
}

static void
answer_jwt(struct client *c)
{
	char claims[128], encoded[256];

	snprintf(claims, sizeof(claims), "{\"exp\":%ld,\"jti\":\"%ld-%llx\"}",
	    (long)time(NULL) + set.life, calls,
	    (unsigned long long)random_number());
	stub_base64url(claims, encoded);
	snprintf(last_token, sizeof(last_token),
	    "eyJhbGciOiJub25lIn0.%s.c3R1Yg", encoded);
	reply_token(c, NULL, 0);
}

static void
answer_status(struct client *c)
{
	char extra[64] = "";

	if (set.retry_after > 0)
		snprintf(extra, sizeof(extra), "Retry-After: %ld\r\n",
		    set.retry_after);
	reply(c, set.status, extra, "{\"detail\":\"as told\"}");
}

static void
answer_redirect(struct client *c)
{
	reply(c, 302, "Location: /elsewhere\r\n", "");
}

static void
answer_body(struct client *c)
{
	if (stub_made_has_token(set.body))
		new_token();
	stub_made(c, date_now(), last_token, set.body);
}

static void
answer_hang(struct client *c)
{
	c->hang = true;
}

static void
answer_drip(struct client *c)
{
	answer_ok(c);
	c->drip_ms = set.drip_ms;
}

/* Half an answer, then the end of the connection. */
static void
answer_cut(struct client *c)
{
	answer_ok(c);
	c->out_len -= 20;
	c->close = true;
}

static void
answer_close(struct client *c)
{
	c->close = true;
}

static void
answer_huge(struct client *c)
{
	c->out_len = (size_t)snprintf(c->out, sizeof(c->out),
	    "HTTP/1.1 200 Stub\r\nConnection: close\r\n\r\n{\"token\":\"");
	c->endless = ENDLESS;
	c->close = true;
}

static const struct mode {
	const char *name;
	void (*answer)(struct client *c);
	const char *body; /* of answer_body(); NULL: that of the PUT */
} modes[] = {
    {"ok", answer_ok, NULL},
    {"same", answer_same, NULL}, /* the same token again */
    {"jwt", answer_jwt, NULL},   /* a life only in its exp */
    {"noexpiry", answer_noexpiry, NULL},
    {"expired", answer_expired, NULL},   /* since 10 s */
    {"status", answer_status, NULL},     /* status=N, retry_after=N */
    {"redirect", answer_redirect, NULL}, /* following it counts as other */
    {"badjson", answer_body, "{\"token\":\"stub-"},
    {"inject", answer_body, "{\"token\":\"stub\\r\\nX-Injected: yes\"}"},
    {"error", answer_body, "{\"error\":\"invalid_client\"}"},
    {"empty", answer_body, ""}, {"body", answer_body, NULL},
    {"hang", answer_hang, NULL},
    {"drip", answer_drip, NULL},   /* a byte each drip=MS, or 1 s */
    {"cut", answer_cut, NULL},     /* closed within the answer */
    {"close", answer_close, NULL}, /* closed without an answer */
    {"huge", answer_huge, NULL},   /* 1 GiB */
};

static const struct number {
	const char *name;
	size_t offset;    /* of a long in struct settings */
	const char *mode; /* that it implies, or NULL */
} numbers[] = {
    {"status", offsetof(struct settings, status), "status"},
    {"retry_after", offsetof(struct settings, retry_after), NULL},
    {"size", offsetof(struct settings, size), NULL},
    {"delay", offsetof(struct settings, delay_ms), NULL},
    {"drip", offsetof(struct settings, drip_ms), "drip"},
    {"life", offsetof(struct settings, life), NULL},
    {"skew", offsetof(struct settings, skew), NULL}, /* of Date, seconds */
};

static bool
set_mode(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(name, modes[i].name) != 0)
			continue;
		set.mode = &modes[i];
		if (modes[i].body != NULL)
			strcpy(set.body, modes[i].body);
		return true;
	}
	return false;
}

static bool
set_number(const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(name, numbers[i].name) != 0)
			continue;
		memcpy((char *)&set + numbers[i].offset,
		    &(long){strtol(value, NULL, 10)}, sizeof(long));
		return numbers[i].mode == NULL || set_mode(numbers[i].mode);
	}
	return false;
}

/* Apply one NAME=VALUE; mode=status=500 is the same as status=500. */
static bool
control_set(char *pair)
{
	char *value;

	if (strncmp(pair, "mode=", 5) == 0) {
		set = initial;
		stub_made_reset();
		stub_wants_reset();
		if (strchr(pair + 5, '=') == NULL)
			return set_mode(pair + 5);
		pair += 5;
	}
	value = strchr(pair, '=');
	if (value == NULL)
		return false;
	*value++ = '\0';
	if (strcmp(pair, "field") == 0)
		return snprintf(set.field, sizeof(set.field), "%s", value) > 0;
	if (strcmp(pair, "count") != 0)
		return set_number(pair, value) || stub_made_set(pair, value) ||
		    stub_wants_set(pair, value);
	calls = others = refused = connections = busy_max = last_call_at = 0;
	gap_min = -1;
	return true;
}

void
stub_control_put(struct client *c, char *query, const char *body)
{
	char *pair;
	bool ok = true;

	for (pair = strtok(query, "&"); pair != NULL; pair = strtok(NULL, "&"))
		ok = control_set(pair) && ok;
	if (*body != '\0') {
		snprintf(set.body, sizeof(set.body), "%s", body);
		set_mode("body");
	}
	reply(c, ok ? 200 : 400, "", ok ? "" : "what is that?\n");
}

void
stub_control_get(struct client *c)
{
	static char text[STUB_OUT_MAX - 1024];
	int n;

	n = snprintf(text, sizeof(text),
	    "calls %ld\nothers %ld\nrefused %ld\n"
	    "connections %ld\nconcurrent %ld\nconcurrent_max %ld\n"
	    "interval_min_ms %ld\nmode %s\nlast_token %s\n",
	    calls, others, refused, connections, busy, busy_max, gap_min,
	    set.mode->name, last_token);
	stub_wants_get(text + n, sizeof(text) - (size_t)n);
	reply(c, 200, "", text);
}

void
stub_token(struct client *c, const char *head, const char *body)
{
	bool as_wanted = stub_wants_take(head, body);
	int64_t now = stub_now();

	if (calls++ > 0 && (gap_min == -1 || now - last_call_at < gap_min))
		gap_min = now - last_call_at;
	last_call_at = now;
	c->busy = true;
	if (++busy > busy_max)
		busy_max = busy;
	c->due_at = now + set.delay_ms;
	if (options.api_key != NULL &&
	    !stub_field_is(head, options.key_header, options.api_key)) {
		refused++;
		reply(c, 401, "", "{\"detail\":\"wrong key\"}");
	} else if (!as_wanted)
		reply(c, 400, "", "{\"detail\":\"not as wanted\"}");
	else
		set.mode->answer(c);
}

void
stub_uuid(struct client *c)
{
	uint64_t a = random_number(), b = random_number();
	char text[128];

	calls++;
	snprintf(text, sizeof(text),
	    "{\"uuid\": \"%08x-%04x-4%03x-8%03x-%012llx\"}\n",
	    (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
	    (unsigned)a & 0xfff, (unsigned)(b >> 48) & 0xfff,
	    (unsigned long long)b & 0xffffffffffffULL);
	reply(c, 200, "", text);
}

void
stub_other(struct client *c)
{
	others++;
	reply(c, 404, "", "{\"detail\":\"no such thing\"}");
}

void
stub_answers_init(const struct stub_options *from)
{
	options = *from;
	initial.drip_ms = 1000;
	initial.life = from->life;
	strcpy(initial.field, "token");
	initial.mode = &modes[0];
	set = initial;
	stub_made_reset();
}

void
stub_connected(void)
{
	connections++;
}

void
stub_answered(struct client *c)
{
	if (c->busy)
		busy--;
	c->busy = false;
}
