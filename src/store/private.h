/* SPDX-License-Identifier: MIT */
/*
 * store/private.h - the inside of store.h, shared by its parts: store.c
 * (operations on tokens), store/events.c (events without a question) and
 * store/refusal.c (errors).
 */
#ifndef BEARERD_STORE_PRIVATE_H
#define BEARERD_STORE_PRIVATE_H

#include "base/name_index.h"
#include "store/key.h"
#include "store/seal.h"

#define STORE_OWNER_LEN 32

struct store {
	struct store_nodes *links;
	struct store_seal seal;
	struct store_events events;
	void *arg;
	struct store_key *keys;
	size_t count;
	struct name_index channels;
	int64_t probe_at; /* when to try again what could not be reached */
	unsigned probes;  /* so far */
	char owner[STORE_OWNER_LEN + 1];
	char instance[128];
};

/* The argument is the store. */
extern const struct store_node_events store_node_events;

/* Another node may have taken the keys of one that is gone: look, if that is
 * due. */
void store_probe(struct store *s, int64_t now);

#endif
