/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/secrets.h"

#include "base/mem.h"
#include "base/secret_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MASK "********"

/* Options that hold one, or the name of a file that does. */
static const struct source {
	const char *name;
	size_t text, file; /* members of struct conf_token; file 0: none */
	bool open;         /* no secret */
} sources[] = {
    {"api-key", offsetof(struct conf_token, api_key),
	offsetof(struct conf_token, api_key_file), false},
    {"username", offsetof(struct conf_token, username), 0, true},
    {"password", offsetof(struct conf_token, password),
	offsetof(struct conf_token, password_file), false},
    {"client-id", offsetof(struct conf_token, client_id), 0, true},
    {"client-secret", offsetof(struct conf_token, client_secret),
	offsetof(struct conf_token, client_secret_file), false},
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static const char *
text_at(const struct conf_token *t, size_t offset)
{
	const char *text;

	memcpy(&text, (const char *)t + offset, sizeof(text));
	return text;
}

static const char *
file_of(const struct conf_token *t, const struct source *s)
{
	return s->file == 0 ? NULL : text_at(t, s->file);
}

static struct secret *
add(struct secrets *out, const char *name, size_t len)
{
	struct secret *s = &out->item[out->count++];

	assert(out->count <= SECRETS_MAX && len <= PLACE_NAME_MAX);
	memcpy(s->name, name, len);
	return s;
}

static int
add_file(struct secrets *out, const char *name, size_t len, const char *file,
    struct err *err)
{
	char text[CONF_SECRET_MAX + 1];

	if (secret_file_read(file, text, sizeof(text), err) == -1)
		return -1;
	add(out, name, len)->text = mem_strdup(text);
	explicit_bzero(text, sizeof(text));
	return 0;
}

static void
add_text(struct secrets *out, const struct source *of, const char *text)
{
	struct secret *s = add(out, of->name, strlen(of->name));

	s->open = of->open;
	s->text = mem_strdup(text);
}

int
secrets_read(const struct conf_token *t, struct secrets *out, struct err *err)
{
	const char *text, *file;
	int status = 0;
	size_t i, len;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < SOURCES && status == 0; i++) {
		len = strlen(sources[i].name);
		text = text_at(t, sources[i].text);
		file = file_of(t, &sources[i]);
		if (text != NULL)
			add_text(out, &sources[i], text);
		else if (file != NULL)
			status = add_file(out, sources[i].name, len, file, err);
	}
	for (i = 0; i < t->secret_files.count && status == 0; i++) {
		text = t->secret_files.item[i];
		len = strcspn(text, "=");
		status = add_file(out, text, len, text + len + 1, err);
	}
	if (status == -1)
		secrets_wipe(out);
	return status;
}

void
secrets_mask(const struct conf_token *t, struct secrets *out)
{
	struct secret *s;
	const char *text;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->masked = true;
	for (i = 0; i < SOURCES; i++) {
		text = text_at(t, sources[i].text);
		if (text == NULL && file_of(t, &sources[i]) == NULL)
			continue;
		s = add(out, sources[i].name, strlen(sources[i].name));
		s->mask = !sources[i].open;
		s->text = mem_strdup(s->mask ? MASK : text);
	}
	for (i = 0; i < t->secret_files.count; i++) {
		text = t->secret_files.item[i];
		s = add(out, text, strcspn(text, "="));
		s->mask = true;
		s->text = mem_strdup(MASK);
	}
	if (t->subject_token != NULL)
		secrets_add(out, "subject-token", MASK);
	if (t->actor_token != NULL)
		secrets_add(out, "actor-token", MASK);
}

void
secrets_add(struct secrets *s, const char *name, const char *text)
{
	struct secret *added = add(s, name, strlen(name));

	added->mask = s->masked;
	added->text = mem_strdup(s->masked ? MASK : text);
}

void
secrets_add_token(struct secrets *s, const struct conf_token *t,
    const char *token, const char *extra)
{
	char name[PLACE_NAME_MAX + 1], *value;
	size_t i, len;

	secrets_add(s, "token", token);
	for (i = 0; i < t->extras.count; i++) {
		snprintf(name, sizeof(name), "%.*s",
		    (int)strcspn(t->extras.item[i], "="), t->extras.item[i]);
		value = mem_strdup(token_extra_find(extra, i, &len));
		value[len] = '\0';
		secrets_add(s, name, value);
		mem_free_secret(value);
	}
}

void
secrets_wipe(struct secrets *s)
{
	while (s->count > 0)
		mem_free_secret(s->item[--s->count].text);
}

struct place_value
secrets_find(const struct secrets *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (strcmp(s->item[i].name, name) == 0)
			return (struct place_value){.text = s->item[i].text,
			    .mask = s->item[i].mask};
	return (struct place_value){0};
}

bool
secrets_is_reserved(const char *name)
{
	static const char *const reserved[] = {"api-key", "username",
	    "password", "client-id", "client-secret", "token", "subject-token",
	    "actor-token"};
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

bool
secrets_in_files(const struct conf_token *t)
{
	size_t i;

	for (i = 0; i < SOURCES; i++)
		if (file_of(t, &sources[i]) != NULL)
			return true;
	return t->secret_files.count > 0;
}
