/* SPDX-License-Identifier: MIT */
/*
 * The log lines of an outage: its beginning, each kind of failure at once and
 * then once a minute, and its end.
 */
#include "config.h"

#include "refresher/renewal_private.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
renewal_log_failure(struct renewal *n, enum stats_renewal kind, int status,
    const char *format, ...)
{
	struct renewal_outage *o = &n->outage;
	int64_t now = clock_boot_ms();
	char text[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (o->failures++ == 0)
		o->since_at = now;
	snprintf(o->last, sizeof(o->last), "%.*s", (int)sizeof(o->last) - 1,
	    text);
	o->logged = log_limit_write(&o->limit,
	    log_limit_kind(text) ^ ((uint32_t)kind << 16 | (uint32_t)status),
	    LVL_ERR, "token %s: %s", n->conf->name, text);
}

void
renewal_log_next(const struct renewal *n, int64_t wait_ms)
{
	log_at(n->outage.logged ? LVL_INFO : LVL_DEBUG,
	    "token %s: next attempt in %lld ms", n->conf->name,
	    (long long)wait_ms);
}

void
renewal_log_failure_of_other(struct renewal *n, enum stats_renewal kind,
    const char *word, int64_t wait_ms)
{
	log_limit_write(&n->outage.limit, (uint32_t)kind, LVL_INFO,
	    "token %s: the attempt of another replica has failed (%s, %u in a row); next attempt in %lld ms",
	    n->conf->name, word, n->failures, (long long)wait_ms);
}

void
renewal_log_recovery(struct renewal *n)
{
	struct renewal_outage *o = &n->outage;

	if (o->failures > 0)
		log_notice(
		    "token %s: there is a new token after %u failures in %lld s; the last: %s",
		    n->conf->name, o->failures,
		    (long long)(clock_boot_ms() - o->since_at) / 1000, o->last);
	memset(o, 0, sizeof(*o));
}
