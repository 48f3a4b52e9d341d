/* SPDX-License-Identifier: MIT */
/* URLs of proxies, and the lists of no_proxy. */
#include "config.h"

#include "net/proxy.h"

#include "base/crypto.h"
#include "base/mem.h"
#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"

/* The parts of a URL, or of what stands for one. */
struct place {
	bool https;
	const char *user;            /* NULL: none; up to the @ at host - 1 */
	const char *host;            /* host and port, as they stand there */
	size_t host_len;             /* with the port */
	char name[ADDRESS_HOST_MAX]; /* of the host, without brackets */
	int port;                    /* that of the scheme, if none is named */
};

/* ---- URLs ---- */

/* Read HOST, HOST:PORT, [V6], [V6]:PORT. */
static bool
read_host(const char *text, size_t len, struct place *out)
{
	struct address a;

	if (address_read(text, len, &a) == -1 || a.port == 0 ||
	    a.host_len == 0 || address_host(&a, out->name) == -1)
		return false;
	out->port = a.port != -1 ? a.port : out->https ? 443 : 80;
	return strpbrk(out->name, " \t\"\\<>?#/@%[]") == NULL &&
	    (a.brackets || strchr(out->name, ':') == NULL);
}

/* Without a scheme it is http's, as everywhere; no other is known. */
static bool
read_place(const char *text, struct place *out)
{
	const char *scheme = strstr(text, "://"), *at;
	size_t len = scheme == NULL ? 0 : (size_t)(scheme - text);

	out->https = len == 5 && strncasecmp(text, "https", 5) == 0;
	if (scheme != NULL && !out->https &&
	    (len != 4 || strncasecmp(text, "http", 4) != 0))
		return false;
	text = scheme == NULL ? text : scheme + 3;
	len = strcspn(text, "/?#");
	out->user = NULL;
	for (at = text + len; at > text && at[-1] != '@'; at--)
		continue;
	if (at > text)
		out->user = text;
	out->host = at;
	out->host_len = len - (size_t)(at - text);
	return read_host(out->host, out->host_len, out);
}

/* ---- no_proxy ---- */

/* Whether the first bits of two addresses are the same. */
static bool
same_network(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	    (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* Whether an entry is this address, or a network ADDRESS/BITS that it is of. */
static bool
is_of_network(char *entry, int family, const unsigned char *address)
{
	unsigned char network[16];
	unsigned most = family == AF_INET ? 32 : 128, bits = most;
	char *slash = strchr(entry, '/');

	if (slash != NULL) {
		*slash++ = '\0';
		if (*slash == '\0' || strlen(slash) > 3 ||
		    slash[strspn(slash, DIGITS)] != '\0')
			return false;
		bits = (unsigned)atoi(slash);
	}
	return bits <= most && inet_pton(family, entry, network) == 1 &&
	    same_network(network, address, bits);
}

/* Whether an entry is this name, or an end of it behind a dot. */
static bool
is_end_of(const char *entry, const char *host, size_t host_len)
{
	size_t len = strlen(entry);
	const char *tail = host + host_len - len;

	return len > 0 && len <= host_len &&
	    strncasecmp(entry, tail, len) == 0 &&
	    (len == host_len || tail[-1] == '.');
}

static bool
entry_has(char *entry, const char *host, int port)
{
	unsigned char address[16];
	size_t len = strlen(host), entry_len = strlen(entry);
	int family = inet_pton(AF_INET, host, address) == 1 ? AF_INET
	    : inet_pton(AF_INET6, host, address) == 1       ? AF_INET6
							    : 0;
	bool bare_v6 =
	    entry[0] != '[' && strchr(entry, ':') != strrchr(entry, ':');
	struct address a;

	if (!bare_v6) {
		if (address_read(entry, entry_len, &a) == -1 ||
		    (a.port != -1 && a.port != port))
			return false;
		entry += a.brackets;
		entry[a.host_len] = '\0';
	}
	if (family != 0)
		return is_of_network(entry, family, address);
	entry += strncmp(entry, "*.", 2) == 0;
	entry += entry[0] == '.';
	entry_len = strlen(entry);
	if (entry_len > 0 && entry[entry_len - 1] == '.')
		entry[entry_len - 1] = '\0';
	return is_end_of(entry, host, len - (len > 0 && host[len - 1] == '.'));
}

bool
proxy_lists(const char *list, const char *host, int port)
{
	char *copy = mem_strdup(list), *rest = copy, *entry;
	bool found = false;

	while (!found && (entry = strsep(&rest, ", \t")) != NULL)
		found = strcmp(entry, "*") == 0 ||
		    (entry[0] != '\0' && entry_has(entry, host, port));
	free(copy);
	return found;
}

/* ---- the proxy ---- */

/* The first variable that has something in it; its name goes to *name. */
static const char *
variable(const char *const *names, const char **name)
{
	const char *value;

	for (; *names != NULL; names++) {
		value = getenv(*names);
		*name = *names;
		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* Decode up to the end; %XX is a byte.  -1: too long, or it cannot be sent. */
static int
decode(const char *text, size_t len, char out[PROXY_SECRET_MAX + 1])
{
	size_t i = 0, n;
	char byte;

	for (n = 0; i < len && n < PROXY_SECRET_MAX; n++) {
		out[n] = text[i++];
		if (out[n] == '%' && i + 2 <= len &&
		    crypto_unhex(text + i, 1, &byte) == 0) {
			out[n] = byte;
			i += 2;
		}
		if ((unsigned char)out[n] < ' ')
			return -1;
	}
	out[n] = '\0';
	return i == len ? 0 : -1;
}

static int
take_user(const struct place *p, struct proxy *out)
{
	const char *colon;
	size_t len, user;

	if (p->user == NULL)
		return 0;
	len = (size_t)(p->host - p->user) - 1;
	colon = memchr(p->user, ':', len);
	if (colon == NULL)
		return decode(p->user, len, out->user);
	user = (size_t)(colon - p->user);
	return decode(p->user, user, out->user) |
	    decode(colon + 1, len - user - 1, out->password);
}

static int
take(const char *text, struct proxy *out, struct err *err)
{
	struct place p;
	char place[ADDRESS_HOST_MAX + 8];

	if (!read_place(text, &p) || take_user(&p, out) == -1)
		return err_set(err,
		    "%s must be the URL of an HTTP proxy, http://HOST:PORT, to reach the backend through; set proxy = none to reach it without",
		    out->from);
	address_print(p.name, p.port, place, sizeof(place));
	snprintf(out->url, sizeof(out->url), "%s://%s",
	    p.https ? "https" : "http", place);
	return 0;
}

int
proxy_find(const char *option, const char *url, struct proxy *out,
    struct err *err)
{
	static const char *const https[] = {"https_proxy", "HTTPS_PROXY", NULL};
	static const char *const http[] = {"http_proxy", NULL};
	static const char *const none[] = {"no_proxy", "NO_PROXY", NULL};
	const char *text, *list, *name;
	struct place p;

	memset(out, 0, sizeof(*out));
	out->from = "proxy";
	if (strcmp(option, "none") == 0)
		return 0;
	if (strcmp(option, "environment") != 0)
		return take(option, out, err);
	if (!read_place(url, &p))
		return 0; /* it is refused anyway */
	text = variable(p.https ? https : http, &out->from);
	list = variable(none, &name);
	if (text == NULL || (list != NULL && proxy_lists(list, p.name, p.port)))
		return 0;
	return take(text, out, err);
}
