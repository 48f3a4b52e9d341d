/* SPDX-License-Identifier: MIT */
/* The grammar of HOST:PORT; the hosts themselves are judged by callers. */
#include "config.h"

#include "net/address.h"

#include <stdio.h>
#include <string.h>

/* A port from 0 to 65535, or -1: it is none. */
static int
read_port(const char *text, size_t len)
{
	int port = 0;
	size_t i;

	if (len == 0 || len > 5)
		return -1;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		port = port * 10 + (text[i] - '0');
	}
	return port <= 65535 ? port : -1;
}

int
address_read(const char *text, size_t len, struct address *out)
{
	const char *closed = memrchr(text, ']', len);
	const char *from = closed != NULL ? closed : text;
	const char *colon = memrchr(from, ':', len - (size_t)(from - text));

	*out = (struct address){.host = text, .host_len = len, .port = -1};
	if (colon != NULL) {
		out->host_len = (size_t)(colon - text);
		out->port =
		    read_port(colon + 1, len - (size_t)(colon - text) - 1);
	}
	out->brackets = out->host_len >= 2 && text[0] == '[' &&
	    text[out->host_len - 1] == ']';
	if (out->brackets) {
		out->host++;
		out->host_len -= 2;
	}
	return colon != NULL && out->port == -1 ? -1 : 0;
}

int
address_host(const struct address *a, char out[ADDRESS_HOST_MAX])
{
	if (a->host_len >= ADDRESS_HOST_MAX)
		return -1;
	memcpy(out, a->host, a->host_len);
	out[a->host_len] = '\0';
	return 0;
}

int
address_of_server(const char *text, size_t len, char host[ADDRESS_HOST_MAX],
    int *port)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%";
	struct address a;

	if (address_read(text, len, &a) == -1 || a.port < 1 ||
	    address_host(&a, host) == -1)
		return -1;
	if (strcmp(host, "?") != 0 && strspn(host, allowed) != a.host_len)
		return -1;
	*port = a.port;
	return 0;
}

void
address_print(const char *host, int port, char *out, size_t size)
{
	bool v6 = strchr(host, ':') != NULL;

	snprintf(out, size, v6 ? "[%s]:%d" : "%s:%d", host, port);
}
