/* SPDX-License-Identifier: MIT */
/*
 * redis/proto_scan.h - check what a server announces before hiredis acts on it.
 *
 * hiredis allocates as many elements as an array is said to have.  So each byte
 * passes here first, and an announcement that cannot be an answer to us ends
 * the connection.
 *
 * Called by proto.c.
 *
 * Invariants:
 *   - Nothing is allocated, whatever is announced.
 *   - After a refusal no byte of that connection is looked at any more.
 */
#ifndef BEARERD_PROTO_SCAN_H
#define BEARERD_PROTO_SCAN_H

#include <stddef.h>

#define PROTO_DEPTH_MAX 4   /* of arrays in arrays */
#define PROTO_NUMBER_MAX 20 /* characters of a number */

enum proto_scan_state { SCAN_TYPE, SCAN_TEXT, SCAN_NUMBER, SCAN_BULK };

/* The state of a scan; all zeros to begin with. */
struct proto_scan {
	enum proto_scan_state state;
	char type; /* of the element being read */
	char last; /* byte of a text */
	char number[PROTO_NUMBER_MAX + 1];
	size_t digits;
	size_t skip;                  /* of a bulk, and its line end */
	size_t elements;              /* of this answer so far */
	size_t left[PROTO_DEPTH_MAX]; /* to come in each open array */
	size_t depth;
};

/* Go on with these bytes.  NULL, or why the connection must end; static. */
const char *proto_scan(struct proto_scan *s, const char *bytes, size_t len);

#endif
