/* SPDX-License-Identifier: MIT */
/*
 * problem.h - each answer that says what went wrong, as RFC 9457 has it.
 *
 * One row per problem: its status, and the detail that a person reads.  A
 * worker sends them (worker/api.h); /openapi.json shows them as examples
 * (docs/openapi.h).  So a text stands in the source once, as it is sent.
 *
 * Invariants:
 *   - A detail holds nothing of the request and no address of a backend.
 *   - All are of the type about:blank; so the title is the status in words.
 */
#ifndef BEARERD_PROBLEM_H
#define BEARERD_PROBLEM_H

#include "base/buf.h"

enum problem_id {
	/* The bytes are no request; the connection ends. */
	PROBLEM_MALFORMED,
	PROBLEM_REQUEST_TIMEOUT,
	PROBLEM_BODY_TOO_LARGE,
	PROBLEM_LINE_TOO_LONG,
	PROBLEM_HEAD_TOO_LARGE,
	PROBLEM_UNKNOWN_CODING,
	PROBLEM_HTTP_VERSION,
	/* The request is refused. */
	PROBLEM_FOREIGN_HOST,
	PROBLEM_FOREIGN_SITE,
	PROBLEM_REQUIRED_HEADER,
	PROBLEM_NO_PATH,
	PROBLEM_NO_NAME,
	PROBLEM_METHOD,
	PROBLEM_UNKNOWN_METHOD,
	PROBLEM_ENCODING,
	/* It cannot be served. */
	PROBLEM_NO_TOKEN,
	PROBLEM_STALE_REPORT,
	PROBLEM_WHICH_TOKEN,
	PROBLEM_REPORT_LIMIT,
	PROBLEM_REPORT_TIMEOUT,
	PROBLEM_PAGE_TIMEOUT,
	PROBLEM_COUNT
};

struct problem {
	const char *name; /* what openapi.json calls it */
	int status;
	const char *detail; /* printable ASCII without quotes */
};

extern const struct problem problems[PROBLEM_COUNT];

/*
 * The problem that a status of http_parse(), http_body() or api_find() stands
 * for.  Of two with the same status it is the one that ends the connection.
 */
enum problem_id problem_of_status(int status);

/* The problem of this name; PROBLEM_COUNT if there is none. */
enum problem_id problem_find(const char *name);

/* Append the body of the answer: an object of JSON, without a line end. */
void problem_write(enum problem_id id, struct buf *out);

#endif
