/* SPDX-License-Identifier: MIT */
/* Look for a token in an answer by the names of members, fields, cookies. */
#include "config.h"

#include "token/guess.h"

#include "base/mem.h"
#include "token/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUE_MIN 8 /* bytes of a token under a usual name */
#define NAME_MAX 64
#define DEPTH_MAX 8

/* Names, in lower case and without "_" and "-", the likeliest first. */
static const char *const names[] = {"accesstoken", "token", "authtoken",
    "xauthtoken", "bearertoken", "clienttoken", "apitoken", "sessiontoken",
    "sessionkey", "sessionid", "xsubjecttoken", "xauthaccesstoken",
    "xaccesstoken", "authorization", "jwt", "sid", "session", "ticket",
    "idtoken", "apikey", "key", "value", "result"};
#define NAMES ((int)(sizeof(names) / sizeof(names[0])))
#define WEAK (NAMES - 4) /* from here on only of what looks like a token */
#define NAMED NAMES      /* some other name with a hint in it */
#define UNNAMED (NAMES + 1)
#define COOKIE (NAMES + 2) /* of any name: each server sets some */
#define NOTHING (NAMES + 3)

/* The best so far. */
struct guess {
	int rank;
	const char *option;
	char before[16], place[TOKEN_PLACE_MAX];
};

/* ---- how likely ---- */

/* A name without "_" and "-", in lower case. */
static void
plain(const char *name, size_t len, char out[NAME_MAX])
{
	size_t i, n = 0;

	for (i = 0; i < len && n < NAME_MAX - 1; i++)
		if (name[i] != '_' && name[i] != '-')
			out[n++] = name[i] >= 'A' && name[i] <= 'Z'
			    ? (char)(name[i] + 32)
			    : name[i];
	out[n] = '\0';
}

static bool
has_one_of(const char *name, const char *const *parts)
{
	for (; *parts != NULL; parts++)
		if (strstr(name, *parts) != NULL)
			return true;
	return false;
}

static int
rank_of_name(const char *name)
{
	static const char *const hints[] = {"token", "session", "jwt", "ticket",
	    NULL};
	static const char *const others[] = {"refresh", "csrf", "xsrf", "type",
	    "expir", "life", "time", NULL};
	int i;

	for (i = 0; i < NAMES; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	if (has_one_of(name, others))
		return NOTHING;
	return has_one_of(name, hints) ? NAMED : UNNAMED;
}

/* How likely a text of this name is a token. */
static int
rank(const char *name, size_t name_len, const char *text, size_t len)
{
	char word[NAME_MAX];
	int r;

	text = token_trim(text, &len);
	if (len > 7 && strncasecmp(text, "Bearer ", 7) == 0) {
		len -= 7;
		text = token_trim(text + 7, &len);
	}
	if (token_text_problem(text, len, TOKEN_MAX) != NULL)
		return NOTHING;
	plain(name, name_len, word);
	r = rank_of_name(word);
	if (r < WEAK || r == NAMED)
		return len >= VALUE_MIN ? r : NOTHING;
	return mask_is_like_token(text, len) ? r : NOTHING;
}

static void
take(struct guess *g, int r, const char *option, const char *before,
    const char *place)
{
	if (r >= g->rank || strlen(place) >= sizeof(g->place))
		return;
	g->rank = r;
	g->option = option;
	snprintf(g->before, sizeof(g->before), "%s", before);
	snprintf(g->place, sizeof(g->place), "%s", place);
}

/* ---- members ---- */

/* Append a step to a JSON Pointer (RFC 6901, 3); returns its new length, or 0:
 * it may not be shown, or is too long. */
static size_t
add_step(char place[TOKEN_PLACE_MAX], size_t at, const char *name, int number)
{
	int n;

	if (name != NULL && !token_may_show(name))
		return 0;
	if (name != NULL)
		n = snprintf(place + at, TOKEN_PLACE_MAX - at, "/%s", name);
	else
		n = snprintf(place + at, TOKEN_PLACE_MAX - at, "/%d", number);
	return (size_t)n < TOKEN_PLACE_MAX - at ? at + (size_t)n : 0;
}

/* Call visit() with each string of the value, outer ones first. */
static void
walk(const struct token_value *of, char place[TOKEN_PLACE_MAX], size_t at,
    int depth,
    void (*visit)(void *arg, const struct token_value *v, const char *place),
    void *arg)
{
	struct token_value item = {0};
	bool inner;
	size_t end;
	int pass, i;

	for (pass = 0; pass < 2; pass++) {
		item.node = NULL;
		for (i = 0; token_json_next(of, &item); i++) {
			inner = item.kind == TOKEN_OBJECT ||
			    item.kind == TOKEN_ARRAY;
			if (inner != (pass == 1))
				continue;
			end = add_step(place, at, item.name, i);
			if (end == 0)
				continue;
			if (inner && depth < DEPTH_MAX)
				walk(&item, place, end, depth + 1, visit, arg);
			else if (item.kind == TOKEN_STRING)
				visit(arg, &item, place);
		}
	}
	place[at] = '\0';
}

static void
on_member(void *arg, const struct token_value *v, const char *place)
{
	const char *name = v->name == NULL ? "" : v->name;

	take(arg, rank(name, strlen(name), v->text, strlen(v->text)),
	    "token-field", "", place);
}

struct search {
	const char *token;
	char *out;
	bool found;
};

static void
on_located(void *arg, const struct token_value *v, const char *place)
{
	struct search *s = arg;
	const char *at = strstr(v->text, s->token);

	if (s->found || at == NULL || strlen(at) > strlen(s->token) + 8 ||
	    at - v->text > 16)
		return;
	s->found = true;
	snprintf(s->out, TOKEN_PLACE_MAX, "%s", place);
}

static void
walk_body(const struct token_reply *reply,
    void (*visit)(void *arg, const struct token_value *v, const char *place),
    void *arg)
{
	struct cJSON *json = token_json_parse(reply->body, reply->len);
	struct token_value root = token_json_value(json);
	char place[TOKEN_PLACE_MAX] = "";

	walk(&root, place, 0, 0, visit, arg);
	token_json_free(json);
}

bool
token_locate(const struct token_reply *reply, const char *token,
    char out[TOKEN_PLACE_MAX])
{
	struct search s = {.token = token, .out = out};

	walk_body(reply, on_located, &s);
	return s.found;
}

/* ---- fields and cookies ---- */

bool
token_reply_field(const struct token_reply *reply, const char *name, char *out,
    size_t size)
{
	const char *at = reply->fields;
	struct token_field f;

	while (token_next_field(&at, &f))
		if (token_field_is(&f, name)) {
			snprintf(out, size, "%.*s", (int)f.len, f.value);
			return true;
		}
	return false;
}

static void
take_name(struct guess *g, int r, const char *before, const char *name,
    size_t len)
{
	char text[NAME_MAX];

	snprintf(text, sizeof(text), "%.*s", (int)len, name);
	if (len < sizeof(text) && token_may_show(text))
		take(g, r, "token-from", before, text);
}

static void
guess_cookie(struct guess *g, const struct token_field *f)
{
	const char *end = memchr(f->value, ';', f->len);
	size_t len = end == NULL ? f->len : (size_t)(end - f->value);
	const char *equals = memchr(f->value, '=', len);
	size_t name_len;
	int r;

	if (equals == NULL)
		return;
	name_len = (size_t)(equals - f->value);
	r = rank(f->value, name_len, equals + 1, len - name_len - 1);
	take_name(g, r == UNNAMED ? COOKIE : r, "cookie:", f->value, name_len);
}

static void
guess_fields(struct guess *g, const struct token_reply *reply)
{
	const char *at = reply->fields;
	struct token_field f;
	int r;

	while (token_next_field(&at, &f)) {
		if (token_field_is(&f, "Set-Cookie")) {
			guess_cookie(g, &f);
			continue;
		}
		r = rank(f.name, f.name_len, f.value, f.len);
		if (r < WEAK || r == NAMED)
			take_name(g, r, "header:", f.name, f.name_len);
	}
}

/* ---- other bodies ---- */

/* <sessionKey>...</sessionKey>, and a body that is nothing but a token. */
static void
guess_text(struct guess *g, const struct token_reply *reply)
{
	char body[TOKEN_MATCH_MAX + 1], pattern[TOKEN_PLACE_MAX], *p, *end;
	size_t len =
	    reply->len < TOKEN_MATCH_MAX ? reply->len : TOKEN_MATCH_MAX;
	struct token_from whole = {.kind = TOKEN_IN_TEXT};
	char *text = mem_alloc(TOKEN_ANSWER_MAX + 1, 1);
	int r;

	if (token_from_find(&whole, reply, text) &&
	    mask_is_like_token(text, strlen(text)))
		take(g, UNNAMED, "token-from", "", "text");
	memcpy(body, reply->body, len);
	body[len] = '\0';
	for (p = body; (p = strchr(p, '<')) != NULL; p++) {
		end = p + strcspn(p, "> ");
		if (*end != '>' || end - p > NAME_MAX)
			continue;
		r = rank(p + 1, (size_t)(end - p - 1), end + 1,
		    strcspn(end + 1, "<"));
		snprintf(pattern, sizeof(pattern), "<%.*s>([^<]+)<",
		    (int)(end - p - 1), p + 1);
		if (r < UNNAMED)
			take(g, r, "token-from", "match:", pattern);
	}
	explicit_bzero(body, sizeof(body));
	explicit_bzero(text, TOKEN_ANSWER_MAX + 1);
	free(text);
}

/* ---- the whole ---- */

bool
token_guess(const struct token_reply *reply, const struct token_rules *rules,
    struct buf *out)
{
	struct guess g = {.rank = NOTHING};
	bool in_body;

	walk_body(reply, on_member, &g);
	guess_fields(&g, reply);
	guess_text(&g, reply);
	if (g.rank == NOTHING)
		return false;
	in_body = strcmp(g.option, "token-field") == 0;
	if (in_body && rules->token_from != NULL &&
	    strcmp(rules->token_from, "body") != 0)
		buf_str(out, "token-from = body\n");
	if (in_body || strcmp(g.place, "text") == 0)
		buf_printf(out, "%s = %s\n", g.option, g.place);
	else
		buf_printf(out, "%s = \"%s%s\"\n", g.option, g.before, g.place);
	return true;
}
