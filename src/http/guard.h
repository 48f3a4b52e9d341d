/* SPDX-License-Identifier: MIT */
/*
 * guard.h - whether a request may have been sent by somebody who cannot read
 * tokens himself, but has made a browser or a neighbour send it.
 *
 * A page whose name was made to lead to this host can read what is answered:
 * such a request has the page's name in Host.  A page of another site says so
 * in Sec-Fetch-Site, which no script can change.  A program that fetches what
 * strangers ask it to sends no field that they do not know.
 *
 * Called by api.c, in workers, once for each head that is parsed.
 *
 * Invariant: a verdict follows from the configuration, the bytes of the head
 * and the door alone; so it can be kept with a head that comes again.
 */
#ifndef BEARERD_GUARD_H
#define BEARERD_GUARD_H

#include "conf/conf.h"
#include "http/http.h"
#include "http/problem.h"
#include "http/route.h"

/* The kind of a listening socket, as bits. */
#define GUARD_ADMIN 1u    /* for administrators */
#define GUARD_LOOPBACK 2u /* only this host can reach it, by an address */
#define GUARD_UNIX 4u     /* no name leads to it */

enum guard_verdict {
	GUARD_PASSES,
	GUARD_HOST,   /* Host, or the target, names somebody else */
	GUARD_SITE,   /* a page of another site wants it */
	GUARD_HEADER, /* what require-header asks for is missing */
};

/* The kind of a listening socket. */
unsigned guard_door(int fd, bool admin);

enum guard_verdict guard_judge(const struct conf *conf, unsigned door,
    const struct route *route, const struct http_request *req);

/* The problem that a refused request is answered with. */
enum problem_id guard_problem(enum guard_verdict verdict);

#endif
