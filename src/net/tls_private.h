/* SPDX-License-Identifier: MIT */
/*
 * tls_own.h - the inside of tls.h, shared by its parts: tls.c (what
 * connections have in common) and tls_session.c (one connection).
 */
#ifndef BEARERD_TLS_OWN_H
#define BEARERD_TLS_OWN_H

#include "tls.h"

#include <openssl/ssl.h>

struct tls {
	SSL_CTX *context;   /* NULL: there is a problem */
	struct err problem;
};

/* What libssl says about one of its errors; static. */
const char *tls_reason(unsigned long code);

#endif
