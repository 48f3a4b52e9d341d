/* SPDX-License-Identifier: MIT */
/* Further values of an answer, which go with its token. */
#include "config.h"

#include "token/private.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The value in a place; false: there is none, or it is no string. */
static bool
find(const struct token_reply *reply, const char *place, char *out)
{
	struct token_from from;

	if (token_from_read(place, &from) && from.kind != TOKEN_IN_BODY &&
	    from.kind != TOKEN_IN_TEXT)
		return token_from_find(&from, reply, out);
	return token_reply_text(reply, place, out, TOKEN_ANSWER_MAX + 1);
}

/* Append a value, with a space before it unless it is the first. */
static int
add(const char *value, const char *rule, struct token_answer *out,
    struct err *err)
{
	int name = (int)strcspn(rule, "=");
	size_t len = strlen(value);
	const char *problem = token_text_problem(value, len, TOKEN_EXTRA_MAX);

	if (problem != NULL)
		return err_set(err, "the extra %.*s in the answer %s", name,
		    rule, problem);
	if (out->extra_len + 1 + len > TOKEN_EXTRA_MAX)
		return err_set(err,
		    "the extras in the answer have more than %d bytes",
		    TOKEN_EXTRA_MAX);
	if (out->extra_len > 0)
		out->extra[out->extra_len++] = ' ';
	memcpy(out->extra + out->extra_len, value, len + 1);
	out->extra_len += len;
	return 0;
}

int
token_find_extras(const struct token_reply *reply,
    const struct token_rules *rules, struct token_answer *out, struct err *err)
{
	const char *rule;
	int status = 0;
	char *value;
	size_t i;

	out->extra_len = 0;
	out->extra[0] = '\0';
	if (rules->extra_count == 0)
		return 0;
	value = mem_alloc(TOKEN_ANSWER_MAX + 1, 1);
	for (i = 0; i < rules->extra_count && status == 0; i++) {
		rule = rules->extra[i];
		status = find(reply, strchr(rule, '=') + 1, value)
		    ? add(value, rule, out, err)
		    : err_set(err,
			  "the answer has no value for extra = \"%.120s\"",
			  rule);
	}
	explicit_bzero(value, TOKEN_ANSWER_MAX + 1);
	free(value);
	return status;
}
