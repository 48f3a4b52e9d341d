/* SPDX-License-Identifier: MIT */
/* Sets the proxy of a call, and tells its failures from the backend's. */
#include "config.h"

#include "refresher/backend_private.h"

#include "base/secret_file.h"
#include "net/proxy.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REFUSED 407 /* Proxy Authentication Required: RFC 9110, 15.5.8 */

/* Set the credentials for the proxy: from the options, else from its URL. */
static int
set_user(CURL *e, const struct conf_token *t, const struct proxy *p,
    struct err *err)
{
	char secret[CONF_SECRET_MAX + 1] = "";
	const char *user = t->proxy_user, *password = t->proxy_password;

	if (user == NULL) {
		user = p->user;
		password = p->password;
	}
	if (user[0] == '\0')
		return 0;
	if (password == NULL && t->proxy_password_file != NULL) {
		if (secret_file_read(t->proxy_password_file, secret,
			sizeof(secret), err) == -1)
			return -1;
		password = secret;
	}
	curl_easy_setopt(e, CURLOPT_PROXYUSERNAME, user);
	curl_easy_setopt(e, CURLOPT_PROXYPASSWORD,
	    password == NULL ? "" : password);
	curl_easy_setopt(e, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

int
backend_proxy(struct backend_call *c, const struct conf_token *t,
    struct err *err)
{
	struct proxy p;
	int status = proxy_find(t->proxy, c->request.url, &p, err);

	if (status == 0) {
		/* keep libcurl from reading NO_PROXY itself: proxy_find() did
		 */
		curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "");
		curl_easy_setopt(c->easy, CURLOPT_PROXY, p.url);
		curl_easy_setopt(c->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
		snprintf(c->proxy, sizeof(c->proxy), "%s", p.url);
		c->tunnel = strncasecmp(c->request.url, "https:", 6) == 0;
		if (p.url[0] != '\0')
			status = set_user(c->easy, t, &p, err);
	}
	explicit_bzero(&p, sizeof(p));
	return status;
}

/*
 * True: the proxy refused our credentials.  Some proxies send 401 instead of
 * 407; only in answer to CONNECT is that certainly the proxy.  Answers from
 * inside a tunnel are the backend's, whatever their status.
 */
static bool
is_refusal(const struct backend_call *c, long connect_status, int status)
{
	return connect_status == REFUSED || connect_status == 401 ||
	    (!c->tunnel && status == REFUSED);
}

/* The failure of the proxy in words; NULL: it may be the backend's. */
static const char *
fault(const struct backend_call *c, CURLcode code, long connect_status,
    int status)
{
	if (is_refusal(c, connect_status, status))
		return "refuses our credentials; check proxy-user and proxy-password";
	if (connect_status >= 300)
		return "does not let us through to the backend";
	if (code == CURLE_COULDNT_RESOLVE_PROXY)
		return "has a name that cannot be resolved";
	if (code == CURLE_COULDNT_CONNECT)
		return "cannot be reached";
	if (code == CURLE_OPERATION_TIMEDOUT && connect_status == 0 && !c->sent)
		return "does not answer in time";
	if (c->tunnel && connect_status == 0 && code != CURLE_OK)
		return "does not answer as an HTTP proxy should";
	return NULL;
}

void
backend_judge_proxy(struct backend_call *c, CURLcode code,
    struct backend_result *r)
{
	long connect_status = 0;
	const char *words;

	if (c->proxy[0] == '\0')
		return;
	r->proxy = c->proxy;
	curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
	words = fault(c, code, connect_status, r->status);
	if (words == NULL)
		return;
	snprintf(c->words, sizeof(c->words), "%s%s%.100s", words,
	    c->error[0] != '\0' ? ": " : "", c->error);
	r->problem = c->words;
	r->at_proxy = true;
	if (is_refusal(c, connect_status, r->status))
		r->outcome = BACKEND_PROXY_REFUSED;
	else if (connect_status >= 300)
		r->outcome = BACKEND_PROXY_FAILED;
	else
		r->outcome = BACKEND_NOT_REACHED;
}
