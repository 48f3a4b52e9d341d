/* SPDX-License-Identifier: MIT */
/* The texts of the scripts, and the digests that Redis knows them by. */
#include "config.h"

#include "store/script.h"

#include "base/crypto.h"
#include "base/embed.h"

#include <string.h>

/* Comments are sent as well: a server needs the text once. */
#define SCRIPT(name)                                     \
	EMBED_FILES(store_lua_##name,                    \
	    EMBED_FILE(EMBED_SOURCE "/store/common.lua") \
		EMBED_FILE(EMBED_SOURCE "/store/" #name ".lua"))

SCRIPT(look_up);
SCRIPT(lock);
SCRIPT(publish);
SCRIPT(unlock);
SCRIPT(fail);
SCRIPT(reject);
SCRIPT(refresh);

static const char *const texts[STORE_SCRIPTS] = {
    [STORE_LOOK_UP] = store_lua_look_up,
    [STORE_LOCK] = store_lua_lock,
    [STORE_PUBLISH] = store_lua_publish,
    [STORE_UNLOCK] = store_lua_unlock,
    [STORE_FAIL] = store_lua_fail,
    [STORE_REJECT] = store_lua_reject,
    [STORE_REFRESH] = store_lua_refresh,
};

static char digests[STORE_SCRIPTS][2 * CRYPTO_SHA1_LEN + 1];

void
store_script_init(void)
{
	unsigned char digest[CRYPTO_SHA1_LEN];
	int i;

	for (i = 0; i < STORE_SCRIPTS; i++) {
		crypto_sha1(texts[i], strlen(texts[i]), digest);
		crypto_hex(digest, sizeof(digest), digests[i]);
	}
}

const char *
store_script_text(enum store_script script)
{
	return texts[script];
}

const char *
store_script_sha(enum store_script script)
{
	return digests[script];
}
