/* SPDX-License-Identifier: MIT */
/*
 * store_own.h - the inside of store.h, shared by its parts: store.c (operations
 * on tokens) and store_news.c (what the servers tell unasked).
 */
#ifndef BEARERD_STORE_OWN_H
#define BEARERD_STORE_OWN_H

#include "names.h"
#include "store_key.h"
#include "store_seal.h"

#define STORE_OWNER_LEN 32

struct store {
	struct store_links *links;
	struct store_seal seal;
	struct store_events events;
	void *arg;
	struct store_key *keys;
	size_t count;
	struct names channels;
	int64_t probe_at; /* when to try again what could not be reached */
	char owner[STORE_OWNER_LEN + 1];
	char instance[128];
};

/* The argument is the store. */
extern const struct store_link_events store_link_events;

/* Another node may have taken the keys of one that is gone: look, if that is
 * due. */
void store_probe(struct store *s, int64_t now);

#endif
