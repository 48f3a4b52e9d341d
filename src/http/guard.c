/* SPDX-License-Identifier: MIT */
/* Judges by Host, Sec-Fetch-Site and require-header. */
#include "config.h"

#include "http/guard.h"

#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* An address, as IPv6 has it. */
static bool
parse_address(struct slice host, struct in6_addr *out)
{
	char text[INET6_ADDRSTRLEN + 16];

	if (host.len > 2 && host.ptr[0] == '[')
		host = (struct slice){host.ptr + 1, host.len - 2};
	if (host.len == 0 || host.len > INET6_ADDRSTRLEN)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)host.len, host.ptr);
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	snprintf(text, sizeof(text), "::ffff:%.*s", (int)host.len, host.ptr);
	return strchr(text + 7, ':') == NULL &&
	    inet_pton(AF_INET6, text, out) == 1;
}

static bool
is_loopback_address(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) ||
	    (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == 127);
}

unsigned
guard_door(int fd, bool admin)
{
	unsigned door = admin ? GUARD_ADMIN : 0;
	struct sockaddr_storage address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;
	socklen_t len = sizeof(address);

	memset(&address, 0, sizeof(address));
	if (getsockname(fd, (struct sockaddr *)&address, &len) == -1)
		return door | GUARD_LOOPBACK; /* rather too strict */
	if (address.ss_family == AF_UNIX)
		return door | GUARD_UNIX;
	if (address.ss_family == AF_INET
		? ntohl(in->sin_addr.s_addr) >> 24 == 127
		: is_loopback_address(&in6->sin6_addr))
		door |= GUARD_LOOPBACK;
	return door;
}

static bool
same_text(struct slice s, const char *text, size_t len)
{
	return s.len == len && strncasecmp(s.ptr, text, len) == 0;
}

/* Whether a host is the one that a text of the configuration names. */
static bool
is_host(struct slice host, const char *text, size_t len)
{
	struct in6_addr a, b;

	return same_text(host, text, len) ||
	    (parse_address(host, &a) &&
		parse_address((struct slice){text, len}, &b) &&
		memcmp(&a, &b, sizeof(a)) == 0);
}

/* The host of HOST:PORT or HOST; the syntax was checked before, here only the
 * last colon counts. */
static struct slice
host_of(const char *text, size_t len)
{
	struct address a;

	address_read(text, len, &a);
	return (struct slice){a.host, a.host_len};
}

/* A name that leads to this very host, wherever it is looked up (RFC 6761,
 * 6.3; those of IPv6 are Debian's). */
static bool
is_loopback_name(struct slice host)
{
	static const char *const names[] = {"localhost", "ip6-localhost",
	    "ip6-loopback", "localhost.localdomain"};
	static const char below[] = ".localhost";
	const size_t len = sizeof(below) - 1;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (same_text(host, names[i], strlen(names[i])))
			return true;
	return host.len > len &&
	    same_text((struct slice){host.ptr + host.len - len, len}, below,
		len);
}

/* Whether a host is one that the addresses of a list are called by. */
static bool
is_listed(struct slice host, const struct conf_list *list)
{
	struct address a;
	size_t i;

	for (i = 0; i < list->count; i++)
		if (address_read(list->item[i], strlen(list->item[i]), &a) ==
			0 &&
		    is_host(host, a.host, a.host_len))
			return true;
	return false;
}

static bool
is_own(const struct conf *conf, struct slice host)
{
	struct slice public;
	struct in6_addr a;

	if (is_loopback_name(host) ||
	    (parse_address(host, &a) && is_loopback_address(&a)) ||
	    is_listed(host, &conf->listen) ||
	    is_listed(host, &conf->admin_listen))
		return true;
	if (conf->public_url == NULL)
		return false;
	public.ptr = strstr(conf->public_url, "://") + 3;
	public = host_of(public.ptr, strcspn(public.ptr, "/"));
	return is_host(host, public.ptr, public.len);
}

/* Whether a host is one of allow-hosts, which may have IPv6 without [ ]. */
static bool
is_allowed(const struct conf *conf, struct slice host)
{
	size_t i;

	for (i = 0; i < conf->allow_hosts.count; i++)
		if (is_host(host, conf->allow_hosts.item[i],
			strlen(conf->allow_hosts.item[i])))
			return true;
	return false;
}

static bool
allows_any(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->allow_hosts.count; i++)
		if (strcmp(conf->allow_hosts.item[i], "*") == 0)
			return true;
	return false;
}

/* Whether a request for this "host[:port]" may come by this door. */
static bool
host_passes(const struct conf *conf, unsigned door, struct slice authority)
{
	struct slice host;
	struct in6_addr a;

	if (authority.len == 0)
		return true; /* absent or empty: browsers always say it */
	host = host_of(authority.ptr, authority.len);
	if (host.len > 1 && host.ptr[host.len - 1] == '.')
		host.len--;
	if (is_own(conf, host) || is_allowed(conf, host))
		return true;
	/* elsewhere an address is nobody's to rename, and probes use it */
	return (door & GUARD_LOOPBACK) == 0 && parse_address(host, &a);
}

static bool
checks_hosts(const struct conf *conf, unsigned door)
{
	if ((door & GUARD_UNIX) != 0 || allows_any(conf))
		return false;
	return (door & GUARD_LOOPBACK) != 0 || conf->allow_hosts.count > 0;
}

static bool
has_required(const struct conf *conf, const struct http_request *req)
{
	const char *field = conf->require_header, *text;
	struct slice value = {.ptr = NULL};
	size_t len;

	if (field == NULL)
		return true;
	len = strcspn(field, ":");
	text = field + len + 1 + strspn(field + len + 1, " ");
	while (http_field(req, field, len, &value))
		if (value.len == strlen(text) &&
		    memcmp(value.ptr, text, value.len) == 0)
			return true;
	return false;
}

enum guard_verdict
guard_judge(const struct conf *conf, unsigned door, const struct route *route,
    const struct http_request *req)
{
	bool admin = (door & GUARD_ADMIN) != 0;
	bool json = route->id == ROUTE_TOKEN || route->id == ROUTE_TOKENS;

	if (!admin && !json && route->id != ROUTE_AUTH)
		return GUARD_PASSES;
	if (checks_hosts(conf, door) &&
	    !(host_passes(conf, door, req->host) &&
		host_passes(conf, door, req->authority)))
		return GUARD_HOST;
	if (json && req->foreign_page) /* on /auth it may be a user's */
		return GUARD_SITE;
	return admin || has_required(conf, req) ? GUARD_PASSES : GUARD_HEADER;
}

enum problem_id
guard_problem(enum guard_verdict verdict)
{
	if (verdict == GUARD_HOST)
		return PROBLEM_FOREIGN_HOST;
	if (verdict == GUARD_SITE)
		return PROBLEM_FOREIGN_SITE;
	return PROBLEM_REQUIRED_HEADER;
}
