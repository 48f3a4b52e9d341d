/* SPDX-License-Identifier: MIT */
/* Find a token and its life in a backend's JSON.  The only user of cJSON. */
#include "config.h"

#include "token.h"

#include <cjson/cJSON.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIFE_LIMIT_MS 1e15 /* beyond it a number is nonsense, not a time */

/* The last member of this name: where others let a later duplicate win, an
 * answer must not mean another token here. */
static const cJSON *
member(const cJSON *node, const char *name)
{
	const cJSON *item, *found = NULL;

	if (!cJSON_IsObject(node))
		return NULL;
	cJSON_ArrayForEach(item, node)
		if (strcmp(item->string, name) == 0)
			found = item;
	return found;
}

/* One step of a JSON Pointer (RFC 6901): "~1" is "/", "~0" is "~". */
static const cJSON *
pointer_step(const cJSON *node, const char *step, size_t len)
{
	char name[256];
	size_t i, n = 0;

	for (i = 0; i < len && n < sizeof(name) - 1; i++) {
		char c = step[i];

		if (c == '~' && i + 1 < len)
			c = step[++i] == '1' ? '/' : '~';
		name[n++] = c;
	}
	name[n] = '\0';
	if (!cJSON_IsArray(node))
		return member(node, name);
	if (n == 0 || n > 6 || strspn(name, "0123456789") != n ||
	    (n > 1 && name[0] == '0'))
		return NULL;
	return cJSON_GetArrayItem(node, atoi(name));
}

/* A member's name, or a JSON Pointer when it begins with a slash. */
static const cJSON *
find(const cJSON *root, const char *field)
{
	const cJSON *node = root;
	size_t len;

	if (*field != '/')
		return member(root, field);
	while (node != NULL && *field == '/') {
		len = strcspn(++field, "/");
		node = pointer_step(node, field, len);
		field += len;
	}
	return node;
}

/* Whether a text begins as the pattern, in which '0' is any digit. */
static bool
begins_as(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; text++, pattern++)
		if (*pattern == '0' ? *text < '0' || *text > '9'
		    : *text != *pattern)
			return false;
	return true;
}

/* An offset of RFC 3339 in seconds; *ok tells whether it is one. */
static int
zone_seconds(const char *text, bool *ok)
{
	int h = 0, m = 0;

	*ok = strcmp(text, "Z") == 0 || strcmp(text, "z") == 0;
	if (*ok)
		return 0;
	*ok = (*text == '+' || *text == '-') && begins_as(text + 1, "00:00") &&
	    text[6] == '\0' && sscanf(text + 1, "%2d:%2d", &h, &m) == 2 &&
	    h <= 23 && m <= 59;
	return (*text == '-' ? -1 : 1) * (h * 3600 + m * 60);
}

/* An RFC 3339 date-time in ms since the epoch, or 0. */
static double
rfc3339_ms(const char *text)
{
	static const char date[] = "0000-00-00", hour[] = "00:00:00";
	struct tm tm = {0};
	double fraction = 0;
	int s, day, zone;
	time_t minute;
	bool ok;

	if (!begins_as(text, date) || strspn(text + 10, "Tt ") == 0 ||
	    !begins_as(text + 11, hour) || sscanf(text,
	    "%4d-%2d-%2d%*c%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &day,
	    &tm.tm_hour, &tm.tm_min, &s) != 6)
		return 0;
	if (tm.tm_hour > 23 || tm.tm_min > 59 || s > 60)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	tm.tm_mday = day;
	if (tm.tm_mon < 0 || tm.tm_mon > 11 ||
	    (minute = timegm(&tm)) <= 0 || tm.tm_mday != day)
		return 0;
	text += sizeof(date) + sizeof(hour) - 1;
	if (begins_as(text, ".0")) {
		fraction = strtod(text, NULL);
		text += 1 + strspn(text + 1, "0123456789");
	}
	zone = zone_seconds(text, &ok);
	return ok ? ((double)minute + s + fraction - zone) * 1000 : 0;
}

/* A positive number out of a JSON number or a numeric string, or 0. */
static double
number(const cJSON *item)
{
	double n = 0;
	char *end;

	if (item == NULL)
		return 0;
	if (cJSON_IsNumber(item))
		n = item->valuedouble;
	else if (cJSON_IsString(item) && begins_as(item->valuestring, "0") &&
	    strpbrk(item->valuestring, "xX") == NULL) {
		n = strtod(item->valuestring, &end);
		if (*end != '\0')
			n = 0;
	}
	return n > 0 ? n : 0;
}

/* Remaining seconds, as a life in ms; 0: as if missing. */
static double
life_of_seconds(const cJSON *item, int64_t asked_wall_at)
{
	(void)asked_wall_at;
	return fmin(number(item) * 1000, LIFE_LIMIT_MS);
}

/*
 * A point in time, as a life in ms; 0: as if missing.  A time in the past is
 * told from a missing one by a life below 0.
 */
static double
life_of_time(const cJSON *item, int64_t asked_wall_at)
{
	double n = number(item), life;

	if (n > 0 && n <= 1e11)
		n *= 1000;
	else if (n <= 0 && item != NULL && cJSON_IsString(item))
		n = rfc3339_ms(item->valuestring);
	if (n <= 0 || n > LIFE_LIMIT_MS)
		return 0;
	life = n - (double)asked_wall_at;
	return life != 0 ? life : -1;
}

/* Up to 1e9 a bare number of a named field is a rest of life, not a date. */
static double
life_of_either(const cJSON *item, int64_t asked_wall_at)
{
	double n = number(item);

	return n > 0 && n < 1e9 ? n * 1000 : life_of_time(item, asked_wall_at);
}

static const struct {
	const char *field;
	double (*life)(const cJSON *, int64_t);
} expiry_fields[] = {
    {"expires_in", life_of_seconds},
    {"expires_on", life_of_time},
    {"expires_at", life_of_time},
    {"expiresAt", life_of_time},
    {"expiry", life_of_time},
    {"exp", life_of_time},
};

static int
base64url_value(char c)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *p = c != '\0' ? strchr(set, c) : NULL;

	return p == NULL ? -1 : (int)(p - set);
}

/* Decode base64url (RFC 4648, 5) without padding; the length, or 0. */
static size_t
base64url_decode(const char *in, size_t len, char *out, size_t size)
{
	size_t i, n = 0;
	uint32_t bits = 0;
	int v;

	for (i = 0; i < len; i++) {
		if ((v = base64url_value(in[i])) < 0 || n + 1 >= size)
			return 0;
		bits = bits << 6 | (uint32_t)v;
		if (i % 4 != 0)
			out[n++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	out[n] = '\0';
	return n;
}

/* The life that a JWT's exp tells (RFC 7519, 4.1.4); not verified. */
static double
life_of_jwt(const char *text, int64_t asked_wall_at)
{
	const char *payload = strchr(text, '.'), *end;
	char json[TOKEN_MAX];
	double life;
	cJSON *claims;
	size_t n;

	if (payload == NULL || (end = strchr(++payload, '.')) == NULL)
		return 0;
	n = base64url_decode(payload, (size_t)(end - payload), json,
	    sizeof(json));
	claims = n > 0 ? cJSON_ParseWithLength(json, n) : NULL;
	life = life_of_time(member(claims, "exp"), asked_wall_at);
	cJSON_Delete(claims);
	explicit_bzero(json, n);
	return life;
}

/* Keep the earlier of two lives, where 0 is none. */
static void
consider(double life, const char *from, double *best, const char **expiry)
{
	if (life == 0 || (*best != 0 && *best <= life))
		return;
	*best = life;
	*expiry = from;
}

/* What the members of the answer tell; the named field alone if there is one. */
static void
consider_members(const cJSON *root, const struct token_rules *rules,
    int64_t asked_wall_at, double *best, const char **expiry)
{
	size_t i;

	if (rules->expiry_field != NULL) {
		consider(life_of_either(find(root, rules->expiry_field),
		    asked_wall_at), "expiry-field", best, expiry);
		return;
	}
	for (i = 0; i < sizeof(expiry_fields) / sizeof(expiry_fields[0]); i++)
		consider(expiry_fields[i].life(find(root,
		    expiry_fields[i].field), asked_wall_at),
		    expiry_fields[i].field, best, expiry);
}

static int
decode_life(const cJSON *root, const struct token_rules *rules,
    int64_t asked_wall_at, struct token_answer *out, struct err *err)
{
	double life = 0;

	out->expiry = "default-ttl";
	consider_members(root, rules, asked_wall_at, &life, &out->expiry);
	consider(life_of_jwt(out->text, asked_wall_at), "JWT exp", &life,
	    &out->expiry);
	if (life == 0)
		life = (double)rules->default_ttl_ms;
	if (life < 0)
		return err_set(err, "the token has expired already (%s)",
		    out->expiry);
	out->life_ms = life < (double)rules->max_ttl_ms
	    ? (int64_t)life : rules->max_ttl_ms;
	if (out->life_ms <= token_reserve_ms(out->life_ms))
		return err_set(err, "the token lives only %lld ms (%s)",
		    (long long)out->life_ms, out->expiry);
	return 0;
}

static const cJSON *
find_token(const cJSON *root, const struct token_rules *rules)
{
	const cJSON *item;

	if (rules->token_field != NULL)
		return find(root, rules->token_field);
	item = member(root, "token");
	return item != NULL && !cJSON_IsNull(item) ? item
	    : member(root, "access_token");
}

static int
decode_text(const cJSON *root, const struct token_rules *rules,
    struct token_answer *out, struct err *err)
{
	const cJSON *item = find_token(root, rules);
	const char *problem;

	if (item == NULL)
		return err_set(err, "the answer has no member %s",
		    rules->token_field != NULL ? rules->token_field
		    : "token or access_token");
	if (!cJSON_IsString(item))
		return err_set(err, "the token in the answer is no string");
	out->len = strlen(item->valuestring);
	problem = token_text_problem(item->valuestring, out->len,
	    rules->max_len);
	if (problem != NULL)
		return err_set(err, "the token in the answer %s", problem);
	memcpy(out->text, item->valuestring, out->len + 1);
	return 0;
}

/* Memory of cJSON, which may hold a token, is overwritten when given back. */
static void
free_wiped(void *p)
{
	explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* Whether a string in the text has a NUL, which would end it early in C. */
static bool
has_nul(const char *text, size_t len)
{
	size_t i;

	if (memchr(text, '\0', len) != NULL)
		return true;
	for (i = 0; i + 5 < len; i++)
		if (text[i] == '\\' && text[++i] == 'u' &&
		    memcmp(text + i, "u0000", 5) == 0)
			return true;
	return false;
}

/* The whole text as JSON; NULL if it is not, or more than one value. */
static cJSON *
parse(const char *body, size_t len)
{
	cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = free_wiped};
	const char *end = body;
	cJSON *root;

	cJSON_InitHooks(&hooks);
	root = cJSON_ParseWithLengthOpts(body, len, &end, 0);
	while (end < body + len && strchr(" \t\r\n", *end) != NULL)
		end++;
	if (end == body + len)
		return root;
	cJSON_Delete(root);
	return NULL;
}

int
token_decode(const char *body, size_t len, const struct token_rules *rules,
    int64_t asked_wall_at, struct token_answer *out, struct err *err)
{
	const cJSON *error;
	cJSON *root;
	int status;

	if (has_nul(body, len))
		return err_set(err, "the answer has a NUL character");
	root = parse(body, len);
	if (root == NULL)
		return err_set(err, "the answer is not valid JSON");
	error = member(root, "error");
	if (error != NULL && !cJSON_IsNull(error) && !cJSON_IsFalse(error))
		status = err_set(err, "the answer has a member \"error\"");
	else
		status = decode_text(root, rules, out, err);
	if (status == 0)
		status = decode_life(root, rules, asked_wall_at, out, err);
	cJSON_Delete(root);
	return status;
}
