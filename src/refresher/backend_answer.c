/* SPDX-License-Identifier: MIT */
/* Receives the answer of a backend: its body and five of its fields. */
#include "config.h"

#include "refresher/backend_private.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AGE_DIGITS 9 /* of seconds: more than any life */

static size_t
on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct backend_call *c = arg;

	if (n * size > sizeof(c->body) - c->len) {
		c->too_large = true;
		return 0;
	}
	memcpy(c->body + c->len, bytes, n * size);
	c->len += n * size;
	return n * size;
}

/* True: the line has this name; its value, NUL-terminated, is in out. */
static bool
header_value(const char *line, size_t len, const char *name, char *out,
    size_t size)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0)
		return false;
	line += n;
	len -= n;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (unsigned char)line[len - 1] <= ' ')
		len--;
	snprintf(out, size, "%.*s", (int)len, line);
	return true;
}

/*
 * Age (RFC 9111, 5.1) in ms; of a list the first member; 0: invalid.  Some
 * caches write a fraction, which the RFC does not allow.  It is rounded up,
 * since a token must not look younger than it is.
 */
static int64_t
age(const char *text)
{
	size_t len = strspn(text, "0123456789"), fraction = 0;
	const char *end = text + len;

	if (len > 0 && *end == '.') {
		fraction = strspn(end + 1, "0123456789");
		end += 1 + fraction;
	}
	if (len == 0 || (*end != '\0' && strchr(" \t,", *end) == NULL))
		return 0;
	if (len > AGE_DIGITS)
		return INT64_C(1000000000) * 1000;
	return ((int64_t)strtol(text, NULL, 10) + (fraction > 0)) * 1000;
}

/* Retry-After (RFC 9110, 10.2.3), seconds or a date, in ms from now; 0: invalid
 * or past. */
static int64_t
retry_after(const char *text)
{
	time_t at;
	char *end;
	long s = strtol(text, &end, 10);

	if (end != text && *end == '\0')
		return s > 0 && s < 1000000000 ? (int64_t)s * 1000 : 0;
	at = curl_getdate(text, NULL);
	if (at == (time_t)-1 || (int64_t)at * 1000 <= clock_wall_ms())
		return 0;
	return (int64_t)at * 1000 - clock_wall_ms();
}

/* A status line begins an answer: fields of an interim 1xx answer before it do
 * not count (RFC 9110, 15.2). */
static void
forget(struct backend_call *c)
{
	c->retry_after_ms = c->date_wall_at = c->age_ms = 0;
	c->location[0] = '\0';
	explicit_bzero(c->fields, c->fields_len);
	c->fields_len = 0;
}

/* Keep a field as a line; one for which there is no room is left out. */
static void
keep(struct backend_call *c, const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	if (len == 0 || len + 1 > BACKEND_FIELDS_MAX - c->fields_len ||
	    memchr(line, '\0', len) != NULL)
		return;
	memcpy(c->fields + c->fields_len, line, len);
	c->fields_len += len;
	c->fields[c->fields_len++] = '\n';
	c->fields[c->fields_len] = '\0';
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct backend_call *c = arg;
	char value[2048];
	int64_t a;
	time_t date;

	if (header_value(line, n * size, "HTTP/", value, sizeof(value)))
		forget(c);
	else
		keep(c, line, n * size);
	if (header_value(line, n * size, "Age:", value, sizeof(value)) &&
	    (a = age(value)) > c->age_ms)
		c->age_ms = a;
	if (!c->filled &&
	    header_value(line, n * size, "Location:", value, sizeof(value)))
		backend_show_url(value, c->location, sizeof(c->location));
	if (header_value(line, n * size, "Retry-After:", value, sizeof(value)))
		c->retry_after_ms = retry_after(value);
	if (header_value(line, n * size, "Date:", value, sizeof(value))) {
		date = curl_getdate(value, NULL);
		c->date_wall_at = date == (time_t)-1 ? 0 : (int64_t)date * 1000;
	}
	return n * size;
}

void
backend_receive(struct backend_call *c)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	/* asks for no compression, and decodes what a proxy compresses anyway
	 */
	curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "identity");
}
