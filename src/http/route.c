/* SPDX-License-Identifier: MIT */
/* The table of paths, looked up by length and first letter. */
#include "config.h"

#include "http/route.h"

#include <string.h>

enum tail {
	TAIL_NONE, /* the path ends here, with a slash perhaps */
	TAIL_ANY,  /* whatever follows is ignored */
	TAIL_NAME, /* /NAME, or /NAME/auth and whatever follows that */
};

#define CALLERS 1u
#define ADMINS 2u

/* The methods of a route, as bits and as Allow has them. */
#define GET_HEAD (ROUTE_METHOD(HTTP_GET) | ROUTE_METHOD(HTTP_HEAD))
#define READS GET_HEAD, "GET, HEAD, OPTIONS"
#define READS_OR_REPORTS \
	(GET_HEAD | ROUTE_METHOD(HTTP_DELETE)), "GET, HEAD, DELETE, OPTIONS"
#define ANYTHING ROUTE_ANY_METHOD, ""

struct rule {
	const char *segment;
	size_t len;
	unsigned sides; /* on whose addresses it is there */
	enum tail tail;
	struct route route;
};

/*
 * The place of a rule is its hash; two rules of one place do not compile
 * (-Woverride-init), so that a look-up is one comparison.
 */
#define HASH(len, first) (((len)*3 + (first)) & 31)
#define RULE(first, name, sides, tail, ...)                               \
	[HASH(sizeof(name) - 1, first)] = {name, sizeof(name) - 1, sides, \
	    tail, {__VA_ARGS__}}

static const struct rule rules[32] = {
    RULE('t', "token", CALLERS, TAIL_NONE, ROUTE_TOKEN, STATS_PATH_TOKEN,
	READS_OR_REPORTS),
    RULE('t', "tokens", CALLERS, TAIL_NAME, ROUTE_TOKENS, STATS_PATH_TOKENS,
	READS_OR_REPORTS),
    RULE('a', "auth", CALLERS, TAIL_ANY, ROUTE_AUTH, STATS_PATH_AUTH, ANYTHING),
    RULE('o', "openapi.json", CALLERS, TAIL_NONE, ROUTE_OPENAPI,
	STATS_PATH_OPENAPI, READS),
    RULE('d', "docs", CALLERS, TAIL_ANY, ROUTE_DOCS, STATS_PATH_DOCS, READS),
    RULE('h', "healthz", CALLERS | ADMINS, TAIL_NONE, ROUTE_HEALTHZ,
	STATS_PATH_HEALTHZ, READS),
    RULE('r', "readyz", ADMINS, TAIL_NONE, ROUTE_READYZ, STATS_PATH_READYZ,
	READS),
    RULE('m', "metrics", ADMINS, TAIL_NONE, ROUTE_METRICS, STATS_PATH_METRICS,
	READS),
    RULE('s', "status", ADMINS, TAIL_NONE, ROUTE_STATUS, STATS_PATH_STATUS,
	READS),
    RULE('s', "status.json", ADMINS, TAIL_NONE, ROUTE_STATUS_JSON,
	STATS_PATH_STATUS, READS),
};

static const struct route none = {ROUTE_NONE, STATS_PATH_OTHER, 0, ""};
static const struct route root = {ROUTE_ROOT, STATS_PATH_OTHER, READS};
static const struct route auth_of_name = {ROUTE_AUTH, STATS_PATH_AUTH,
    ANYTHING};

/* The rest of a path behind /tokens: "/NAME" or "/NAME/auth" with more. */
static const struct route *
tail_name(const char *tail, size_t len, const struct route *named,
    struct slice *name)
{
	const char *slash;
	size_t rest;

	if (len < 2)
		return &none;
	tail++;
	len--;
	slash = memchr(tail, '/', len);
	rest = slash == NULL ? 0 : len - (size_t)(slash - tail);
	*name = (struct slice){tail, len - rest};
	if (name->len == 0)
		return &none;
	if (rest <= 1)
		return named;
	if (rest < 5 || memcmp(slash, "/auth", 5) != 0 ||
	    (rest > 5 && slash[5] != '/'))
		return &none;
	return &auth_of_name;
}

const struct route *
route_find(const struct slice *path, bool admin, struct slice *name)
{
	unsigned side = admin ? ADMINS : CALLERS;
	const char *segment = path->ptr + 1, *slash;
	const struct rule *r;
	size_t len, rest;

	name->ptr = NULL;
	if (path->len < 1 || path->ptr[0] != '/')
		return &none;
	if (path->len == 1)
		return &root;
	slash = memchr(segment, '/', path->len - 1);
	len = slash == NULL ? path->len - 1 : (size_t)(slash - segment);
	rest = path->len - 1 - len;
	r = &rules[HASH(len, (unsigned char)segment[0])];
	if (r->segment == NULL || r->len != len || (r->sides & side) == 0 ||
	    memcmp(r->segment, segment, len) != 0)
		return &none;
	if (r->tail == TAIL_NAME)
		return tail_name(segment + len, rest, &r->route, name);
	return r->tail == TAIL_ANY || rest <= 1 ? &r->route : &none;
}
