/* SPDX-License-Identifier: MIT */
/* The table of problems, and their form on the wire. */
#include "config.h"

#include "http/problem.h"

#include "http/http.h"

#include <string.h>

const struct problem problems[PROBLEM_COUNT] = {
    [PROBLEM_MALFORMED] = {"malformed", 400,
	"The request is not well-formed HTTP."},
    [PROBLEM_REQUEST_TIMEOUT] = {"request-timeout", 408,
	"The request was not sent in time."},
    [PROBLEM_BODY_TOO_LARGE] = {"body-too-large", 413,
	"The announced body is too large."},
    [PROBLEM_LINE_TOO_LONG] = {"line-too-long", 414,
	"The request line is longer than 16 KiB."},
    [PROBLEM_HEAD_TOO_LARGE] = {"head-too-large", 431,
	"The header fields are too large: at most 64 KiB and 256 fields."},
    [PROBLEM_UNKNOWN_CODING] = {"unknown-coding", 501,
	"The transfer coding or the method is not supported."},
    [PROBLEM_HTTP_VERSION] = {"http-version", 505,
	"Only HTTP/1.0 and HTTP/1.1 are supported."},
    [PROBLEM_FOREIGN_HOST] = {"foreign-host", 403,
	"Host names another host; the option allow-hosts lists those that are answered."},
    [PROBLEM_FOREIGN_SITE] = {"foreign-site", 403,
	"A page of another site gets no token (Sec-Fetch-Site)."},
    [PROBLEM_REQUIRED_HEADER] = {"required-header", 403,
	"The request lacks the header field that the option require-header asks for."},
    [PROBLEM_NO_PATH] = {"no-path", 404, "Nothing is at this path."},
    [PROBLEM_NO_NAME] = {"no-name", 404, "No token has this name."},
    [PROBLEM_METHOD] = {"method", 405, "This path does not take this method."},
    [PROBLEM_UNKNOWN_METHOD] = {"unknown-method", 501,
	"This method is not known."},
    [PROBLEM_ENCODING] = {"encoding", 406,
	"This file is available only compressed: send Accept-Encoding: gzip."},
    [PROBLEM_NO_TOKEN] = {"no-token", 503, "No valid token is available."},
    [PROBLEM_STALE_REPORT] = {"stale-report", 412,
	"The reported token is no longer in service."},
    [PROBLEM_WHICH_TOKEN] = {"which-token", 428,
	"Say which token was refused: send If-Match with its ETag, or the header field of /auth with its value."},
    [PROBLEM_REPORT_LIMIT] = {"report-limit", 429,
	"The token was obtained or reported a moment ago, or reports have used up their share of max-calls-per-hour."},
    [PROBLEM_REPORT_TIMEOUT] = {"report-timeout", 503,
	"The report could not be processed in time."},
    [PROBLEM_PAGE_TIMEOUT] = {"page-timeout", 503,
	"The page could not be written in time."},
};

enum problem_id
problem_of_status(int status)
{
	size_t i = 0;

	while (i < PROBLEM_COUNT && problems[i].status != status)
		i++;
	return i < PROBLEM_COUNT ? (enum problem_id)i : PROBLEM_MALFORMED;
}

enum problem_id
problem_find(const char *name)
{
	size_t i = 0;

	while (i < PROBLEM_COUNT && strcmp(problems[i].name, name) != 0)
		i++;
	return (enum problem_id)i;
}

void
problem_write(enum problem_id id, struct buf *out)
{
	const struct problem *p = &problems[id];

	buf_printf(out,
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}",
	    http_reason(p->status), p->status, p->detail);
}
