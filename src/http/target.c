/* SPDX-License-Identifier: MIT */
/* Targets that are not just a path: absolute, authority, "*", odd bytes. */
#include "config.h"

#include "http/lex.h"

#include <arpa/inet.h>

/* The end of "[" IPv6 address "]" at p; NULL if it is none. */
static const char *
ip_literal_end(const char *p)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr address;
	size_t len = 0;

	for (p++; http_is(*p, CHAR_HEX) || *p == ':' || *p == '.'; p++) {
		if (len == sizeof(text) - 1)
			return NULL;
		text[len++] = *p;
	}
	if (*p != ']' || inet_pton(AF_INET6, text, &address) != 1)
		return NULL;
	return p + 1;
}

/* The end of the uri-host at p (RFC 3986, 3.2.2); NULL if there is none. */
static const char *
host_end(const char *p)
{
	const char *start = p;

	if (*p == '[')
		return ip_literal_end(p);
	while ((p = http_skip(p, CHAR_HOST)), *p == '%') {
		if (!http_is(p[1], CHAR_HEX) || !http_is(p[2], CHAR_HEX))
			return NULL;
		p += 3;
	}
	return p > start ? p : NULL;
}

const char *
http_authority_end(const char *p)
{
	p = host_end(p);
	if (p != NULL && *p == ':')
		p = http_skip(p + 1, CHAR_DIGIT);
	return p;
}

/* CONNECT asks for host:port (RFC 9112, 3.2.3); the port is not optional. */
static int
target_authority(const char *target, const char *end, struct http_request *out)
{
	const char *colon = host_end(target);

	if (colon == NULL || *colon != ':' || colon + 1 == end ||
	    http_skip(colon + 1, CHAR_DIGIT) != end)
		return 400;
	out->path =
	    (struct slice){.ptr = target, .len = (size_t)(end - target)};
	return 200;
}

/* "http://host/path", "https://host/path" (RFC 9112, 3.2.2). */
static int
target_absolute(const char *target, const char *end, struct http_request *out)
{
	size_t len = (size_t)(end - target);
	const char *host, *path;

	if (len > 7 && http_same(target, 7, "http://"))
		host = target + 7;
	else if (len > 8 && http_same(target, 8, "https://"))
		host = target + 8;
	else
		return 400;
	path = http_authority_end(host);
	if (path == NULL || (path != end && *path != '/'))
		return 400;
	out->authority =
	    (struct slice){.ptr = host, .len = (size_t)(path - host)};
	if (path == end) /* an empty path becomes "/", the last one of "://" */
		out->path = (struct slice){.ptr = host - 1, .len = 1};
	else
		out->path =
		    (struct slice){.ptr = path, .len = (size_t)(end - path)};
	return 200;
}

int
http_target(const char *target, const char *query, const char *end,
    struct http_request *out)
{
	if (out->method == HTTP_CONNECT)
		return target_authority(target, end, out);
	if (*target != '*')
		return target_absolute(target, query, out);
	if (end - target > 1 || out->method != HTTP_OPTIONS)
		return 400;
	out->path = (struct slice){.ptr = target, .len = 1};
	return 200;
}

const char *
http_odd_target(const char *target, const char **query)
{
	const char *p;

	*query = NULL;
	for (p = target; *p != ' ' && http_is(*p, CHAR_VALUE) && *p != '\t';
	     p++)
		if (*query == NULL && (*p == '?' || *p == '#'))
			*query = p;
	if (*p != ' ' || p == target)
		return NULL;
	if (*query == NULL)
		*query = p;
	return p;
}

bool
http_method_only(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!http_is(line[i], CHAR_TOKEN))
			return false;
	return true;
}
