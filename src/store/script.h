/* SPDX-License-Identifier: MIT */
/*
 * store/script.h - the Lua scripts, each one atomic step in Redis.
 *
 * Each is the file NAME.lua, which says what it guarantees, which keys and
 * arguments it has, and what it answers; common.lua comes before it.  Every
 * script gets the same keys, in the order of enum store_name, and our owner's
 * name as ARGV[1].  Each touches the keys of one token only, so that a cluster
 * can run it.  Called by store/call.c.
 */
#ifndef BEARERD_STORE_SCRIPT_H
#define BEARERD_STORE_SCRIPT_H

enum store_script {
	STORE_LOOK_UP,
	STORE_LOCK,
	STORE_PUBLISH,
	STORE_UNLOCK,
	STORE_FAIL,
	STORE_REJECT,
	STORE_REFRESH,
	STORE_SCRIPTS
};

/* Compute the digests; before anything else here. */
void store_script_init(void);

/* A script's text, and its SHA-1 in hexadecimal, by which EVALSHA runs it. */
const char *store_script_text(enum store_script script);
const char *store_script_sha(enum store_script script);

#endif
