/* SPDX-License-Identifier: MIT */
/* Texts of the options that make a request for a token and read its answer;
 * apart from syntax.c, so that neither file is too long. */
#include "config.h"

#include "conf/syntax.h"

#include "base/place.h"
#include "conf/conf.h"
#include "token/token.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_NAME_MAX 128
#define USERNAME_MAX 255

const char *
conf_problem_username(const char *text)
{
	if (conf_has_control(text))
		return "must not have control characters, such as a line end";
	return strlen(text) <= USERNAME_MAX
	    ? NULL
	    : "must not be longer than 255 bytes";
}

const char *
conf_problem_request_field(const char *text)
{
	size_t len = strcspn(text, ":");
	char name[FIELD_NAME_MAX + 1];
	const char *problem, *value = text + len + 1;

	if (text[len] == '\0' || len == 0 || len >= sizeof(name))
		return "must be \"Name: value\", such as \"Accept: application/xml\"";
	memcpy(name, text, len);
	name[len] = '\0';
	problem = conf_problem_field_name(name);
	if (problem != NULL)
		return problem;
	value += strspn(value, " \t");
	if (*value == '\0')
		return "must have a value behind the colon";
	if (conf_has_control(value))
		return "must not have control characters, such as a line end";
	return strlen(text) <= CONF_FIELD_MAX
	    ? NULL
	    : "must not be longer than 2048 bytes";
}

const char *
conf_problem_request_body(const char *text)
{
	return strlen(text) <= CONF_BODY_MAX
	    ? NULL
	    : "must not be longer than 16384 bytes";
}

const char *
conf_problem_named_file(const char *text)
{
	size_t len = strcspn(text, "=");
	char name[PLACE_NAME_MAX + 1];

	if (text[len] == '\0' || len == 0 || text[len + 1] == '\0')
		return "must be NAME=FILE, such as \"session=/etc/bearerd/session\"";
	if (len < sizeof(name)) {
		memcpy(name, text, len);
		name[len] = '\0';
	}
	if (len >= sizeof(name) || !place_is_name(name))
		return "must have a name of 1 to 64 letters, digits, points, underscores and hyphens";
	return conf_has_control(text) ? "must not have control characters"
				      : NULL;
}

/* A status, or two with a hyphen between; those of errors are none. */
const char *
conf_problem_status(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	const char *to = text + digits;
	int from = atoi(text), until = from;

	if (digits == 3 && *to == '-') {
		until = atoi(to + 1);
		digits = strspn(to + 1, "0123456789");
		to += 1 + digits;
	}
	if (digits == 3 && *to == '\0' && from >= 200 && from <= until &&
	    until <= 399)
		return NULL;
	return "must be a status from 200 to 399, or a range such as 200-299";
}

const char *
conf_problem_condition(const char *text)
{
	if (text[0] == '=' || strchr(text, '=') == NULL)
		return "must be FIELD=VALUE, such as \"/success=true\"";
	return conf_has_control(text) ? "must not have control characters"
				      : NULL;
}

/* Why a regular expression is of no use; its words stay until the next call. */
static const char *
regex_problem(const char *pattern)
{
	static char problem[200];
	char why[96];
	regex_t re;
	int status = regcomp(&re, pattern, REG_EXTENDED);
	size_t groups = re.re_nsub;

	if (status != 0) {
		regerror(status, &re, why, sizeof(why));
		snprintf(problem, sizeof(problem),
		    "must be a POSIX extended regular expression behind match:, and is none (%s)",
		    why);
		return problem;
	}
	regfree(&re);
	for (; (pattern = strchr(pattern, '\\')) != NULL; pattern += 2)
		if (pattern[1] >= '1' && pattern[1] <= '9')
			return "must not have a back-reference such as \\1, which takes any time";
	return groups > 0
	    ? NULL
	    : "must have a group ( ) in its regular expression, around what is wanted";
}

static const char *
from_problem(const char *text, const char *otherwise)
{
	struct token_from from;

	if (conf_has_control(text))
		return "must not have control characters";
	if (!token_from_read(text, &from))
		return otherwise;
	if (strlen(text) > TOKEN_FROM_MAX)
		return "must not be longer than 512 bytes";
	return from.kind == TOKEN_IN_MATCH ? regex_problem(from.rest) : NULL;
}

const char *
conf_problem_token_from(const char *text)
{
	return from_problem(text,
	    "must be body, text, header:NAME, cookie:NAME or match:REGEX");
}

const char *
conf_problem_expiry_from(const char *text)
{
	static const char problem[] =
	    "must be body, header:NAME, cookie:NAME or match:REGEX";

	return strcmp(text, "text") == 0 ? problem
					 : from_problem(text, problem);
}

/* Members that the answer of /token has itself. */
static bool
is_member(const char *name)
{
	static const char *const members[] = {"token", "token_type",
	    "expires_in", "refresh_in"};
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(members[i], name) == 0)
			return true;
	return false;
}

const char *
conf_problem_extra(const char *text)
{
	const char *place = strchr(text, '=');
	char name[PLACE_NAME_MAX + 1] = "";
	struct token_from from;

	if (place == NULL || place == text || place[1] == '\0')
		return "must be NAME=PLACE, such as \"csrf=/data/CSRFPreventionToken\"";
	if ((size_t)(place - text) < sizeof(name))
		memcpy(name, text, (size_t)(place - text));
	if (!place_is_name(name))
		return "must have a name of 1 to 64 letters, digits, points, underscores and hyphens";
	if (is_member(name))
		return "must have another name than a member of /token's answer";
	if (token_from_read(++place, &from) && from.kind != TOKEN_IN_BODY &&
	    from.kind != TOKEN_IN_TEXT)
		return from_problem(place, "");
	return conf_problem_member(place);
}
