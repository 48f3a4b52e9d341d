/* SPDX-License-Identifier: MIT */
/* Reads a token's life from the members of an answer, and from a JWT. */
#include "config.h"

#include "token/private.h"

#include "base/base64url.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FAR_MS 1e17        /* a life beyond all bounds */
#define COOKIE_TEXT_MAX 64 /* bytes of a number or a date */

/* Units of a bare number that is a life, and from where on such a number is a
 * point in time. */
static const struct {
	double ms, point_from;
} bare[] = {
    [TOKEN_SECONDS] = {1e3, 1e9},
    [TOKEN_MILLISECONDS] = {1, 1e11},
    [TOKEN_MINUTES] = {6e4, 1e9},
    [TOKEN_HOURS] = {3.6e6, 1e9},
};

/* The search for a life. */
struct search {
	const struct token_asked *asked;
	struct token_answer *out;
	enum token_unit unit; /* of a bare number that is a life */
	double fallback;      /* ms: life for a point in time without a clock */
	double life; /* ms: the shortest so far; 0: none; < 0: it is past */
};

/* ---- names ---- */

/* Members that state a life, in lower case without "_" and "-". */
static const struct {
	const char *name;
	bool point; /* a bare number is a point in time, however small */
} names[] = {
    {"expiresin", false},
    {"expires", false},
    {"expiration", false},
    {"expiry", false},
    {"ttl", false},
    {"leaseduration", false},
    {"expirein", false},
    {"expiresinseconds", false},
    {"expireson", true},
    {"expiresat", true},
    {"exp", true},
    {"expireat", true},
    {"expiresdate", true},
    {"expirydate", true},
    {"expirationdate", true},
    {"expiretime", true},
    {"expirestime", true},
    {"expirytime", true},
    {"expirationtime", true},
    {"validuntil", true},
};

/* The row of a name, or -1. */
static int
find_name(const char *name)
{
	size_t i;

	if (name == NULL || strlen(name) >= TOKEN_NAME_MAX)
		return -1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (token_is_named(name, names[i].name))
			return (int)i;
	return -1;
}

/* ---- values ---- */

/* A point in time as ms since 1970.  Its size shows the unit: s, ms, us, ns. */
static double
epoch_ms(double n)
{
	static const struct {
		double most, ms;
	} units[] = {{1e11, 1e3}, {1e14, 1}, {1e17, 1e-3}, {1e20, 1e-6}};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (n <= units[i].most)
			return n * units[i].ms;
	return FAR_MS;
}

/* Keep the shorter of two lives. */
static void
consider(struct search *s, double life, const char *from)
{
	life = fmin(life, FAR_MS);
	if (life == 0)
		life = -1;
	if (s->life != 0 && s->life <= life)
		return;
	s->life = life;
	snprintf(s->out->expiry, sizeof(s->out->expiry), "%s", from);
}

static void
consider_life(struct search *s, double life, const char *from)
{
	if (!(life > 0))
		s->out->zero = true;
	else
		consider(s, life - (double)s->asked->age_ms, from);
}

static void
consider_point(struct search *s, double at, const char *from)
{
	if (!(at > 0))
		s->out->zero = true;
	else if (s->asked->wall_at == 0)
		consider(s, s->fallback, from);
	else
		consider(s, at - (double)s->asked->wall_at, from);
}

static void
consider_number(struct search *s, double n, bool point, const char *from)
{
	if (point || n >= bare[s->unit].point_from)
		consider_point(s, n > 0 ? epoch_ms(n) : 0, from);
	else
		consider_life(s, n * bare[s->unit].ms, from);
}

/* Read the life in a text; false: it cannot be read. */
static bool
consider_text(struct search *s, const char *text, bool point, const char *from)
{
	double n;
	size_t len = strlen(text);

	text = token_trim(text, &len);
	if (token_read_number(text, len, &n))
		consider_number(s, n, point, from);
	else if (token_read_duration_ms(text, len, &n))
		consider_life(s, n, from);
	else if (token_read_date_ms(text, len, s->asked->wall_at, &n))
		consider_point(s, n, from);
	else
		return len == 0;
	return true;
}

static void
note_unread(struct search *s, const char *from)
{
	char *unread = s->out->unread;
	size_t len = strlen(unread);

	snprintf(unread + len, sizeof(s->out->unread) - len, "%s%s",
	    len > 0 ? ", " : "", from);
}

/* Read the life in one value; note the value in unread if that fails. */
static void
consider_value(struct search *s, const struct token_value *v, bool point,
    const char *from)
{
	bool read = v->kind == TOKEN_ABSENT || v->kind == TOKEN_NULL;

	if (v->kind == TOKEN_NUMBER) {
		consider_number(s, v->number, point, from);
		read = true;
	} else if (v->kind == TOKEN_STRING)
		read = consider_text(s, v->text, point, from);
	if (!read)
		note_unread(s, from);
}

/* ---- places ---- */

static void
consider_members(struct search *s, const struct token_value *object)
{
	struct token_value item = {0}, last;
	int row;

	if (object->kind != TOKEN_OBJECT)
		return;
	while (token_json_next(object, &item)) {
		if ((row = find_name(item.name)) == -1)
			continue;
		last = token_json_member(object, item.name);
		if (last.node == item.node)
			consider_value(s, &item, names[row].point, item.name);
	}
}

/* The life of a cookie: Max-Age goes before Expires (RFC 6265, 5.3).  What it
 * is called in the log depends on whether it was asked for. */
static void
consider_cookie(struct search *s, const struct token_reply *reply,
    const char *name)
{
	char text[COOKIE_TEXT_MAX];
	double n;

	if (token_cookie_attribute(reply, name, "Max-Age", text,
		sizeof(text)) &&
	    token_read_number(text, strlen(text), &n))
		consider_life(s, n * 1000, "Max-Age");
	else if (token_cookie_attribute(reply, name, "Expires", text,
		     sizeof(text)) &&
	    !consider_text(s, text, true, "Expires"))
		note_unread(s, "Expires");
}

/* A life that stands elsewhere than in a member. */
static void
consider_from(struct search *s, const struct token_reply *reply,
    const struct token_from *from)
{
	char *text;

	if (from->kind == TOKEN_IN_COOKIE) {
		consider_cookie(s, reply, from->rest);
		return;
	}
	text = mem_alloc(TOKEN_ANSWER_MAX + 1, 1);
	if (token_from_find(from, reply, text) &&
	    !consider_text(s, text, false, "expiry-from"))
		note_unread(s, "expiry-from");
	explicit_bzero(text, TOKEN_ANSWER_MAX + 1);
	free(text);
}

/* If no life was found, note members that seem to state one, by an unknown name
 * or in another unit. */
static void
note_alike(struct search *s, const struct token_value *object)
{
	static const struct token_value strange = {.kind = TOKEN_TRUE};
	struct token_value item = {0};

	if (object->kind != TOKEN_OBJECT || s->life != 0 || s->out->zero ||
	    s->out->unread[0] != '\0')
		return;
	while (token_json_next(object, &item))
		if (item.name != NULL &&
		    strncasecmp(item.name, "expir", 5) == 0 &&
		    strlen(item.name) < TOKEN_NAME_MAX &&
		    find_name(item.name) == -1 &&
		    (item.kind == TOKEN_NUMBER || item.kind == TOKEN_STRING))
			consider_value(s, &strange, false, item.name);
}

/* Read exp of a JWT (RFC 7519, 4.1.4); the signature is not checked. */
static void
consider_jwt(struct search *s)
{
	const char *payload = strchr(s->out->text, '.'), *end;
	struct token_value claims, exp;
	char json[TOKEN_MAX];
	struct cJSON *root;
	ssize_t n;

	if (payload == NULL || (end = strchr(++payload, '.')) == NULL)
		return;
	while (end > payload &&
	    end[-1] == '=') /* RFC 7515 forbids it, some add it */
		end--;
	n = base64url_decode(payload, (size_t)(end - payload), json,
	    sizeof(json));
	root = n > 0 ? token_json_parse(json, (size_t)n) : NULL;
	claims = token_json_value(root);
	exp = token_json_member(&claims, "exp");
	consider_value(s, &exp, true, "JWT exp");
	token_json_free(root);
	explicit_bzero(json, sizeof(json)); /* also after a failed decode */
}

/* Where a life is looked for: by default where the token is, if a life can be
 * there, and in a member that is named. */
static struct token_from
place_of(const struct token_rules *rules)
{
	struct token_from from = {.kind = TOKEN_IN_BODY};

	if (rules->expiry_from != NULL)
		token_from_read(rules->expiry_from, &from);
	else if (rules->token_from != NULL && rules->expiry_field == NULL) {
		token_from_read(rules->token_from, &from);
		if (from.kind != TOKEN_IN_BODY && from.kind != TOKEN_IN_COOKIE)
			from.kind = TOKEN_IN_TEXT; /* which tells none */
	}
	return from;
}

/* Members that tell a life: the one that is named, or those in use. */
static void
consider_body(struct search *s, const struct token_rules *rules,
    const struct token_value *root, const struct token_value *parent)
{
	struct token_value field, within;

	if (rules->expiry_field != NULL) {
		field = token_json_find(root, rules->expiry_field, &within);
		consider_value(s, &field, false, "expiry-field");
		return;
	}
	consider_members(s, root);
	if (parent->node != root->node)
		consider_members(s, parent);
}

void
token_expiry(const struct token_reply *reply, const struct token_value *root,
    const struct token_value *parent, const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *out)
{
	struct search s = {.asked = asked,
	    .out = out,
	    .unit = rules->expiry_unit,
	    .fallback = (double)rules->default_ttl_ms};
	struct token_from from = place_of(rules);

	strcpy(out->expiry, "default-ttl");
	out->unread[0] = '\0';
	out->zero = false;
	if (from.kind == TOKEN_IN_BODY)
		consider_body(&s, rules, root, parent);
	else if (from.kind != TOKEN_IN_TEXT)
		consider_from(&s, reply, &from);
	out->lacking = s.life == 0 &&
	    (rules->expiry_field != NULL ||
		(rules->expiry_from != NULL && from.kind != TOKEN_IN_BODY));
	consider_jwt(&s);
	if (from.kind == TOKEN_IN_BODY && rules->expiry_field == NULL) {
		note_alike(&s, parent);
		note_alike(&s, root);
	}
	out->stated = s.life > 0;
	out->past = s.life < 0;
	out->life_ms = s.life > 0 ? (int64_t)s.life : 0;
}
