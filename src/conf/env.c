/* SPDX-License-Identifier: MIT */
/* The environment: BEARERD_SOME_NAME, and the original's four variables. */
#include "config.h"

#include "conf/private.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "BEARERD_"
#define NAME_MAX_BYTES 64 /* more than any option's name has */

static const struct {
	const char *variable, *option;
} originals[] = {
    {"BASE_URL", "base-url"},
    {"API_KEY", "api-key"},
    {"REDIS_HOST", "redis-host"},
    {"REDIS_PW", "redis-password"},
};

/*
 * Whether Kubernetes injected a variable for a Service called bearerd or
 * bearerd-SOMETHING: BEARERD_REDIS_PORT=tcp://10.0.0.1:6379 is not an option.
 */
static bool
is_service_link(const char *name, const char *value)
{
	static const char pattern[] =
	    "_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$";
	regex_t re;
	bool links;

	if (strncmp(value, "tcp://", 6) == 0 ||
	    strncmp(value, "udp://", 6) == 0 ||
	    strncmp(value, "sctp://", 7) == 0)
		return true;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	links = regexec(&re, name, 0, NULL, 0) == 0;
	regfree(&re);
	return links;
}

/* SOME_NAME to some-name; false: no option has such a name. */
static bool
to_option_name(const char *variable, char out[NAME_MAX_BYTES + 1])
{
	size_t i, len = strlen(variable);

	if (len > NAME_MAX_BYTES)
		return false;
	for (i = 0; i <= len; i++) {
		char c = variable[i];

		if (c >= 'A' && c <= 'Z')
			out[i] = (char)(c - 'A' + 'a');
		else if (c == '_')
			out[i] = '-';
		else if (c == '\0' || (c >= '0' && c <= '9'))
			out[i] = c;
		else
			return false;
	}
	return true;
}

/* A variable whose name begins with BEARERD_. */
static void
read_ours(struct conf_draft *d, const char *name, const char *value)
{
	struct conf_setting s = {.rank = CONF_FROM_ENVIRONMENT};
	char option[NAME_MAX_BYTES + 1];

	if (is_service_link(name, value))
		return;
	if (to_option_name(name + strlen(PREFIX), option))
		s.option = conf_option_find(option, strlen(option));
	if (s.option == NULL) {
		conf_warning(d, conf_show(name).text, NULL,
		    "no option has this name; the variable is ignored");
		return;
	}
	s.text = (char *)(uintptr_t)value;
	s.where = (char *)(uintptr_t)name;
	if (value[0] != '\0')
		conf_add_setting(d, &s);
}

static void
read_original(struct conf_draft *d, const char *name, const char *value)
{
	struct conf_setting s = {.rank = CONF_FROM_ORIGINAL};
	size_t i;

	for (i = 0; i < sizeof(originals) / sizeof(originals[0]); i++) {
		if (strcmp(name, originals[i].variable) != 0 ||
		    value[0] == '\0')
			continue;
		s.option = conf_option_find(originals[i].option,
		    strlen(originals[i].option));
		s.text = (char *)(uintptr_t)value;
		s.where = (char *)(uintptr_t)name;
		conf_add_setting(d, &s);
	}
}

void
conf_read_environment(struct conf_draft *d, char *const *environ)
{
	for (; environ != NULL && *environ != NULL; environ++) {
		size_t len = strcspn(*environ, "=");
		char *name = strndup(*environ, len);

		if (name == NULL)
			abort();
		if ((*environ)[len] == '=')
			(strncmp(name, PREFIX, strlen(PREFIX)) == 0
				? read_ours
				: read_original)(d, name, *environ + len + 1);
		free(name);
	}
}
