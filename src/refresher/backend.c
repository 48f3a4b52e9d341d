/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "refresher/backend_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FDS_MAX 1024

struct backend {
	CURLM *multi;
	struct backend_call **calls; /* by token */
	bool *http1;                 /* by token: no HTTP/2 in the next call */
	size_t tokens;
	struct backend_call *ended; /* returned by backend_next(); NULL: none */
	struct backend_result result; /* of that */
	char detail[BACKEND_DETAIL_MAX];
};

struct backend *
backend_open(size_t tokens)
{
	struct backend *b = mem_alloc(1, sizeof(*b));

	/* it copies requests, which hold secrets */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, mem_free_wiped,
		mem_realloc_wiped, strdup, calloc) != CURLE_OK ||
	    (b->multi = curl_multi_init()) == NULL)
		log_die("libcurl cannot be initialised");
	b->calls = mem_alloc(tokens, sizeof(struct backend_call *));
	b->http1 = mem_alloc(tokens, sizeof(bool));
	b->tokens = tokens;
	return b;
}

/* Wipe and free a call: its buffers held a token and the key. */
static void
call_free(struct backend *b, struct backend_call *c)
{
	if (b->calls[c->token] == c)
		b->calls[c->token] = NULL;
	curl_multi_remove_handle(b->multi, c->easy);
	curl_easy_cleanup(c->easy);
	backend_request_wipe(c);
	explicit_bzero(c->body, sizeof(c->body));
	explicit_bzero(c->fields, sizeof(c->fields));
	free(c);
}

void
backend_close(struct backend *b)
{
	size_t i;

	for (i = 0; i < b->tokens; i++)
		if (b->calls[i] != NULL)
			call_free(b, b->calls[i]);
	if (b->ended != NULL)
		call_free(b, b->ended);
	curl_multi_cleanup(b->multi);
	free(b->calls);
	free(b->http1);
	free(b);
}

int
backend_ask(struct backend *b, size_t token, const struct conf_token *conf,
    const struct request_given *given, struct err *err)
{
	struct backend_call *c = mem_alloc(1, sizeof(*c));

	err_set(err, "out of memory");
	c->token = token;
	c->http1 = b->http1[token];
	c->began_at = clock_boot_ms();
	c->easy = curl_easy_init();
	b->calls[token] = c;
	if (c->easy == NULL || backend_request(c, conf, given, err) == -1) {
		call_free(b, c);
		return -1;
	}
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	backend_receive(c);
	if (curl_multi_add_handle(b->multi, c->easy) == CURLM_OK)
		return 0;
	call_free(b, c);
	return -1;
}

static enum backend_outcome
outcome(const struct backend_call *c, CURLcode code)
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
finish(struct backend *b, struct backend_call *c, CURLcode code)
{
	struct backend_result *r = &b->result;
	long status = 0;

	*r = (struct backend_result){
	    .token = c->token,
	    .sent = c->sent,
	    .outcome = outcome(c, code),
	    .problem =
		c->error[0] != '\0' ? c->error : curl_easy_strerror(code),
	    .detail = b->detail,
	    .body = c->body,
	    .len = c->len,
	    .fields = c->fields,
	    .retry_after_ms = c->retry_after_ms,
	    .date_wall_at = c->date_wall_at,
	    .age_ms = c->age_ms,
	    .took_ms = clock_boot_ms() - c->began_at,
	};
	if (c->too_large)
		r->problem = "the answer is larger than 64 KiB";
	if (c->repeated)
		r->problem =
		    "the request was refused, or the connection closed, before an answer";
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	r->status = (int)status;
	backend_tell_status(c, r->status, c->place, b->detail,
	    sizeof(b->detail));
	/* HTTP_1_1_REQUIRED, or a GOAWAY: try HTTP/1.1 (RFC 9113, 7) */
	b->http1[c->token] = c->http1 ? code == CURLE_OK : c->repeated;
	backend_judge_proxy(c, code, r);
	b->calls[c->token] = NULL;
	b->ended = c;
}

/* libcurl has its own names for the events of poll(2). */
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
	int running;

	wait_for(b, fds, count, timeout_ms);
	curl_multi_perform(b->multi, &running);
}

const struct backend_result *
backend_next(struct backend *b)
{
	CURLMsg *m;
	int left;
	void *call;

	if (b->ended != NULL)
		call_free(b, b->ended);
	b->ended = NULL;
	do
		m = curl_multi_info_read(b->multi, &left);
	while (m != NULL && m->msg != CURLMSG_DONE);
	if (m == NULL)
		return NULL;
	curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
	finish(b, call, m->data.result);
	return &b->result;
}
