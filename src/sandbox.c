/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sandbox.h"

#include "log.h"
#include "sandbox_calls.h"
#include "sandbox_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel can do and the configuration wants, found by the master. */
static bool limits_calls, limits_files;

/* Something is not to be had: -1 with *err where it must be. */
static int
lacks(const struct conf *conf, const char *what, int error, struct err *err)
{
	if (conf->sandbox == SANDBOX_REQUIRED)
		return err_set(err, "sandbox = required, but this system "
		    "has no %s for us: %s", what, strerror(error));
	log_notice("sandbox: this system has no %s for us (%s)", what,
	    strerror(error));
	return 0;
}

#ifdef SANITIZED
/* What a sanitizer calls is not ours to list. */
static bool
possible(bool yes)
{
	(void)yes;
	errno = ENOTSUP;
	return false;
}
#else
static bool
possible(bool yes)
{
	return yes;
}
#endif

int
sandbox_check(const struct conf *conf, struct err *err)
{
	int status = 0;

	limits_calls = limits_files = false;
	if (conf->sandbox == SANDBOX_OFF)
		return 0;
	limits_calls = possible(sandbox_calls_possible());
	if (!limits_calls)
		status = lacks(conf, "seccomp", errno, err);
	limits_files = possible(sandbox_files_version() > 0);
	if (!limits_files && status == 0)
		status = lacks(conf, "landlock", errno, err);
	return status;
}

/* Whether a predecessor's limits came with us: no kernel lacks this call. */
static bool
inherited(void)
{
	return syscall(SYS_getpgid, 0) == -1 && errno == ENOSYS;
}

int
sandbox_begin(const struct conf *conf, struct err *err)
{
	if (sandbox_check(conf, err) == -1)
		return -1;
	if (limits_calls && !inherited() &&
	    sandbox_calls_limit(SANDBOX_MASTER, err) == -1) {
		if (conf->sandbox == SANDBOX_REQUIRED)
			return -1;
		log_warning("sandbox: %s", err->text);
	}
	log_info("sandbox: system calls are %slimited, files are %slimited",
	    limits_calls ? "" : "not ", limits_files ? "" : "not ");
	return 0;
}

/* Do without what fails, if that may be. */
static void
judge(const struct conf *conf, int status, const struct err *err)
{
	if (status == 0)
		return;
	if (conf->sandbox == SANDBOX_REQUIRED)
		log_die("sandbox: %s", err->text);
	log_warning("sandbox: %s", err->text);
}

void
sandbox_worker(const struct conf *conf)
{
	struct err err;

	if (limits_files)
		judge(conf, sandbox_files_none(&err), &err);
	if (limits_calls)
		judge(conf, sandbox_calls_limit(SANDBOX_WORKER, &err), &err);
}

void
sandbox_refresher(const struct conf *conf, const struct conf *before)
{
	struct err err;

	if (limits_files)
		judge(conf, sandbox_files_named(conf, before, &err), &err);
	if (limits_calls)
		judge(conf, sandbox_calls_limit(SANDBOX_REFRESHER, &err),
		    &err);
}

bool
sandbox_outgrown(int64_t now_ms)
{
	const char *path = limits_files ? sandbox_files_outgrown(now_ms)
	    : NULL;

	if (path != NULL)
		log_notice("sandbox: %s is another one now: starting anew to "
		    "reach it", path);
	return path != NULL;
}
