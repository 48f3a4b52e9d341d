/* SPDX-License-Identifier: MIT */
/*
 * Compares the origin of a token with the configuration.  A file of its own,
 * since a token of another place must never be served.
 */
#include "config.h"

#include "refresher/renewal_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "conf/origin.h"
#include "conf/secrets.h"

enum renewal_fit
renewal_fit(struct renewal *n, const struct token_origin *origin)
{
	if (origin->place == 0)
		return RENEWAL_FITS;
	if (origin->place != n->configured.place)
		return RENEWAL_OTHER_PLACE;
	if (origin->credentials == 0 ||
	    origin->credentials == n->configured.credentials)
		return RENEWAL_FITS;
	if (secrets_in_files(n->conf)) /* they may have changed meanwhile */
		n->configured = origin_of(n->conf);
	return n->configured.credentials == 0 ||
		origin->credentials == n->configured.credentials
	    ? RENEWAL_FITS
	    : RENEWAL_OTHER_CREDENTIALS;
}

/* True: this origin differs from the last one logged; remembers it. */
static bool
is_new_in_log(struct renewal *n, const struct token_origin *origin)
{
	bool is_new = n->logged_origin.place != origin->place ||
	    n->logged_origin.credentials != origin->credentials;

	n->logged_origin = *origin;
	return is_new;
}

bool
renewal_may_adopt(struct renewal *n, const struct store_value *v)
{
	enum renewal_fit fit =
	    v->text == NULL ? RENEWAL_FITS : renewal_fit(n, &v->origin);
	bool keep_ours;

	if (fit == RENEWAL_FITS)
		return true;
	if (fit == RENEWAL_OTHER_PLACE) {
		if (is_new_in_log(n, &v->origin))
			log_warning(
			    "token %s: the one in Redis was obtained with another base-url, path, request, field or header; it is not served",
			    n->conf->name);
		return false;
	}
	/* of exclusive tokens only the newest is alive: not ours */
	keep_ours = !n->conf->exclusive && renewal_usable(n, clock_boot_ms()) &&
	    renewal_fit(n, &n->origin) == RENEWAL_FITS;
	if (is_new_in_log(n, &v->origin))
		log_warning(
		    "token %s: the one in Redis was obtained with other credentials; %s",
		    n->conf->name,
		    keep_ours ? "ours stays in service"
			      : "it serves until ours is there");
	return !keep_ours;
}

bool
renewal_is_provisional(struct renewal *n, const struct token_origin *origin)
{
	return renewal_fit(n, origin) == RENEWAL_OTHER_CREDENTIALS &&
	    !(n->conf->exclusive && n->had_ours);
}
