/* SPDX-License-Identifier: MIT */
/* The scanner; apart from proto.c since it knows nothing of hiredis. */
#include "config.h"

#include "redis/proto_scan.h"

#include "redis/proto.h"

#include <stdlib.h>
#include <string.h>

/* Arrays count as values, so that there is an end even to empty ones. */
#define ELEMENTS_MAX (2 * PROTO_VALUES_MAX)

static const char foreign[] = "it does not speak Redis";

/* An element is whole, and with it perhaps arrays that it is the last of. */
static void
end_element(struct proto_scan *s)
{
	s->state = SCAN_TYPE;
	while (s->depth > 0 && --s->left[s->depth - 1] == 0)
		s->depth--;
	if (s->depth == 0)
		s->elements = 0;
}

static const char *
begin_array(struct proto_scan *s, long long count)
{
	if (count <= 0) {
		end_element(s);
		return NULL;
	}
	if (count > PROTO_VALUES_MAX)
		return "it announces an array of more values than were asked for";
	if (s->depth == PROTO_DEPTH_MAX)
		return "it announces arrays that are nested too deep";
	s->left[s->depth++] = (size_t)count;
	s->state = SCAN_TYPE;
	return NULL;
}

static const char *
begin_bulk(struct proto_scan *s, long long len)
{
	if (len > PROTO_ANSWER_MAX)
		return "it announces a value that is too large";
	if (len < 0) {
		end_element(s);
		return NULL;
	}
	s->skip = (size_t)len + 2;
	s->state = SCAN_BULK;
	return NULL;
}

/* A number and its line are read; below -1 no size is defined. */
static const char *
end_number(struct proto_scan *s)
{
	long long n;
	char *end;

	s->number[s->digits] = '\0';
	n = strtoll(s->number, &end, 10);
	if (end == s->number || *end != '\0' || (s->type != ':' && n < -1))
		return foreign;
	if (s->type == '*')
		return begin_array(s, n);
	if (s->type == '$')
		return begin_bulk(s, n);
	end_element(s);
	return NULL;
}

static const char *
scan_type(struct proto_scan *s, char c)
{
	if (c == '\0' || strchr("+-:$*", c) == NULL)
		return foreign;
	if (++s->elements > ELEMENTS_MAX)
		return "its answer has more values than were asked for";
	s->type = c;
	s->state = c == '+' || c == '-' ? SCAN_TEXT : SCAN_NUMBER;
	s->digits = 0;
	s->last = '\0';
	return NULL;
}

static const char *
scan_number(struct proto_scan *s, char c)
{
	bool ends = s->last == '\r';

	s->last = c;
	if (ends)
		return c == '\n' ? end_number(s) : foreign;
	if (c == '\r')
		return NULL;
	if (s->digits == PROTO_NUMBER_MAX ||
	    strchr("-+0123456789", c) == NULL || c == '\0')
		return foreign;
	s->number[s->digits++] = c;
	return NULL;
}

static const char *
scan_byte(struct proto_scan *s, char c)
{
	if (s->state == SCAN_TYPE)
		return scan_type(s, c);
	if (s->state == SCAN_NUMBER)
		return scan_number(s, c);
	if (s->last == '\r' && c == '\n')
		end_element(s);
	s->last = c;
	return NULL;
}

/* Skip the bytes of a bulk; returns how many. */
static size_t
skip_bulk(struct proto_scan *s, size_t len)
{
	size_t n = len < s->skip ? len : s->skip;

	s->skip -= n;
	if (s->skip == 0)
		end_element(s);
	return n;
}

const char *
proto_scan(struct proto_scan *s, const char *bytes, size_t len)
{
	const char *problem = NULL;
	size_t i = 0;

	while (i < len && problem == NULL)
		if (s->state == SCAN_BULK)
			i += skip_bulk(s, len - i);
		else
			problem = scan_byte(s, bytes[i++]);
	return problem;
}
