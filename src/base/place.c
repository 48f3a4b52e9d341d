/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/place.h"

#include "base/crypto.h"

#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define BASE64_PART 48 /* bytes at a time; three make four characters */
#define UNRESERVED UPPER LOWER DIGITS "-._~" /* RFC 3986, 2.3 */

static const char hex[] = "0123456789ABCDEF";

/* ---- encodings ---- */

static void
add_raw(char c, struct buf *out)
{
	buf_char(out, c);
}

static void
add_json(char c, struct buf *out)
{
	if (c == '"' || c == '\\')
		buf_char(out, '\\');
	if ((unsigned char)c >= ' ') {
		buf_char(out, c);
		return;
	}
	buf_str(out, "\\u00");
	buf_char(out, hex[c >> 4]);
	buf_char(out, hex[c & 15]);
}

static void
add_url(char c, struct buf *out)
{
	if (c != '\0' && strchr(UNRESERVED, c) != NULL) {
		buf_char(out, c);
		return;
	}
	buf_char(out, '%');
	buf_char(out, hex[(unsigned char)c >> 4]);
	buf_char(out, hex[c & 15]);
}

static void
add_form(char c, struct buf *out)
{
	if (c == ' ')
		buf_char(out, '+');
	else
		add_url(c, out);
}

/* White space too, which a parser would make a plain space of in attributes. */
static void
add_xml(char c, struct buf *out)
{
	static const struct {
		char c;
		const char *text;
	} entities[] = {
	    {'&', "&amp;"},
	    {'<', "&lt;"},
	    {'>', "&gt;"},
	    {'"', "&quot;"},
	    {'\'', "&apos;"},
	    {'\t', "&#9;"},
	    {'\n', "&#10;"},
	    {'\r', "&#13;"},
	};
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (entities[i].c == c) {
			buf_str(out, entities[i].text);
			return;
		}
	buf_char(out, c);
}

static void
add_base64(const char *text, size_t len, struct buf *out)
{
	char part[CRYPTO_BASE64_LEN(BASE64_PART) + 1];
	size_t n;

	for (; len > 0; text += n, len -= n) {
		n = len < BASE64_PART ? len : BASE64_PART;
		crypto_base64(text, n, part);
		buf_str(out, part);
	}
	explicit_bzero(part, sizeof(part));
}

static const struct {
	const char *name; /* in a place; NULL: it has none */
	void (*add)(char c, struct buf *out);
} encodings[] = {
    [PLACE_RAW] = {"raw", add_raw},
    [PLACE_JSON] = {"json", add_json},
    [PLACE_FORM] = {"form", add_form},
    [PLACE_BASE64] = {"base64", NULL},
    [PLACE_XML] = {"xml", add_xml},
    [PLACE_URL] = {NULL, add_url},
};

void
place_encode(enum place_encoding encoding, const char *text, size_t len,
    struct buf *out)
{
	size_t i;

	if (encoding == PLACE_BASE64)
		add_base64(text, len, out);
	else
		for (i = 0; i < len; i++)
			encodings[encoding].add(text[i], out);
}

/* ---- places ---- */

static int
read_encoding(const char *text, size_t len, enum place_encoding *out,
    struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (encodings[i].name != NULL &&
		    strlen(encodings[i].name) == len &&
		    memcmp(encodings[i].name, text, len) == 0) {
			*out = (enum place_encoding)i;
			return 0;
		}
	return err_set(err,
	    "a place has an encoding that is not known; there are json, form, base64, xml and raw");
}

/* Bytes that can be a name, at the beginning of a text. */
static size_t
name_len(const char *text)
{
	return strspn(text, UPPER LOWER DIGITS "-_.");
}

bool
place_is_name(const char *name)
{
	size_t len = name_len(name);

	return len > 0 && len <= PLACE_NAME_MAX && name[len] == '\0';
}

int
place_next(const char *text, enum place_encoding usual, struct place *out,
    struct err *err)
{
	const char *p;
	size_t len;

	out->at = strstr(text, "@{");
	if (out->at == NULL)
		return 0;
	p = out->at + 2;
	len = name_len(p);
	if (len == 0 || len > PLACE_NAME_MAX ||
	    (p[len] != '}' && p[len] != ':'))
		return err_set(err,
		    "a place must be @{NAME} or @{NAME:ENCODING}, with a name of 1 to 64 letters, digits, points, underscores and hyphens");
	memcpy(out->name, p, len);
	out->name[len] = '\0';
	out->encoding = usual;
	p += len;
	if (*p == ':') {
		len = strspn(++p, UPPER LOWER DIGITS);
		if (p[len] != '}')
			return err_set(err, "a place has no } at its end");
		if (read_encoding(p, len, &out->encoding, err) == -1)
			return -1;
		p += len;
	}
	out->end = p + 1;
	return 1;
}

int
place_fill(const char *text, enum place_encoding usual,
    struct place_value (*look_up)(void *arg, const char *name), void *arg,
    struct buf *out, struct err *err)
{
	struct place_value value;
	struct place p;
	int found;

	while ((found = place_next(text, usual, &p, err)) == 1) {
		value = look_up(arg, p.name);
		if (value.text == NULL)
			return err_set(err, "there is no @{%s}", p.name);
		buf_add(out, text, (size_t)(p.at - text));
		place_encode(value.mask ? PLACE_RAW : p.encoding, value.text,
		    strlen(value.text), out);
		text = p.end;
	}
	if (found == 0)
		buf_str(out, text);
	return found;
}
