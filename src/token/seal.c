/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "token/seal.h"

#include "base/crypto.h"
#include "base/mem.h"
#include "base/secret_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY "bearerd"
#define PREFIX FAMILY "1."
#define ID_ALPHABET \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define HEX_LEN ((size_t)2 * CRYPTO_KEY_LEN)
#define FILE_MAX 4096
#define BLANKS " \t\r"
#define FORM "ID HEX, an id and a key of 64 hexadecimal digits"

/* ---- keys ---- */

/* The state of reading a key file. */
struct key_file {
	const char *path;
	size_t line;                 /* its number, from 1 */
	size_t lines[SEAL_KEYS_MAX]; /* line of each key */
	struct seal_keys *keys;
};

static bool
is_id(const char *text, size_t len)
{
	return len > 0 && len <= SEAL_ID_MAX &&
	    strspn(text, ID_ALPHABET) >= len;
}

static int
take_id(const struct key_file *f, const char *id, struct err *err)
{
	struct seal_keys *keys = f->keys;

	if (!is_id(id, strlen(id)))
		return err_set(err,
		    "%s:%zu: the id must be 1 to %d of A-Z a-z 0-9 _ -; a line is " FORM,
		    f->path, f->line, SEAL_ID_MAX);
	if (keys->count > 0 && strcmp(id, keys->key[0].id) == 0)
		return err_set(err,
		    "%s:%zu: has the id of line %zu; each key needs its own",
		    f->path, f->line, f->lines[0]);
	memcpy(keys->key[keys->count].id, id, strlen(id) + 1);
	return 0;
}

static int
take_hex(const struct key_file *f, const char *hex, struct err *err)
{
	struct seal_keys *keys = f->keys;
	unsigned char *bytes = keys->key[keys->count].bytes;

	if (strlen(hex) != HEX_LEN)
		return err_set(err,
		    "%s:%zu: the key has %zu characters; it must have exactly %zu hexadecimal digits",
		    f->path, f->line, strlen(hex), HEX_LEN);
	if (crypto_unhex(hex, CRYPTO_KEY_LEN, bytes) == -1)
		return err_set(err,
		    "%s:%zu: the key has a character that is no hexadecimal digit; it must have exactly %zu of them",
		    f->path, f->line, HEX_LEN);
	if (keys->count > 0 &&
	    memcmp(bytes, keys->key[0].bytes, CRYPTO_KEY_LEN) == 0)
		return err_set(err,
		    "%s:%zu: has the key of line %zu; a new id needs a new key",
		    f->path, f->line, f->lines[0]);
	return 0;
}

static int
take_line(struct key_file *f, char *line, struct err *err)
{
	char *id, *hex, *rest;

	f->line++;
	line[strcspn(line, "#")] = '\0';
	id = strtok_r(line, BLANKS, &rest);
	if (id == NULL)
		return 0;
	hex = strtok_r(NULL, BLANKS, &rest);
	if (hex == NULL || strtok_r(NULL, BLANKS, &rest) != NULL)
		return err_set(err, "%s:%zu: must be %s, separated by a blank",
		    f->path, f->line, FORM);
	if (f->keys->count == SEAL_KEYS_MAX)
		return err_set(err,
		    "%s:%zu: is a third key; at most two are allowed, while one replaces the other",
		    f->path, f->line);
	if (take_id(f, id, err) == -1 || take_hex(f, hex, err) == -1)
		return -1;
	f->lines[f->keys->count++] = f->line;
	return 0;
}

int
seal_parse_keys(const char *path, char *text, struct seal_keys *out,
    struct err *err)
{
	struct key_file f = {.path = path, .keys = out};
	int status = 0;
	char *line;

	seal_forget_keys(out);
	while (status == 0 && (line = strsep(&text, "\n")) != NULL)
		status = take_line(&f, line, err);
	if (status == 0 && out->count == 0)
		status = err_set(err,
		    "%s: has no key; it must have a line " FORM, path);
	if (status == -1)
		seal_forget_keys(out);
	return status;
}

int
seal_read_keys(const char *path, struct seal_keys *out, struct err *err)
{
	char text[FILE_MAX];
	int status;

	seal_forget_keys(out);
	status = secret_file_read_all(path, text, sizeof(text), err);
	if (status == 0)
		status = seal_parse_keys(path, text, out, err);
	explicit_bzero(text, sizeof(text));
	return status;
}

void
seal_forget_keys(struct seal_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

/* ---- values ---- */

bool
seal_is_sealed(const char *value, size_t len)
{
	size_t at = strlen(FAMILY), digits = 0;

	if (len < at || memcmp(value, FAMILY, at) != 0)
		return false;
	while (at + digits < len && value[at + digits] >= '0' &&
	    value[at + digits] <= '9')
		digits++;
	return digits > 0 && at + digits < len && value[at + digits] == '.';
}

int
seal_key_id(const char *value, size_t len, char id[SEAL_ID_MAX + 1])
{
	size_t prefix = strlen(PREFIX), id_len;
	const char *end;

	if (len < prefix || memcmp(value, PREFIX, prefix) != 0)
		return -1;
	end = memchr(value + prefix, '.', len - prefix);
	if (end == NULL)
		return -1;
	id_len = (size_t)(end - value) - prefix;
	if (!is_id(value + prefix, id_len))
		return -1;
	memcpy(id, value + prefix, id_len);
	id[id_len] = '\0';
	return 0;
}

/* The associated data.  Only the last part may contain a ".", so no two places
 * give the same text. */
struct about {
	char text[sizeof(PREFIX) + SEAL_ID_MAX + 24 + SEAL_NAME_MAX];
};

static struct about
about(const char *id, const struct seal_place *place)
{
	struct about a;

	snprintf(a.text, sizeof(a.text), PREFIX "%s.%" PRIu64 ".%s", id,
	    place->generation, place->name);
	return a;
}

void
seal_close(const struct seal_keys *keys, const struct seal_place *place,
    const char *text, size_t len, char *out)
{
	const struct seal_key *key = &keys->key[0];
	size_t size = len + CRYPTO_SEAL_LEN;
	unsigned char *sealed = mem_alloc(size, 1);

	crypto_seal(key->bytes, about(key->id, place).text, text, len, sealed);
	out += sprintf(out, PREFIX "%s.", key->id);
	base64url_encode(sealed, size, out);
	free(sealed);
}

/* Open the part after the id. */
static enum seal_outcome
open_body(const struct seal_key *key, const struct seal_place *place,
    const char *body, size_t len, char *out, size_t *out_len)
{
	unsigned char *sealed = mem_alloc(len + 1, 1);
	ssize_t n = base64url_decode(body, len, sealed, len);
	enum seal_outcome outcome = SEAL_BAD;

	if (n >= CRYPTO_SEAL_LEN &&
	    crypto_open(key->bytes, about(key->id, place).text, sealed,
		(size_t)n, (unsigned char *)out) == 0) {
		*out_len = (size_t)n - CRYPTO_SEAL_LEN;
		outcome = SEAL_OPENED;
	}
	free(sealed);
	return outcome;
}

enum seal_outcome
seal_open(const struct seal_keys *keys, const struct seal_place *place,
    const char *value, size_t len, char *out, size_t *out_len)
{
	char id[SEAL_ID_MAX + 1];
	size_t i, head;

	if (seal_key_id(value, len, id) == -1)
		return SEAL_BAD;
	head = strlen(PREFIX) + strlen(id) + 1;
	for (i = 0; i < keys->count; i++)
		if (strcmp(keys->key[i].id, id) == 0)
			return open_body(&keys->key[i], place, value + head,
			    len - head, out, out_len);
	return SEAL_UNKNOWN_KEY;
}
