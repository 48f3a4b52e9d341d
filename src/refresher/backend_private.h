/* SPDX-License-Identifier: MIT */
/*
 * backend_private.h - the inside of backend.h, shared by its parts: backend.c
 * (the calls and the event loop), backend_request.c (sending and TLS),
 * backend_proxy.c (the proxy), backend_answer.c (the answer) and backend_url.c
 * (URLs in messages).
 */
#ifndef BEARERD_BACKEND_PRIVATE_H
#define BEARERD_BACKEND_PRIVATE_H

#include "refresher/backend.h"

#include "net/proxy.h"
#include "refresher/request.h"
#include "token/token.h"

#include <curl/curl.h>

#define BACKEND_FIELDS_MAX 65536
#define BACKEND_SHOWN_MAX 256 /* bytes of a URL in a message */
#define BACKEND_DETAIL_MAX (2 * BACKEND_SHOWN_MAX + 128)

/* One call; holds the key and perhaps a token, so it is wiped before free(3).
 */
struct backend_call {
	CURL *easy;                 /* owned; NULL: curl_easy_init() failed */
	struct request request;     /* owned, with secrets */
	struct curl_slist *headers; /* request fields, owned; with secrets */
	char *place;  /* URL without secrets, for the log; owned */
	bool filled;  /* the URL may hold a secret */
	size_t token; /* its number */
	char body[TOKEN_ANSWER_MAX]; /* len bytes of the answer, no NUL */
	size_t len;
	char fields[BACKEND_FIELDS_MAX + 1]; /* as in struct token_reply */
	size_t fields_len;
	bool too_large; /* the answer was longer than body */
	bool sent;      /* the request was sent, or is about to be */
	bool repeated;  /* libcurl wanted to send it again; that was stopped */
	bool http1;     /* HTTP/2 is not offered */
	char error[CURL_ERROR_SIZE];      /* CURLOPT_ERRORBUFFER */
	char proxy[PROXY_URL_MAX];        /* without credentials; "": none */
	char words[256];                  /* the failure of the proxy */
	bool tunnel;                      /* the proxy only gets a CONNECT */
	char location[BACKEND_SHOWN_MAX]; /* as backend_show_url(); "": none */
	int64_t retry_after_ms;           /* as in struct backend_result */
	int64_t date_wall_at;
	int64_t age_ms;
	int64_t began_at; /* boot clock, ms */
};

/* Set the request: URL, fields, body, TLS, timeout.  0; or -1 with *err: a
 * secret cannot be read, or not be sent. */
int backend_request(struct backend_call *c, const struct conf_token *t,
    const struct request_given *given, struct err *err);

/* Set the proxy and its credentials, if any.  0; or -1 with *err: the proxy is
 * not valid, or its password cannot be read. */
int backend_proxy(struct backend_call *c, const struct conf_token *t,
    struct err *err);

/* Change a result whose failure is the proxy's: outcome, problem, at_proxy. */
void backend_judge_proxy(struct backend_call *c, CURLcode code,
    struct backend_result *r);

/* Overwrite and free the request, which held the secrets. */
void backend_request_wipe(struct backend_call *c);

/* Set the callbacks that receive the answer. */
void backend_receive(struct backend_call *c);

/*
 * Write a URL for the log, NUL-terminated: without user, query, fragment, long
 * path segments and unprintable characters.
 */
void backend_show_url(const char *url, char *out, size_t size);

/* Write the words that follow a status of this URL in a message, with a hint
 * where the status points to a wrong address. */
void backend_tell_status(const struct backend_call *c, int status,
    const char *url, char *out, size_t size);

#endif
