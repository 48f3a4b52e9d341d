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
	size_t len;
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
    AT(5, 't') = {"token", 5, false, TAIL_NONE, {ROUTE_TOKEN, STATS_PATH_TOKEN,
	TOKEN_METHODS, "GET, HEAD, DELETE"}},
    AT(6, 't') = {"tokens", 6, false, TAIL_NAME, {ROUTE_TOKENS, STATS_PATH_TOKENS,
	TOKEN_METHODS, "GET, HEAD, DELETE"}},
    AT(4, 'a') = {"auth", 4, false, TAIL_ANY, {ROUTE_AUTH, STATS_PATH_AUTH,
	ROUTE_ANY_METHOD, ""}},
    AT(12, 'o') = {"openapi.json", 12, false, TAIL_NONE, {ROUTE_OPENAPI_3_0,
	STATS_PATH_OPENAPI, GET_HEAD, "GET, HEAD"}},
    AT(16, 'o') = {"openapi-3.1.json", 16, false, TAIL_NONE, {ROUTE_OPENAPI_3_1,
	STATS_PATH_OPENAPI, GET_HEAD, "GET, HEAD"}},
    AT(12, 's') = {"swagger.json", 12, false, TAIL_NONE, {ROUTE_OPENAPI_2_0,
	STATS_PATH_OPENAPI, GET_HEAD, "GET, HEAD"}},
    AT(4, 'd') = {"docs", 4, false, TAIL_ANY, {ROUTE_DOCS, STATS_PATH_DOCS,
	GET_HEAD, "GET, HEAD"}},
    AT(7, 'h') = {"healthz", 7, true, TAIL_NONE, {ROUTE_HEALTHZ,
	STATS_PATH_HEALTHZ, GET_HEAD, "GET, HEAD"}},
    AT(6, 'r') = {"readyz", 6, true, TAIL_NONE, {ROUTE_READYZ, STATS_PATH_READYZ,
	GET_HEAD, "GET, HEAD"}},
    AT(7, 'm') = {"metrics", 7, true, TAIL_NONE, {ROUTE_METRICS,
	STATS_PATH_METRICS, GET_HEAD, "GET, HEAD"}},
    AT(6, 's') = {"status", 6, true, TAIL_NONE, {ROUTE_STATUS, STATS_PATH_STATUS,
	GET_HEAD, "GET, HEAD"}},
    AT(11, 's') = {"status.json", 11, true, TAIL_NONE, {ROUTE_STATUS_JSON,
	STATS_PATH_STATUS, GET_HEAD, "GET, HEAD"}},
};

static const struct route none = {ROUTE_NONE, STATS_PATH_OTHER, 0, ""};
static const struct route auth_of_name = {ROUTE_AUTH, STATS_PATH_AUTH,
    ROUTE_ANY_METHOD, ""};

/* What follows /tokens: "/NAME" or "/NAME/auth" or "/NAME/auth/...". */
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
	if (rest == 0)
		return named;
	if (rest < 5 || memcmp(slash, "/auth", 5) != 0 ||
	    (rest > 5 && slash[5] != '/'))
		return &none;
	return &auth_of_name;
}

const struct route *
route_find(const struct slice *path, bool admin, struct slice *name)
{
	const char *segment = path->ptr + 1, *slash;
	const struct rule *r;
	size_t len, rest;

	name->ptr = NULL;
	if (path->len < 2 || path->ptr[0] != '/')
		return &none;
	slash = memchr(segment, '/', path->len - 1);
	len = slash == NULL ? path->len - 1 : (size_t)(slash - segment);
	rest = path->len - 1 - len;
	r = &rules[HASH(len, (unsigned char)segment[0])];
	if (r->len != len || r->admin != admin ||
	    memcmp(r->segment, segment, len) != 0)
		return &none;
	if (r->tail == TAIL_NAME)
		return tail_name(segment + len, rest, &r->route, name);
	return r->tail == TAIL_ANY || rest == 0 ? &r->route : &none;
}
