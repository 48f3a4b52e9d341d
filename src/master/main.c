/* SPDX-License-Identifier: MIT */
/* bearerd: hands out a backend's token.  See bearerd(8). */
#include "config.h"

#include "buf.h"
#include "conf.h"
#include "handover.h"
#include "log.h"
#include "master.h"
#include "proc.h"

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
	fwrite(out.data, 1, out.len, stdout);
	return PROC_OK;
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
		fputs(buf_text(&errors), stderr);
		return PROC_CONFIGURATION;
	}
	log_open((enum log_level)conf->log_level, conf->log_format == 1);
	buf_text(&warnings);
	log_lines(LVL_WARNING, notes);
	if (action == CONF_TEST)
		return test(conf);
	log_role("master");
	proc_title("master");
	return master_run(conf, &source);
}
