/* SPDX-License-Identifier: MIT */
/*
 * conf/value.h - the types of values: from a text to a member and back.
 *
 * Called by conf/ only.  conf/syntax.h checks texts; an option has the range of
 * its number.
 */
#ifndef BEARERD_CONF_VALUE_H
#define BEARERD_CONF_VALUE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct conf_option;

enum conf_type_id {
	CONF_ADDRESSES, /* struct conf_list of HOST:PORT, unix:PATH */
	CONF_SERVERS,   /* struct conf_list of HOST:PORT */
	CONF_HOSTS,     /* struct conf_list of HOST, V6 or * */
	CONF_BOOL,      /* bool */
	CONF_NUMBER,    /* int64_t */
	CONF_TIME,      /* int64_t, milliseconds */
	CONF_CHOICE,    /* int64_t, number of the word */
	CONF_MODE,      /* int64_t, permissions of a file */
	CONF_PERCENT,   /* two int64_t, from and to */
	CONF_SECRET,    /* char *, as are those that follow; NULL: none */
	CONF_SECRET_FILE,
	CONF_READABLE_FILE,
	CONF_FILE_NAME,
	CONF_NAME,
	CONF_HOST,
	CONF_SHM_NAME,
	CONF_URL,
	CONF_PROXY,
	CONF_USER,
	CONF_URL_PATH,
	CONF_FIELD_NAME,
	CONF_FIELD,
	CONF_TEMPLATE,
	CONF_MEMBER,
	CONF_KEY,
	CONF_USERNAME,
	CONF_BODY,
	CONF_FIELDS,      /* struct conf_list of "Name: value" */
	CONF_NAMED_FILES, /* struct conf_list of NAME=FILE */
	CONF_STATUSES,    /* struct conf_list of N and N-M */
	CONF_CONDITION,   /* char *, as are those that follow */
	CONF_TOKEN_FROM,
	CONF_EXPIRY_FROM,
	CONF_TEXT,
	CONF_OBJECT,
	CONF_SUBJECT,
	CONF_RESOURCES,  /* struct conf_list of URIs */
	CONF_EXTRAS,     /* struct conf_list of "NAME=PLACE" */
	CONF_HEADERS,    /* struct conf_list of "Name: format" */
	CONF_PARAMETERS, /* struct conf_list of "name=value" */
	CONF_TYPES
};

struct conf_type {
	const char *argument; /* placeholder in --help; static */
	/* Parse text into *member, replacing what it held; or adding to the
	 * values of an option that has several.  0, or -1 with *err ("'x' must
	 * be ...") and the member as it was. */
	int (*parse)(const struct conf_option *o, const char *text,
	    void *member, struct err *err);
	/* Append the value in a form that parse() reads; NULL as "". */
	void (*print)(const struct conf_option *o, const void *member,
	    struct buf *out);
	/* Copy *from to *to without releasing the old value of *to. */
	void (*copy)(void *to, const void *from);
	/* Free what the member owns. */
	void (*release)(void *member);
	/* Why a text is refused ("must ..."), or NULL. */
	const char *(*problem)(const char *text);
};

extern const struct conf_type conf_types[CONF_TYPES];

/* True: the option is of type CONF_SECRET, so no message shows its value. */
bool conf_is_secret(const struct conf_option *o);

/* Whether an option may be given several times: a member is a list of its
 * values, and one text can hold several, a line each. */
bool conf_is_several(const struct conf_option *o);

/* Append a duration: "59m30s", "75s", "0s". */
void conf_print_time(int64_t ms, struct buf *out);

/* Of types that are numbers, in conf/number.c; see struct conf_type. */
#define CONF_NUMBER_TYPE(name)                                               \
	int conf_parse_##name(const struct conf_option *o, const char *text, \
	    void *member, struct err *err);                                  \
	void conf_print_##name(const struct conf_option *o,                  \
	    const void *member, struct buf *out)
CONF_NUMBER_TYPE(number);
CONF_NUMBER_TYPE(duration);
CONF_NUMBER_TYPE(choice);
CONF_NUMBER_TYPE(mode);
CONF_NUMBER_TYPE(percent);

/* A value for a message: cut short, and without control characters. */
struct conf_shown {
	char text[72];
};
struct conf_shown conf_show(const char *text);

#endif
