/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log_limit.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>

/* The place of a kind: its own, a free one, or, when all are in use, that of
 * the kind which was said longest ago. */
static struct log_limit_said *
find(struct log_limit *l, uint32_t kind, int64_t now)
{
	struct log_limit_said *oldest = &l->said[0];
	int i;

	for (i = 0; i < LOG_LIMIT_KINDS; i++) {
		if (l->said[i].at != 0 && l->said[i].kind == kind)
			return &l->said[i];
		if (l->said[i].at < oldest->at)
			oldest = &l->said[i];
	}
	if (oldest->at == 0 || now - oldest->at >= LOG_LIMIT_MS)
		*oldest = (struct log_limit_said){.kind = kind};
	return oldest;
}

/* True: log a line of this kind; *kept is then how many were not logged
 * since the last one. */
static bool
passes(struct log_limit *l, uint32_t kind, int64_t now, unsigned *kept)
{
	struct log_limit_said *s = find(l, kind, now);

	*kept = s->kept;
	if (s->at != 0 && now - s->at < LOG_LIMIT_MS) {
		s->kept++;
		return false;
	}
	s->at = now > 0 ? now : 1;
	s->kept = 0;
	return true;
}

bool
log_limit_write(struct log_limit *l, uint32_t kind, enum log_level level,
    const char *format, ...)
{
	unsigned kept;
	bool logged = passes(l, kind, clock_boot_ms(), &kept);
	char text[2048];
	va_list ap;

	if (!logged)
		level = LVL_DEBUG;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (logged && kept > 0)
		log_at(level, "%s (and %u times more since it was logged last)",
		    text, kept);
	else
		log_at(level, "%s", text);
	return logged;
}

/* FNV-1a, without digits: ports and times are not kinds. */
uint32_t
log_limit_kind(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text != '\0'; text++)
		if (*text < '0' || *text > '9')
			hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}
