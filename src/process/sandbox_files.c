/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "process/sandbox_files.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_MS 1000
#define LOOKS 16 /* at places, each time, at least */
#define ROUND 8  /* times until all have been looked at, at most */

/* Newer than the headers of some: landlock(7) tells which version has what. */
#define TRUNCATE (UINT64_C(1) << 14)
#define RIGHTS_1 ((UINT64_C(1) << 13) - 1)
#define RIGHTS_2 ((UINT64_C(1) << 14) - 1)
#define RIGHTS_3 ((UINT64_C(1) << 15) - 1)
#define RIGHTS_5 ((UINT64_C(1) << 16) - 1)
#define BIND_TCP UINT64_C(1)
#define CONNECT_TCP UINT64_C(2)
#define SCOPES UINT64_C(3) /* abstract sockets, signals */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define REPLACE                                                        \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | TRUNCATE)

struct rules {
	uint64_t files, ports, scopes; /* as struct landlock_ruleset_attr */
};

/* Where libc, libcurl and libcrypto look, on one system or another. */
static const char *const system_places[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/run/NetworkManager",
    "/run/connman",
    "/run/host/userdb",
    "/run/nscd",
    "/run/resolvconf",
    "/run/systemd/resolve",
    "/run/systemd/userdb",
    "/run/userdb",
    "/var/lib/sss",
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
};

/* A place that an option names: a file to read, or a directory to write into.
 */
struct place {
	char *path;
	bool written;
	bool denied; /* reading it was, without any rule */
	dev_t dev;   /* of a directory; 0, 0: it was not there */
	ino_t ino;
};

static struct {
	struct place *all;
	size_t count, next; /* to be looked at */
	int64_t look_at;
} places;

int
sandbox_files_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return version > 0 ? (int)version : 0;
}

/* ---- places ---- */

/* Look at a place as it is now. */
static struct place
look(const struct place *p)
{
	struct place now = {.path = p->path, .written = p->written};
	struct stat st;
	int fd;

	if (p->written) {
		if (stat(p->path, &st) == 0) {
			now.dev = st.st_dev;
			now.ino = st.st_ino;
		}
		return now;
	}
	fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	now.denied = fd == -1 && errno == EACCES;
	if (fd != -1)
		close(fd);
	return now;
}

/* Remember a place, unless it is the last one again; path is taken over. */
static void
add_place(char *path, bool written)
{
	struct place place = {.path = path, .written = written}, *grown;
	const struct place *last =
	    places.count == 0 ? NULL : &places.all[places.count - 1];

	if (last != NULL && last->written == written &&
	    strcmp(last->path, path) == 0) {
		free(path);
		return;
	}
	grown = reallocarray(places.all, places.count + 1, sizeof(*grown));
	if (grown == NULL)
		abort();
	places.all = grown;
	places.all[places.count++] = look(&place);
}

/* Whether a name is that of one of systemd's credentials. */
static bool
is_credential(const char *name)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];

	return directory != NULL && strchr(name, '/') == NULL &&
	    snprintf(path, sizeof(path), "%s/%s", directory, name) <
	    (int)sizeof(path) &&
	    access(path, F_OK) == 0;
}

static void
add_file(void *arg, const char *path)
{
	(void)arg;
	if (!is_credential(path))
		add_place(mem_strdup(path), false);
}

/* The directory of a file that is written; NULL: there is none. */
static void
add_directory(const char *path)
{
	if (path != NULL)
		add_place(file_directory(path), true);
}

static void
add_places(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->token_count; i++) {
		add_directory(conf->token[i].token_file);
		add_directory(conf->token[i].refresh_token_store);
	}
}

const char *
sandbox_files_outgrown(int64_t now_ms)
{
	size_t i, looks = places.count / ROUND + 1;

	if (now_ms < places.look_at)
		return NULL;
	places.look_at = now_ms + LOOK_MS;
	if (looks < LOOKS)
		looks = LOOKS;
	for (i = 0; i < looks && i < places.count; i++) {
		struct place *was = &places.all[places.next++ % places.count];
		struct place is = look(was);

		if ((is.denied && !was->denied) ||
		    (is.ino != 0 && (is.dev != was->dev || is.ino != was->ino)))
			return was->path;
	}
	return NULL;
}

/* ---- rules ---- */

static int
make_rules(uint64_t ports, struct rules *out)
{
	int version = sandbox_files_version();
	size_t size = version >= 6 ? sizeof(*out)
	    : version >= 4         ? offsetof(struct rules, scopes)
				   : offsetof(struct rules, ports);

	*out = (struct rules){
	    .files = version >= 5 ? RIGHTS_5
		: version >= 3    ? RIGHTS_3
		: version == 2    ? RIGHTS_2
				  : RIGHTS_1,
	    .ports = version >= 4 ? ports : 0,
	    .scopes = version >= 6 ? SCOPES : 0,
	};
	return (int)syscall(SYS_landlock_create_ruleset, out, size, 0);
}

/* A path that is not there, or cannot be seen, needs no rule. */
static int
allow(int fd, const struct rules *rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
	    .parent_fd = open(path, O_PATH | O_CLOEXEC),
	    .allowed_access = rights & rules->files,
	};
	struct stat st;
	int status;

	if (rule.parent_fd == -1)
		return 0;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE;
	status = (int)syscall(SYS_landlock_add_rule, fd,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return status;
}

/* Also by another name, as "." in systemd's working directory. */
static bool
is_root(const char *path)
{
	struct stat it, root;

	return stat(path, &it) == 0 && stat("/", &root) == 0 &&
	    file_is_same(&it, &root);
}

/* A file is replaced rather than changed: allow its directory, and that which a
 * link leads to; but not the root for the sake of one file. */
static int
allow_file(int fd, const struct rules *rules, const char *path)
{
	char *directory = file_directory(path);
	int status =
	    allow(fd, rules, is_root(directory) ? path : directory, READ);

	free(directory);
	return status;
}

static int
allow_links(int fd, const struct rules *rules, const char *path)
{
	char *real = realpath(path, NULL);
	int status = allow_file(fd, rules, path);

	if (status == 0 && real != NULL)
		status = allow_file(fd, rules, real);
	free(real);
	return status;
}

/* Allow the path that a variable of the environment holds, or each of them:
 * libcrypto takes a list of directories. */
static int
allow_named(int fd, const struct rules *rules, const char *variable)
{
	const char *value = getenv(variable);
	char *copy, *rest, *path;
	int status = 0;

	if (value == NULL)
		return 0;
	copy = rest = mem_strdup(value);
	while ((path = strsep(&rest, ":")) != NULL)
		status |= allow(fd, rules, path, READ);
	free(copy);
	return status | allow(fd, rules, value, READ);
}

static int
allow_system(int fd, const struct rules *rules)
{
	static const char *const variables[] = {"CREDENTIALS_DIRECTORY",
	    "SSL_CERT_DIR", "SSL_CERT_FILE"};
	int status = 0;
	size_t i;

	for (i = 0; i < sizeof(system_places) / sizeof(*system_places); i++)
		status |= allow(fd, rules, system_places[i], READ);
	for (i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		status |= allow_named(fd, rules, variables[i]);
	return status | allow_links(fd, rules, "/etc/resolv.conf") |
	    allow_links(fd, rules, "/etc/hosts");
}

static int
allow_places(int fd, const struct rules *rules)
{
	int status = 0;
	size_t i;

	for (i = 0; i < places.count; i++)
		status |= places.all[i].written
		    ? allow(fd, rules, places.all[i].path, REPLACE | READ)
		    : allow_links(fd, rules, places.all[i].path);
	return status;
}

/* Put the rules into force; -1 with *err, as if anything before had failed. */
static int
enforce(int fd, int status, struct err *err)
{
	if (fd == -1 || status == -1 ||
	    syscall(SYS_landlock_restrict_self, fd, 0) == -1)
		status = err_set(err, "landlock: %s", strerror(errno));
	if (fd != -1)
		close(fd);
	return status;
}

int
sandbox_files_none(struct err *err)
{
	struct rules rules;

	return enforce(make_rules(BIND_TCP | CONNECT_TCP, &rules), 0, err);
}

int
sandbox_files_named(const struct conf *conf, const struct conf *before,
    struct err *err)
{
	struct rules rules;
	int fd = make_rules(BIND_TCP, &rules), status = 0;

	conf_each_file(conf, add_file, NULL);
	add_places(conf);
	if (before != NULL)
		add_places(before);
	if (fd != -1)
		status = allow_system(fd, &rules) | allow_places(fd, &rules);
	return enforce(fd, status, err);
}
