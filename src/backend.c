/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "backend.h"

#include "clock.h"
#include "log.h"
#include "token.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FDS_MAX 1024

struct call {
	CURL *easy; /* NULL: none under way */
	struct curl_slist *headers;
	size_t token;
	char body[TOKEN_ANSWER_MAX];
	size_t len;
	bool too_large;
	char error[CURL_ERROR_SIZE];
	int64_t retry_after_ms, date_wall_at, began_at;
};

struct backend {
	CURLM *multi;
	struct call **calls; /* by token */
	size_t tokens;
	void (*done)(void *, size_t, const struct backend_result *);
	void *arg;
};

struct backend *
backend_open(size_t tokens,
    void (*done)(void *, size_t, const struct backend_result *), void *arg)
{
	struct backend *b = util_alloc(1, sizeof(*b));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (b->multi = curl_multi_init()) == NULL)
		log_die("libcurl cannot be initialised");
	b->calls = util_alloc(tokens, sizeof(struct call *));
	b->tokens = tokens;
	b->done = done;
	b->arg = arg;
	return b;
}

/* Free a call; its buffers held a token and the key. */
static void
call_free(struct backend *b, struct call *c)
{
	struct curl_slist *h;

	if (b->calls[c->token] == c)
		b->calls[c->token] = NULL;
	curl_multi_remove_handle(b->multi, c->easy);
	curl_easy_cleanup(c->easy);
	for (h = c->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(c->headers);
	explicit_bzero(c->body, sizeof(c->body));
	free(c);
}

void
backend_close(struct backend *b)
{
	size_t i;

	for (i = 0; i < b->tokens; i++)
		if (b->calls[i] != NULL)
			call_free(b, b->calls[i]);
	curl_multi_cleanup(b->multi);
	free(b->calls);
	free(b);
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct call *c = arg;

	if (n * size > sizeof(c->body) - c->len) {
		c->too_large = true;
		return 0;
	}
	memcpy(c->body + c->len, bytes, n * size);
	c->len += n * size;
	return n * size;
}

/* The value of a header line if it has this name, NUL-terminated in out. */
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

/* Seconds or a date (RFC 9110, 10.2.3), in ms from now. */
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

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	char value[64];
	time_t date;

	if (header_value(line, n * size, "Retry-After:", value, sizeof(value)))
		c->retry_after_ms = retry_after(value);
	if (header_value(line, n * size, "Date:", value, sizeof(value))) {
		date = curl_getdate(value, NULL);
		c->date_wall_at = date == (time_t)-1 ? 0 : (int64_t)date * 1000;
	}
	return n * size;
}

static int
add_header(struct call *c, const char *name, const char *value)
{
	char line[CONF_SECRET_MAX + 256];
	struct curl_slist *grown;

	snprintf(line, sizeof(line), "%s: %s", name, value);
	grown = curl_slist_append(c->headers, line);
	explicit_bzero(line, sizeof(line));
	if (grown == NULL)
		return -1;
	c->headers = grown;
	return 0;
}

/* The key file is read anew for each call, so that a changed one is used. */
static int
add_key(struct call *c, const struct conf_token *t, struct err *err)
{
	char secret[CONF_SECRET_MAX + 1];
	int status = 0;

	if (t->api_key != NULL)
		return add_header(c, t->api_key_header, t->api_key);
	if (t->api_key_file == NULL)
		return 0;
	if (util_read_secret(t->api_key_file, secret, sizeof(secret), err) ==
	    -1)
		return -1;
	status = add_header(c, t->api_key_header, secret);
	explicit_bzero(secret, sizeof(secret));
	return status;
}

static void
set_tls(CURL *e, const struct conf_token *t)
{
	if (t->ca_file != NULL)
		curl_easy_setopt(e, CURLOPT_CAINFO, t->ca_file);
	if (t->client_cert_file != NULL)
		curl_easy_setopt(e, CURLOPT_SSLCERT, t->client_cert_file);
	if (t->client_key_file != NULL)
		curl_easy_setopt(e, CURLOPT_SSLKEY, t->client_key_file);
	if (!t->tls_verify) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void
set_options(struct call *c, const struct conf_token *t)
{
	size_t len = strlen(t->base_url);
	char url[4096];
	CURL *e = c->easy;

	while (len > 0 && t->base_url[len - 1] == '/')
		len--;
	snprintf(url, sizeof(url), "%.*s%s", (int)len, t->base_url, t->path);
	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a look-up */
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)t->connect_timeout_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(e, CURLOPT_USERAGENT, PACKAGE_NAME "/"
	    PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	set_tls(e, t);
}

int
backend_ask(struct backend *b, size_t token, const struct conf_token *conf,
    struct err *err)
{
	struct call *c = util_alloc(1, sizeof(*c));

	err_set(err, "out of memory");
	c->token = token;
	c->began_at = clock_boot_ms();
	c->easy = curl_easy_init();
	b->calls[token] = c;
	if (c->easy == NULL || add_key(c, conf, err) == -1 ||
	    add_header(c, "Accept", "application/json") == -1) {
		call_free(b, c);
		return -1;
	}
	set_options(c, conf);
	if (curl_multi_add_handle(b->multi, c->easy) == CURLM_OK)
		return 0;
	call_free(b, c);
	return -1;
}

static enum backend_outcome
outcome(const struct call *c, CURLcode code)
{
	curl_off_t sent = 0;

	curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
	switch (code) {
	case CURLE_OK:
		return BACKEND_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return BACKEND_NOT_REACHED;
	case CURLE_OPERATION_TIMEDOUT:
		return sent == 0 ? BACKEND_NOT_REACHED : BACKEND_TIMED_OUT;
	default:
		return BACKEND_BROKE;
	}
}

static void
finish(struct backend *b, struct call *c, CURLcode code)
{
	struct backend_result r = {
	    .outcome = outcome(c, code),
	    .problem = c->error[0] != '\0' ? c->error
		: curl_easy_strerror(code),
	    .body = c->body,
	    .len = c->len,
	    .retry_after_ms = c->retry_after_ms,
	    .date_wall_at = c->date_wall_at,
	    .took_ms = clock_boot_ms() - c->began_at,
	};
	long status = 0;

	if (c->too_large)
		r.problem = "the answer is larger than 64 KiB";
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	r.status = (int)status;
	b->calls[c->token] = NULL; /* the callback may ask again */
	b->done(b->arg, c->token, &r);
	call_free(b, c);
}

/* libcurl has names of its own for what poll(2) waits for. */
static struct curl_waitfd
waitfd(const struct pollfd *p)
{
	short events = 0;

	if (p->events & POLLIN)
		events |= CURL_WAIT_POLLIN;
	if (p->events & POLLOUT)
		events |= CURL_WAIT_POLLOUT;
	return (struct curl_waitfd){.fd = p->fd, .events = events};
}

static void
wait_for(struct backend *b, struct pollfd *fds, size_t count, int timeout_ms)
{
	struct curl_waitfd wait[FDS_MAX];
	size_t from[FDS_MAX], i;
	unsigned int n = 0;

	assert(count <= FDS_MAX);
	for (i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (fds[i].fd == -1)
			continue;
		from[n] = i;
		wait[n++] = waitfd(&fds[i]);
	}
	curl_multi_poll(b->multi, wait, n, timeout_ms, NULL);
	for (i = 0; i < n; i++)
		fds[from[i]].revents = wait[i].revents;
}

void
backend_poll(struct backend *b, struct pollfd *fds, size_t count,
    int timeout_ms)
{
	int left, running;
	CURLMsg *m;
	void *call;

	wait_for(b, fds, count, timeout_ms);
	curl_multi_perform(b->multi, &running);
	while ((m = curl_multi_info_read(b->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
		finish(b, call, m->data.result);
	}
}
