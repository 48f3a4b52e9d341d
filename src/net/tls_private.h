/* SPDX-License-Identifier: MIT */
/*
 * net/tls_private.h - the inside of tls.h, shared by its parts: tls.c (what
 * connections have in common) and tls_session.c (one connection).
 */
#ifndef BEARERD_TLS_PRIVATE_H
#define BEARERD_TLS_PRIVATE_H

#include "net/tls.h"

#include <openssl/ssl.h>

struct tls {
	SSL_CTX *context; /* NULL: there is a problem */
	struct err problem;
};

/* The words of libssl for one of its errors; static. */
const char *tls_reason(unsigned long code);

#endif
