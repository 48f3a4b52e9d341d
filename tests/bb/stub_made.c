/* SPDX-License-Identifier: MIT */
/*
 * stub_made.c - answers made to order: a status, fields and a body, which may
 * be any bytes.
 *
 *   PUT /control?mode=body&code=201&header=Age:%2020&hex=1   BODY in
 * hexadecimal
 *
 * In fields and body $TOKEN is a new token each time.
 */
#include "config.h"

#include "stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	long code;
	bool hex;
	char fields[8192]; /* each with its CRLF */
} made;

void
stub_made_reset(void)
{
	made.code = 200;
	made.hex = false;
	made.fields[0] = '\0';
}

void
stub_decode_percent(char *text)
{
	char *out = text;
	unsigned int byte;

	for (; *text != '\0'; text++) {
		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			text += 2;
		} else
			*out++ = *text;
	}
	*out = '\0';
}

bool
stub_made_set(const char *name, char *value)
{
	size_t len = strlen(made.fields);

	if (strcmp(name, "code") == 0)
		made.code = strtol(value, NULL, 10);
	else if (strcmp(name, "hex") == 0)
		made.hex = true;
	else if (strcmp(name, "header") == 0) {
		stub_decode_percent(value);
		snprintf(made.fields + len, sizeof(made.fields) - len, "%s\r\n",
		    value);
	} else
		return false;
	return true;
}

/* Bytes of a text in hexadecimal; returns how many. */
static size_t
decode_hex(const char *text, char *out)
{
	unsigned int byte;
	size_t n = 0;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (char)byte;
	return n;
}

bool
stub_made_has_token(const char *body)
{
	return strstr(made.fields, "$TOKEN") != NULL ||
	    strstr(body, "$TOKEN") != NULL;
}

/* Copy a text with the token in its places; returns the length. */
static size_t
expand(const char *text, const char *token, char *out, size_t size)
{
	const char *next;
	size_t n = 0;

	for (out[0] = '\0'; (next = strstr(text, "$TOKEN")) != NULL;
	     text = next + strlen("$TOKEN"))
		n += (size_t)snprintf(out + n, size - n, "%.*s%s",
		    (int)(next - text), text, token);
	return n + (size_t)snprintf(out + n, size - n, "%s", text);
}

void
stub_made(struct client *c, const char *date, const char *token,
    const char *body)
{
	static char bytes[STUB_IN_MAX], fields[sizeof(made.fields) + 4096];
	size_t len;
	int n;

	if (made.hex)
		len = decode_hex(body, bytes);
	else
		len = expand(body, token, bytes, sizeof(bytes));
	expand(made.fields, token, fields, sizeof(fields));
	n = snprintf(c->out, sizeof(c->out),
	    "HTTP/1.1 %ld Stub\r\nDate: %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n",
	    made.code, date, len, fields);
	memcpy(c->out + n, bytes, len);
	c->out_len = (size_t)n + len;
	c->out_off = 0;
}
