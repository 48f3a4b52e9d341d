/* SPDX-License-Identifier: MIT */
/* Hands a request (request.h) to libcurl, with time-outs and TLS. */
#include "config.h"

#include "refresher/backend_private.h"

#include "base/mem.h"
#include "conf/secrets.h"

#include <stdlib.h>
#include <string.h>

/* libcurl's own fields of a body are not wanted: it has those of the request.
 */
static int
add_fields(struct backend_call *c)
{
	const struct request *r = &c->request;
	struct curl_slist *grown;
	size_t i;

	for (i = 0; i < r->field_count; i++) {
		grown = curl_slist_append(c->headers, r->field[i]);
		if (grown == NULL)
			return -1;
		c->headers = grown;
	}
	grown = curl_slist_append(c->headers, "Expect:");
	if (grown == NULL)
		return -1;
	c->headers = grown;
	if (r->body != NULL || strcmp(r->method, "GET") == 0)
		return 0;
	return curl_slist_append(c->headers, "Content-Type:") == NULL ? -1 : 0;
}

/* The body stays where it is until the call is over. */
static void
set_method(CURL *e, const struct request *r)
{
	const char *body = r->body == NULL ? "" : r->body;

	if (strcmp(r->method, "GET") == 0)
		return;
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, r->method);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
}

/*
 * A file of authorities is instead of those of the system, of which libcurl
 * would go on to use the directory.  The variables are those of libssl.
 */
static void
set_authorities(CURL *e, const char *ca_file)
{
	const char *file = getenv("SSL_CERT_FILE");
	const char *directory = getenv("SSL_CERT_DIR");

	if (ca_file != NULL) {
		curl_easy_setopt(e, CURLOPT_CAINFO, ca_file);
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
		return;
	}
	if (file != NULL && file[0] != '\0')
		curl_easy_setopt(e, CURLOPT_CAINFO, file);
	if (directory != NULL && directory[0] != '\0')
		curl_easy_setopt(e, CURLOPT_CAPATH, directory);
}

static void
set_tls(CURL *e, const struct conf_token *t)
{
	set_authorities(e, t->ca_file);
	if (t->client_cert_file != NULL)
		curl_easy_setopt(e, CURLOPT_SSLCERT, t->client_cert_file);
	if (t->client_key_file != NULL)
		curl_easy_setopt(e, CURLOPT_SSLKEY, t->client_key_file);
	if (!t->tls_verify) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

/*
 * libcurl sends a request again when a kept connection was closed, and when
 * HTTP/2 refuses it.  A call is one request: those are counted and paced.
 */
static int
on_request(void *arg, char *their_ip, char *our_ip, int their_port,
    int our_port)
{
	struct backend_call *c = arg;

	(void)their_ip;
	(void)our_ip;
	(void)their_port;
	(void)our_port;
	c->repeated = c->sent;
	c->sent = true;
	return c->repeated ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* A connection that has hung or was closed is nobody's any more. */
static void
set_connection(struct backend_call *c)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, c);
	if (c->http1)
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
		    (long)CURL_HTTP_VERSION_1_1);
}

static void
set_options(struct backend_call *c, const struct conf_token *t)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_URL, c->request.url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT,
	    1L); /* do not wait for a look-up */
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)t->connect_timeout_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(e, CURLOPT_USERAGENT,
	    PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
	set_method(e, &c->request);
	set_connection(c);
	set_tls(e, t);
}

/* Add the tokens that places of a plain request may name. */
static int
add_tokens(struct secrets *s, const struct conf_token *t,
    const struct request_given *given, struct err *err)
{
	const struct {
		const char *name, *source, *other;
	} tokens[] = {
	    {"subject-token", t->subject_token, given->subject},
	    {"actor-token", t->actor_token, given->actor},
	};
	char *text;
	size_t i;

	for (i = 0; i < 2 && t->grant == CONF_GRANT_NONE; i++) {
		if (tokens[i].source == NULL)
			continue;
		text = assertion_source(tokens[i].source, tokens[i].other,
		    false, err);
		if (text == NULL)
			return -1;
		secrets_add(s, tokens[i].name, text);
		mem_free_secret(text);
	}
	return 0;
}

/* Files of secrets are read anew for each call, so that a changed one is used.
 */
static int
compose(struct backend_call *c, const struct conf_token *t,
    const struct request_given *given, struct err *err)
{
	struct secrets secrets;
	int status;

	if (secrets_read(t, &secrets, err) == -1)
		return -1;
	if (given->logout != NULL)
		secrets_add_token(&secrets, t, given->logout,
		    given->logout_extra);
	status = add_tokens(&secrets, t, given, err);
	if (status == 0)
		status = request_make(t, &secrets, given, &c->request, err);
	secrets_wipe(&secrets);
	return status;
}

int
backend_request(struct backend_call *c, const struct conf_token *t,
    const struct request_given *given, struct err *err)
{
	c->place = request_place(t, given);
	c->filled = given->logout != NULL
	    ? strchr(t->logout_path, '{') != NULL
	    : t->grant == CONF_GRANT_NONE && strchr(t->path, '{') != NULL;
	if (compose(c, t, given, err) == -1)
		return -1;
	if (add_fields(c) == -1)
		return err_set(err, "out of memory");
	set_options(c, t);
	return backend_proxy(c, t, err);
}

void
backend_request_wipe(struct backend_call *c)
{
	struct curl_slist *h;

	for (h = c->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(c->headers);
	c->headers = NULL;
	request_wipe(&c->request);
	free(c->place);
	c->place = NULL;
}
