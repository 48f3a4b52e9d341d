/* SPDX-License-Identifier: MIT */
/* Renders a token's answers once, and then changes digits only. */
#include "config.h"

#include "worker/reply.h"

#include "base/clock.h"
#include "conf/headers.h"
#include "shared/segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX 352 /* of the fields that surround a token */
#define CHUNK 262144u
#define STATUS_LINE "HTTP/1.1 200 OK\r\n"
#define STATUS_LEN (sizeof(STATUS_LINE) - 1)

void
reply_clock_turn(struct reply_clock *c)
{
	int64_t wall;

	c->now = clock_boot_ms();
	if (c->now < c->second_at)
		return;
	wall = clock_wall_ms();
	c->second_at = c->now + 1000 - wall % 1000;
	http_date(wall, c->date);
}

/*
 * Take memory out of a shared chunk.  A mapping for each text would cost a page
 * and a TLB entry, which shows with thousands of tokens.
 */
static char *
take_memory(uint32_t size)
{
	static char *chunk;
	static uint32_t left;
	char *p;

	if (left < size) {
		left = size > CHUNK ? size : CHUNK;
		chunk = segment_private(&left);
	}
	p = chunk;
	chunk += size;
	left -= size;
	return p;
}

/*
 * Make room for a text and wipe the old bytes.  Outgrown memory is not used
 * again.  Sizes double, so it is never more than the memory in use.
 */
static void
reserve(struct reply_text *t, size_t size)
{
	if (t->bytes != NULL)
		explicit_bzero(t->bytes, t->len);
	if (size <= t->size)
		return;
	if (size < 2 * (size_t)t->size)
		size = 2 * (size_t)t->size;
	t->size = (uint32_t)(size + 63) / 64 * 64;
	t->bytes = take_memory(t->size);
}

static void
begin(struct reply_text *t, struct buf *b)
{
	buf_str(b, STATUS_LINE "Date: ");
	t->date = (uint32_t)b->len;
	buf_printf(b, "%*s\r\n", HTTP_DATE_LEN, "");
}

/* Decimal digits of a number. */
static int
digits(int64_t n)
{
	int count = 1;

	while (n >= 10) {
		n /= 10;
		count++;
	}
	return count;
}

/*
 * The value of token_type (RFC 6749, 7.1): the scheme of Authorization, or the
 * name of another field.
 */
static struct slice
token_type(const char *header)
{
	size_t name = strcspn(header, ":"), scheme;
	const char *value = header + name + 1 + strspn(header + name + 1, " ");

	scheme = strcspn(value, " %");
	if (name != strlen("Authorization") ||
	    strncasecmp(header, "Authorization", name) != 0 || scheme == 0 ||
	    value[scheme] != ' ')
		return (struct slice){header, name};
	if (scheme == strlen("Bearer") &&
	    strncasecmp(value, "Bearer", scheme) == 0)
		return (struct slice){"Bearer", scheme};
	return (struct slice){value, scheme};
}

int64_t
reply_left_s(const struct reply *a, int64_t now)
{
	return a->dead_at > now ? (a->dead_at - now) / 1000 : 0;
}

/* When a newer token can be expected: a second after its renewal is due. */
static int64_t
refresh_in(const struct reply *a, int64_t now, int64_t left)
{
	int64_t due = a->renew_at > now ? (a->renew_at - now) / 1000 : 0;

	return due + 1 < left ? due + 1 : left;
}

/* Append a member with room for its value; returns the offset of that. */
static uint32_t
add_number(struct buf *b, const char *name, int width)
{
	buf_printf(b, ",\"%s\":%*s", name, width, "");
	return (uint32_t)(b->len - (size_t)width);
}

/* Further values, each a member of its own name. */
static void
add_extras(const struct token *token, const struct conf_token *conf,
    struct buf *b)
{
	const char *name, *value;
	size_t i, len;

	for (i = 0; i < conf->extras.count; i++) {
		name = conf->extras.item[i];
		value = token_extra_find(token->extra, i, &len);
		buf_char(b, ',');
		buf_json(b, name, strcspn(name, "="));
		buf_char(b, ':');
		buf_json(b, value, len);
	}
}

/* The body of /token; a token of printable ASCII at most doubles in JSON. */
static void
add_body(struct reply_text *t, const struct token *token,
    const struct conf_token *conf, struct buf *b)
{
	struct slice type = token_type(headers_first(conf));

	buf_str(b, "{\"token\":");
	buf_json(b, token->text, token->len);
	buf_str(b, ",\"token_type\":");
	buf_json(b, type.ptr, type.len);
	t->expires = add_number(b, "expires_in", t->expires_digits);
	t->refresh = add_number(b, "refresh_in", t->refresh_digits);
	add_extras(token, conf, b);
	buf_str(b, "}\n");
}

static void
render_token(struct reply *a, const struct token *token,
    const struct conf_token *conf, int64_t now)
{
	static char memory[2 * (TOKEN_MAX + TOKEN_EXTRA_MAX) + 2048];
	struct reply_text *t = &a->token;
	int64_t left = reply_left_s(a, now);
	struct buf body, all;

	t->expires_digits = digits(left);
	t->refresh_digits = digits(refresh_in(a, now, left));
	buf_init(&body, memory, sizeof(memory));
	add_body(t, token, conf, &body);

	reserve(t, body.len + HEAD_MAX);
	buf_init(&all, t->bytes, t->size);
	begin(t, &all);
	buf_printf(&all,
	    "Content-Type: application/json\r\n"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
	    "ETag: %s\r\nContent-Length: %zu\r\n\r\n",
	    a->etag, body.len);
	t->head_len = (uint32_t)all.len;
	t->expires += t->head_len;
	t->refresh += t->head_len;
	buf_add(&all, body.data, body.len);
	t->len = (uint32_t)all.len;
	explicit_bzero(memory, body.len);
}

/* The answer of /auth is a head alone. */
static void
render_auth(struct reply *a, const struct token *token,
    const struct conf_token *conf)
{
	struct reply_text *t = &a->auth;
	struct buf all;
	size_t i;

	reserve(t, HEAD_MAX + headers_size(conf, token->len));
	buf_init(&all, t->bytes, t->size);
	begin(t, &all);
	for (i = 0; i < conf->headers.count; i++) {
		headers_fill(conf, conf->headers.item[i], token->text,
		    token->extra, &all);
		buf_str(&all, "\r\n");
	}
	buf_printf(&all,
	    "Cache-Control: no-store\r\nETag: %s\r\n"
	    "Content-Length: 0\r\n\r\n",
	    a->etag);
	t->len = t->head_len = (uint32_t)all.len;
}

size_t
reply_size(const struct conf *conf, const struct conf_token *t)
{
	size_t token = (size_t)conf->max_token_size, body = 2 * token, i;
	size_t head = headers_size(t, token);

	for (i = 0; i < t->extras.count; i++)
		body += strlen(t->extras.item[i]);
	if (t->extras.count > 0)
		body += 2 * TOKEN_EXTRA_MAX;
	return HEAD_MAX + (head > body ? head : body);
}

static void
patch_number(char *at, int width, int64_t n)
{
	do {
		at[--width] = (char)('0' + n % 10);
	} while ((n /= 10) > 0 && width > 0);
	while (width > 0)
		at[--width] = ' '; /* slot was busy: not rendered again */
}

/* True: both numbers have exactly the digits that they have room for. */
static bool
fits(const struct reply *a, int64_t now)
{
	int64_t left = reply_left_s(a, now);

	return digits(left) == a->token.expires_digits &&
	    digits(refresh_in(a, now, left)) == a->token.refresh_digits;
}

static void
patch(struct reply *a, const struct reply_clock *clock)
{
	struct reply_text *t = &a->token;
	int64_t left = reply_left_s(a, clock->now), next;

	memcpy(t->bytes + t->date, clock->date, HTTP_DATE_LEN);
	memcpy(a->auth.bytes + a->auth.date, clock->date, HTTP_DATE_LEN);
	patch_number(t->bytes + t->expires, t->expires_digits, left);
	patch_number(t->bytes + t->refresh, t->refresh_digits,
	    refresh_in(a, clock->now, left));
	next = a->dead_at - left * 1000; /* when `left` falls */
	a->stale_at = next < clock->second_at ? next : clock->second_at;
	if (a->stale_at <= clock->now)
		a->stale_at = clock->now + 1;
}

static bool
render(struct reply *a, const struct slot *slot, int64_t now,
    const struct conf_token *conf)
{
	struct token t;
	uint64_t seq;
	enum slot_status status = slot_read(slot, &t, &seq);

	if (status == SLOT_BUSY)
		return a->seq != 0; /* use the copy of before */
	a->seq = 0;
	if (status != SLOT_OK ||
	    !token_extra_is_valid(t.extra, t.extra_len, conf->extras.count))
		return false;
	snprintf(a->etag, sizeof(a->etag), "\"%" PRIu64 "-%s\"", t.generation,
	    t.fingerprint);
	a->seq = seq;
	a->generation = t.generation;
	a->dead_at = token_dead_at(&t);
	a->renew_at = t.renew_at;
	a->life_ms = token_life_ms(&t);
	a->source = t.source;
	render_token(a, &t, conf, now);
	render_auth(a, &t, conf);
	explicit_bzero(t.text, t.len);
	explicit_bzero(t.extra, t.extra_len);
	return true;
}

bool
reply_update(struct reply *a, const struct slot *slot,
    const struct reply_clock *clock, const struct conf_token *conf)
{
	if ((slot_seq(slot) != a->seq || !fits(a, clock->now)) &&
	    !render(a, slot, clock->now, conf))
		return false;
	if (a->seq == 0 || clock->now >= a->dead_at)
		return false;
	patch(a, clock);
	return true;
}

const char *
reply_connection_field(enum reply_connection c)
{
	static const char *const field[] = {
	    [REPLY_KEEP] = "",
	    [REPLY_KEEP_1_0] = "Connection: keep-alive\r\n",
	    [REPLY_CLOSE] = "Connection: close\r\n",
	};

	return field[c];
}

void
reply_write(const struct reply_text *t, enum reply_connection c, bool head,
    struct buf *out)
{
	size_t len = head ? t->head_len : t->len;

	if (c == REPLY_KEEP) {
		buf_add(out, t->bytes, len);
		return;
	}
	buf_add(out, STATUS_LINE, STATUS_LEN);
	buf_str(out, reply_connection_field(c));
	buf_add(out, t->bytes + STATUS_LEN, len - STATUS_LEN);
}
