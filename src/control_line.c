/* SPDX-License-Identifier: MIT */
/* The language of the control socket: one line, one or two words. */
#include "config.h"

#include "control_own.h"

#include <string.h>

#define ALL "status, status json, check, renew, renew NAME, reload"

static const struct {
	const char *words;
	enum control_kind kind;
	bool named; /* a token's name may follow */
} commands[] = {
    {"status", CONTROL_STATUS, false},
    {"status json", CONTROL_STATUS_JSON, false},
    {"check", CONTROL_CHECK, false},
    {"renew", CONTROL_RENEW, true},
    {"reload", CONTROL_RELOAD, false},
};

/* Whether this can be a token's name; nothing else is ever repeated. */
static bool
is_name(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789._-", text[i]) ==
		    NULL || text[i] == '\0')
			return false;
	return len > 0 && len <= CONF_NAME_MAX;
}

static int
take_name(const char *text, size_t len, struct control_command *out,
    struct err *err)
{
	if (!is_name(text, len))
		return err_set(err, "what follows \"renew\" is not the name of "
		    "a token: 1 to %d letters, digits, points, underscores and "
		    "hyphens", CONF_NAME_MAX);
	memcpy(out->name, text, len);
	out->name[len] = '\0';
	return 0;
}

int
control_parse(const char *line, size_t len, struct control_command *out,
    struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t n = strlen(commands[i].words);

		if (len < n || memcmp(line, commands[i].words, n) != 0)
			continue;
		*out = (struct control_command){.kind = commands[i].kind};
		if (len == n)
			return 0;
		if (commands[i].named && line[n] == ' ')
			return take_name(line + n + 1, len - n - 1, out, err);
	}
	return err_set(err, "unknown command; there are: " ALL);
}
