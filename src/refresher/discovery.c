/* SPDX-License-Identifier: MIT */
/* Where an issuer's metadata are, and the token endpoint in them. */
#include "config.h"

#include "refresher/discovery.h"

#include "base/buf.h"
#include "base/mem.h"
#include "conf/syntax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OAUTH "/.well-known/oauth-authorization-server"
#define OPENID "/.well-known/openid-configuration"

char *
discovery_url(const char *issuer, enum discovery_place place)
{
	size_t len = strlen(issuer), size, host;
	char *url;

	while (len > 0 && issuer[len - 1] == '/')
		len--;
	host = (size_t)(strstr(issuer, "://") + 3 - issuer);
	host += strcspn(issuer + host, "/");
	if (host > len || place == DISCOVERY_OPENID)
		host = len;
	size = len + sizeof(OAUTH) + sizeof(OPENID);
	url = mem_alloc(size, 1);
	snprintf(url, size, "%.*s%s%.*s", (int)host, issuer,
	    place == DISCOVERY_OPENID ? OPENID : OAUTH, (int)(len - host),
	    issuer + host);
	return url;
}

/* Whether a text is a URL, with or without a query, that is asked over TLS if
 * the issuer is. */
static bool
is_endpoint(const char *text, const char *issuer)
{
	char *url = mem_strdup(text);
	bool is_url;

	url[strcspn(url, "?")] = '\0';
	is_url = conf_problem_url(url) == NULL &&
	    conf_problem_text(text) == NULL && strchr(text, ' ') == NULL;
	free(url);
	return is_url &&
	    (strncasecmp(issuer, "https:", 6) != 0 ||
		strncasecmp(text, "https:", 6) == 0);
}

char *
discovery_read(const struct conf_token *t, const struct token_reply *reply,
    struct err *err)
{
	char text[DISCOVERY_URL_MAX + 1], shown[128];
	struct buf b;

	if (!token_reply_text(reply, "issuer", text, sizeof(text))) {
		err_set(err, "the metadata have no member issuer");
		return NULL;
	}
	if (strcmp(text, t->issuer) != 0) {
		buf_init(&b, shown, sizeof(shown));
		buf_plain(&b, text);
		err_set(err,
		    "the metadata are of another issuer, \"%s\"; issuer must be the same to the letter",
		    buf_text(&b));
		return NULL;
	}
	if (!(t->client_auth == CONF_CLIENT_TLS &&
		token_reply_text(reply, "/mtls_endpoint_aliases/token_endpoint",
		    text, sizeof(text))) &&
	    !token_reply_text(reply, "token_endpoint", text, sizeof(text))) {
		err_set(err, "the metadata have no member token_endpoint");
		return NULL;
	}
	if (is_endpoint(text, t->issuer))
		return mem_strdup(text);
	err_set(err,
	    "the token_endpoint in the metadata is no URL with the issuer's scheme");
	return NULL;
}
