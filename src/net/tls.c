/* SPDX-License-Identifier: MIT */
/* Reads the files: authorities to trust, our certificate and key. */
#include "config.h"

#include "net/tls_private.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_SECONDS 5 /* to read files */

const char *
tls_reason(unsigned long code)
{
	const char *text = ERR_reason_error_string(code);

	return text != NULL ? text : "unknown error";
}

/* Has no passphrase: by default libssl asks for one on the terminal. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* A plain message: that of libssl for this case is hard to understand. */
static int
check_readable(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd == -1)
		return err_set(err, "'%s' cannot be read: %s", path,
		    strerror(errno));
	close(fd);
	return 0;
}

static int
use_authorities(SSL_CTX *context, const char *path, struct err *err)
{
	if (check_readable(path, err) == -1)
		return -1;
	if (SSL_CTX_load_verify_locations(context, path, NULL) != 1)
		return err_set(err,
		    "'%s' has no certificate of an authority in PEM: %s", path,
		    tls_reason(ERR_peek_error()));
	return 0;
}

static int
use_own(SSL_CTX *context, const char *cert, const char *key, struct err *err)
{
	if (check_readable(cert, err) == -1 || check_readable(key, err) == -1)
		return -1;
	if (SSL_CTX_use_certificate_chain_file(context, cert) != 1)
		return err_set(err,
		    "'%s' has no certificate in PEM that can be used: %s", cert,
		    tls_reason(ERR_peek_last_error()));
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1)
		return 0;
	if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509)
		return err_set(err,
		    "'%s' is not the key of the certificate in '%s'", key,
		    cert);
	return err_set(err,
	    "'%s' has no private key in PEM without a passphrase: %s", key,
	    tls_reason(ERR_peek_error()));
}

static void
set_rules(SSL_CTX *context)
{
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(context,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
#ifdef SSL_OP_CLEANSE_PLAINTEXT
	SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT);
#endif
	SSL_CTX_set_mode(context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

/* A context with what the files say; without one if they are of no use. */
static struct tls *
open_files(const struct tls_files *files)
{
	struct tls *t = mem_alloc(1, sizeof(*t));

	ERR_clear_error();
	t->context = SSL_CTX_new(TLS_client_method());
	if (t->context == NULL) {
		err_set(&t->problem, "TLS cannot be set up: %s",
		    tls_reason(ERR_peek_error()));
		return t;
	}
	set_rules(t->context);
	if ((files->ca != NULL &&
		use_authorities(t->context, files->ca, &t->problem) == -1) ||
	    (files->cert != NULL &&
		use_own(t->context, files->cert, files->key, &t->problem) ==
		    -1)) {
		SSL_CTX_free(t->context);
		t->context = NULL;
	}
	ERR_clear_error();
	return t;
}

struct tls *
tls_open(const struct tls_files *files)
{
	struct tls *t = open_files(files);

	/*
	 * The system's authorities are read here only, not by the check: they
	 * are many.  Without any, no certificate is accepted; that is no error
	 * here.
	 */
	if (files->ca == NULL && t->context != NULL)
		SSL_CTX_set_default_verify_paths(t->context);
	ERR_clear_error();
	return t;
}

void
tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->context);
	free(t);
}

const char *
tls_problem(const struct tls *t)
{
	return t->context == NULL ? t->problem.text : NULL;
}

/* Runs in the child.  The alarm ends it if a file has no end, as a FIFO. */
static void __attribute__((noreturn))
try_files(const struct tls_files *files, int out)
{
	struct tls *t;
	bool written = true;

	signal(SIGALRM, SIG_DFL);
	alarm(CHECK_SECONDS);
	t = open_files(files);
	if (tls_problem(t) != NULL)
		written =
		    write(out, t->problem.text, strlen(t->problem.text)) != -1;
	tls_close(t);
	_exit(written ? 0 : 1);
}

int
tls_check(const struct tls_files *files, struct err *err)
{
	size_t len = 0;
	ssize_t n;
	int fd[2], status = 0;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) == -1)
		return err_set(err, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		try_files(files, fd[1]);
	close(fd[1]);
	while (pid != -1 &&
	    (n = read(fd[0], err->text + len, sizeof(err->text) - 1 - len)) !=
		0 &&
	    (n > 0 || errno == EINTR))
		len += n > 0 ? (size_t)n : 0;
	close(fd[0]);
	err->text[len] = '\0';
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (pid == -1 || (len == 0 && status != 0))
		return err_set(err, "the files for TLS cannot be checked");
	return len == 0 ? 0 : -1;
}
