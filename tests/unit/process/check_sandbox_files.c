/* SPDX-License-Identifier: MIT */
/*
 * Which files, ports and processes are left, tried by children that shut
 * themselves in.  BEARERD_SANDBOX=off, or a kernel without landlock: not here.
 */
#include "config.h"

#include "unit.h"

#include "process/sandbox_files.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether these tests make no sense here. */
static bool
off(void)
{
	const char *mode = getenv("BEARERD_SANDBOX");

	return (mode != NULL && strcmp(mode, "off") == 0) ||
	    sandbox_files_version() == 0;
}

static char dir[] = "/tmp/check_sandbox.XXXXXX";

/* DIR/a/key is named for reading, DIR/b/token for writing; DIR/c is not. */
static struct conf *
set_up(void)
{
	static char key[128], token_file[128];
	static struct conf_token token;
	static struct conf conf = {.token = &token, .token_count = 1};
	char command[256];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command),
	    "cd %s && mkdir a b c && echo x | tee a/key c/key >c/other", dir);
	ck_assert_int_eq(system(command), 0);
	snprintf(key, sizeof(key), "%s/a/key", dir);
	snprintf(token_file, sizeof(token_file), "%s/b/token", dir);
	token.api_key_file = key, token.token_file = token_file;
	return &conf;
}

static void
tear_down(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
	strcpy(dir, "/tmp/check_sandbox.XXXXXX");
}

/* The error of opening a file below dir, or an absolute one; 0: none. */
static int
open_error(const char *path, int flags)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", *path == '/' ? "" : dir, path);
	fd = open(full, flags, 0600);
	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

static int
connect_error(void)
{
	struct sockaddr_in there = {AF_INET, htons(1), {htonl(INADDR_LOOPBACK)},
	    {0}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0)
		return 0;
	return errno;
}

static int
bind_error(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return bind(fd, (struct sockaddr *)&any, sizeof(any)) == -1 ? errno : 0;
}

static int
signal_error(void)
{
	return kill(getppid(), 0) == -1 ? errno : 0;
}

static int
move_error(void)
{
	char from[128], to[128];

	snprintf(from, sizeof(from), "%s/b/token.new", dir);
	snprintf(to, sizeof(to), "%s/b/token", dir);
	if (rename(from, to) == 0 && truncate(to, 0) == 0 && unlink(to) == 0)
		return 0;
	return errno;
}

/* In a child: a number tells which expectation failed, 0: none. */
#define EXPECT(error, is)                      \
	do {                                   \
		if ((is) != (error))           \
			_exit(__LINE__ % 256); \
	} while (0)

static void
try_worker(void)
{
	int version = sandbox_files_version();
	struct err err;

	EXPECT(0, sandbox_files_none(&err));
	EXPECT(EACCES, open_error("a/key", O_RDONLY));
	EXPECT(EACCES, open_error("/etc/passwd", O_RDONLY));
	EXPECT(EACCES, open_error("/", O_RDONLY | O_DIRECTORY));
	EXPECT(version >= 4 ? EACCES : ECONNREFUSED, connect_error());
	EXPECT(version >= 4 ? EACCES : 0, bind_error());
	EXPECT(version >= 6 ? EPERM : 0, signal_error());
	_exit(0);
}

static void
try_refresher(const struct conf *conf)
{
	int version = sandbox_files_version();
	struct err err;

	EXPECT(0, sandbox_files_named(conf, NULL, &err));
	EXPECT(0, open_error("a/key", O_RDONLY));
	EXPECT(0, open_error("/etc/passwd", O_RDONLY));
	EXPECT(0, open_error("/dev/urandom", O_RDONLY));
	EXPECT(EACCES, open_error("c/key", O_RDONLY));
	EXPECT(EACCES, open_error("/proc/self/environ", O_RDONLY));
	EXPECT(EACCES, open_error("a/key", O_WRONLY));
	EXPECT(EACCES, open_error("a/new", O_WRONLY | O_CREAT));
	EXPECT(EACCES, open_error("c/new", O_WRONLY | O_CREAT));
	EXPECT(0, open_error("b/token.new", O_WRONLY | O_CREAT | O_EXCL));
	EXPECT(0, move_error());
	EXPECT(ECONNREFUSED, connect_error());
	EXPECT(version >= 4 ? EACCES : 0, bind_error());
	EXPECT(version >= 6 ? EPERM : 0, signal_error());
	EXPECT(true, sandbox_files_outgrown(1000) == NULL);
	_exit(0);
}

/* Another directory takes the place of one, and a link leads elsewhere. */
static void
try_replaced(const struct conf *conf)
{
	struct err err;

	EXPECT(0, sandbox_files_named(conf, NULL, &err));
	EXPECT(true, sandbox_files_outgrown(1000) == NULL);
	kill(getpid(), SIGSTOP); /* the parent does it */
	EXPECT(true, sandbox_files_outgrown(1500) == NULL); /* not yet again */
	EXPECT(true, sandbox_files_outgrown(2500) != NULL);
	_exit(0);
}

/* The working directory is the root, as systemd's is. */
static void
try_at_root(const struct conf *conf)
{
	static char name[] = "no-such-key";
	struct err err;

	conf->token->api_key_file = name;
	EXPECT(0, chdir("/"));
	EXPECT(0, sandbox_files_named(conf, NULL, &err));
	EXPECT(EACCES, open_error("/proc/self/environ", O_RDONLY));
	EXPECT(EACCES, open_error("/", O_RDONLY | O_DIRECTORY));
	EXPECT(EACCES, open_error("c/key", O_RDONLY));
	_exit(0);
}

/* Any other file is in the working directory. */
static void
try_no_credential(const struct conf *conf)
{
	static char name[] = "key";
	char here[128], empty[128];
	struct err err;

	snprintf(here, sizeof(here), "%s/c", dir);
	snprintf(empty, sizeof(empty), "%s/b", dir);
	setenv("CREDENTIALS_DIRECTORY", empty, 1);
	conf->token->api_key_file = name;
	EXPECT(0, chdir(here));
	EXPECT(0, sandbox_files_named(conf, NULL, &err));
	EXPECT(0, open_error("c/key", O_RDONLY));
	_exit(0);
}

static void
try_certificates(const struct conf *conf)
{
	char paths[128];
	struct err err;

	snprintf(paths, sizeof(paths), "/no/such:%s/c", dir);
	setenv("SSL_CERT_DIR", paths, 1);
	EXPECT(0, sandbox_files_named(conf, NULL, &err));
	EXPECT(0, open_error("c/key", O_RDONLY));
	_exit(0);
}

/* Where nscd and systemd's modules for libc answer, in a /run of our own. */
static void
try_lookups(const struct conf *conf)
{
	static const char *const directories[] = {"/run/nscd",
	    "/run/systemd/resolve", "/run/systemd/userdb", "/run/userdb",
	    "/run/host/userdb"};
	struct err err;
	size_t i;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", "/run", "tmpfs", 0, NULL) == -1)
		_exit(0); /* not allowed here */
	EXPECT(0,
	    system(
		"cd /run && mkdir -p nscd systemd/resolve systemd/userdb userdb host/userdb other"));
	EXPECT(0, sandbox_files_named(conf, NULL, &err));
	for (i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		EXPECT(0, open_error(directories[i], O_RDONLY | O_DIRECTORY));
	EXPECT(EACCES, open_error("/run/other", O_RDONLY | O_DIRECTORY));
	_exit(0);
}

/* The last one of many is replaced. */
static void
try_many(void)
{
	static struct conf_token tokens[1001];
	struct conf conf = {.token = tokens, .token_count = 1001};
	char b[128], c[128], last[128];
	struct err err;
	size_t i;

	snprintf(b, sizeof(b), "%s/b/token", dir);
	snprintf(c, sizeof(c), "%s/c/token", dir);
	snprintf(last, sizeof(last), "%s/a/token", dir);
	for (i = 0; i < 1000; i++)
		tokens[i].token_file = i % 2 == 0 ? b : c;
	tokens[1000].token_file = last;
	EXPECT(0, sandbox_files_named(&conf, NULL, &err));
	kill(getpid(), SIGSTOP); /* the parent does it */
	for (i = 1; i <= 10; i++)
		if (sandbox_files_outgrown((int64_t)i * 1000) != NULL)
			_exit(0);
	_exit(1);
}

/* Run a child to its end, with a command while it stops itself. */
static void
expect_well(pid_t pid, const char *command)
{
	char full[256];
	int status;

	ck_assert_int_ne(pid, -1);
	if (command != NULL) {
		ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
		ck_assert(WIFSTOPPED(status));
		snprintf(full, sizeof(full), "cd %s && %s", dir, command);
		ck_assert_int_eq(system(full), 0);
		kill(pid, SIGCONT);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

/* Run try() in a child of its own, which gains no privileges. */
#define IN_CHILD(try, command)                                  \
	do {                                                    \
		pid_t pid_ = fork();                            \
		if (pid_ == 0) {                                \
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); \
			try;                                    \
		}                                               \
		expect_well(pid_, command);                     \
	} while (0)

START_TEST(a_worker_reaches_no_file_no_port_and_no_process)
{
	if (off())
		return;
	set_up();
	IN_CHILD(try_worker(), NULL);
	tear_down();
}
END_TEST

START_TEST(a_refresher_reaches_what_options_name)
{
	const struct conf *conf;

	if (off())
		return;
	conf = set_up();
	IN_CHILD(try_refresher(conf), NULL);
	tear_down();
}
END_TEST

START_TEST(what_is_replaced_is_noticed)
{
	static const char *const commands[] = {
	    "mv b moved && mkdir b",
	    "ln -s ../c/other a/key.new && mv a/key.new a/key",
	};
	const struct conf *conf;
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (off())
			return;
		conf = set_up();
		IN_CHILD(try_replaced(conf), commands[i]);
		tear_down();
	}
}
END_TEST

START_TEST(a_name_without_a_slash_opens_neither_too_much_nor_too_little)
{
	const struct conf *conf;

	if (off())
		return;
	conf = set_up();
	IN_CHILD(try_at_root(conf), NULL);
	IN_CHILD(try_no_credential(conf), NULL);
	tear_down();
}
END_TEST

START_TEST(each_directory_of_certificates_in_the_environment_can_be_read)
{
	const struct conf *conf;

	if (off())
		return;
	conf = set_up();
	IN_CHILD(try_certificates(conf), NULL);
	tear_down();
}
END_TEST

START_TEST(names_of_hosts_and_groups_can_be_asked_for)
{
	const struct conf *conf;

	if (off())
		return;
	conf = set_up();
	IN_CHILD(try_lookups(conf), NULL);
	tear_down();
}
END_TEST

START_TEST(what_is_replaced_is_noticed_among_many_within_seconds)
{
	if (off())
		return;
	set_up();
	IN_CHILD(try_many(), "mv a moved && mkdir a");
	tear_down();
}
END_TEST

UNIT_MAIN("sandbox files", a_worker_reaches_no_file_no_port_and_no_process,
    a_refresher_reaches_what_options_name, what_is_replaced_is_noticed,
    what_is_replaced_is_noticed_among_many_within_seconds,
    names_of_hosts_and_groups_can_be_asked_for,
    a_name_without_a_slash_opens_neither_too_much_nor_too_little,
    each_directory_of_certificates_in_the_environment_can_be_read)
