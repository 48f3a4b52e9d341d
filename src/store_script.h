/* SPDX-License-Identifier: MIT */
/*
 * store_script.h - what Redis does for us in one step: the Lua scripts.
 *
 * Called by store_call.c.  Every script gets the same keys, in the order of
 * enum store_name, and our owner's name as ARGV[1]; each touches the keys of
 * one token only, so that a cluster can run it.
 */
#ifndef BEARERD_STORE_SCRIPT_H
#define BEARERD_STORE_SCRIPT_H

enum store_script {
	/* The seven values that store_key_decode() reads. */
	STORE_LOOK_UP,
	/*
	 * ARGV: owner, lease in ms, backend calls allowed in an hour (0: any
	 * number, and none is noted).  Answers 1 got, 0 busy or 2 no call is
	 * left; the ms until one is; the note of this call; calls left; Redis'
	 * own time in ms; then what STORE_LOOK_UP answers.
	 */
	STORE_LOCK,
	/*
	 * ARGV: owner, text, PX, generation, 1 for a fresh token or 0 for one
	 * that Redis has lost, expires_at_ms, obtained_at_ms, fingerprint,
	 * instance, channel, the time of Redis until which it may be there.
	 * Answers the generation, or 0: fenced, because somebody else has the
	 * lock, that generation is there already, or it is too late.
	 */
	STORE_PUBLISH,
	/* ARGV: owner, the note of a call that was not made, or "".  */
	STORE_UNLOCK,
	/*
	 * ARGV: owner, fingerprint and generation that the backend refused, ms
	 * until the next report.  Answers 1 accepted, 0 another token is
	 * there, 2 too soon; and the ms until the next is accepted.
	 */
	STORE_REJECT,
	STORE_SCRIPTS
};

/* Compute the digests; before anything else here. */
void store_script_init(void);

/* A script's text, and its SHA-1 in hexadecimal, by which EVALSHA runs it. */
const char *store_script_text(enum store_script script);
const char *store_script_sha(enum store_script script);

#endif
