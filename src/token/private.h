/* SPDX-License-Identifier: MIT */
/*
 * token/private.h - the inside of token_decode(), shared by its parts.  A part
 * calls only those below it:
 *
 *   guess.c    where a token may be that is not found
 *   show.c     an answer with its secrets covered
 *   decode.c   the place of the token
 *   extra.c    further values
 *   verdict.c  refusals
 *   repeat.c   the life that is left, also of a token seen before
 *   expiry.c   members, fields, cookies and claims that state a life
 *   from.c     texts in fields, cookies and matches
 *   time.c     numbers, durations and dates
 *   json.c     values and words; the only user of cJSON
 */
#ifndef BEARERD_TOKEN_PRIVATE_H
#define BEARERD_TOKEN_PRIVATE_H

#include "token/token.h"

struct cJSON;

enum token_kind {
	TOKEN_ABSENT,
	TOKEN_NULL,
	TOKEN_FALSE,
	TOKEN_TRUE,
	TOKEN_NUMBER,
	TOKEN_STRING,
	TOKEN_OBJECT,
	TOKEN_ARRAY,
};

/* A value in the answer; its pointers are valid as long as the root. */
struct token_value {
	enum token_kind kind;
	double number;            /* of TOKEN_NUMBER */
	const char *text;         /* of TOKEN_STRING */
	const char *name;         /* of a member of an object; else NULL */
	const struct cJSON *node; /* NULL: TOKEN_ABSENT */
};

/* Parse a text that is one JSON value (RFC 8259) and nothing else; NULL: it is
 * not.  The caller frees the root with token_json_free(), which overwrites
 * it. */
struct cJSON *token_json_parse(const char *body, size_t len);
void token_json_free(struct cJSON *root);

/* Write an object with the members of another, which replace its own, and null
 * takes out (RFC 7396); more NULL: none.  NULL: one is no object.  The caller
 * frees it. */
char *token_json_merge(const char *object, const char *more);

/* The value of a node; NULL gives TOKEN_ABSENT. */
struct token_value token_json_value(const struct cJSON *node);

/* The last member of this name.  Most parsers take the last of several (RFC
 * 8259, 4), and an answer must mean the same token here as there. */
struct token_value token_json_member(const struct token_value *object,
    const char *name);

/*
 * Find a value by the name of a member or, if it begins with a slash, by a JSON
 * Pointer (RFC 6901).  *parent is the value around it; if it is absent, the
 * last value on the way that exists.
 */
struct token_value token_json_find(const struct token_value *root,
    const char *field, struct token_value *parent);

/* Step to the first (item->node NULL) or next element or member.  False: no
 * more. */
bool token_json_next(const struct token_value *of, struct token_value *item);

/* True: a text is one of these words, in any case and with space around it.
 * NULL ends the words. */
bool token_is_word(const char *text, const char *const *words);

/* True: a text is how some language prints "no value": null, None, nil ... */
bool token_is_nothing(const char *text);

/* True: a member's name equals `plain`, which is in lower case, if case, "_"
 * and
 * "-" are ignored. */
bool token_is_named(const char *name, const char *plain);

/* Whether a name in an answer may be shown: a word, not a key. */
bool token_may_show(const char *name);

/* A text of *len bytes without the space around it; then *len is less. */
const char *token_trim(const char *text, size_t *len);

/*
 * Read a text without space around it: a decimal number; a duration ("300s",
 * "1h30m", "PT5M", "0:05:00") in ms; a date of RFC 3339, with any offset or
 * none, or of RFC 9110, 5.6.7, in ms since the epoch.  asked_wall_at (ms since
 * the epoch) gives the century of a two-digit year.  False: it is none, and
 * *out is unchanged.
 */
bool token_read_number(const char *text, size_t len, double *out);
bool token_read_duration_ms(const char *text, size_t len, double *out);
bool token_read_date_ms(const char *text, size_t len, int64_t asked_wall_at,
    double *out);

/* A header field; not NUL-terminated. */
struct token_field {
	const char *name, *value;
	size_t name_len, len;
};

/* Step to the next of the fields at *at, a line each; false: no more. */
bool token_next_field(const char **at, struct token_field *out);

/* Whether a field has this name, in letters of any case. */
bool token_field_is(const struct token_field *f, const char *name);

/*
 * Write what stands in a place of an answer, one other than TOKEN_IN_BODY, as a
 * text of at most TOKEN_ANSWER_MAX bytes and a NUL; false: there is nothing.
 */
bool token_from_find(const struct token_from *from,
    const struct token_reply *reply, char *out);

/* Likewise an attribute of a cookie, at most size - 1 bytes of it. */
bool token_cookie_attribute(const struct token_reply *reply, const char *name,
    const char *attribute, char *out, size_t size);

/* Find the further values: sets out->extra.  0, or -1 with *err. */
int token_find_extras(const struct token_reply *reply,
    const struct token_rules *rules, struct token_answer *out, struct err *err);

/* Whether an answer says that it is an error; whether "FIELD=VALUE", if there
 * is one, is so in it. */
bool token_is_error(const struct token_value *root);
bool token_is_so(const struct token_value *root, const char *condition);

/* Read the life that the answer, the object around the token and the token
 * itself state: sets all of *out but text and len. */
void token_expiry(const struct token_reply *reply,
    const struct token_value *root, const struct token_value *parent,
    const struct token_rules *rules, const struct token_asked *asked,
    struct token_answer *out);

/* Decide the life that is left and the whole life.  0; or -1 with *err: the
 * token cannot be used. */
int token_judge(const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *out, struct err *err);

#endif
