/* SPDX-License-Identifier: MIT */
/*
 * openapi_own.h - the inside of openapi.h, shared by its parts: openapi_tbl.c
 * (what is said), openapi.c with openapi_part.c and openapi_page.c (how it is
 * written).
 *
 * Texts are Markdown of one kind only: `code`.
 */
#ifndef BEARERD_OPENAPI_OWN_H
#define BEARERD_OPENAPI_OWN_H

#include "http.h"
#include "openapi.h"

#define OPENAPI_TOKEN "eyJhbGciOiJIUzI1NiJ9.e30.c2ln" /* in examples */

/* A field of an answer. */
enum openapi_field_id {
	FIELD_CACHE, FIELD_NO_CACHE, FIELD_ETAG, FIELD_RETRY, FIELD_ALLOW,
	FIELD_SNIFF, FIELD_POLICY, FIELD_COUNT
};

struct openapi_field {
	const char *name, *type, *example, *about; /* example: as JSON */
};

/* What a request may bring. */
enum openapi_param_id {
	PARAM_IF_NONE_MATCH, PARAM_MIN_FRESH, PARAM_IF_MATCH, PARAM_REST,
	PARAM_NAME, PARAM_COUNT
};

struct openapi_param {
	const char *key, *name, *in, *example, *about; /* example: or NULL */
};

/* An answer; those of one status may differ from path to path. */
enum openapi_answer_id {
	ANSWER_END, /* of a list */
	ANSWER_TOKEN, ANSWER_HEADER, ANSWER_DOCUMENT, ANSWER_PAGE,
	ANSWER_REPORTED, ANSWER_UNCHANGED, ANSWER_DOCUMENT_UNCHANGED,
	ANSWER_MALFORMED, ANSWER_NO_NAME, ANSWER_METHOD, ANSWER_LATE,
	ANSWER_REPLACED, ANSWER_LARGE, ANSWER_URI, ANSWER_WHICH,
	ANSWER_LIMITED, ANSWER_HEAD, ANSWER_UNKNOWN, ANSWER_NO_TOKEN,
	ANSWER_NO_HEADER, ANSWER_NO_NAME_HEADER, ANSWER_VERSION,
	ANSWER_COUNT
};

struct openapi_answer {
	const char *key;
	int status;
	unsigned fields;     /* as 1 << openapi_field_id */
	const char *type;    /* of its body; NULL: it has none */
	const char *schema;  /* of its body */
	const char *example; /* JSON; NULL of a problem: made from detail */
	const char *about, *detail;
};

/* What a method does; a list of them ends with one that has no verb. */
struct openapi_operation {
	enum http_method method;
	const char *verb;   /* the operationId's first word */
	const char *summary, *about;
	unsigned params;    /* as 1 << openapi_param_id */
	const unsigned char *answers; /* openapi_answer_id, up to ANSWER_END */
	bool secured;       /* takes the token that is meant */
	const char *curl;   /* options and fields for the example */
};

struct openapi_path {
	const char *path;   /* with NAME where a token's name stands */
	const char *noun;   /* the operationId's other words */
	const char *tag;
	const char *summary; /* NULL: that of the operation */
	const struct openapi_operation *operations;
	unsigned methods;   /* of these, as 1 << http_method */
	unsigned params;    /* of all methods */
};

struct openapi_tag {
	const char *name, *about;
};

extern const char openapi_about[];
extern const struct openapi_field openapi_fields[FIELD_COUNT];
extern const struct openapi_param openapi_params[PARAM_COUNT];
extern const struct openapi_answer openapi_answers[ANSWER_COUNT];
extern const struct openapi_tag openapi_tags[]; /* name NULL: the end */
extern const struct openapi_path openapi_paths[]; /* path NULL: the end */
extern const char openapi_schemas[]; /* the members of an object, as JSON */

/* Whether a path has a token's name in it. */
bool openapi_named(const struct openapi_path *p);

/* Whether the path's operation is there. */
static inline bool
openapi_has(const struct openapi_path *p, const struct openapi_operation *op)
{
	return (p->methods & 1u << op->method) != 0;
}

/* The name of a method, in capitals. */
const char *openapi_method(enum http_method method);

/* Append an example of a problem's body. */
void openapi_problem(const struct openapi_answer *a, struct buf *out);

/* Whether an answer is about a name that is not configured. */
static inline bool
openapi_about_name(size_t id)
{
	return id == ANSWER_NO_NAME || id == ANSWER_NO_NAME_HEADER;
}

/* openapi_page.c */
void openapi_write_page(const struct conf *conf, struct buf *out);

/* A document that is being written. */
struct openapi_writer {
	const struct conf *conf;
	struct buf *out;
	bool old;  /* Swagger 2.0, which has its own places for things */
	bool many; /* tokens: they have no paths of their own */
};

/*
 * openapi_part.c: begin an item of an object or array, with a comma unless it
 * is the first; a member's name; a member that is a text; one that is an
 * object or array, and its end.
 */
struct buf *openapi_item(struct openapi_writer *w);
void openapi_key(struct openapi_writer *w, const char *name);
void openapi_text(struct openapi_writer *w, const char *name,
    const char *value);
void openapi_begin(struct openapi_writer *w, const char *name, char bracket);
void openapi_end(struct openapi_writer *w, char bracket);

/* Refer to a part that has a place of its own. */
void openapi_refer(struct openapi_writer *w, const char *kind,
    const char *name);

/* The answer of /auth; its field is the one of the token's own `header`. */
void openapi_header_answer(struct openapi_writer *w,
    const struct conf_token *t);

/* All parts that have a place of their own. */
void openapi_components(struct openapi_writer *w);

#endif
