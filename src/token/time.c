/* SPDX-License-Identifier: MIT */
/* Reads numbers, durations and dates in the forms that backends use. */
#include "config.h"

#include "token/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TEXT_MAX 64 /* bytes of a number, duration or date */
#define SECOND 1000.0
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEARS_AHEAD 50 /* RFC 9110, 5.6.7 */

/* ---- pieces ---- */

/* A NUL-terminated copy; false: it is too long or empty. */
static bool
copy(const char *text, size_t len, char out[TEXT_MAX + 1])
{
	if (len == 0 || len > TEXT_MAX)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* Bytes of "12", "12.5" or "12,5" at the beginning of a text; 0: none. */
static size_t
decimal_len(const char *text)
{
	size_t whole = strspn(text, DIGITS), part = 0;

	if (whole > 0 && (text[whole] == '.' || text[whole] == ','))
		part = strspn(text + whole + 1, DIGITS);
	return part > 0 ? whole + 1 + part : whole;
}

/* Read such a decimal and move *text past it. */
static double
take_decimal(const char **text)
{
	char plain[TEXT_MAX + 1], *comma;
	size_t len = decimal_len(*text);

	memcpy(plain, *text, len);
	plain[len] = '\0';
	if ((comma = strchr(plain, ',')) != NULL)
		*comma = '.';
	*text += len;
	return strtod(plain, NULL);
}

/* True: a text begins like the pattern, in which '0' is any digit. */
static bool
begins_as(const char *text, const char *pattern)
{
	for (; *pattern != '\0'; text++, pattern++)
		if (*pattern == '0' ? *text < '0' || *text > '9'
				    : *text != *pattern)
			return false;
	return true;
}

/* ---- numbers ---- */

bool
token_read_number(const char *text, size_t len, double *out)
{
	char number[TEXT_MAX + 1];
	const char *p = number;

	if (!copy(text, len, number))
		return false;
	p += *p == '-' || *p == '+';
	if (strspn(p, DIGITS) == 0)
		return false;
	p += strspn(p, DIGITS);
	if (*p == '.')
		p += 1 + strspn(p + 1, DIGITS);
	if (*p == 'e' || *p == 'E') {
		p += 1 + (p[1] == '-' || p[1] == '+');
		if (strspn(p, DIGITS) == 0)
			return false;
		p += strspn(p, DIGITS);
	}
	if (*p != '\0')
		return false;
	*out = strtod(number, NULL);
	return true;
}

/* ---- durations ---- */

/* "300s", "5 min", "1h30m0s". */
static bool
read_units(const char *text, double *out)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {
	    {"ns", 1e-6},
	    {"us", 1e-3},
	    {"ms", 1},
	    {"s", SECOND},
	    {"sec", SECOND},
	    {"secs", SECOND},
	    {"second", SECOND},
	    {"seconds", SECOND},
	    {"m", MINUTE},
	    {"min", MINUTE},
	    {"mins", MINUTE},
	    {"minute", MINUTE},
	    {"minutes", MINUTE},
	    {"h", HOUR},
	    {"hr", HOUR},
	    {"hrs", HOUR},
	    {"hour", HOUR},
	    {"hours", HOUR},
	    {"d", DAY},
	    {"day", DAY},
	    {"days", DAY},
	};
	double n, ms = 0;
	size_t i, len;

	if (strchr(text, ',') != NULL) /* may be a thousands separator */
		return false;
	while (*text != '\0') {
		if (decimal_len(text) == 0)
			return false;
		n = take_decimal(&text);
		text += strspn(text, " ");
		len = strspn(text, LETTERS);
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strlen(units[i].name) == len &&
			    strncasecmp(units[i].name, text, len) == 0)
				break;
		if (i == sizeof(units) / sizeof(units[0]))
			return false;
		ms += n * units[i].ms;
		text += len;
		text += strspn(text, " ");
	}
	*out = ms;
	return true;
}

/* "PT5M", "P1DT2H" (ISO 8601); a year has 365 and a month 30 days. */
static bool
read_iso(const char *text, double *out)
{
	static const struct {
		char letter;
		bool clock; /* after the T */
		double ms;
	} parts[] = {
	    {'Y', false, 365 * DAY},
	    {'M', false, 30 * DAY},
	    {'W', false, 7 * DAY},
	    {'D', false, DAY},
	    {'H', true, HOUR},
	    {'M', true, MINUTE},
	    {'S', true, SECOND},
	};
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	bool clock = false, any = false;
	double n, ms = 0;
	size_t i = 0;

	if (*text != 'P' && *text != 'p')
		return false;
	for (text++; *text != '\0'; text++) {
		if (!clock && (*text == 'T' || *text == 't') &&
		    text[1] != '\0') {
			clock = true;
			continue;
		}
		if (decimal_len(text) == 0)
			return false;
		n = take_decimal(&text);
		while (i < count &&
		    (parts[i].clock != clock ||
			parts[i].letter != (*text & ~0x20)))
			i++;
		if (i == count)
			return false;
		ms += n * parts[i++].ms;
		any = true;
	}
	if (any)
		*out = ms;
	return any;
}

/* "1:00:00", "0:05:00.5". */
static bool
read_clock(const char *text, double *out)
{
	size_t len = strspn(text, DIGITS);
	double hours = strtod(text, NULL), minutes, seconds;

	if (len == 0 || !begins_as(text + len, ":00:00"))
		return false;
	minutes = strtod(text + len + 1, NULL);
	text += len + 4;
	if (minutes > 59 || text[0] > '5')
		return false;
	seconds = take_decimal(&text);
	if (*text != '\0')
		return false;
	*out = hours * HOUR + minutes * MINUTE + seconds * SECOND;
	return true;
}

bool
token_read_duration_ms(const char *text, size_t len, double *out)
{
	char duration[TEXT_MAX + 1];
	const char *p = duration;
	bool minus;

	if (!copy(text, len, duration))
		return false;
	minus = *p == '-';
	p += *p == '-' || *p == '+';
	if (*p == '\0' ||
	    (!read_units(p, out) && !read_iso(p, out) && !read_clock(p, out)))
		return false;
	if (minus)
		*out = -*out;
	return true;
}

/* ---- points of time ---- */

/* Read an offset in any form, or none, as seconds.  False: another text. */
static bool
read_zone(const char *text, int *out)
{
	static const char *const utc[] = {"", "Z", "UTC", "GMT", "UT", NULL};
	static const char *const forms[] = {"00:00", "0000", "00"};
	int h = 0, m = 0, sign = *text == '-' ? -1 : 1;
	size_t i;

	*out = 0;
	if (token_is_word(text, utc))
		return true;
	text += strspn(text, " ");
	if (*text != '+' && *text != '-')
		return false;
	for (i = 0, text++; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strlen(forms[i]) == strlen(text) &&
		    begins_as(text, forms[i]))
			break;
	if (i == sizeof(forms) / sizeof(forms[0]))
		return false;
	sscanf(text, i == 0 ? "%2d:%2d" : "%2d%2d", &h, &m);
	*out = sign * (h * 3600 + m * 60);
	return h <= 23 && m <= 59;
}

/* Make ms since the epoch out of a date.  False: no such day or time exists.
 * Second 60 is allowed, since it may be a leap second. */
static bool
join(struct tm *tm, double fraction, const char *zone, double *out)
{
	struct tm day = *tm;
	time_t at;
	int offset;

	if (tm->tm_mon < 0 || tm->tm_mon > 11 || tm->tm_hour > 23 ||
	    tm->tm_min > 59 || tm->tm_sec > 60 || !read_zone(zone, &offset))
		return false;
	day.tm_sec = 0;
	at = timegm(&day);
	if (day.tm_mday != tm->tm_mday || day.tm_mon != tm->tm_mon)
		return false;
	*out = ((double)at + tm->tm_sec + fraction - offset) * SECOND;
	return true;
}

/* RFC 3339; fraction and offset may also have other forms. */
static bool
read_rfc3339(const char *text, double *out)
{
	static const char date[] = "0000-00-00", hour[] = "00:00:00";
	char part[TEXT_MAX + 3];
	struct tm tm = {0};
	double fraction = 0;

	if (!begins_as(text, date) || text[10] == '\0' ||
	    strchr("Tt ", text[10]) == NULL || !begins_as(text + 11, hour) ||
	    sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon,
		&tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	text += sizeof(date) + sizeof(hour) - 1;
	if (begins_as(text, ".0") || begins_as(text, ",0")) {
		snprintf(part, sizeof(part), "0.%.*s",
		    (int)strspn(text + 1, DIGITS), text + 1);
		fraction = strtod(part, NULL);
		text += 1 + strspn(text + 1, DIGITS);
	}
	return join(&tm, fraction, text, out);
}

/* The three forms of RFC 9110, 5.6.7, and forms close to them. */
static bool
read_rfc9110(const char *text, int64_t asked_wall_at, double *out)
{
	static const struct {
		const char *form;
		bool short_year;
	} forms[] = {
	    {"%a, %d %b %y %H:%M:%S", true}, /* first: %Y accepts two digits */
	    {"%a, %d %b %Y %H:%M:%S", false},
	    {"%a, %d-%b-%y %H:%M:%S", true},
	    {"%a, %d-%b-%Y %H:%M:%S", false},
	    {"%a %b %d %H:%M:%S %Y", false},
	};
	time_t asked = (time_t)(asked_wall_at / 1000);
	struct tm tm, now;
	const char *end;
	size_t i;

	gmtime_r(&asked, &now);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		memset(&tm, 0, sizeof(tm));
		if ((end = strptime(text, forms[i].form, &tm)) == NULL)
			continue;
		if (forms[i].short_year)
			tm.tm_year = tm.tm_year % 100 + now.tm_year / 100 * 100;
		if (forms[i].short_year &&
		    tm.tm_year > now.tm_year + YEARS_AHEAD)
			tm.tm_year -= 100;
		if (join(&tm, 0, end, out))
			return true;
	}
	return false;
}

bool
token_read_date_ms(const char *text, size_t len, int64_t asked_wall_at,
    double *out)
{
	char date[TEXT_MAX + 1];

	return copy(text, len, date) &&
	    (read_rfc3339(date, out) || read_rfc9110(date, asked_wall_at, out));
}
