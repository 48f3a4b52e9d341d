/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/origin.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/mem.h"
#include "conf/secrets.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An option whose text, where it has one, is part of a digest. */
struct part {
	const char *name;
	size_t offset; /* of the text in struct conf_token */
};

#define PART(name, member)                                \
	{                                                 \
		name, offsetof(struct conf_token, member) \
	}

static const struct part place_parts[] = {
    PART("token-field", token_field),
    PART("expiry-field", expiry_field),
    PART("expiry-from", expiry_from),
};
static const struct part body_parts[] = {
    PART("request-body", request_body),
};

/* The input of a digest.  Each part has its name and length before it, so that
 * no two configurations give the same bytes. */
struct digested {
	char *bytes;
	size_t len, size;
};

static void
add(struct digested *d, const char *name, const char *text, size_t len)
{
	char head[PLACE_NAME_MAX + 32];
	int n = snprintf(head, sizeof(head), "%s=%zu:", name, len);

	mem_append(&d->bytes, &d->len, &d->size, head, (size_t)n);
	mem_append(&d->bytes, &d->len, &d->size, text, len);
}

static void
add_text(struct digested *d, const char *name, const char *text)
{
	if (text != NULL)
		add(d, name, text, strlen(text));
}

static void
add_parts(struct digested *d, const struct conf_token *t,
    const struct part *parts, size_t count)
{
	const char *text;
	size_t i;

	for (i = 0; i < count; i++) {
		memcpy(&text, (const char *)t + parts[i].offset, sizeof(text));
		add_text(d, parts[i].name, text);
	}
}

/* Add a word's number, but for the built-in one, which is 0. */
static void
add_word(struct digested *d, const char *name, int64_t number)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%" PRId64, number);

	if (number != 0)
		add(d, name, text, (size_t)n);
}

static void
add_list(struct digested *d, const char *name, const struct conf_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		add_text(d, name, list->item[i]);
}

/* Compute the digest, and wipe its input. */
static uint64_t
finish(struct digested *d)
{
	unsigned char digest[CRYPTO_SHA256_LEN];
	uint64_t n = 0;
	int i;

	crypto_sha256(d->bytes, d->len, digest);
	for (i = 0; i < 8; i++)
		n = n << 8 | digest[i];
	explicit_bzero(d->bytes, d->size);
	free(d->bytes);
	return n != 0 ? n : 1;
}

static const struct part oauth_parts[] = {
    PART("token-url", token_url),
    PART("issuer", issuer),
    PART("client-id", client_id),
    PART("scope", scope),
    PART("audience", audience),
    PART("claims", claims),
    PART("subject-token", subject_token),
    PART("actor-token", actor_token),
    PART("requested-token-type", requested_token_type),
};

static void
add_oauth(struct digested *d, const struct conf_token *t)
{
	if (t->grant == CONF_GRANT_NONE)
		return;
	add_word(d, "grant", t->grant);
	add_parts(d, t, oauth_parts,
	    sizeof(oauth_parts) / sizeof(oauth_parts[0]));
	if (t->grant == CONF_GRANT_PASSWORD)
		add_text(d, "username", t->username);
	add_list(d, "resource", &t->resources);
	add_list(d, "parameter", &t->parameters);
}

/* Add the URL as it is requested, without slashes at the end of base-url. */
static void
add_url(struct digested *d, const struct conf_token *t)
{
	size_t len = t->base_url == NULL ? 0 : strlen(t->base_url);

	if (len == 0)
		return;
	while (len > 0 && t->base_url[len - 1] == '/')
		len--;
	add(d, "base-url", t->base_url, len);
	add(d, "path", t->path, strlen(t->path));
}

uint64_t
origin_place(const struct conf_token *t)
{
	struct digested d = {0};

	add_url(&d, t);
	add_parts(&d, t, place_parts,
	    sizeof(place_parts) / sizeof(place_parts[0]));
	add_list(&d, "header", &t->headers);
	add_parts(&d, t, body_parts, 1);
	add_list(&d, "extra", &t->extras);
	add_oauth(&d, t);
	if (t->token_from != NULL && strcmp(t->token_from, "body") != 0)
		add_text(&d, "token-from", t->token_from);
	add_word(&d, "expiry-unit", t->expiry_unit);
	add_word(&d, "method", t->method);
	add_list(&d, "request-header", &t->request_fields);
	return finish(&d);
}

/* A key that was replaced counts as another: it may be right where the old one
 * was refused.  Its text is not kept. */
static int
add_key(struct digested *d, const char *path)
{
	char bytes[CONF_KEY_MAX];
	int fd;
	ssize_t len = -1;

	if (path == NULL)
		return 0;
	fd = file_open(path);
	if (fd != -1) {
		len = file_read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	if (len != -1)
		add(d, "key", bytes, (size_t)len);
	explicit_bzero(bytes, sizeof(bytes));
	return len == -1 ? -1 : 0;
}

/* Those with names of their own have a sign before it, so that none is taken
 * for an option.  0, or -1: a file cannot be read. */
static int
add_secrets(struct digested *d, const struct conf_token *t)
{
	char name[PLACE_NAME_MAX + 2];
	struct secrets all;
	struct err err;
	size_t i;

	if (secrets_read(t, &all, &err) == -1)
		return -1;
	for (i = 0; i < all.count; i++) {
		snprintf(name, sizeof(name), "%s%s",
		    secrets_is_reserved(all.item[i].name) ? "" : "@",
		    all.item[i].name);
		add_text(d, name, all.item[i].text);
	}
	secrets_wipe(&all);
	return 0;
}

struct token_origin
origin_of(const struct conf_token *t)
{
	struct token_origin out = {.place = origin_place(t)};
	struct digested d = {0};
	char place[ORIGIN_TEXT_LEN + 1];
	bool known;

	origin_text(&out, place);
	add(&d, "place", place, strlen(place));
	add_text(&d, "api-key-header", t->api_key_header);
	add_word(&d, "auth", t->auth);
	add_word(&d, "client-auth", t->client_auth);
	known = add_secrets(&d, t) == 0 &&
	    add_key(&d, t->signing_key_file) == 0 &&
	    add_key(&d, t->refresh_token_file) == 0;
	out.credentials = finish(&d);
	if (!known)
		out.credentials = 0;
	return out;
}

void
origin_text(const struct token_origin *origin, char *out)
{
	snprintf(out, ORIGIN_TEXT_LEN + 1, "%016" PRIx64 ".%016" PRIx64,
	    origin->place, origin->credentials);
}

struct token_origin
origin_read(const char *text, size_t len)
{
	struct token_origin out = {0};
	char copy[ORIGIN_TEXT_LEN + 1], again[ORIGIN_TEXT_LEN + 1];

	if (text == NULL || len != ORIGIN_TEXT_LEN)
		return out;
	memcpy(copy, text, len);
	copy[len] = '\0';
	out.place = strtoull(copy, NULL, 16);
	out.credentials = strtoull(copy + len / 2 + 1, NULL, 16);
	origin_text(&out, again);
	return strcmp(again, copy) == 0 ? out : (struct token_origin){0};
}
