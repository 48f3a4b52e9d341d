/* SPDX-License-Identifier: MIT */
/* bearerd: hands out a backend's token.  See bearerd(8). */
#include "config.h"

#include "base/buf.h"
#include "conf/conf.h"
#include "master/handover.h"
#include "base/log.h"
#include "master/master.h"
#include "process/proc.h"
#include "refresher/request.h"
#include "refresher/try.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (1024 * 1024)

static char text[TEXT_MAX];

static int
show(void (*write)(struct buf *))
{
	struct buf out;

	buf_init(&out, text, sizeof(text));
	write(&out);
	fwrite(out.data, 1, out.len, stdout);
	return PROC_OK;
}

static void
version(struct buf *out)
{
	buf_str(out, PACKAGE_NAME " " PACKAGE_VERSION "\n");
}

/* --test: the configuration as it would be used. */
static int
test(const struct conf *conf)
{
	struct buf out;

	buf_init(&out, text, sizeof(text));
	conf_print(conf, &out);
	request_show(conf, &out);
	fwrite(out.data, 1, out.len, stdout);
	return PROC_OK;
}

/*
 * Log what keeps us from starting, a line each: as log-format says, as far as
 * that can be known of a configuration with errors.
 */
static void
complain(const struct conf_source *source, char *lines)
{
	struct buf more;
	struct conf *conf;
	bool unreadable;

	buf_init(&more, text, sizeof(text));
	conf = conf_look(source, &more, &unreadable);
	if (conf->log_format == 1) {
		log_open(LVL_ERR, true);
		log_lines(LVL_ERR, lines);
	} else
		fputs(lines, stderr);
	conf_free(conf);
}

int
main(int argc, char **argv)
{
	static char problems[16384], notes[8192];
	struct conf_source source = {
	    .argc = argc,
	    .argv = argv,
	    .default_file = SYSCONFDIR "/bearerd.conf",
	};
	struct buf errors, warnings;
	enum conf_action action;
	struct conf *conf;
	struct err err;

	buf_init(&errors, problems, sizeof(problems));
	buf_init(&warnings, notes, sizeof(notes));
	proc_title_init(argc, argv);
	if (handover_take(&err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		return PROC_FAILED;
	}
	source.environ = environ;
	conf = conf_load(&source, &action, &errors, &warnings);
	if (conf == NULL && action == CONF_VERSION)
		return show(version);
	if (conf == NULL && action == CONF_HELP)
		return show(conf_help);
	if (conf == NULL) {
		buf_text(&errors);
		complain(&source, problems);
		return PROC_CONFIGURATION;
	}
	log_open((enum log_level)conf->log_level, conf->log_format == 1);
	buf_text(&warnings);
	log_lines(LVL_WARNING, notes);
	if (action == CONF_TEST)
		return test(conf);
	if (action == CONF_TRY)
		return try_run(conf);
	log_role("master");
	proc_title("master");
	return master_run(conf, &source);
}
