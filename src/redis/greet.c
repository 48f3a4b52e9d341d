/* SPDX-License-Identifier: MIT */
/* What is said first on a new connection: who we are, and which database. */
#include "config.h"

#include "redis_own.h"

#include "conf.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

/* One step of the handshake was answered; any error ends the connection. */
static void
on_shaken(void *arg, const struct resp_answer *a)
{
	struct redis *r = arg;

	if (a == NULL || a->error == NULL || r->hopeless[0] != '\0')
		return;
	snprintf(r->hopeless, sizeof(r->hopeless), "%s", a->error);
	if (resp_is_refusal(a->error)) {
		r->refused = true;
		r->events.refused(r->arg, a->error);
	}
}

static void
on_ready(void *arg, const struct resp_answer *a)
{
	struct redis *r = arg;

	on_shaken(arg, a);
	if (a == NULL || r->hopeless[0] != '\0')
		return;
	r->ready = true;
	r->failures = 0;
	r->events.up(r->arg);
}

static void
send_auth(struct redis *r, int64_t now)
{
	char secret[CONF_SECRET_MAX + 1];
	const char *argv[3] = {"AUTH"};
	struct redis_command c = {.argv = argv, .argc = 1};
	struct err err;

	if (r->server.user != NULL)
		argv[c.argc++] = r->server.user;
	argv[c.argc++] = secret;
	if (r->server.password != NULL)
		snprintf(secret, sizeof(secret), "%s", r->server.password);
	else if (util_read_secret(r->server.password_file, secret,
	    sizeof(secret), &err) == -1) {
		log_err("Redis password: %s", err.text);
		snprintf(r->hopeless, sizeof(r->hopeless),
		    "there is no password to show");
		r->refused = true; /* not to be tried again at once */
		return;
	}
	redis_enqueue(r, &c, on_shaken, r, now);
	explicit_bzero(secret, sizeof(secret));
}

/* Authenticate and choose the database; PING's answer ends the handshake. */
void
redis_greet(struct redis *r, int64_t now)
{
	char db[24];
	const char *select[] = {"SELECT", db}, *ping[] = {"PING"};

	if (r->server.password != NULL || r->server.password_file != NULL)
		send_auth(r, now);
	snprintf(db, sizeof(db), "%lld", (long long)r->server.db);
	if (r->server.db != 0)
		redis_enqueue(r, &(struct redis_command){.argv = select,
		    .argc = 2}, on_shaken, r, now);
	redis_enqueue(r, &(struct redis_command){.argv = ping, .argc = 1},
	    on_ready, r, now);
}
