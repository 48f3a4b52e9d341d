/* SPDX-License-Identifier: MIT */
/* The usual cause of a failure, and the option that mends it. */
#include "config.h"

#include "refresher/try_private.h"

#include "base/clock.h"
#include "refresher/request.h"
#include "token/guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SKEW_MS 30000
#define VALUE_MAX 512

/* ---- no answer ---- */

/* Words of libcurl and OpenSSL, and what to do. */
static const struct {
	const char *words, *advice;
} failures[] = {
    {"certificate has expired",
	"the backend's certificate, or that of an authority in ca-file, has expired: have it renewed, or set ca-file to the authority's present one"},
    {"certificate is not yet valid",
	"the certificate is valid from a later time on: this host's clock is behind, or the certificate is too new"},
    {"self-signed certificate",
	"its authority is not known here; set: ca-file = /path/of/that/authority.pem"},
    {"self signed certificate",
	"its authority is not known here; set: ca-file = /path/of/that/authority.pem"},
    {"local issuer certificate",
	"its authority is not known here; set: ca-file = /path/of/that/authority.pem"},
    {"subject name",
	"the certificate is for another name; base-url must have the one that is in it"},
    {"wrong version number",
	"that port does not speak TLS; set: base-url = http://..., or another port"},
    {"packet length too long",
	"that port does not speak TLS; set: base-url = http://..., or another port"},
    {"HTTP/0.9",
	"that port does not speak HTTP; perhaps it wants TLS: base-url = https://..."},
    {"SSL connection timeout",
	"perhaps that port does not speak TLS: base-url = http://..., or another port"},
    {"certificate required",
	"the backend wants a client certificate: client-cert-file and client-key-file"},
    {"handshake failure",
	"perhaps the backend wants a client certificate: client-cert-file and client-key-file"},
    {"Could not resolve host",
	"check the host's name in base-url, and this host's /etc/resolv.conf; where only a proxy knows the name, set: proxy = http://HOST:PORT"},
    {"larger than 64 KiB", "check base-url and path: no token is so large"},
};

static const char *
advice_for(const char *problem)
{
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strcasestr(problem, failures[i].words) != NULL)
			return failures[i].advice;
	return NULL;
}

/* Without a proxy nothing may get out; the variable is that of base-url. */
static void
advise_proxy(const struct conf_token *t, struct buf *out)
{
	const char *name = strncasecmp(conf_backend_url(t), "https:", 6) == 0
	    ? "https_proxy"
	    : "http_proxy";

	buf_str(out,
	    "  check host and port of base-url, and firewalls between\n");
	buf_printf(out,
	    "  if this network lets nobody out but a proxy (%s is %s), set: proxy = http://HOST:PORT\n",
	    name, getenv(name) == NULL ? "not set" : "set, but not for it");
}

static void
explain_proxy(const struct backend_result *r, struct buf *out)
{
	if (r->outcome == BACKEND_PROXY_REFUSED)
		buf_str(out,
		    "  set: proxy-user = NAME\n  set: proxy-password-file = /path/of/its/password\n");
	else
		buf_str(out,
		    "  check proxy, and the variables https_proxy, http_proxy and no_proxy; to go without, set: proxy = none\n");
}

static void
explain_failure(const struct trial *t, const struct backend_result *r,
    struct buf *out)
{
	const char *advice = advice_for(r->problem);

	if (r->at_proxy)
		buf_printf(out, "the proxy %s ", r->proxy);
	mask_show(&t->mask, r->problem, strlen(r->problem), out);
	buf_char(out, '\n');
	if (r->at_proxy)
		explain_proxy(r, out);
	else if (advice != NULL)
		buf_printf(out, "  %s\n", advice);
	else if (r->outcome == BACKEND_NOT_REACHED && r->proxy == NULL)
		advise_proxy(t->token, out);
	else if (r->outcome == BACKEND_TIMED_OUT)
		buf_str(out,
		    "  the request was sent; if the backend is that slow, raise timeout\n");
}

/* ---- a status ---- */

static bool
field(const struct trial *t, const char *name, char out[VALUE_MAX])
{
	return token_reply_field(&t->reply, name, out, VALUE_MAX);
}

/* The first method of Allow that bearerd has too, and that is not in use. */
static void
advise_method(const struct trial *t, int status, struct buf *out)
{
	static const char *const methods[] = {"POST", "PUT", "PATCH", "GET"};
	bool is_get = t->token->method == CONF_GET;
	char allow[VALUE_MAX];
	size_t i;

	if (!field(t, "Allow", allow)) {
		if (status == 405)
			buf_printf(out, "  set: method = %s\n",
			    is_get ? "POST" : "GET");
		return;
	}
	buf_str(out, "  the backend allows: ");
	mask_show(&t->mask, allow, strlen(allow), out);
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcasestr(allow, methods[i]) != NULL)
			break;
	if (i == sizeof(methods) / sizeof(methods[0])) {
		buf_str(out, "; check path\n");
		return;
	}
	buf_printf(out, "\n  set: method = %s\n", methods[i]);
	if (is_get && t->token->request_body == NULL)
		buf_str(out,
		    "  and request-body, if the backend wants credentials there\n");
}

static bool
has_credentials(const struct conf_token *t)
{
	return t->api_key != NULL || t->api_key_file != NULL ||
	    t->username != NULL || t->password != NULL ||
	    t->password_file != NULL || t->secret_files.count > 0;
}

/* With a grant the server says what it minds. */
static void
advise_oauth(const struct trial *t, struct buf *out)
{
	const char *check = NULL;
	char error[64];

	if (token_reply_text(&t->reply, "error", error, sizeof(error)))
		check = request_oauth_check(error);
	buf_printf(out, "  check %s\n",
	    check != NULL ? check : request_credentials(t->token));
}

static void
advise_credentials(const struct trial *t, struct buf *out)
{
	const struct conf_token *c = t->token;
	char way[VALUE_MAX];

	if (c->grant != CONF_GRANT_NONE) {
		advise_oauth(t, out);
		return;
	}
	if (!has_credentials(c))
		buf_str(out,
		    "  no credentials are configured; set api-key-file, or username and password-file\n");
	else
		buf_printf(out, "  check %s", request_credentials(c));
	if (has_credentials(c) && c->auth == CONF_AUTH_HEADER &&
	    c->request_body == NULL)
		buf_printf(out, " and api-key-header, which is %s",
		    c->api_key_header);
	if (has_credentials(c))
		buf_char(out, '\n');
	if (!field(t, "WWW-Authenticate", way))
		return;
	if (strncasecmp(way, "Basic", 5) == 0 && c->auth != CONF_AUTH_BASIC)
		buf_str(out,
		    "  the backend asks for Basic; set: auth = basic\n");
	if (strncasecmp(way, "Bearer", 6) == 0 && c->auth != CONF_AUTH_BEARER)
		buf_str(out,
		    "  the backend asks for Bearer; if the key goes so, set: auth = bearer\n");
}

static void
advise_redirect(const struct trial *t, struct buf *out)
{
	static const char *const words[] = {"login", "signin", "sign-in",
	    "logon", "sso", "saml", "authorize", "auth/"};
	char to[VALUE_MAX];
	size_t i;

	if (!field(t, "Location", to))
		return;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(to, words[i]) != NULL) {
			buf_str(out,
			    "  that is a login page for people: path must be that of the API, and the credentials must go as the API wants them (auth, api-key-header)\n");
			return;
		}
	if (t->token->base_url != NULL &&
	    strncasecmp(t->token->base_url, "http:", 5) == 0 &&
	    strncasecmp(to, "https:", 6) == 0)
		buf_printf(out, "  set: base-url = https%s\n",
		    t->token->base_url + 4);
}

/* base-url that ends in path, which then stands twice. */
static void
advise_place(const struct trial *t, struct buf *out)
{
	const char *base = t->token->base_url, *path = t->token->path;
	size_t len = base == NULL ? 0 : strlen(base), end = strlen(path);

	if (len > end && strcmp(base + len - end, path) == 0)
		buf_printf(out,
		    "  path is appended to base-url, and stands twice; set: base-url = %.*s\n",
		    (int)(len - end), base);
}

static void
explain_status(const struct trial *t, const struct backend_result *r,
    struct buf *out)
{
	int s = r->status;

	buf_printf(out, "the backend answered status %d%s\n", s, r->detail);
	if (s >= 300 && s <= 399)
		advise_redirect(t, out);
	if (s == 401 || s == 403)
		advise_credentials(t, out);
	if (s == 400 && t->token->grant != CONF_GRANT_NONE)
		advise_oauth(t, out);
	else if (s == 400 || s == 404 || s == 405 || s == 501)
		advise_method(t, s, out);
	if (s == 404)
		advise_place(t, out);
	if (t->token->grant == CONF_GRANT_NONE &&
	    (s == 400 || s == 415 || s == 422))
		buf_printf(out,
		    "  the answer may say what is missing; see request-body, request-header and %s\n",
		    request_credentials(t->token));
	if (s == 429)
		buf_str(out, "  the backend wants fewer calls; try later\n");
	if (s >= 500 && s != 501)
		buf_str(out,
		    "  the fault is the backend's, or of what stands before it\n");
	if (s >= 200 && s <= 299)
		buf_printf(out,
		    "  if that is success, set: success-status = %d\n", s);
}

static void
begin(const struct trial *t, struct buf *out)
{
	buf_printf(out, "\n%s: no token: ", t->token->name);
}

void
try_explain_call(const struct trial *t, const struct backend_result *r,
    struct buf *out)
{
	begin(t, out);
	if (r->outcome == BACKEND_ANSWERED)
		explain_status(t, r, out);
	else
		explain_failure(t, r, out);
}

/* ---- an answer without a token ---- */

/* The lines that a guess proposes, each marked. */
static bool
propose(const struct trial *t, struct buf *out)
{
	char lines[1024], *rest = lines, *line;
	struct buf b;

	buf_init(&b, lines, sizeof(lines));
	if (!token_guess(&t->reply, &t->rules, &b))
		return false;
	buf_text(&b);
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		buf_printf(out, "  set: %s\n", line);
	return true;
}

static bool
is_page(const struct trial *t)
{
	char type[VALUE_MAX] = "";
	size_t i = 0;

	if (field(t, "Content-Type", type) &&
	    strcasestr(type, "text/html") != NULL)
		return true;
	while (i < t->reply.len && strchr(" \t\r\n", t->reply.body[i]) != NULL)
		i++;
	return t->reply.len - i > 9 &&
	    (strncasecmp(t->reply.body + i, "<!doctype", 9) == 0 ||
		strncasecmp(t->reply.body + i, "<html", 5) == 0);
}

void
try_explain_answer(const struct trial *t, const char *why, struct buf *out)
{
	char *place;

	begin(t, out);
	if (is_page(t)) {
		place = request_place(t->token, NULL);
		buf_printf(out,
		    "the answer is a page for people (HTML), not for programs\n  check base-url and path: %s is no API, or shows its login page to those who send no credentials that it knows\n",
		    place);
		free(place);
		return;
	}
	mask_show(&t->mask, why, strlen(why), out);
	buf_char(out, '\n');
	if (strstr(why, "token_type") != NULL)
		buf_str(out,
		    "  set: header = \"NAME: FORMAT %s\", as the backend wants to be sent it\n");
	else if (strstr(why, "\"error\"") != NULL)
		buf_printf(out, "  the answer says what is wrong; check %s\n",
		    request_credentials(t->token));
	else if (strstr(why, "success-field") != NULL)
		buf_printf(out, "  the answer may say why; check %s\n",
		    request_credentials(t->token));
	else if (strstr(why, "expired") == NULL && !propose(t, out))
		buf_str(out,
		    "  nothing in it looks like a token; check path, method and request-body\n");
}

/* ---- the clock ---- */

void
try_explain_clock(const struct backend_result *r, struct buf *out)
{
	int64_t ours = clock_wall_ms(), apart = r->date_wall_at - ours;
	struct clock_date d = clock_date(ours);

	if (r->outcome != BACKEND_ANSWERED && r->status == 0 &&
	    strstr(r->problem, "certificate") != NULL)
		buf_printf(out,
		    "  this host's clock says %04d-%02d-%02d %02d:%02d UTC\n",
		    d.year, d.month, d.day, d.hour, d.minute);
	if (r->date_wall_at == 0 || (apart <= SKEW_MS && apart >= -SKEW_MS))
		return;
	buf_printf(out,
	    "  remark: this host's clock is %lld s %s the backend's: have it set (NTP); a life that ends at a point in time is measured by the backend's clock\n",
	    (long long)(apart < 0 ? -apart : apart) / 1000,
	    apart > 0 ? "behind" : "ahead of");
}
