/* SPDX-License-Identifier: MIT */
/* The first commands on a new connection: who we are, and which database. */
#include "config.h"

#include "redis/private.h"

#include "base/secret_file.h"
#include "conf/conf.h"

#include <stdio.h>
#include <string.h>

/* One step of the handshake was answered; any error ends the connection. */
static void
on_shaken(void *arg, const struct proto_answer *a)
{
	struct redis *r = arg;

	if (a == NULL || a->error == NULL || r->end_why[0] != '\0')
		return;
	snprintf(r->end_why, sizeof(r->end_why), "%s", a->error);
	if (proto_is_refusal(a->error)) {
		r->refused = true;
		r->events.refused(r->arg, a->error);
	}
}

static void
on_ready(void *arg, const struct proto_answer *a)
{
	struct redis *r = arg;

	on_shaken(arg, a);
	if (a == NULL || r->end_why[0] != '\0')
		return;
	r->ready = true;
	r->failures = 0;
	if (r->events.up != NULL)
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
	else if (secret_file_read(r->server.password_file, secret,
		     sizeof(secret), &err) == -1) {
		log_limit_write(&r->limit, log_limit_kind(err.text), LVL_ERR,
		    "Redis password: %s", err.text);
		snprintf(r->end_why, sizeof(r->end_why),
		    "there is no password to show");
		r->refused = true; /* not to be tried again at once */
		return;
	}
	redis_wire_queue(r, &c, on_shaken, r, now);
	explicit_bzero(secret, sizeof(secret));
}

void
redis_greet(struct redis *r, int64_t now)
{
	char db[24];
	const char *select[] = {"SELECT", db}, *ping[] = {"PING"};

	if (r->server.password != NULL || r->server.password_file != NULL)
		send_auth(r, now);
	snprintf(db, sizeof(db), "%lld", (long long)r->server.db);
	if (r->server.db != 0)
		redis_wire_queue(r,
		    &(struct redis_command){.argv = select, .argc = 2},
		    on_shaken, r, now);
	redis_wire_queue(r, &(struct redis_command){.argv = ping, .argc = 1},
	    on_ready, r, now);
}
