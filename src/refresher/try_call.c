/* SPDX-License-Identifier: MIT */
/* Makes the calls that a token takes: metadata, tokens that it is made of, and
 * the token itself. */
#include "config.h"

#include "refresher/try.h"

#include "base/clock.h"
#include "base/mem.h"
#include "process/proc.h"
#include "refresher/discovery.h"
#include "refresher/request.h"
#include "refresher/try_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS 1000

/* ---- the call ---- */

/* Wait for the end of a call.  NULL with *err: none could begin. */
static const struct backend_result *
ask(struct trial *t, const struct request_given *given, struct err *err)
{
	const struct backend_result *r = NULL;

	t->wall_at = clock_wall_ms();
	if (backend_ask(t->backend, 0, t->token, given, err) == -1)
		return NULL;
	while ((r = backend_next(t->backend)) == NULL)
		backend_poll(t->backend, NULL, 0, POLL_MS);
	return r;
}

/* The token endpoint of an issuer, or NULL with *err. */
static char *
discover(struct trial *t, struct err *err)
{
	struct request_given given = {0};
	const struct backend_result *r;
	struct token_reply reply;
	char *url = NULL, *document;
	int place;

	for (place = 0; place < DISCOVERY_PLACES && url == NULL; place++) {
		document = discovery_url(t->token->issuer,
		    (enum discovery_place)place);
		given.document = document;
		r = ask(t, &given, err);
		free(document);
		if (r == NULL)
			return NULL;
		reply = (struct token_reply){.body = r->body, .len = r->len};
		if (r->outcome != BACKEND_ANSWERED)
			err_set(err, "%s", r->problem);
		else if (r->status != 200)
			err_set(err, "status %d%s", r->status, r->detail);
		else
			url = discovery_read(t->token, &reply, err);
	}
	return url;
}

static bool
call(struct trial *t, const struct request_given *given, struct buf *out)
{
	const struct backend_result *r;
	struct err err;
	bool good = false;

	r = ask(t, given, &err);
	if (r == NULL)
		buf_printf(out, "\n%s: no token: %s\n", t->token->name,
		    err.text);
	else
		good = try_judge(t, r, out);
	try_say(out);
	return good;
}

/* Sign a token that needs no backend. */
static bool
sign(struct trial *t, struct buf *out)
{
	struct secrets s;
	struct err err;
	bool good = false;

	if (secrets_read(t->token, &s, &err) == 0) {
		t->text =
		    assertion_sign_token(t->token, &s, clock_wall_ms(), &err);
		secrets_wipe(&s);
		good = t->text != NULL;
	}
	if (good)
		buf_printf(out,
		    "\ntoken: signed here, %zu bytes, for %lld s\n\n%s: works\n",
		    strlen(t->text), (long long)t->token->default_ttl_ms / 1000,
		    t->token->name);
	else
		buf_printf(out, "\n%s: no token: %s\n", t->token->name,
		    err.text);
	try_say(out);
	return good;
}

static bool
call_by_grant(struct trial *t, struct buf *out)
{
	struct request_given given = {.subject = t->subject,
	    .actor = t->actor,
	    .wall_at = clock_wall_ms()};
	struct err err;
	char *url = NULL;
	bool good;

	if (t->token->grant == CONF_GRANT_SELF_SIGNED)
		return sign(t, out);
	if (t->token->grant == CONF_GRANT_REFRESH) {
		buf_printf(out,
		    "\n%s: not tried: a refresh token is used once, and the next one would be lost here\n",
		    t->token->name);
		try_say(out);
		return false;
	}
	if (t->token->issuer != NULL && t->token->token_url == NULL &&
	    t->token->grant != CONF_GRANT_NONE) {
		url = discover(t, &err);
		if (url == NULL) {
			buf_printf(out,
			    "\n%s: no token: the metadata of %s cannot be read: %s\n  check issuer, or set token-url\n",
			    t->token->name, t->token->issuer, err.text);
			try_say(out);
			return false;
		}
		buf_printf(out,
		    "\n# Its metadata tell the token endpoint: %s\n", url);
	}
	given.token_url = url;
	good = call(t, &given, out);
	free(url);
	return good;
}

static bool try_one(const struct conf *conf, const struct conf_token *token,
    char **text);

/* The token that another is made of: it is tried first.  False: it is not
 * there. */
static bool
get_source(const struct conf *conf, const char *source, char **text)
{
	int number = conf_token_named(conf, source);

	return number == -1 || try_one(conf, &conf->token[number], text);
}

/* text, unless NULL, is the token, to be wiped and freed. */
static bool
try_one(const struct conf *conf, const struct conf_token *token, char **text)
{
	struct trial t = {.conf = conf,
	    .token = token,
	    .rules = request_rules(conf, token)};
	struct err err;
	struct buf out = {.len = 0};
	bool good = get_source(conf, token->subject_token, &t.subject) &&
	    get_source(conf, token->actor_token, &t.actor);

	try_say(&out);
	if (token->grant != CONF_GRANT_SELF_SIGNED)
		request_show_one(token, &out);
	try_say(&out);
	t.backend = backend_open(1);
	if (good && try_cover(&t, &err) == -1) {
		buf_printf(&out, "\n%s: no token: %s\n", token->name, err.text);
		try_say(&out);
		good = false;
	} else if (good)
		good = call_by_grant(&t, &out);
	backend_close(t.backend);
	mask_free(&t.mask);
	mem_free_secret(t.subject);
	mem_free_secret(t.actor);
	if (text != NULL)
		*text = t.text;
	else
		mem_free_secret(t.text);
	return good;
}

/* Complain of a name that no token has. */
static int
refuse(const struct conf *conf)
{
	size_t i;

	fputs("--try: there is no token of this name; there is", stderr);
	for (i = 0; i < conf->token_count; i++)
		fprintf(stderr, "%s %s", i == 0 ? "" : ",",
		    conf->token[i].name);
	fputc('\n', stderr);
	return PROC_CONFIGURATION;
}

int
try_run(const struct conf *conf)
{
	size_t i, tried = 0, good = 0;

	proc_enter("try", conf->user, conf->group);
	for (i = 0; i < conf->token_count; i++) {
		if (conf->try_name != NULL &&
		    strcmp(conf->try_name, conf->token[i].name) != 0)
			continue;
		tried++;
		good += try_one(conf, &conf->token[i], NULL);
	}
	if (tried == 0)
		return refuse(conf);
	return good == tried ? PROC_OK : PROC_FAILED;
}
