/* SPDX-License-Identifier: MIT */
/* Values of each type: what is accepted, and how others are refused. */
#include "config.h"

#include "unit.h"

#include "conf_try.h"

#define LONG_40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A flag, and how --test prints the value. */
static const struct {
	const char *flag, *line;
} good[] = {
    {"--listen=127.0.0.1:0", "listen = \"127.0.0.1:0\""},
    {"--listen=[::1]:65535", "listen = \"[::1]:65535\""},
    {"--listen=[::ffff:127.0.0.2]:80", "listen = \"[::ffff:127.0.0.2]:80\""},
    {"--listen=localhost:80", "listen = \"localhost:80\""},
    {"--listen=unix:/run/b.sock", "listen = \"unix:/run/b.sock\""},
    {"--listen= 127.1.2.3:1,unix:b ,\t[::1]:2,",
	"listen = \"127.1.2.3:1, unix:b, [::1]:2\""},
    {"--admin-listen=*:1", "admin-listen = \"*:1\""},
    {"--admin-listen=:1", "admin-listen = \":1\""},
    {"--admin-listen=[fe80::1%lo]:1", "admin-listen = \"[fe80::1%lo]:1\""},
    {"--admin-listen=a-b.c_d:1", "admin-listen = \"a-b.c_d:1\""},
    {"--admin-listen=", "admin-listen = \"\""},
    {"--redis-sentinels=a:1, b.c:26379 [::1]:65535 10.0.0.1:9",
	"redis-sentinels = \"a:1, b.c:26379, [::1]:65535, 10.0.0.1:9\""},
    {"--allow-unauthenticated=yes", "allow-unauthenticated = yes"},
    {"--allow-unauthenticated=TRUE", "allow-unauthenticated = yes"},
    {"--allow-unauthenticated=on", "allow-unauthenticated = yes"},
    {"--tls-verify=false", "tls-verify = no"},
    {"--tls-verify=Off", "tls-verify = no"},
    {"--tls-verify=no", "tls-verify = no"},
    {"--workers=256", "workers = 256"},
    {"--workers=007", "workers = 7"},
    {"--max-token-size=256", "max-token-size = 256"},
    {"--redis-port=65535", "redis-port = 65535"},
    {"--wait-limit=0", "wait-limit = 0s"},
    {"--wait-limit=90", "wait-limit = 90s"},
    {"--wait-limit=1500ms", "wait-limit = 1500ms"},
    {"--wait-limit=1m", "wait-limit = 1m"},
    {"--wait-limit=59m59s999ms", "wait-limit = 59m59s999ms"},
    {"--wait-limit=3600", "wait-limit = 1h"},
    {"--idle-timeout=1h30m", "idle-timeout = 90m"},
    {"--idle-timeout=24h", "idle-timeout = 24h"},
    {"--max-ttl=3d12h", "max-ttl = 3d12h"},
    {"--max-ttl=1d12h", "max-ttl = 36h"},
    {"--log-level=err", "log-level = err"},
    {"--log-level=debug", "log-level = debug"},
    {"--log-format=json", "log-format = json"},
    {"--renew-at=1%-95%", "renew-at = 1%-95%"},
    {"--renew-at=75%", "renew-at = 75%-75%"},
    {"--renew-at=60-70", "renew-at = 60%-70%"},
    {"--redis-host=::1", "redis-host = \"::1\""},
    {"--redis-host=redis-0.redis.ns.svc",
	"redis-host = \"redis-0.redis.ns"
	".svc\""},
    {"--redis-host=/run/redis.sock", "redis-host = \"/run/redis.sock\""},
    {"--redis-user=default", "redis-user = \"default\""},
    {"--redis-key=a:{b}", "redis-key = \"a:{b}\""},
    {"--shm-name=/x", "shm-name = \"/x\""},
    {"--pid-file=/run/b c.pid", "pid-file = \"/run/b c.pid\""},
    {"--base-url=https://h", "base-url = \"https://h\""},
    {"--base-url=http://10.0.0.1:8080/a/b/",
	"base-url = \"http://10.0.0.1:"
	"8080/a/b/\""},
    {"--base-url=http://[fe80::1]:8080",
	"base-url = \"http://[fe80::1]:8080"
	"\""},
    {"--base-url=http://[::1]/x", "base-url = \"http://[::1]/x\""},
    {"--path=/", "path = \"/\""},
    {"--path=/a?b=c&d", "path = \"/a?b=c&d\""},
    {"--api-key-header=X-Key", "api-key-header = \"X-Key\""},
    {"--token-field=a b", "token-field = \"a b\""},
    {"--token-field=a~b", "token-field = \"a~b\""},
    {"--expiry-field=/a~1b/~0", "expiry-field = \"/a~1b/~0\""},
    {"--proxy=environment", "proxy = \"environment\""},
    {"--proxy=none", "proxy = \"none\""},
    {"--proxy=http://p:3128", "proxy = \"http://p:3128\""},
    {"--proxy=https://[::1]:1/", "proxy = \"https://[::1]:1/\""},
    {"--proxy-user=a b@c", "proxy-user = \"a b@c\""},
    {"--header=X-T: %s", "header = \"X-T: %s\""},
    {"--header=Cookie: a=\"%s\"; b", "header = \"Cookie: a=\\\"%s\\\"; b\""},
    {"--token-file-template=a: \"%s\"\nb\n",
	"token-file-template = \"a: "
	"\\\"%s\\\"\\nb\\n\""},
    {"--token-file-mode=640", "token-file-mode = 0640"},
    {"--token-file-mode=0", "token-file-mode = 0000"},
};

START_TEST(good_values_are_understood)
{
	char line[256];
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		struct try t = {.flags = {good[i].flag}};

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "%s: %s", good[i].flag, t.errors);
		snprintf(line, sizeof(line), "%s\n", good[i].line);
		ck_assert_msg(strstr(try_print(t.conf), line) != NULL,
		    "%s: not printed as %s", good[i].flag, line);
		try_done(&t);
	}
}
END_TEST

#define NUMBER(from, to) "' must be a number from " from " to " to "\n"
#define TIME(from, to)                                                      \
	"' must be a duration from " from " to " to ", such as 500ms, 10s " \
	"or 1h30m\n"
#define SERVER "' must be HOST:PORT or [V6]:PORT, with a port from 1 to 65535\n"
#define ADDRESS                                                               \
	"' must be HOST:PORT, [V6]:PORT or unix:PATH, with a port from 0 to " \
	"65535\n"
#define SCHEME                                                                \
	"' must be HOST:PORT, [V6]:PORT or unix:PATH, without a scheme such " \
	"as http://\n"
#define SHARE                                                                \
	"' must be a share such as 75% or a range such as 70%-80%, from 1% " \
	"to 95%\n"
#define HOST                                                                  \
	"' must be a host name, an IP address without brackets and port, or " \
	"the /path of a socket\n"
#define NOT_IN_URL                                                            \
	"' must not contain spaces or other characters that are not allowed " \
	"in a URL\n"
#define V6 "' must have an IPv6 address between [ and ]\n"
#define FIELD                                                           \
	"' must be the name of a header field: letters, digits and -, " \
	"without a colon\n"
#define OF_HTTP "' must not be a field that HTTP itself needs\n"
#define ONE_MARK "' must have exactly one %s, for the token, and no other %\n"
#define NO_OTHER "' must have no % but one %s, for the token\n"
#define PERMISSIONS "' must be permissions from 0000 to 0777, in octal digits\n"
#define FORMAT \
	"' must be \"Name: format\", such as \"Authorization: Bearer %s\"\n"

/* A flag, and the whole error about it. */
static const struct {
	const char *flag, *error;
} bad[] = {
    {"--listen=8000", "--listen: '8000" ADDRESS},
    {"--listen=h:", "--listen: 'h:" ADDRESS},
    {"--redis-sentinels=h", "--redis-sentinels: 'h" SERVER},
    {"--redis-sentinels=h:", "--redis-sentinels: 'h:" SERVER},
    {"--redis-sentinels=:1", "--redis-sentinels: ':1" SERVER},
    {"--redis-sentinels=[::1]", "--redis-sentinels: '[::1]" SERVER},
    {"--redis-sentinels=h:0", "--redis-sentinels: 'h:0" SERVER},
    {"--redis-sentinels=h:65536", "--redis-sentinels: 'h:65536" SERVER},
    {"--redis-sentinels=h:1,::1:1", "--redis-sentinels: '::1:1" SERVER},
    {"--redis-cluster=/s:1", "--redis-cluster: '/s:1" SERVER},
    {"--redis-cluster=u@h:1", "--redis-cluster: 'u@h:1" SERVER},
    {"--listen=h:65536", "--listen: 'h:65536" ADDRESS},
    {"--listen=h:-1", "--listen: 'h:-1" ADDRESS},
    {"--listen=h:80x", "--listen: 'h:80x" ADDRESS},
    {"--listen=h:000080", "--listen: 'h:000080" ADDRESS},
    {"--listen=127.0.0.1:1, x", "--listen: 'x" ADDRESS},
    {"--listen=::1:80",
	"--listen: '::1:80' must have its IPv6 address "
	"between [ and ]\n"},
    {"--listen=http://127.0.0.1:80", "--listen: 'http://127.0.0.1:80" SCHEME},
    {"--listen=https://a:80/", "--listen: 'https://a:80/" SCHEME},
    {"--admin-listen=tcp://[::1]:80", "--admin-listen: 'tcp://[::1]:80" SCHEME},
    {"--listen=[::1:80", "--listen: '[::1:80" V6},
    {"--listen=[127.0.0.1]:80", "--listen: '[127.0.0.1]:80" V6},
    {"--listen=999.0.0.1:80",
	"--listen: '999.0.0.1:80' must begin with a "
	"host name, an IP address or *\n"},
    {"--listen=a/b:80",
	"--listen: 'a/b:80' must begin with a host name, an "
	"IP address or *\n"},
    {"--listen=unix:", "--listen: 'unix:' must have a path after unix:\n"},
    {"--listen=unix:/" LONG_40 LONG_40 "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"--listen: 'unix:/" LONG_40 "aaaaaaaaaaaaaaaaaa...' must have a path "
	"of at most 107 bytes\n"},
    {"--listen=", "--listen: must have at least one address\n"},
    {"--allow-unauthenticated=1",
	"--allow-unauthenticated: '1' must be yes "
	"or no\n"},
    {"--workers=257", "--workers: '257" NUMBER("0", "256")},
    {"--workers=-1", "--workers: '-1" NUMBER("0", "256")},
    {"--workers=+1", "--workers: '+1" NUMBER("0", "256")},
    {"--workers= 1", "--workers: ' 1" NUMBER("0", "256")},
    {"--workers=0x1", "--workers: '0x1" NUMBER("0", "256")},
    {"--workers=", "--workers: '" NUMBER("0", "256")},
    {"--workers=99999999999999999999",
	"--workers: '99999999999999999999" NUMBER("0", "256")},
    {"--workers=\x1b[2J", "--workers: '?[2J" NUMBER("0", "256")},
    {"--redis-port=0", "--redis-port: '0" NUMBER("1", "65535")},
    {"--max-token-size=16385",
	"--max-token-size: '16385" NUMBER("256", "16384")},
    {"--redis-timeout=0", "--redis-timeout: '0" TIME("1ms", "1h")},
    {"--redis-timeout=1h1ms", "--redis-timeout: '1h1ms" TIME("1ms", "1h")},
    {"--redis-timeout=5x", "--redis-timeout: '5x" TIME("1ms", "1h")},
    {"--redis-timeout=1.5s", "--redis-timeout: '1.5s" TIME("1ms", "1h")},
    {"--redis-timeout=1s1m", "--redis-timeout: '1s1m" TIME("1ms", "1h")},
    {"--redis-timeout=1m1m", "--redis-timeout: '1m1m" TIME("1ms", "1h")},
    {"--redis-timeout=1m5", "--redis-timeout: '1m5" TIME("1ms", "1h")},
    {"--redis-timeout=s", "--redis-timeout: 's" TIME("1ms", "1h")},
    {"--redis-timeout=1 s", "--redis-timeout: '1 s" TIME("1ms", "1h")},
    {"--idle-timeout=0s", "--idle-timeout: '0s" TIME("1ms", "24h")},
    {"--max-ttl=1s", "--max-ttl: '1s" TIME("2s", "3650d")},
    {"--max-ttl=3651d", "--max-ttl: '3651d" TIME("2s", "3650d")},
    {"--max-ttl=9223372036854775807d",
	"--max-ttl: '9223372036854775807d" TIME("2s", "3650d")},
    {"--max-ttl=213503982335d",
	"--max-ttl: '213503982335d" /* 2^64 ms */
	TIME("2s", "3650d")},
    {"--max-ttl=9223372036854775807",
	"--max-ttl: '9223372036854775807" TIME("2s", "3650d")},
    {"--log-level=loud",
	"--log-level: 'loud' must be one of: err warning "
	"notice info debug\n"},
    {"--log-level=inf",
	"--log-level: 'inf' must be one of: err warning "
	"notice info debug\n"},
    {"--log-level=information",
	"--log-level: 'information' must be one of: "
	"err warning notice info debug\n"},
    {"--log-format=", "--log-format: '' must be one of: text json\n"},
    {"--renew-at=0%-80%", "--renew-at: '0%-80%" SHARE},
    {"--renew-at=80%-70%", "--renew-at: '80%-70%" SHARE},
    {"--renew-at=70%-96%", "--renew-at: '70%-96%" SHARE},
    {"--renew-at=70%-", "--renew-at: '70%-" SHARE},
    {"--renew-at=70%%", "--renew-at: '70%%" SHARE},
    {"--redis-host=h:6379", "--redis-host: 'h:6379" HOST},
    {"--redis-host=[::1]", "--redis-host: '[::1]" HOST},
    {"--redis-host=a b", "--redis-host: 'a b" HOST},
    {"--redis-host=redis://h", "--redis-host: 'redis://h" HOST},
    {"--redis-key=a b",
	"--redis-key: 'a b' must not have spaces or control "
	"characters\n"},
    {"--user=a\tb",
	"--user: 'a?b' must not have spaces or control "
	"characters\n"},
    {"--shm-name=x",
	"--shm-name: 'x' must be a slash and a name without "
	"slashes\n"},
    {"--shm-name=/a/b",
	"--shm-name: '/a/b' must be a slash and a name "
	"without slashes\n"},
    {"--shm-name=", "--shm-name: must not be empty\n"},
    {"--path=token", "--path: 'token' must begin with /\n"},
    {"--path=", "--path: must not be empty\n"},
    {"--path=/a b",
	"--path: '/a b' must not contain spaces, # or other "
	"characters that are not allowed in a URL\n"},
    {"--proxy=socks5://p",
	"--proxy: 'socks5://p' must begin with http:// or "
	"https://\n"},
    {"--proxy=p:1",
	"--proxy: 'p:1' must be environment, none, or the URL of "
	"an HTTP proxy: http://HOST:PORT\n"},
    {"--proxy=http://u:secret@p",
	"--proxy: must not contain user:password@; "
	"set proxy-user and proxy-password-file\n"},
    {"--proxy=http://p/x",
	"--proxy: 'http://p/x' must not have a path after "
	"the port\n"},
    {"--proxy=", "--proxy: must not be empty\n"},
    {"--proxy-user=a:b",
	"--proxy-user: 'a:b' must not have colons or control "
	"characters\n"},
    {"--base-url=ftp://h",
	"--base-url: 'ftp://h' must begin with http:// or "
	"https://\n"},
    {"--base-url=h", "--base-url: 'h' must begin with http:// or https://\n"},
    {"--base-url=http://",
	"--base-url: 'http://' must have a host name or "
	"an IP address after the scheme\n"},
    {"--base-url=http://h:0",
	"--base-url: 'http://h:0' must have a port from "
	"1 to 65535 after the host\n"},
    {"--base-url=http://h:1:2",
	"--base-url: 'http://h:1:2' must have a host name or an IP address after the scheme\n"},
    {"--base-url=http://h:x",
	"--base-url: 'http://h:x' must have a port from "
	"1 to 65535 after the host\n"},
    {"--base-url=http://[::1", "--base-url: 'http://[::1" V6},
    {"--base-url=http://[::1]x",
	"--base-url: 'http://[::1]x' must have an IPv6 address between [ and ]\n"},
    {"--base-url=http://h/a b", "--base-url: 'http://h/a b" NOT_IN_URL},
    {"--base-url=http://h/\xc3\xbc",
	"--base-url: 'http://h/\xc3\xbc" NOT_IN_URL},
    {"--base-url=http://u:p@h",
	"--base-url: must not contain user:password@ "
	"nor any other @\n"},
    {"--base-url=http://h?q",
	"--base-url: must not contain a query (?) or "
	"fragment (#)\n"},
    {"--base-url=http://h#f",
	"--base-url: must not contain a query (?) or "
	"fragment (#)\n"},
    {"--api-key-header=X Key", "--api-key-header: 'X Key" FIELD},
    {"--api-key-header=X-Key:", "--api-key-header: 'X-Key:" FIELD},
    {"--api-key-header=host", "--api-key-header: 'host" OF_HTTP},
    {"--expiry-field=/a~2",
	"--expiry-field: '/a~2' must be a JSON Pointer, "
	"which has ~0 for ~ and ~1 for /\n"},
    {"--header=Bearer %s", "--header: 'Bearer %s" FORMAT},
    {"--header=X:%s", "--header: 'X:%s" FORMAT},
    {"--header=Content-Length: %s", "--header: 'Content-Length: %s" OF_HTTP},
    {"--header=X: a",
	"--header: must have the token once, as %s or @{token}\n"},
    {"--header=X: %s%s", "--header: 'X: %s%s" NO_OTHER},
    {"--header=X: %d", "--header: 'X: %d" NO_OTHER},
    {"--header=X: 100%", "--header: 'X: 100%" NO_OTHER},
    {"--header=X%s: a", "--header: 'X%s: a" NO_OTHER},
    {"--header=X: %s\r\nY: z",
	"--header: 'X: %s?' must have printable "
	"ASCII characters only\n"},
    {"--header=", "--header: must not be empty\n"},
    {"--token-file-template=", "--token-file-template: must not be empty\n"},
    {"--token-file-template=a", "--token-file-template: 'a" ONE_MARK},
    {"--token-file-template=%s%", "--token-file-template: '%s%" ONE_MARK},
    {"--token-file-mode=", "--token-file-mode: '" PERMISSIONS},
    {"--token-file-mode=8", "--token-file-mode: '8" PERMISSIONS},
    {"--token-file-mode=01000", "--token-file-mode: '01000" PERMISSIONS},
    {"--token-file-mode=0x1", "--token-file-mode: '0x1" PERMISSIONS},
    {"--token-file-mode=000000600",
	"--token-file-mode: '000000600" PERMISSIONS},
    {"--ca-file=/nowhere/ca",
	"--ca-file: '/nowhere/ca' must be a file that "
	"can be read: No such file or directory\n"},
    {"--ca-file=/",
	"--ca-file: '/' must be a file, not a directory or a named pipe\n"},
};

START_TEST(bad_values_are_refused_and_the_allowed_ones_are_named)
{
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		struct try t = {.flags = {bad[i].flag}};

		try_load(&t);
		ck_assert_msg(t.conf == NULL, "%s: accepted", bad[i].flag);
		ck_assert_str_eq(t.errors, bad[i].error);
		try_done(&t);
	}
}
END_TEST

/* The same value in each source: the error begins with the place. */
static const struct {
	struct try in;
	const char *error;
} places[] = {
    {{.flags = {"--workers=x"}}, "--workers: 'x" NUMBER("0", "256")},
    {{.flags = {"--workers", "x"}}, "--workers: 'x" NUMBER("0", "256")},
    {{.env = {"BEARERD_WORKERS=x"}}, "BEARERD_WORKERS: 'x" NUMBER("0", "256")},
    {{.env = {"REDIS_HOST=a:1"}}, "REDIS_HOST: 'a:1" HOST},
    {{.file = "\nworkers = x\n"}, "f.conf:2: workers: 'x" NUMBER("0", "256")},
    {{.file = "token a {\n\n timeout = x }\n"},
	"f.conf:3: timeout: 'x" TIME("1ms", "1h")},
    {{.env = {"API_KEY=a\nb"}},
	"API_KEY: must not have control characters, "
	"such as a line end\n"},
};

START_TEST(an_error_begins_with_the_place_of_the_value)
{
	size_t i;

	for (i = 0; i < COUNT(places); i++) {
		struct try t = places[i].in;
		const char *at;

		try_load(&t);
		ck_assert_ptr_null(t.conf);
		at = strstr(t.errors, places[i].error);
		ck_assert_msg(at != NULL, "row %zu: %s", i, t.errors);
		ck_assert_str_eq(at, places[i].error);
		ck_assert_uint_eq(try_lines(t.errors), 1);
		try_done(&t);
	}
}
END_TEST

START_TEST(a_weaker_value_that_is_wrong_is_an_error_too)
{
	struct try t = {.file = "workers = x\n",
	    .env = {"BEARERD_WORKERS=y"},
	    .flags = {"--workers=1"}};

	try_load(&t);
	ck_assert_ptr_null(t.conf);
	ck_assert_ptr_nonnull(strstr(t.errors, "f.conf:1: workers: 'x'"));
	ck_assert_ptr_nonnull(strstr(t.errors, "BEARERD_WORKERS: 'y'"));
	ck_assert_uint_eq(try_lines(t.errors), 2);
}
END_TEST

UNIT_MAIN("conf_value", good_values_are_understood,
    bad_values_are_refused_and_the_allowed_ones_are_named,
    an_error_begins_with_the_place_of_the_value,
    a_weaker_value_that_is_wrong_is_an_error_too)
