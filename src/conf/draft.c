/* SPDX-License-Identifier: MIT */
/* The settings that were read, and the lines about them.  The sources add here,
 * the checks ask which setting made a member; both note errors and warnings. */
#include "config.h"

#include "conf/private.h"

#include "base/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 8192
#define SHOWN_MAX 64

/* ---- messages ---- */

struct conf_shown
conf_show(const char *text)
{
	struct conf_shown s;
	size_t i;

	for (i = 0; i < SHOWN_MAX && text[i] != '\0'; i++)
		s.text[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f
		    ? '?'
		    : text[i];
	snprintf(s.text + i, sizeof(s.text) - i, "%s",
	    text[i] == '\0' ? "" : "...");
	return s;
}

/* Append "where: name: text" as a line, unless it is there; returns whether. */
__attribute__((format(printf, 4, 0))) static bool
say(struct buf *out, const char *where, const char *name, const char *format,
    va_list ap)
{
	char line[LINE_SIZE], text[512];
	struct buf b;

	vsnprintf(text, sizeof(text), format, ap);
	buf_init(&b, line, sizeof(line) - 1);
	buf_plain(&b, where);
	buf_str(&b, ": ");
	if (name != NULL) {
		buf_plain(&b, name);
		buf_str(&b, ": ");
	}
	buf_plain(&b, text);
	line[b.len++] = '\n';
	if (out->len > 0 && memmem(out->data, out->len, line, b.len) != NULL)
		return false;
	buf_add(out, line, b.len);
	return true;
}

void
conf_error(struct conf_draft *d, const char *where, const char *name,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	d->error_count += say(d->errors, where, name, format, ap);
	va_end(ap);
}

void
conf_warning(struct conf_draft *d, const char *where, const char *name,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(d->warnings, where, name, format, ap);
	va_end(ap);
}

void
conf_blame(struct conf_draft *d, const struct conf_setting *s,
    const char *otherwise, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	conf_error(d, s == NULL ? otherwise : s->where,
	    s == NULL ? NULL : conf_setting_name(s), "%s", text);
}

/* ---- settings ---- */

const char *
conf_setting_name(const struct conf_setting *s)
{
	return s->rank == CONF_FROM_FILE || s->rank == CONF_FROM_SECTION
	    ? s->option->name
	    : NULL;
}

static void *
grow(void *array, size_t count, size_t size)
{
	void *grown = reallocarray(array, count + 1, size);

	if (grown == NULL)
		abort();
	return grown;
}

void
conf_add_setting(struct conf_draft *d, const struct conf_setting *s)
{
	struct conf_setting *added;

	d->setting = grow(d->setting, d->setting_count, sizeof(*d->setting));
	added = &d->setting[d->setting_count++];
	*added = *s;
	added->text = mem_strdup(s->text);
	added->where = mem_strdup(s->where);
}

void
conf_add_section(struct conf_draft *d, const char *name, const char *where)
{
	d->section = grow(d->section, d->section_count, sizeof(*d->section));
	d->section[d->section_count++] =
	    (struct conf_section){.name = mem_strdup(name),
		.where = mem_strdup(where)};
}

const struct conf_setting *
conf_made_by(const struct conf_draft *d, size_t token, enum conf_id id)
{
	return d->made_by[token * CONF_IDS + id];
}

void
conf_drop_draft(struct conf_draft *d)
{
	size_t i;

	for (i = 0; i < d->setting_count; i++) {
		mem_free_secret(d->setting[i].text);
		free(d->setting[i].where);
	}
	for (i = 0; i < d->section_count; i++) {
		free(d->section[i].name);
		free(d->section[i].where);
	}
	free(d->setting);
	free(d->section);
	free(d->made_by);
	malloc_trim(0); /* every child would carry what reading took */
}
