/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "process/sandbox.h"

#include "base/log.h"
#include "process/sandbox_calls.h"
#include "process/sandbox_files.h"

#include <errno.h>
#include <string.h>

/* Something is not to be had: -1 with *err where it must be. */
static int
lacks(const struct conf *conf, const char *what, int error, struct err *err)
{
	if (conf->sandbox == SANDBOX_REQUIRED)
		return err_set(err,
		    "sandbox = required, but this system has no %s for us: %s",
		    what, strerror(error));
	log_notice("sandbox: this system has no %s for us (%s)", what,
	    strerror(error));
	return 0;
}

#ifdef SANITIZED
/* The calls of a sanitizer are not ours to list. */
static bool
limits(const struct conf *conf, bool possible)
{
	(void)conf;
	(void)possible;
	errno = ENOTSUP;
	return false;
}
#else
static bool
limits(const struct conf *conf, bool possible)
{
	return possible && conf->sandbox != SANDBOX_OFF;
}
#endif

static bool
limits_calls(const struct conf *conf)
{
	return limits(conf, sandbox_calls_possible());
}

static bool
limits_files(const struct conf *conf)
{
	return limits(conf, sandbox_files_version() > 0);
}

int
sandbox_check(const struct conf *conf, struct err *err)
{
	int status = 0;

	if (conf->sandbox == SANDBOX_OFF)
		return 0;
	if (!limits_calls(conf))
		status = lacks(conf, "seccomp", errno, err);
	if (status == 0 && !limits_files(conf))
		status = lacks(conf, "landlock", errno, err);
	return status;
}

/* Do without what fails, if that may be. */
static int
judge(const struct conf *conf, int status, const struct err *err)
{
	if (status == 0 || conf->sandbox == SANDBOX_REQUIRED)
		return status;
	log_warning("sandbox: %s", err->text);
	return 0;
}

int
sandbox_begin(const struct conf *conf, struct err *err)
{
	bool calls = limits_calls(conf), files = limits_files(conf);

	if (sandbox_check(conf, err) == -1 ||
	    (calls && !sandbox_calls_inherited() &&
		judge(conf, sandbox_calls_limit(SANDBOX_MASTER, err), err) ==
		    -1))
		return -1;
	log_info("sandbox: system calls are %slimited, files are %slimited",
	    calls ? "" : "not ", files ? "" : "not ");
	return 0;
}

/* The same in a child, which ends otherwise. */
static void
insist(const struct conf *conf, int status, const struct err *err)
{
	if (judge(conf, status, err) == -1)
		log_die("sandbox: %s", err->text);
}

void
sandbox_worker(const struct conf *conf)
{
	struct err err;

	if (limits_files(conf))
		insist(conf, sandbox_files_none(&err), &err);
	if (limits_calls(conf))
		insist(conf, sandbox_calls_limit(SANDBOX_WORKER, &err), &err);
}

void
sandbox_refresher(const struct conf *conf, const struct conf *before)
{
	struct err err;

	if (limits_files(conf))
		insist(conf, sandbox_files_named(conf, before, &err), &err);
	if (limits_calls(conf))
		insist(conf, sandbox_calls_limit(SANDBOX_REFRESHER, &err),
		    &err);
}

bool
sandbox_outgrown(int64_t now_ms)
{
	const char *path = sandbox_files_outgrown(now_ms);

	if (path != NULL)
		log_notice(
		    "sandbox: %s is another one now: starting anew to reach it",
		    path);
	return path != NULL;
}
