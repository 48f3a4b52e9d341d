/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "answer.h"

#include "clock.h"
#include "shm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 10 /* of a patched number, padded with spaces */
#define HEAD_MAX 256 /* of the fields that surround a token */
#define CHUNK 262144u
#define STATUS_LINE "HTTP/1.1 200 OK\r\n"

void
answer_clock_turn(struct answer_clock *c)
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
 * Memory for texts, side by side: a mapping for each would cost a page and an
 * entry of the TLB, which thousands of tokens feel.
 */
static char *
carve(uint32_t size)
{
	static char *chunk;
	static uint32_t left;
	char *p;

	if (left < size) {
		left = size > CHUNK ? size : CHUNK;
		chunk = shm_private(&left);
	}
	p = chunk;
	chunk += size;
	left -= size;
	return p;
}

/*
 * Make room for a text; the old bytes are wiped.  What it has outgrown is not
 * used again: it doubles, so that is never more than what is in use.
 */
static void
reserve(struct answer_text *t, size_t size)
{
	if (t->bytes != NULL)
		explicit_bzero(t->bytes, t->len);
	if (size <= t->size)
		return;
	if (size < 2 * (size_t)t->size)
		size = 2 * (size_t)t->size;
	t->size = (uint32_t)(size + 63) / 64 * 64;
	t->bytes = carve(t->size);
}

static void
add_date(struct answer_text *t, struct buf *b)
{
	buf_str(b, "Date: ");
	t->date = (uint32_t)b->len;
	buf_printf(b, "%*s\r\n", HTTP_DATE_LEN, "");
}

static uint32_t
add_number(struct buf *b, const char *name)
{
	buf_printf(b, ",\"%s\":", name);
	buf_printf(b, "%*s", DIGITS, "");
	return (uint32_t)(b->len - DIGITS);
}

/* The body of /token; a token of printable ASCII at most doubles in JSON. */
static void
render_token(struct answer *a, const struct token *token)
{
	static char memory[2 * TOKEN_MAX + 512];
	struct answer_text *t = &a->token;
	struct buf body, all;
	uint32_t expires, refresh;

	buf_init(&body, memory, sizeof(memory));
	buf_str(&body, "{\"token\":");
	buf_json(&body, token->text, token->len);
	buf_str(&body, ",\"token_type\":\"Bearer\"");
	expires = add_number(&body, "expires_in");
	refresh = add_number(&body, "refresh_in");
	buf_char(&body, '}');

	reserve(t, body.len + HEAD_MAX);
	buf_init(&all, t->bytes, t->size);
	add_date(t, &all);
	buf_printf(&all, "Content-Type: application/json\r\n"
	    "Cache-Control: no-store\r\nETag: %s\r\nContent-Length: %zu\r\n"
	    "\r\n", a->etag, body.len);
	t->head_len = (uint32_t)all.len;
	t->expires = t->head_len + expires;
	t->refresh = t->head_len + refresh;
	buf_add(&all, body.data, body.len);
	t->len = (uint32_t)all.len;
	explicit_bzero(memory, body.len);
}

/* The answer of /auth is a head alone; header is "Name: format". */
static void
render_auth(struct answer *a, const struct token *token, const char *header)
{
	const char *mark = strstr(header, "%s");
	struct answer_text *t = &a->auth;
	struct buf all;

	reserve(t, token->len + strlen(header) + HEAD_MAX);
	buf_init(&all, t->bytes, t->size);
	add_date(t, &all);
	buf_add(&all, header, (size_t)(mark - header));
	buf_add(&all, token->text, token->len);
	buf_str(&all, mark + 2);
	buf_str(&all, "\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n");
	t->len = t->head_len = (uint32_t)all.len;
}

static void
patch_number(char *at, int64_t n)
{
	int i = DIGITS;

	do {
		at[--i] = (char)('0' + n % 10);
	} while ((n /= 10) > 0 && i > 0);
	while (i > 0)
		at[--i] = ' ';
}

int64_t
answer_left_s(const struct answer *a, int64_t now)
{
	return a->dead_at > now ? (a->dead_at - now) / 1000 : 0;
}

/* When a newer token can be expected: a second after its renewal is due. */
static int64_t
refresh_in(const struct answer *a, int64_t now, int64_t left)
{
	int64_t due = a->renew_at > now ? (a->renew_at - now) / 1000 : 0;

	return due + 1 < left ? due + 1 : left;
}

static void
patch(struct answer *a, const struct answer_clock *clock)
{
	int64_t left = answer_left_s(a, clock->now), next;

	memcpy(a->token.bytes + a->token.date, clock->date, HTTP_DATE_LEN);
	memcpy(a->auth.bytes + a->auth.date, clock->date, HTTP_DATE_LEN);
	patch_number(a->token.bytes + a->token.expires, left);
	patch_number(a->token.bytes + a->token.refresh,
	    refresh_in(a, clock->now, left));
	next = a->dead_at - left * 1000; /* when `left` falls */
	a->stale_at = next < clock->second_at ? next : clock->second_at;
	if (a->stale_at <= clock->now)
		a->stale_at = clock->now + 1;
}

static bool
render(struct answer *a, const struct slot *slot, const char *auth_header)
{
	struct token t;
	uint64_t seq;
	enum slot_status status = slot_read(slot, &t, &seq);

	if (status == SLOT_BUSY)
		return a->seq != 0; /* the copy that we have will do */
	a->seq = 0;
	if (status != SLOT_OK)
		return false;
	snprintf(a->etag, sizeof(a->etag), "\"%" PRIu64 "-%s\"",
	    t.generation, t.fingerprint);
	a->seq = seq;
	a->generation = t.generation;
	a->dead_at = token_dead_at(&t);
	a->renew_at = t.renew_at;
	a->life_ms = token_life_ms(&t);
	a->source = t.source;
	render_token(a, &t);
	render_auth(a, &t, auth_header);
	explicit_bzero(t.text, t.len);
	return true;
}

bool
answer_update(struct answer *a, const struct slot *slot,
    const struct answer_clock *clock, const char *auth_header)
{
	if (slot_seq(slot) != a->seq && !render(a, slot, auth_header))
		return false;
	if (a->seq == 0 || clock->now >= a->dead_at)
		return false;
	patch(a, clock);
	return true;
}

const char *
answer_connection_field(enum answer_connection c)
{
	static const char *const field[] = {
	    [ANSWER_KEEP] = "",
	    [ANSWER_KEEP_1_0] = "Connection: keep-alive\r\n",
	    [ANSWER_CLOSE] = "Connection: close\r\n",
	};

	return field[c];
}

void
answer_write(const struct answer_text *t, enum answer_connection c, bool head,
    struct buf *out)
{
	buf_add(out, STATUS_LINE, sizeof(STATUS_LINE) - 1);
	if (c != ANSWER_KEEP)
		buf_str(out, answer_connection_field(c));
	buf_add(out, t->bytes, head ? t->head_len : t->len);
}
