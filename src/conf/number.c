/* SPDX-License-Identifier: MIT */
/* The types of values that are numbers in the end. */
#include "config.h"

#include "conf/private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A number without a sign, one that is too large the largest; its end, or
 * NULL if there is none. */
static const char *
take_number(const char *text, int64_t *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return NULL;
	*out = strtoll(text, &end, 10);
	return end;
}

int
conf_parse_number(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	int64_t n;
	const char *end = take_number(text, &n);

	if (end == NULL || *end != '\0' || n < o->least || n > o->most)
		return err_set(err,
		    "'%s' must be a number from %" PRId64 " to %" PRId64,
		    conf_show(text).text, o->least, o->most);
	*(int64_t *)member = n;
	return 0;
}

void
conf_print_number(const struct conf_option *o, const void *member,
    struct buf *out)
{
	(void)o;
	buf_int(out, *(const int64_t *)member);
}

/* ---- durations ---- */

static const struct unit {
	char name[3];
	int64_t ms;
} units[] = {{"d", DAY}, {"h", HOUR}, {"m", 60 * SECOND}, {"s", SECOND},
    {"ms", 1}};
#define UNITS (sizeof(units) / sizeof(units[0]))

/* The unit at text, of those smaller than the one before. */
static const struct unit *
take_unit(const char *text, const struct unit *before)
{
	size_t i, len = strspn(text, "dhms");

	for (i = before == NULL ? 0 : (size_t)(before - units) + 1; i < UNITS;
	     i++)
		if (strlen(units[i].name) == len &&
		    strncmp(units[i].name, text, len) == 0)
			return &units[i];
	return NULL;
}

/* Milliseconds, or -1. */
static int64_t
time_value(const char *text)
{
	const struct unit *unit = NULL;
	int64_t sum = 0, n;

	while ((text = take_number(text, &n)) != NULL) {
		if (*text == '\0' && unit == NULL)
			return n <= 3650 * DAY / SECOND ? n * SECOND : -1;
		unit = take_unit(text, unit);
		if (unit == NULL || n > 3650 * DAY / unit->ms)
			return -1;
		sum += n * unit->ms;
		text += strlen(unit->name);
		if (*text == '\0')
			return sum;
	}
	return -1;
}

int
conf_parse_duration(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	char range[96];
	struct buf b;
	int64_t ms = time_value(text);

	if (ms >= o->least && ms <= o->most) {
		*(int64_t *)member = ms;
		return 0;
	}
	buf_init(&b, range, sizeof(range));
	conf_print_time(o->least, &b);
	buf_str(&b, " to ");
	conf_print_time(o->most, &b);
	return err_set(err,
	    "'%s' must be a duration from %s, such as 500ms, 10s or 1h30m",
	    conf_show(text).text, buf_text(&b));
}

void
conf_print_time(int64_t ms, struct buf *out)
{
	bool any = false;
	size_t i;

	for (i = 0; i < UNITS; i++) {
		int64_t unit = units[i].ms;

		/* 75s and 36h rather than 1m15s and 1d12h */
		if (ms < unit || (ms < 2 * unit && (ms > unit || i == 0)))
			continue;
		buf_int(out, ms / unit);
		buf_str(out, units[i].name);
		ms %= unit;
		any = true;
	}
	if (!any)
		buf_str(out, "0s");
}

void
conf_print_duration(const struct conf_option *o, const void *member,
    struct buf *out)
{
	(void)o;
	conf_print_time(*(const int64_t *)member, out);
}

/* ---- choices ---- */

/* The next word of a list with a space between words; its length. */
static const char *
next_word(const char *words, size_t *len)
{
	words += *len;
	words += strspn(words, " ");
	*len = strcspn(words, " ");
	return words;
}

int
conf_parse_choice(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	const char *word = o->choices;
	size_t len = 0;
	int64_t n;

	word = next_word(word, &len);
	for (n = o->least; len > 0; n++, word = next_word(word, &len))
		if (strlen(text) == len && strncmp(text, word, len) == 0) {
			*(int64_t *)member = n;
			return 0;
		}
	return err_set(err, "'%s' must be one of: %s", conf_show(text).text,
	    o->choices);
}

void
conf_print_choice(const struct conf_option *o, const void *member,
    struct buf *out)
{
	int64_t n = *(const int64_t *)member - o->least;
	const char *word = o->choices;
	size_t len = 0;

	for (word = next_word(word, &len); n > 0; n--)
		word = next_word(word, &len);
	buf_add(out, word, len);
}

/* ---- permissions ---- */

int
conf_parse_mode(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	size_t len = strspn(text, "01234567");
	long n = strtol(text, NULL, 8);

	if (len == 0 || len > 8 || text[len] != '\0' || n > o->most)
		return err_set(err,
		    "'%s' must be permissions from 0000 to 0777, in octal digits",
		    conf_show(text).text);
	*(int64_t *)member = n;
	return 0;
}

void
conf_print_mode(const struct conf_option *o, const void *member,
    struct buf *out)
{
	(void)o;
	buf_printf(out, "%04o", (unsigned)*(const int64_t *)member);
}

/* ---- ranges of percent ---- */

/* A number with a percent sign, which may be left out; its end. */
static const char *
take_percent(const char *text, int64_t *out)
{
	text = take_number(text, out);
	return text != NULL && *text == '%' ? text + 1 : text;
}

int
conf_parse_percent(const struct conf_option *o, const char *text, void *member,
    struct err *err)
{
	int64_t from = 0, to;
	const char *end = take_percent(text, &from);

	to = from;
	if (end != NULL && *end == '-')
		end = take_percent(end + 1, &to);
	if (end == NULL || *end != '\0' || from < o->least || from > to ||
	    to > o->most)
		return err_set(err,
		    "'%s' must be a share such as 75%% or a range such as 70%%-80%%, from %lld%% to %lld%%",
		    conf_show(text).text, (long long)o->least,
		    (long long)o->most);
	((int64_t *)member)[0] = from;
	((int64_t *)member)[1] = to;
	return 0;
}

void
conf_print_percent(const struct conf_option *o, const void *member,
    struct buf *out)
{
	const int64_t *m = member;

	(void)o;
	buf_printf(out, "%" PRId64 "%%-%" PRId64 "%%", m[0], m[1]);
}
