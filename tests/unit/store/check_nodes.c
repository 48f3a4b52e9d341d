/* SPDX-License-Identifier: MIT */
/* Which nodes of a cluster are known; none of them is ever connected to. */
#include "config.h"

#include "unit.h"

#include "store/nodes.h"

#include <stdio.h>

static char *seeds[] = {(char *)(uintptr_t) "127.0.0.1:1"};
static struct conf conf = {
    .redis_cluster = {.item = seeds, .count = 1},
    .redis_timeout_ms = 1000,
};
static struct stats_process stats;
static const struct store_node_events events;

/* The node that an answer names which came from another one. */
static int
told(struct store_nodes *l, int port, int from)
{
	char answer[64];

	snprintf(answer, sizeof(answer), "MOVED 42 127.0.0.1:%d", port);
	return store_nodes_find(l, answer, from);
}

START_TEST(a_node_that_is_named_again_is_the_same)
{
	struct store_nodes *l = store_nodes_open(&conf, &events, NULL, &stats);
	int node = told(l, 7000, 0);

	ck_assert_int_eq(node, 1);
	ck_assert_int_eq(told(l, 7001, 0), 2);
	ck_assert_int_eq(told(l, 7000, 2), node);
	ck_assert_int_eq(told(l, 1, node), 0);
	ck_assert_int_eq(store_nodes_find(l, "MOVED 42 :7000", 0), node);
	ck_assert_int_eq(store_nodes_find(l, "MOVED 42 ?:7000", 0), node);
	ck_assert_int_eq(store_nodes_find(l, "MOVED 42", 0), STORE_ANY);
	store_nodes_close(l);
}
END_TEST

START_TEST(one_too_many_takes_a_place_but_no_configured_nor_the_askeds)
{
	struct store_nodes *l = store_nodes_open(&conf, &events, NULL, &stats);
	int i, port = 7000;

	for (i = 1; i < STORE_NODES; i++)
		ck_assert_int_eq(told(l, port++, 0), i);
	for (i = 0; i < STORE_NODES; i++) {
		int node = told(l, port++, i);

		ck_assert_int_gt(node, 0);
		ck_assert_int_lt(node, STORE_NODES);
		ck_assert_int_ne(node, i);
	}
	store_nodes_close(l);
}
END_TEST

UNIT_MAIN("store_nodes", a_node_that_is_named_again_is_the_same,
    one_too_many_takes_a_place_but_no_configured_nor_the_askeds)
