/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/private.h"
#include "base/mem.h"
#include "conf/syntax.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

bool
conf_is_secret(const struct conf_option *o)
{
	return o->type == &conf_types[CONF_SECRET];
}

/* Word a problem; the value is left out if it could have a secret in it. */
static int
refuse(const struct conf_option *o, const char *text, const char *problem,
    struct err *err)
{
	if (conf_is_secret(o) || o->type == &conf_types[CONF_FIELDS] ||
	    o->type == &conf_types[CONF_BODY] ||
	    ((o->type == &conf_types[CONF_URL] ||
		 o->type == &conf_types[CONF_PROXY]) &&
		strpbrk(text, "@?#") != NULL))
		return err_set(err, "%s", problem);
	return err_set(err, "'%s' %s", conf_show(text).text, problem);
}

/* Append a text with the escapes of a quoted string in the file. */
static void
print_escaped(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (strchr("\"\\$\n", *text) != NULL)
			buf_char(out, '\\');
		buf_char(out, *text == '\n' ? 'n' : *text);
	}
}

static void
print_quoted(const char *text, struct buf *out)
{
	buf_char(out, '"');
	print_escaped(text, out);
	buf_char(out, '"');
}

/* ---- texts ---- */

static int
parse_text(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	const char *problem = NULL;
	char **m = member;

	if (text[0] == '\0' && o->fallback[0] != '\0')
		return err_set(err, "must not be empty");
	if (text[0] != '\0')
		problem = o->type->problem(text);
	if (problem != NULL)
		return refuse(o, text, problem, err);
	o->type->release(m);
	*m = text[0] == '\0' ? NULL : mem_strdup(text);
	return 0;
}

static int
parse_readable(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	int fd = text[0] == '\0'
	    ? -1
	    : open(text, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (text[0] == '\0')
		return parse_text(o, text, member, err);
	if (fd == -1 || fstat(fd, &st) == -1) {
		err_set(err, "'%s' must be a file that can be read: %s",
		    conf_show(text).text, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	if (S_ISDIR(st.st_mode) || S_ISFIFO(st.st_mode))
		return refuse(o, text,
		    "must be a file, not a directory or a named pipe", err);
	return parse_text(o, text, member, err);
}

static void
print_text(const struct conf_option *o, const void *member, struct buf *out)
{
	const char *text = *(char *const *)member;

	(void)o;
	print_quoted(text == NULL ? "" : text, out);
}

static void
print_secret(const struct conf_option *o, const void *member, struct buf *out)
{
	(void)o;
	print_quoted(*(char *const *)member == NULL ? "" : "********", out);
}

static void
copy_text(void *to, const void *from)
{
	const char *text = *(char *const *)from;

	*(char **)to = text == NULL ? NULL : mem_strdup(text);
}

static void
release_text(void *member)
{
	char **m = member;

	free(*m);
	*m = NULL;
}

static void
release_secret(void *member)
{
	char **m = member;

	mem_free_secret(*m);
	*m = NULL;
}

/* ---- lists ---- */

static void
release_list(void *member)
{
	struct conf_list *list = member;

	while (list->count > 0)
		free(list->item[--list->count]);
	free(list->item);
	list->item = NULL;
}

static int
parse_list(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	struct conf_list list = {0};
	char *copy = mem_strdup(text), *rest = copy, *item;
	const char *problem;
	int status = 0;

	list.item = mem_alloc(strlen(text) / 2 + 1, sizeof(*list.item));
	while (status == 0 && (item = strsep(&rest, ", \t\n")) != NULL) {
		if (*item == '\0')
			continue;
		problem = o->type->problem(item);
		if (problem != NULL)
			status = refuse(o, item, problem, err);
		else
			list.item[list.count++] = mem_strdup(item);
	}
	free(copy);
	if (status == -1) {
		release_list(&list);
		return -1;
	}
	release_list(member);
	*(struct conf_list *)member = list;
	return 0;
}

static void
print_list(const struct conf_option *o, const void *member, struct buf *out)
{
	const struct conf_list *list = member;
	size_t i;

	(void)o;
	buf_char(out, '"');
	for (i = 0; i < list->count; i++) {
		buf_str(out, i > 0 ? ", " : "");
		print_escaped(list->item[i], out);
	}
	buf_char(out, '"');
}

static void
copy_list(void *to, const void *from)
{
	const struct conf_list *f = from;
	struct conf_list *t = to;

	size_t room = f->count > CONF_SEVERAL_MAX ? f->count : CONF_SEVERAL_MAX;

	t->item = mem_alloc(room, sizeof(*t->item));
	for (t->count = 0; t->count < f->count; t->count++)
		t->item[t->count] = mem_strdup(f->item[t->count]);
}

/* ---- options that have several values ---- */

static int
parse_lines(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	struct conf_list list;
	char *copy = mem_strdup(text), *rest = copy, *line;
	const char *problem;
	int status = 0;

	copy_list(&list, member);
	while (status == 0 && (line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, " \t\r");
		if (*line == '\0')
			continue;
		problem = o->type->problem(line);
		if (problem != NULL)
			status = refuse(o, line, problem, err);
		else if (list.count == CONF_SEVERAL_MAX)
			status = err_set(err,
			    "must not be given more than 16 times");
		else
			list.item[list.count++] = mem_strdup(line);
	}
	free(copy);
	release_list(status == 0 ? member : &list);
	if (status == 0)
		*(struct conf_list *)member = list;
	return status;
}

bool
conf_is_several(const struct conf_option *o)
{
	return o->type->parse == parse_lines;
}

/* One a line; conf/print.c gives each a line of its own. */
static void
print_lines(const struct conf_option *o, const void *member, struct buf *out)
{
	const struct conf_list *list = member;
	size_t i;

	(void)o;
	buf_char(out, '"');
	for (i = 0; i < list->count; i++) {
		buf_str(out, i > 0 ? "\\n" : "");
		print_escaped(list->item[i], out);
	}
	buf_char(out, '"');
}

/* ---- truth values ---- */

static int
parse_bool(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off",
	    "on"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0) {
			*(bool *)member = i % 2 == 1;
			return 0;
		}
	return refuse(o, text, "must be yes or no", err);
}

static void
print_bool(const struct conf_option *o, const void *member, struct buf *out)
{
	(void)o;
	buf_str(out, *(const bool *)member ? "yes" : "no");
}

static void
copy_bool(void *to, const void *from)
{
	*(bool *)to = *(const bool *)from;
}

/* ---- numbers: see conf/number.c ---- */

static void
copy_number(void *to, const void *from)
{
	*(int64_t *)to = *(const int64_t *)from;
}

static void
copy_percent(void *to, const void *from)
{
	memcpy(to, from, 2 * sizeof(int64_t));
}

static void
release_nothing(void *member)
{
	(void)member;
}

#define NUMBER(argument, how)                                              \
	{                                                                  \
		argument, conf_parse_##how, conf_print_##how, copy_number, \
		    release_nothing, NULL                                  \
	}
#define TEXT(argument, how)                                                \
	{                                                                  \
		argument, parse_text, print_text, copy_text, release_text, \
		    conf_problem_##how                                     \
	}

const struct conf_type conf_types[CONF_TYPES] = {
    [CONF_ADDRESSES] = {"LIST", parse_list, print_list, NULL, release_list,
	conf_problem_address},
    [CONF_SERVERS] = {"LIST", parse_list, print_list, NULL, release_list,
	conf_problem_server},
    [CONF_HOSTS] = {"LIST", parse_list, print_list, NULL, release_list,
	conf_problem_allowed_host},
    [CONF_BOOL] = {"BOOL", parse_bool, print_bool, copy_bool, release_nothing,
	NULL},
    [CONF_NUMBER] = NUMBER("N", number),
    [CONF_TIME] = NUMBER("TIME", duration),
    [CONF_CHOICE] = NUMBER("WORD", choice),
    [CONF_MODE] = NUMBER("MODE", mode),
    [CONF_PERCENT] = {"RANGE", conf_parse_percent, conf_print_percent,
	copy_percent, release_nothing, NULL},
    [CONF_SECRET] = {"SECRET", parse_text, print_secret, copy_text,
	release_secret, conf_problem_secret},
    [CONF_SECRET_FILE] = TEXT("FILE", file_name),
    [CONF_READABLE_FILE] = {"FILE", parse_readable, print_text, copy_text,
	release_text, conf_problem_file_name},
    [CONF_FILE_NAME] = TEXT("FILE", file_name),
    [CONF_NAME] = TEXT("NAME", name),
    [CONF_HOST] = TEXT("HOST", host),
    [CONF_SHM_NAME] = TEXT("NAME", shm_name),
    [CONF_URL] = TEXT("URL", url),
    [CONF_PROXY] = TEXT("URL", proxy),
    [CONF_USER] = TEXT("NAME", user),
    [CONF_URL_PATH] = TEXT("PATH", url_path),
    [CONF_FIELD_NAME] = TEXT("NAME", field_name),
    [CONF_FIELD] = TEXT("FIELD", field),
    [CONF_TEMPLATE] = TEXT("FORMAT", template),
    [CONF_MEMBER] = TEXT("FIELD", member),
    [CONF_KEY] = TEXT("KEY", key),
    [CONF_USERNAME] = TEXT("NAME", username),
    [CONF_BODY] = TEXT("TEXT", request_body),
    [CONF_FIELDS] = {"FIELD", parse_lines, print_lines, copy_list, release_list,
	conf_problem_request_field},
    [CONF_NAMED_FILES] = {"NAME=FILE", parse_lines, print_lines, copy_list,
	release_list, conf_problem_named_file},
    [CONF_STATUSES] = {"LIST", parse_list, print_list, copy_list, release_list,
	conf_problem_status},
    [CONF_CONDITION] = TEXT("FIELD=VALUE", condition),
    [CONF_TOKEN_FROM] = TEXT("PLACE", token_from),
    [CONF_EXPIRY_FROM] = TEXT("PLACE", expiry_from),
    [CONF_TEXT] = TEXT("TEXT", text),
    [CONF_OBJECT] = TEXT("JSON", object),
    [CONF_SUBJECT] = TEXT("SOURCE", subject),
    [CONF_EXTRAS] = {"NAME=PLACE", parse_lines, print_lines, copy_list,
	release_list, conf_problem_extra},
    [CONF_HEADERS] = {"FORMAT", parse_lines, print_lines, copy_list,
	release_list, conf_problem_header},
    [CONF_RESOURCES] = {"URI", parse_lines, print_lines, copy_list,
	release_list, conf_problem_resource},
    [CONF_PARAMETERS] = {"NAME=VALUE", parse_lines, print_lines, copy_list,
	release_list, conf_problem_parameter},
};
