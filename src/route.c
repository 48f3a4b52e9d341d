/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "route.h"

#include <string.h>

enum tail {
	TAIL_NONE, /* the path ends here */
	TAIL_ANY,  /* whatever follows is ignored */
	TAIL_NAME, /* /NAME, or /NAME/auth and whatever follows that */
};

#define GET_HEAD (ROUTE_METHOD(HTTP_GET) | ROUTE_METHOD(HTTP_HEAD))
#define TOKEN_METHODS (GET_HEAD | ROUTE_METHOD(HTTP_DELETE))

struct rule {
	const char *segment;
	bool admin;
	enum tail tail;
	struct route route;
};

/*
 * The place of a rule is its hash; two rules of one place do not compile
 * (-Woverride-init), so that a look-up is one comparison.
 */
#define HASH(len, first) (((len) * 3 + (first)) & 31)
#define AT(len, first) [HASH(len, first)]

static const struct rule rules[32] = {
    AT(5, 't') = {"token", false, TAIL_NONE, {ROUTE_TOKEN, STATS_PATH_TOKEN,
	TOKEN_METHODS, "GET, HEAD, DELETE", {0}}},
    AT(6, 't') = {"tokens", false, TAIL_NAME, {ROUTE_TOKENS, STATS_PATH_TOKENS,
	TOKEN_METHODS, "GET, HEAD, DELETE", {0}}},
    AT(4, 'a') = {"auth", false, TAIL_ANY, {ROUTE_AUTH, STATS_PATH_AUTH,
	ROUTE_ANY_METHOD, "", {0}}},
    AT(7, 'h') = {"healthz", true, TAIL_NONE, {ROUTE_HEALTHZ,
	STATS_PATH_HEALTHZ, GET_HEAD, "GET, HEAD", {0}}},
    AT(6, 'r') = {"readyz", true, TAIL_NONE, {ROUTE_READYZ, STATS_PATH_READYZ,
	GET_HEAD, "GET, HEAD", {0}}},
    AT(7, 'm') = {"metrics", true, TAIL_NONE, {ROUTE_METRICS,
	STATS_PATH_METRICS, GET_HEAD, "GET, HEAD", {0}}},
    AT(6, 's') = {"status", true, TAIL_NONE, {ROUTE_STATUS, STATS_PATH_STATUS,
	GET_HEAD, "GET, HEAD", {0}}},
    AT(11, 's') = {"status.json", true, TAIL_NONE, {ROUTE_STATUS_JSON,
	STATS_PATH_STATUS, GET_HEAD, "GET, HEAD", {0}}},
};

static const struct route auth_of_name = {ROUTE_AUTH, STATS_PATH_AUTH,
    ROUTE_ANY_METHOD, "", {0}};

/* What follows /tokens: "/NAME" or "/NAME/auth" or "/NAME/auth/...". */
static bool
tail_name(const char *tail, size_t len, struct route *out)
{
	const char *slash;
	size_t rest;

	if (len < 2)
		return false;
	tail++;
	len--;
	slash = memchr(tail, '/', len);
	rest = slash == NULL ? 0 : len - (size_t)(slash - tail);
	if (rest > 0 && (rest < 5 || memcmp(slash, "/auth", 5) != 0 ||
	    (rest > 5 && slash[5] != '/')))
		return false;
	if (rest > 0)
		*out = auth_of_name;
	out->name = (struct slice){tail, len - rest};
	return out->name.len > 0;
}

void
route_find(const struct slice *path, bool admin, struct route *out)
{
	const char *segment = path->ptr + 1, *slash;
	const struct rule *r;
	size_t len, rest;
	bool fits;

	*out = (struct route){.id = ROUTE_NONE, .path = STATS_PATH_OTHER};
	if (path->len < 2 || path->ptr[0] != '/')
		return;
	slash = memchr(segment, '/', path->len - 1);
	len = slash == NULL ? path->len - 1 : (size_t)(slash - segment);
	rest = path->len - 1 - len;
	r = &rules[HASH(len, (unsigned char)segment[0])];
	if (r->segment == NULL || r->admin != admin ||
	    strncmp(r->segment, segment, len) != 0 || r->segment[len] != '\0')
		return;
	*out = r->route;
	fits = r->tail == TAIL_ANY || (r->tail == TAIL_NONE && rest == 0) ||
	    (r->tail == TAIL_NAME && tail_name(segment + len, rest, out));
	if (!fits)
		*out = (struct route){.id = ROUTE_NONE,
		    .path = STATS_PATH_OTHER};
}
