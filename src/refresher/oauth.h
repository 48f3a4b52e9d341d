/* SPDX-License-Identifier: MIT */
/*
 * oauth.h - requests of OAuth 2.0: the form, and the client's authentication.
 *
 * Called by request.c, which adds URL and fields.  Knows nothing of how a
 * request is sent.
 */
#ifndef BEARERD_OAUTH_H
#define BEARERD_OAUTH_H

#include "refresher/assertion.h"

#define OAUTH_FORM_MAX 131072

/*
 * Compose the form (RFC 6749, 4; RFC 7523, 2.1; RFC 8693, 2.1) with the
 * client's authentication (RFC 6749, 2.3; RFC 7523, 2.2; RFC 8705, 2), and the
 * value of Authorization, NULL: none.  0, or -1 with *err.  The caller wipes
 * and frees both.
 */
int oauth_form(const struct conf_token *t, const struct secrets *s,
    const struct request_given *given, char **form, char **authorization,
    struct err *err);

#endif
