/* SPDX-License-Identifier: MIT */
/* Decides which values are refused, and logs it; token/seal.c has the format.
 */
#include "config.h"

#include "store/seal.h"

#include <stdio.h>
#include <string.h>

#define FILE_KIND STATS_REFUSED_COUNT /* after the reasons, in the log */

void
store_seal_init(struct store_seal *s, const struct conf *conf,
    struct stats_process *stats)
{
	s->key_file = conf->redis_key_file;
	s->accept_plain = conf->redis_accept_plain;
	s->stats = stats;
}

int
store_seal_refuse(struct store_seal *s, enum stats_refused reason,
    const char *name, const char *detail)
{
	static const char *const why[STATS_REFUSED_COUNT] = {
	    [STATS_REFUSED_PLAIN] =
		"is not encrypted, and redis-accept-plain is not set",
	    [STATS_REFUSED_UNKNOWN_KEY] =
		"is encrypted with a key that redis-key-file does not have",
	    [STATS_REFUSED_BAD_TAG] =
		"cannot be decrypted: it was damaged or moved, or another replica has another key of the same id",
	    [STATS_REFUSED_NO_KEY] =
		"is encrypted, and no key is configured; see redis-key-file",
	};

	stats_add(&s->stats->redis_refused[reason], 1);
	log_limit_write(&s->limit, reason, LVL_ERR,
	    "Redis: the value of %s %s%s%s; ignored", name, why[reason],
	    detail[0] != '\0' ? ": " : "", detail);
	return -1;
}

static int
read_keys(struct store_seal *s, struct seal_keys *keys)
{
	struct err err;

	if (seal_read_keys(s->key_file, keys, &err) == 0)
		return 0;
	log_limit_write(&s->limit, FILE_KIND, LVL_ERR,
	    "redis-key-file: %s; no token is read from Redis or written there",
	    err.text);
	return -1;
}

const char *
store_seal_bytes(struct store_seal *s, const struct seal_place *place,
    const char *text, size_t len)
{
	struct seal_keys keys;

	if (s->key_file == NULL || read_keys(s, &keys) == -1)
		return NULL;
	seal_close(&keys, place, text, len, s->sealed);
	seal_forget_keys(&keys);
	return s->sealed;
}

const char *
store_seal_text(struct store_seal *s, const char *name, const struct token *t)
{
	struct seal_place place = {name, t->generation};
	char text[TOKEN_ROOM_MAX];
	const char *sealed;
	size_t len;

	if (s->key_file == NULL)
		return t->text;
	len = (size_t)snprintf(text, sizeof(text), "%s%s%s", t->text,
	    t->extra_len > 0 ? " " : "", t->extra);
	sealed = store_seal_bytes(s, &place, text, len);
	explicit_bzero(text, len);
	return sealed;
}

static int
open_with(struct store_seal *s, const struct seal_keys *keys,
    const struct seal_place *place, struct proto_value *value)
{
	char id[SEAL_ID_MAX + 1] = "";
	enum seal_outcome outcome = SEAL_BAD;
	size_t len;

	if (value->len <= sizeof(s->opened))
		outcome = seal_open(keys, place, value->ptr, value->len,
		    s->opened, &len);
	if (outcome == SEAL_OPENED) {
		*value = (struct proto_value){s->opened, len};
		return 0;
	}
	if (outcome != SEAL_UNKNOWN_KEY)
		return store_seal_refuse(s, STATS_REFUSED_BAD_TAG, place->name,
		    "");
	seal_key_id(value->ptr, value->len, id);
	return store_seal_refuse(s, STATS_REFUSED_UNKNOWN_KEY, place->name, id);
}

int
store_seal_open(struct store_seal *s, const struct seal_place *place,
    struct proto_value *value)
{
	struct seal_keys keys;
	int status;

	if (!seal_is_sealed(value->ptr, value->len))
		return s->key_file == NULL || s->accept_plain
		    ? 0
		    : store_seal_refuse(s, STATS_REFUSED_PLAIN, place->name,
			  "");
	if (s->key_file == NULL || read_keys(s, &keys) == -1)
		return store_seal_refuse(s, STATS_REFUSED_NO_KEY, place->name,
		    "");
	status = open_with(s, &keys, place, value);
	seal_forget_keys(&keys);
	return status;
}

void
store_seal_wipe(struct store_seal *s)
{
	explicit_bzero(s->opened, sizeof(s->opened));
}
