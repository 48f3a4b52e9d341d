/* SPDX-License-Identifier: MIT */
/* Find the token in a backend's answer, unless the answer says no. */
#include "config.h"

#include "token/private.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAMES_SHOWN 8
#define NAME_SHOWN_MAX 24 /* bytes; a longer one may be a key or a token */
#define DIGITS_SHOWN 2    /* likewise one with more */

static const char *const usual[] = {"token", "access_token", "token"};

/* ---- the kind of token ---- */

/* NULL, or what is wrong with the kind of token that an object tells. */
static const char *
type_problem(const struct token_value *object)
{
	static const char *const good[] = {"Bearer", "", NULL};
	static const char *const bound[] = {"DPoP", NULL};
	struct token_value type = {0};

	if (object->kind != TOKEN_OBJECT)
		return NULL;
	while (token_json_next(object, &type)) {
		if (!token_is_named(type.name, "tokentype") ||
		    type.kind == TOKEN_NULL)
			continue;
		if (type.kind != TOKEN_STRING)
			return "is no string";
		if (token_is_word(type.text, bound))
			return "is DPoP, not Bearer";
		if (!token_is_word(type.text, good))
			return "is not Bearer";
	}
	return NULL;
}

/* ---- the text ---- */

/* Take the text over without the space around it and "Bearer" before it.
 * Returns NULL, or what is wrong with it. */
static const char *
take_text(const char *text, size_t max, struct token_answer *out)
{
	static const char *const alone[] = {"Bearer", NULL};
	const char *problem;
	size_t len = strlen(text);

	if (token_is_word(text, alone))
		return "is empty";
	text = token_trim(text, &len);
	if (len > 7 &&
	    (strncasecmp(text, "Bearer ", 7) == 0 ||
		strncasecmp(text, "Bearer\t", 7) == 0)) {
		len -= 7;
		text = token_trim(text + 7, &len);
	}
	if (token_is_nothing(text))
		return "is a word for no value";
	problem = token_text_problem(text, len, max);
	if (problem == NULL) {
		memcpy(out->text, text, len);
		out->text[len] = '\0';
		out->len = len;
	}
	return problem;
}

static const char *
take_value(const struct token_value *v, size_t max, struct token_answer *out)
{
	return v->kind == TOKEN_STRING ? take_text(v->text, max, out)
				       : "is no string";
}

/* ---- names of members, to help to find the right one ---- */

bool
token_may_show(const char *name)
{
	size_t digits = 0, i;

	for (i = 0; name[i] != '\0'; i++) {
		digits += name[i] >= '0' && name[i] <= '9';
		if (strchr(
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.abcdefghijklmnopqrstuvwxyz0123456789",
			name[i]) == NULL)
			return false;
	}
	return i > 0 && i <= NAME_SHOWN_MAX && digits <= DIGITS_SHOWN;
}

/* "; it has a, b and 3 others". */
static void
add_names(struct buf *b, const struct token_value *object)
{
	struct token_value item = {0};
	size_t shown = 0, hidden = 0;

	if (object->kind != TOKEN_OBJECT) {
		buf_str(b, " (it is no object)");
		return;
	}
	while (token_json_next(object, &item)) {
		if (shown >= NAMES_SHOWN || !token_may_show(item.name)) {
			hidden++;
			continue;
		}
		buf_str(b, shown++ == 0 ? "; it has " : ", ");
		buf_str(b, item.name);
	}
	if (hidden > 0)
		buf_printf(b, "%s%zu other%s",
		    shown == 0 ? "; it has " : " and ", hidden,
		    hidden == 1 ? "" : "s");
}

static int
no_token(const char *field, const struct token_value *within, struct err *err)
{
	char names[NAMES_SHOWN * (NAME_SHOWN_MAX + 2) + 64];
	struct buf b;

	buf_init(&b, names, sizeof(names));
	add_names(&b, within);
	if (field == NULL)
		return err_set(err,
		    "the answer has no member token or access_token; set token-field%.150s",
		    buf_text(&b));
	return err_set(err,
	    "the answer has no member %.80s; check token-field%.120s", field,
	    buf_text(&b));
}

/* ---- where it is ---- */

static int
find_named(const struct token_value *root, const struct token_rules *rules,
    struct token_value *parent, struct token_answer *out, struct err *err)
{
	struct token_value v =
	    token_json_find(root, rules->token_field, parent);
	const char *problem;

	if (v.kind == TOKEN_ABSENT)
		return no_token(rules->token_field, parent, err);
	problem = take_value(&v, rules->max_len, out);
	return problem == NULL
	    ? 0
	    : err_set(err, "the token in the answer %s", problem);
}

/* The first of the usual members that holds a token that can be used. */
static int
find_usual(const struct token_value *root, const struct token_rules *rules,
    struct token_answer *out, struct err *err)
{
	const char *const *names = rules->oauth ? usual + 1 : usual;
	const char *problem, *first = NULL;
	struct token_value v;
	size_t i;

	for (i = 0; i < 2; i++) {
		v = token_json_member(root, names[i]);
		if (v.kind == TOKEN_ABSENT)
			continue;
		problem = take_value(&v, rules->max_len, out);
		if (problem == NULL)
			return 0;
		if (first == NULL)
			first = problem;
	}
	return first == NULL
	    ? no_token(NULL, root, err)
	    : err_set(err, "the token in the answer %s", first);
}

/* Whether the answer, or the object that the token is in, tells another kind of
 * token. */
static int
check_type(const struct token_value *root, const struct token_value *parent,
    struct err *err)
{
	const char *problem = type_problem(parent);

	if (problem == NULL)
		problem = type_problem(root);
	return problem == NULL
	    ? 0
	    : err_set(err,
		  "the answer's token_type %s: such a token cannot be handed out as a bearer token",
		  problem);
}

static int
no_place(const struct token_from *from, struct err *err)
{
	switch (from->kind) {
	case TOKEN_IN_HEADER:
		return err_set(err,
		    "the answer has no header field %.80s; check token-from",
		    from->rest);
	case TOKEN_IN_COOKIE:
		return err_set(err,
		    "the answer sets no cookie %.80s; check token-from",
		    from->rest);
	case TOKEN_IN_MATCH:
		return err_set(err,
		    "nothing in the answer matches token-from %.80s",
		    from->rest);
	default:
		return err_set(err, "the answer is empty");
	}
}

/* The token in another place than a member. */
static int
find_elsewhere(const struct token_from *from, const struct token_reply *reply,
    size_t max, struct token_answer *out, struct err *err)
{
	char *text = mem_alloc(TOKEN_ANSWER_MAX + 1, 1);
	const char *problem;
	int status;

	if (!token_from_find(from, reply, text))
		status = no_place(from, err);
	else if ((problem = take_text(text, max, out)) != NULL)
		status = err_set(err, "the token in the answer %s", problem);
	else
		status = 0;
	explicit_bzero(text, TOKEN_ANSWER_MAX + 1);
	free(text);
	return status;
}

static int
find_in_body(const struct token_value *root, const struct token_rules *rules,
    struct token_value *parent, struct token_answer *out, struct err *err)
{
	if ((rules->token_field != NULL
		    ? find_named(root, rules, parent, out, err)
		    : find_usual(root, rules, out, err)) == -1)
		return -1;
	return rules->any_type ? 0 : check_type(root, parent, err);
}

static int
decode(const struct token_reply *reply, const struct token_from *from,
    const struct token_value *root, const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *out, struct err *err)
{
	struct token_value parent = *root;

	if ((from->kind == TOKEN_IN_BODY
		    ? find_in_body(root, rules, &parent, out, err)
		    : find_elsewhere(from, reply, rules->max_len, out, err)) ==
	    -1)
		return -1;
	if (token_find_extras(reply, rules, out, err) == -1)
		return -1;
	token_expiry(reply, root, &parent, rules, asked, out);
	return token_judge(rules, asked, out, err);
}

/* ---- the whole ---- */

/* Whether a string in the text has a NUL, which would end it early in C. */
static bool
has_nul(const char *text, size_t len)
{
	size_t i;

	if (memchr(text, '\0', len) != NULL)
		return true;
	for (i = 0; i + 5 < len; i++)
		if (text[i] == '\\' && text[++i] == 'u' &&
		    memcmp(text + i, "u0000", 5) == 0)
			return true;
	return false;
}

/* NULL, or why a body cannot be JSON at all. */
static const char *
body_problem(const char *body, size_t len)
{
	size_t i;

	for (i = 0;
	     i < len && strchr(" \t\r\n", body[i]) != NULL && body[i] != '\0';
	     i++)
		continue;
	if (i == len)
		return "the answer is empty";
	if (len > 2 && memcmp(body, "\x1f\x8b", 2) == 0)
		return "the answer is packed with gzip, but has no Content-Encoding";
	return has_nul(body, len) ? "the answer has a NUL character" : NULL;
}

/* Whether anything that is looked for is in the body, as JSON or at all. */
static void
needs(const struct token_rules *rules, const struct token_from *from,
    bool *body, bool *json)
{
	struct token_from expiry = {.kind = TOKEN_IN_HEADER};

	if (rules->expiry_from != NULL)
		token_from_read(rules->expiry_from, &expiry);
	else if (rules->expiry_field != NULL)
		expiry.kind = TOKEN_IN_BODY;
	*json = from->kind == TOKEN_IN_BODY || expiry.kind == TOKEN_IN_BODY ||
	    rules->success_field != NULL;
	*body = *json || from->kind == TOKEN_IN_TEXT ||
	    from->kind == TOKEN_IN_MATCH || expiry.kind == TOKEN_IN_MATCH;
}

/* The part of token_decode() behind the first look at the body. */
static int
decode_json(const struct token_reply *reply, const struct token_from *from,
    struct cJSON *json, const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *out, struct err *err)
{
	struct token_value root = token_json_value(json);

	if (token_is_error(&root))
		return err_set(err, "the answer has a member \"error\"");
	if (!token_is_so(&root, rules->success_field))
		return err_set(err,
		    "the answer says no: success-field %.120s is not so in it",
		    rules->success_field);
	return decode(reply, from, &root, rules, asked, out, err);
}

int
token_decode(const struct token_reply *reply, const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *out, struct err *err)
{
	const char *problem = body_problem(reply->body, reply->len);
	struct token_from from = {.kind = TOKEN_IN_BODY};
	struct cJSON *json = NULL;
	bool needs_body, needs_json;
	int status = -1;

	out->unread[0] = '\0';
	out->ends = false;
	if (rules->token_from != NULL)
		token_from_read(rules->token_from, &from);
	needs(rules, &from, &needs_body, &needs_json);
	if (problem != NULL && needs_body)
		return err_set(err, "%s", problem);
	if (problem == NULL)
		json = token_json_parse(reply->body, reply->len);
	if (json == NULL && needs_json)
		err_set(err, "the answer is not valid JSON");
	else
		status =
		    decode_json(reply, &from, json, rules, asked, out, err);
	token_json_free(json);
	return status;
}
