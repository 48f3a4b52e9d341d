/* SPDX-License-Identifier: MIT */
/* The log's advice when Redis refuses something. */
#include "config.h"

#include "unit.h"

#include "store/refusal.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KEYS_7                                                           \
	"NOPERM this user has no permissions to access one of the keys " \
	"used as arguments"
#define KEYS_IN_SCRIPT                                       \
	"ERR The user executing the script can't access at " \
	"least one of the keys mentioned in the command arguments script: 0"

START_TEST(what_was_refused_tells_what_to_allow_or_set)
{
	static const struct {
		const char *name, *error, *hint; /* NULL: there is none */
	} rows[] = {
	    {"svc:token", KEYS_7, "redis-key = \"svc:{token}\""},
	    {"svc:token", KEYS_7, "~{svc:token}:*"},
	    {"svc:token", KEYS_IN_SCRIPT, "redis-key = \"svc:{token}\""},
	    {"svc:token", "NOPERM No permissions to access a key",
		"redis-key = \"svc:{token}\""},
	    {"a:b:c", KEYS_7, "redis-key = \"a:b:{c}\""},
	    {"a/b", KEYS_7, "redis-key = \"a/{b}\""},
	    {"token", KEYS_7, "~token and ~{token}:*"},
	    {"svc:", KEYS_7, "~svc: and ~{svc:}:*"},
	    {"svc:{token}", KEYS_7, "~svc:{token} and ~svc:{token}:*"},
	    {"token",
		"NOPERM this user has no permissions to run the "
		"'evalsha' command",
		"EVALSHA"},
	    {"token",
		"ERR unknown command 'EVALSHA', with args beginning with:"
		" 'x'",
		"EVALSHA"},
	    {"token", "ERR unknown command `EVALSHA`, with args", "EVALSHA"},
	    {"token",
		"ERR The user executing the script can't run this command "
		"or subcommand script: 3",
		"RIGHTS"},
	    {"token",
		"ERR The user executing the script can't publish to the "
		"channel mentioned in the command script: 1",
		"channel"},
	    {"token",
		"NOPERM this user has no permissions to access one of the "
		"channels used as arguments",
		"channel"},
	    {"svc:token",
		"OOM command not allowed when used memory > "
		"'maxmemory'",
		NULL},
	    {"svc:token", "CLUSTERDOWN Hash slot not served", NULL},
	};
	char hint[STORE_HINT_MAX];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		store_refusal_hint(rows[i].name, rows[i].error, hint);
		if (rows[i].hint == NULL)
			ck_assert_str_eq(hint, "");
		else
			ck_assert_msg(strstr(hint, rows[i].hint) != NULL,
			    "%s: %s", rows[i].error, hint);
	}
}
END_TEST

UNIT_MAIN("store_refusal", what_was_refused_tells_what_to_allow_or_set)
