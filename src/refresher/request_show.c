/* SPDX-License-Identifier: MIT */
/* Shows requests to people, secrets masked. */
#include "config.h"

#include "refresher/request.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A text as comments, a line each. */
static void
show_text(const char *text, struct buf *out)
{
	char *copy = mem_strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		buf_str(out, "#   ");
		buf_plain(out, line);
		buf_char(out, '\n');
	}
	free(copy);
}

/* Whether discovery tells the URL. */
static bool
is_to_be_found(const struct conf_token *t)
{
	return t->grant != CONF_GRANT_NONE && t->token_url == NULL &&
	    t->issuer != NULL;
}

void
request_show_one(const struct conf_token *t, struct buf *out)
{
	struct secrets masked;
	struct request r;
	struct err err;
	size_t i;

	secrets_mask(t, &masked);
	buf_printf(out, "\n# The request for token %s:\n", t->name);
	if (request_make(t, &masked, NULL, &r, &err) == -1)
		show_text(err.text, out);
	else {
		buf_printf(out, "#   %s %s%s\n", r.method,
		    is_to_be_found(t) ? "to the token endpoint of " : "",
		    r.url);
		for (i = 0; i < r.field_count; i++)
			show_text(r.field[i], out);
		if (r.body != NULL) {
			buf_str(out, "#\n");
			show_text(r.body, out);
		}
		request_wipe(&r);
	}
	secrets_wipe(&masked);
}

void
request_show(const struct conf *conf, struct buf *out)
{
	size_t i;

	for (i = 0; i < conf->token_count; i++)
		if (conf->token[i].grant != CONF_GRANT_SELF_SIGNED)
			request_show_one(&conf->token[i], out);
}
