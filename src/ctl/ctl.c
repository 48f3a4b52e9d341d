/* SPDX-License-Identifier: MIT */
/* bearerctl: controls a running bearerd.  See bearerctl(8). */
#include "config.h"

#include "ctl/ctl.h"

#include "conf/conf.h"
#include "base/log.h"
#include "process/proc.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHM_NAME_DEFAULT "/bearerd" /* as conf/tbl.h has it */

/* The command line, understood. */
struct request {
	struct ctl ctl;
	const char *file, *socket, *shm_name; /* NULL: not given */
	const char *command, *name;
};

static const char usage[] =
    "usage: bearerctl [options] command\n"
    "\n"
    "commands:\n"
    "  status          tokens, processes, Redis\n"
    "  check           exit status 0 if all is well, 1 and the reason if not\n"
    "  get [NAME]      print the token\n"
    "  renew [NAME]    get a newer token now; without NAME, each\n"
    "  reload          read the configuration anew\n"
    "\n"
    "options:\n"
    "  -c, --config=FILE           the daemon's configuration file\n"
    "      --control-socket=PATH   where to reach the daemon\n"
    "      --shm-name=NAME         where its tokens are\n"
    "  -j, --json                  status as JSON\n"
    "  -t, --timeout=SECONDS       how long to wait (5; renew, reload: 30)\n"
    "  -V, --version               print the version\n"
    "  -h, --help                  print this\n"
    "\n"
    "Exit status: 0 yes, 1 no, 2 wrong usage or out of reach.\n";

/* A user's text for a message: cut short, without control characters. */
struct shown {
	char text[72];
};

static struct shown
shown(const char *text)
{
	struct shown s;
	size_t i;

	snprintf(s.text, sizeof(s.text), "%s", text);
	for (i = 0; s.text[i] != '\0'; i++)
		if ((unsigned char)s.text[i] < ' ' || s.text[i] == 127)
			s.text[i] = '?';
	return s;
}

/* Wrong usage; always returns -1. */
__attribute__((format(printf, 1, 2))) static int
complain(const char *format, ...)
{
	va_list ap;

	fputs("bearerctl: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("; see bearerctl --help\n", stderr);
	return -1;
}

/* ---- the command line ---- */

enum { FLAG_SOCKET = 256, FLAG_SHM_NAME };

static const struct option flags[] = {
    {"config", required_argument, NULL, 'c'},
    {"control-socket", required_argument, NULL, FLAG_SOCKET},
    {"shm-name", required_argument, NULL, FLAG_SHM_NAME},
    {"json", no_argument, NULL, 'j'},
    {"timeout", required_argument, NULL, 't'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const struct {
	const char *name;
	bool named; /* a token's name may follow */
	bool shown; /* --json has a meaning */
} commands[] = {
    {"status", false, true},
    {"check", false, false},
    {"get", true, false},
    {"renew", true, false},
    {"reload", false, false},
};

/* "5", "0.5" or "5s" to milliseconds.  0, or -1. */
static int
parse_seconds(const char *flag, const char *text, int64_t *out)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || (*end != '\0' && strcmp(end, "s") != 0) ||
	    !(s >= 0.1 && s <= 86400))
		return complain("%s: '%s' must be seconds, from 0.1 to 86400",
		    flag, shown(text).text);
	*out = (int64_t)(s * 1000);
	return 0;
}

/* Refuse a flag that getopt_long(3) does not know. */
static int
refuse_flag(int what, const char *text)
{
	size_t i;

	for (i = 0; flags[i].name != NULL; i++)
		if (optopt != 0 && flags[i].val == optopt)
			return complain("--%s %s", flags[i].name,
			    what == ':' ? "needs a value" : "takes no value");
	if (optopt != 0)
		return complain("unknown flag -%c", optopt);
	return complain("unknown flag %.*s", (int)strcspn(text, "="), text);
}

/* 1: the flag was all that was asked for.  0, or -1. */
static int
take_flag(struct request *r, int flag, const char *text)
{
	switch (flag) {
	case 'c':
		r->file = optarg;
		return 0;
	case FLAG_SOCKET:
		r->socket = optarg;
		return 0;
	case FLAG_SHM_NAME:
		r->shm_name = optarg;
		return 0;
	case 'j':
		r->ctl.json = true;
		return 0;
	case 't':
		return parse_seconds("--timeout", optarg, &r->ctl.timeout_ms);
	case 'V':
		puts("bearerctl (" PACKAGE_NAME ") " PACKAGE_VERSION);
		return 1;
	case 'h':
		fputs(usage, stdout);
		return 1;
	default:
		return refuse_flag(flag, text);
	}
}

static int
check_command(const struct request *r, char *const *rest)
{
	size_t i, n = sizeof(commands) / sizeof(commands[0]);

	if (r->command == NULL)
		return complain(
		    "which command? status, check, get, renew or reload");
	for (i = 0; i < n && strcmp(commands[i].name, r->command) != 0; i++)
		;
	if (i == n)
		return complain(
		    "unknown command '%s'; there are status, check, get, renew and reload",
		    shown(r->command).text);
	if (r->name != NULL && (!commands[i].named || *rest != NULL))
		return complain("%s: '%s' is too much: %s", r->command,
		    shown(*rest != NULL ? *rest : r->name).text,
		    commands[i].named ? "one name of a token at most"
				      : "nothing follows this command");
	if (!commands[i].shown && r->ctl.json)
		return complain("--json is for status only");
	return 0;
}

/* As take_flag(). */
static int
read_flags(int argc, char **argv, struct request *r)
{
	int flag, status;

	opterr = 0;
	while (
	    (flag = getopt_long(argc, argv, ":c:jt:Vh", flags, NULL)) != -1) {
		status = take_flag(r, flag, argv[optind - 1]);
		if (status != 0)
			return status;
	}
	if (optind < argc)
		r->command = argv[optind++];
	if (optind < argc)
		r->name = argv[optind++];
	return check_command(r, argv + optind);
}

/* ---- where the daemon is ---- */

static char *
flag_text(const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "--%s=%s", name, value) == -1)
		abort();
	return text;
}

/* Show the errors about socket or segment, or all; true if there are any. */
static bool
show_errors(char *errors, bool all)
{
	static const char *const ours[] = {"shm-name", "SHM_NAME",
	    "control-socket", "CONTROL_SOCKET"};
	bool shown = false;
	char *line;
	size_t i;

	for (; (line = strsep(&errors, "\n")) != NULL;) {
		bool matters = all && line[0] != '\0';

		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			matters = matters || strstr(line, ours[i]) != NULL;
		if (matters)
			fprintf(stderr, "bearerctl: %s\n", line);
		shown = shown || matters;
	}
	return shown;
}

/* True: the option that the command needs is set, even if only in a file that
 * has an error further on. */
static bool
is_found(const struct request *r)
{
	if (strcmp(r->command, "get") == 0)
		return r->shm_name != NULL ||
		    strcmp(r->ctl.shm_name, SHM_NAME_DEFAULT) != 0;
	return r->ctl.socket != NULL;
}

/* Find socket and segment in the daemon's configuration, which is never freed:
 * the result points into it.  0, or -1. */
static int
find_daemon(struct request *r)
{
	static char problems[16384], program[] = "bearerctl";
	bool unreadable;
	char *args[5] = {program};
	struct conf_source source = {.argc = 1,
	    .argv = args,
	    .environ = environ,
	    .default_file = SYSCONFDIR "/bearerd.conf"};
	const struct conf *conf;
	struct buf errors;

	if (r->file != NULL)
		args[source.argc++] = flag_text("config", r->file);
	if (r->socket != NULL)
		args[source.argc++] = flag_text("control-socket", r->socket);
	if (r->shm_name != NULL)
		args[source.argc++] = flag_text("shm-name", r->shm_name);
	buf_init(&errors, problems, sizeof(problems));
	conf = conf_look(&source, &errors, &unreadable);
	buf_text(&errors);
	r->ctl.socket = conf->control_socket;
	r->ctl.shm_name = conf->shm_name;
	if (show_errors(problems,
		(r->file != NULL && access(r->file, R_OK) == -1) ||
		    (unreadable && !is_found(r))))
		return -1;
	if (r->ctl.socket == NULL && strcmp(r->command, "get") != 0)
		return complain(
		    "no control-socket is configured: set it in %s, for bearerd and bearerctl alike, or say --control-socket=PATH",
		    r->file != NULL ? r->file : source.default_file);
	return 0;
}

/* ---- the commands ---- */

/* Ask, and show the answer.  The answer of check always goes to standard
 * output: monitors read nothing else. */
static int
ask(const struct ctl *ctl, const char *line, struct err *err)
{
	struct ctl_reply reply;
	FILE *out;

	if (ctl_call(ctl, line, &reply, err) == -1)
		return CTL_ERROR;
	out = reply.ok || strcmp(line, "check") == 0 ? stdout : stderr;
	fputs(reply.text, out);
	if (reply.len > 0 && reply.text[reply.len - 1] != '\n')
		fputc('\n', out);
	free(reply.text);
	if (fflush(stdout) != 0)
		return err_set(err, "standard output cannot be written to"),
		       CTL_ERROR;
	return reply.ok ? CTL_OK : CTL_NO;
}

static int
run(const struct request *r, struct err *err)
{
	const struct ctl *ctl = &r->ctl;
	char line[512];

	if (strcmp(r->command, "get") == 0)
		return ctl_get(ctl, r->name, err);
	if (strcmp(r->command, "status") == 0)
		snprintf(line, sizeof(line), "status%s",
		    ctl->json ? " json" : "");
	else
		snprintf(line, sizeof(line), "%s%s%s", r->command,
		    r->name != NULL ? " " : "", r->name != NULL ? r->name : "");
	return ask(ctl, line, err);
}

int
main(int argc, char **argv)
{
	struct request r = {0};
	struct err err = {""};
	int status = read_flags(argc, argv, &r);

	if (status == 1)
		return CTL_OK;
	proc_no_dumps();
	log_open(LVL_ERR, false);
	if (status == -1 || r.command == NULL || find_daemon(&r) == -1)
		return CTL_ERROR;
	status = run(&r, &err);
	if (err.text[0] != '\0')
		fprintf(strcmp(r.command, "check") == 0 ? stdout : stderr,
		    "bearerctl: %s\n", err.text);
	return status;
}
