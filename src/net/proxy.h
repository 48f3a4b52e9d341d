/* SPDX-License-Identifier: MIT */
/*
 * net/proxy.h - which HTTP proxy a URL is reached through.
 *
 * By an option, or by the variables that other programs go by: https_proxy or
 * HTTPS_PROXY for https; http_proxy for http, in lower case only, since a CGI
 * has a caller's field `Proxy` in HTTP_PROXY; no_proxy or NO_PROXY for hosts
 * that are reached directly.  Called by conf/proxy.c, to check and to show it,
 * and by the backend for each call.
 *
 * Invariants:
 *   - A value that is no URL of a proxy is an error, never a direct connection.
 *   - No message has a user or a password in it.
 */
#ifndef BEARERD_PROXY_H
#define BEARERD_PROXY_H

#include "base/err.h"

#include <stdbool.h>

#define PROXY_URL_MAX 320
#define PROXY_SECRET_MAX 256

struct proxy {
	/* "http://HOST:PORT" or "https://HOST:PORT"; "": none */
	char url[PROXY_URL_MAX];
	/* what the variable has before an @; "": nothing */
	char user[PROXY_SECRET_MAX + 1], password[PROXY_SECRET_MAX + 1];
	const char *from; /* the variable, or "proxy", the option */
};

/*
 * The proxy for a URL of http or https.  option is "environment", "none" or a
 * proxy's URL.  0, or -1 with *err, which names the variable.  The caller wipes
 * *out.
 */
int proxy_find(const char *option, const char *url, struct proxy *out,
    struct err *err);

/* Whether a list such as that of no_proxy has this host, without brackets: as a
 * name, the end of one, an address, a network, with a port or without; or *. */
bool proxy_lists(const char *list, const char *host, int port);

#endif
