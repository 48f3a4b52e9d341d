/* SPDX-License-Identifier: MIT */
/* The table of options, and looking a name up in it. */
#include "config.h"

#include "conf_own.h"

#include "log.h"

#include <string.h>

#define NAME_MAX_BYTES 32 /* more than any option's name has */
#define NEAR 2            /* slips of the finger that are forgiven */

#define DAEMON(m, n, t, text, from, to, words, meaning)                       \
	{.id = CONF_ID_##m, .scope = CONF_DAEMON, .name = n,                  \
	    .type = &conf_types[CONF_##t],                                    \
	    .offset = offsetof(struct conf, m), .fallback = text,             \
	    .least = from, .most = to, .choices = words, .help = meaning},
#define TOKEN(m, n, t, text, from, to, words, meaning)                        \
	{.id = CONF_ID_##m, .scope = CONF_TOKEN, .name = n,                   \
	    .type = &conf_types[CONF_##t],                                    \
	    .offset = offsetof(struct conf_token, m), .fallback = text,       \
	    .least = from, .most = to, .choices = words, .help = meaning},

_Static_assert(offsetof(struct conf_token, renew_at_max) ==
    offsetof(struct conf_token, renew_at_min) + sizeof(int64_t),
    "a share is two numbers side by side");

const struct conf_option conf_options[CONF_IDS] = {
    CONF_OPTIONS(DAEMON, TOKEN)
};

const struct conf_option *
conf_option_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < CONF_IDS; i++)
		if (strlen(conf_options[i].name) == len &&
		    memcmp(conf_options[i].name, name, len) == 0)
			return &conf_options[i];
	return NULL;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many characters have to be put in, left out or replaced to make one
 * name of the other; underscores count as hyphens. */
static size_t
distance(const char *a, size_t a_len, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1], b_len = strlen(b), i, j;

	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		char c = a[i - 1] == '_' ? '-' : a[i - 1];
		size_t corner = row[0];

		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = least(least(above, row[j - 1]) + 1,
			    corner + (c != b[j - 1]));
			corner = above;
		}
	}
	return row[b_len];
}

const struct conf_option *
conf_option_near(const char *name, size_t len)
{
	const struct conf_option *nearest = NULL;
	size_t i, best = NEAR + 1, n;

	if (len > NAME_MAX_BYTES || len <= NEAR)
		return NULL;
	for (i = 0; i < CONF_IDS; i++) {
		n = distance(name, len, conf_options[i].name);
		if (n < best) {
			best = n;
			nearest = &conf_options[i];
		}
	}
	return nearest;
}
