/* SPDX-License-Identifier: MIT */
/* Texts of the options for http/guard.h and net/proxy.h; apart from syntax.c,
 * so that neither file is too long. */
#include "config.h"

#include "conf/syntax.h"

#include <stddef.h>
#include <string.h>

#define NAME_MAX_BYTES 128
#define FIELD_MAX 512
#define ADDRESS_MAX 64
#define USER_MAX_BYTES 255

/* A host as it stands in Host, without the port. */
const char *
conf_problem_allowed_host(const char *text)
{
	size_t len = strlen(text);
	char inner[ADDRESS_MAX];

	if (strcmp(text, "*") == 0)
		return NULL;
	if (text[0] == '[' && text[len - 1] == ']' && len - 2 < sizeof(inner)) {
		memcpy(inner, text + 1, len - 2);
		inner[len - 2] = '\0';
		text = strchr(inner, ':') != NULL ? inner : "";
	}
	return text[0] != '/' && conf_problem_host(text) == NULL
	    ? NULL
	    : "must be * or a host name or an IP address, without a port";
}

const char *
conf_problem_field(const char *text)
{
	size_t len = strcspn(text, ":");
	char name[NAME_MAX_BYTES + 1];
	const char *p, *problem;

	if (text[len] == '\0' || len == 0 || len >= sizeof(name))
		return "must be \"Name: value\", such as \"X-Caller: gateway\"";
	memcpy(name, text, len);
	name[len] = '\0';
	problem = conf_problem_field_name(name);
	if (problem != NULL)
		return problem;
	p = text + len + 1 + strspn(text + len + 1, " ");
	if (*p == '\0' || text[strlen(text) - 1] == ' ')
		return "must have a value behind the colon, and no space behind that";
	for (; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return "must have printable ASCII characters only";
	return strlen(text) <= FIELD_MAX ? NULL
					 : "must not be longer than 512 bytes";
}

const char *
conf_problem_proxy(const char *text)
{
	const char *problem;

	if (strcmp(text, "environment") == 0 || strcmp(text, "none") == 0)
		return NULL;
	if (strchr(text, '@') != NULL)
		return "must not contain user:password@; set proxy-user and proxy-password-file";
	if (strstr(text, "://") == NULL)
		return "must be environment, none, or the URL of an HTTP proxy: http://HOST:PORT";
	problem = conf_problem_url(text);
	if (problem != NULL)
		return problem;
	text = strchr(strstr(text, "://") + 3, '/');
	return text == NULL || text[1] == '\0'
	    ? NULL
	    : "must not have a path after the port";
}

/* RFC 7617, 2: a colon would end it. */
const char *
conf_problem_user(const char *text)
{
	const char *p;

	for (p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == ':')
			return "must not have colons or control characters";
	return p - text <= USER_MAX_BYTES ? NULL
					  : "must not be longer than 255 bytes";
}
