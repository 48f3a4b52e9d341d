/* SPDX-License-Identifier: MIT */
/*
 * route.h - from a path to what answers it.
 *
 * Called by api.c, once per request.  The first segment of the path is looked
 * up in a table by its length and first letter, so that the number of routes
 * costs nothing; what may follow it is the route's own matter.  A slash at the
 * end of a path that would end there means nothing.
 *
 * Invariant: any bytes are a path; of a slice that does not begin with a slash
 * nothing but that is looked at.
 */
#ifndef BEARERD_ROUTE_H
#define BEARERD_ROUTE_H

#include <stdbool.h>

#include "http/http.h"
#include "shared/stats.h"

enum route_id {
	ROUTE_NONE,
	ROUTE_ROOT,    /* / */
	ROUTE_TOKEN,   /* /token */
	ROUTE_TOKENS,  /* /tokens/NAME */
	ROUTE_AUTH,    /* /auth, /auth/..., /tokens/NAME/auth, ...auth/... */
	ROUTE_OPENAPI, /* /openapi.json */
	ROUTE_DOCS,    /* /docs, and what belongs to it in /docs/... */
	ROUTE_HEALTHZ,
	ROUTE_READYZ,
	ROUTE_METRICS,
	ROUTE_STATUS,
	ROUTE_STATUS_JSON,
	ROUTE_COUNT
};

#define ROUTE_METHOD(m) (1u << (m))
#define ROUTE_ANY_METHOD (~0u)

struct route {
	enum route_id id;
	enum stats_path path; /* how it is counted */
	unsigned methods;     /* that it takes, as ROUTE_METHOD() bits */
	const char *allow;    /* the same for the field Allow */
};

/*
 * The route of a path; its id is ROUTE_NONE if there is none.  *name is the
 * NAME of the path, ptr NULL where it has none.
 */
const struct route *route_find(const struct slice *path, bool admin,
    struct slice *name);

#endif
