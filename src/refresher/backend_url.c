/* SPDX-License-Identifier: MIT */
/* URLs in messages, without parts that could be a secret. */
#include "config.h"

#include "refresher/backend_private.h"

#include "base/buf.h"

#include <string.h>

#define SEGMENT_MAX 40 /* bytes; a longer one may be a key or a token */

/* Bytes before the host: "SCHEME://"; 0: none. */
static size_t
scheme_len(const char *url)
{
	const char *slash = strchr(url, '/');

	return slash != NULL && slash[1] == '/' ? (size_t)(slash + 2 - url) : 0;
}

/* The host: skips "user:password@". */
static const char *
skip_user(const char *host, const char *end)
{
	const char *at;

	while ((at = memchr(host, '@', strcspn(host, "/"))) != NULL && at < end)
		host = at + 1;
	return host;
}

/* Append a path; dots replace its long segments. */
static void
add_path(struct buf *b, const char *path, const char *end)
{
	size_t len;

	while (path < end) {
		len = strcspn(path + 1, "/") + 1;
		if (len > (size_t)(end - path))
			len = (size_t)(end - path);
		if (len > SEGMENT_MAX)
			buf_str(b, "/...");
		else
			buf_add(b, path, len);
		path += len;
	}
}

void
backend_show_url(const char *url, char *out, size_t size)
{
	const char *end = url + strcspn(url, "?#;\\"), *host, *path;
	size_t scheme = scheme_len(url);
	struct buf b;
	char *c;

	buf_init(&b, out, size);
	if (url + scheme > end)
		scheme = 0;
	host = skip_user(url + scheme, end);
	path = host + strcspn(host, "/");
	if (path > end)
		path = end;
	buf_add(&b, url, scheme);
	buf_add(&b, host, (size_t)(path - host));
	add_path(&b, path, end);
	if (*end != '\0')
		buf_printf(&b, "%c...", *end);
	buf_text(&b);
	for (c = out; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
}

/* Hints for statuses that point to a wrong address. */
static const struct {
	int from, to;
	const char *hint;
} hints[] = {
    {300, 399, "; redirects are not followed: check base-url and path"},
    {404, 405, "; check base-url and path"},
    {410, 410, "; check base-url and path"},
};

void
backend_tell_status(const struct backend_call *c, int status, const char *url,
    char *out, size_t size)
{
	char shown[BACKEND_SHOWN_MAX];
	size_t i;
	struct buf b;

	buf_init(&b, out, size);
	backend_show_url(url, shown, sizeof(shown));
	buf_printf(&b, " to %s", shown);
	if (status >= 300 && status <= 399 && c->location[0] != '\0')
		buf_printf(&b, ", which points to %s", c->location);
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (status >= hints[i].from && status <= hints[i].to)
			buf_str(&b, hints[i].hint);
	buf_text(&b);
}
