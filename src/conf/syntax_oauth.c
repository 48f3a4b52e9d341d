/* SPDX-License-Identifier: MIT */
/* Texts of the options of OAuth 2.0. */
#include "config.h"

#include "conf/syntax.h"

#include "conf/conf.h"
#include "token/token.h"

#include <string.h>

const char *
conf_problem_text(const char *text)
{
	if (conf_has_control(text))
		return "must not have control characters, such as a line end";
	return strlen(text) <= CONF_FIELD_MAX
	    ? NULL
	    : "must not be longer than 2048 bytes";
}

const char *
conf_problem_object(const char *text)
{
	if (strlen(text) > CONF_BODY_MAX)
		return "must not be longer than 16384 bytes";
	return token_is_object(text)
	    ? NULL
	    : "must be a JSON object, such as {\"sub\":\"robot@example.com\"}";
}

const char *
conf_problem_subject(const char *text)
{
	const char *rest = text + strcspn(text, ":");
	const char *problem;

	if (strncmp(text, "file:", 5) == 0)
		problem = conf_problem_file_name(rest + 1);
	else if (strncmp(text, "token:", 6) == 0)
		problem = conf_problem_token_name(rest + 1);
	else
		return "must be file:PATH, or token:NAME of another token";
	return rest[1] == '\0' ? "must have a name behind the colon" : problem;
}

/* An absolute URI without a fragment (RFC 8707, 2). */
const char *
conf_problem_resource(const char *text)
{
	if (strchr(text, ':') == NULL || strpbrk(text, " #\"<>\\") != NULL ||
	    conf_has_control(text))
		return "must be an absolute URI without spaces and fragment (#)";
	return conf_problem_text(text);
}

const char *
conf_problem_parameter(const char *text)
{
	if (text[0] == '=' || strchr(text, '=') == NULL)
		return "must be \"name=value\", such as \"connection=ldap\"";
	return conf_problem_text(text);
}
