/* SPDX-License-Identifier: MIT */
/* Options against each other, flags and variables that are none, warnings. */
#include "config.h"

#include "unit.h"

#include "conf_try.h"

#define OPEN                                                                  \
	"' can be reached from other hosts, and callers are not "             \
	"authenticated: set allow-unauthenticated = yes "                     \
	"(BEARERD_ALLOW_UNAUTHENTICATED=yes) if that is meant, or listen on " \
	"127.0.0.1, [::1] or unix:PATH"
#define NO_URL "or BEARERD_BASE_URL or BASE_URL in the environment"

/* The input, and a part of each error that comes out. */
static const struct {
	struct try in;
	const char *errors[4];
} bad[] = {
    {{.no_base_url = true},
	{"configuration: token 'token' has no base-url: "
	 "set base-url in a configuration file, " NO_URL}},
    {{.no_base_url = true, .default_file = true},
	{"/f.conf: token 'token' "
	 "has no base-url: set base-url in /tmp/"}},
    {{.no_base_url = true,
	 .file = "\ntoken a { }\n"
		 "token b { base-url = http://b }\ntoken c {}\n"},
	{"/f.conf:2: token 'a' has no base-url",
	    "/f.conf:4: token 'c' has "
	    "no base-url"}},
    {{.env = {"BEARERD_BASE_URL=x"}},
	{"BEARERD_BASE_URL: 'x' must begin with http:// or https://"}},
    {{.flags = {"--listen=0.0.0.0:80"}}, {"--listen: '0.0.0.0:80" OPEN}},
    {{.flags = {"--listen=*:80"}}, {"--listen: '*:80" OPEN}},
    {{.flags = {"--listen=:80"}}, {"--listen: ':80" OPEN}},
    {{.flags = {"--listen=[::]:80"}}, {"--listen: '[::]:80" OPEN}},
    {{.flags = {"--listen=host:80"}}, {"--listen: 'host:80" OPEN}},
    {{.flags = {"--listen=128.0.0.1:80"}}, {"--listen: '128.0.0.1:80" OPEN}},
    {{.flags = {"--listen=[::ffff:1.2.3.4]:1"}},
	{"--listen: '[::ffff:1.2.3.4]:1" OPEN}},
    {{.file = "listen = \"127.0.0.1:1 10.0.0.1:2\"\n"},
	{"/f.conf:1: listen: '10.0.0.1:2" OPEN}},
    {{.flags = {"--listen=127.0.0.1:1 127.0.0.1:1"}},
	{"--listen: '127.0.0.1:1' is listed twice in listen and "
	 "admin-listen"}},
    {{.flags = {"--listen=127.0.0.1:8001"}},
	{"admin-listen: '127.0.0.1:8001' is listed twice"}},
    {{.flags = {"--connect-timeout=5s"}},
	{"--connect-timeout: connect-timeout (5s) must be less than timeout "
	 "(5s)"}},
    {{.env = {"BEARERD_TIMEOUT=1500ms"}},
	{"BEARERD_TIMEOUT: connect-timeout (2s) must be less than timeout "
	 "(1500ms)"}},
    {{.file = "connect-timeout = 3s\ntoken a { }\ntoken b { timeout = 3s }\n"},
	{"/f.conf:3: timeout: connect-timeout (3s) must be less than timeout "
	 "(3s)"}},
    {{.flags = {"--max-ttl=29m"}},
	{"--max-ttl: default-ttl (30m) must be "
	 "not longer than max-ttl (29m)"}},
    {{.file = "api-key = a\napi-key-file = b\ntoken a {}\ntoken b {}\n"},
	{"/f.conf:1: api-key: api-key and api-key-file ("}},
    {{.env = {"BEARERD_API_KEY=a", "BEARERD_API_KEY_FILE=b"}},
	{"BEARERD_API_KEY: api-key and api-key-file (BEARERD_API_KEY_FILE) "
	 "exclude each other; set one of them"}},
    {{.file = "token a { api-key = a api-key-file = b }\n"},
	{"/f.conf:1: api-key: api-key and api-key-file ("}},
    {{.file = "proxy-user = u\nproxy-password = a\nproxy-password-file = b\n"},
	{"/f.conf:2: proxy-password: proxy-password and "
	 "proxy-password-file ("}},
    {{.env = {"BEARERD_PROXY_PASSWORD=a"}},
	{"BEARERD_PROXY_PASSWORD: needs "
	 "proxy-user, which is not set"}},
    {{.file = "redis-password = a\nredis-password-file = b\n"},
	{"/f.conf:1: redis-password: redis-password and "
	 "redis-password-file ("}},
    {{.file = "token-file = t\ntoken a {}\ntoken b {}\n"},
	{"/f.conf:1: "
	 "token-file: tokens 'a' and 'b' have the same token-file 't'; each "
	 "needs its own"}},
    {{.flags = {"--client-cert-file=/etc/passwd"}},
	{"--client-cert-file: "
	 "needs client-key-file, which is not set"}},
    {{.flags = {"--client-key-file=/etc/passwd"}},
	{"--client-key-file: "
	 "needs client-cert-file, which is not set"}},
    {{.flags = {"--redis-read-host=r"}},
	{"--redis-read-host: needs "
	 "redis-host, which is not set"}},
    {{.flags = {"--redis-sentinels=s:1", "--redis-host=r"}},
	{"--redis-sentinels: and redis-host (--redis-host) exclude each other; "
	 "set one of them"}},
    {{.env = {"REDIS_HOST=r", "BEARERD_REDIS_CLUSTER=c:1"}},
	{"BEARERD_REDIS_CLUSTER: and redis-host (REDIS_HOST) exclude each "
	 "other"}},
    {{.flags = {"--redis-cluster=c:1", "--redis-db=1", "--redis-read-host=r"}},
	{"--redis-db: must be 0 with redis-cluster",
	    "--redis-read-host: is not for redis-cluster"}},
    {{.flags =
	     {"--redis-cluster=a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:9 b:1 b:2 "
	      "b:3 b:4 b:5 b:6 b:7 b:8 b:9 c:1 c:2 c:3 c:4 c:5 c:6 c:7 c:8 c:9 d:1 "
	      "d:2 d:3 d:4 d:5 d:6"}},
	{"--redis-cluster: must have at most 32 nodes"}},
    {{.flags = {"--redis-cluster=c:1", "--redis-key=a}b"}},
	{"--redis-key: 'a}b' must have { and } around a hash tag, or neither, "
	 "with redis-cluster"}},
    {{.flags = {"--redis-cluster=c:1", "--redis-key={}b"}},
	{"--redis-key: '{}b' must have"}},
    {{.flags = {"--redis-cluster=c:1", "--redis-key=a{b"}},
	{"--redis-key: 'a{b' must have"}},
    {{.env = {"BEARERD_REDIS_SENTINEL_PASSWORD=p"}},
	{"BEARERD_REDIS_SENTINEL_PASSWORD: needs redis-sentinels, which is not "
	 "set"}},
    {{.file = "redis-sentinel-password-file = p\n"},
	{"/f.conf:1: redis-sentinel-password-file: needs redis-sentinels"}},
    {{.flags = {"--exclusive=yes"}},
	{"--exclusive: needs redis-host, "
	 "redis-sentinels or redis-cluster, and none is set"}},
    {{.flags = {"--redis-ca-file=/etc/passwd"}},
	{"--redis-ca-file: needs "
	 "redis-tls = yes: without it the connection to Redis is not "
	 "encrypted"}},
    {{.flags = {"--redis-client-cert-file=/etc/passwd",
	  "--redis-client-key-file=/etc/passwd", "--redis-tls=no"}},
	{"--redis-client-cert-file: needs redis-tls = yes",
	    "--redis-client-"
	    "key-file: needs redis-tls = yes"}},
    {{.flags = {"--redis-tls=yes"}},
	{"--redis-tls: needs redis-host, which "
	 "is not set"}},
    {{.file = "redis-tls = yes\nredis-host = /run/redis.sock\n"},
	{"/f.conf:1: redis-tls: redis-host '/run/redis.sock' is a Unix "
	 "socket, which has no TLS: leave redis-tls out, or name a host"}},
    {{.flags = {"--redis-tls=yes", "--redis-host=r",
	  "--redis-client-cert-file=/etc/passwd"}},
	{"--redis-client-cert-file: "
	 "needs redis-client-key-file, which is not set"}},
    {{.flags = {"--redis-tls=yes", "--redis-host=r",
	  "--redis-client-key-file=/etc/passwd"}},
	{"--redis-client-key-file: "
	 "needs redis-client-cert-file, which is not set"}},
    {{.flags = {"--redis-tls=yes", "--redis-host=r",
	  "--redis-client-key-file=/etc/passwd",
	  "--redis-client-cert-file=/nowhere"}},
	{"--redis-client-cert-file: "
	 "'/nowhere' must be a file that can be read"}},
    {{.env = {"BEARERD_REDIS_TLS=yes", "REDIS_HOST=r"},
	 .flags = {"--redis-ca-file=/etc/passwd"}},
	{"BEARERD_REDIS_TLS: "
	 "'/etc/passwd' has no certificate of an authority in "
	 "PEM: "}},
    {{.flags = {"--redis-accept-plain=yes", "--redis-host=r"}},
	{"--redis-accept-plain: needs redis-key-file, which is not set: "
	 "without it every token in Redis is plain"}},
    {{.flags = {"--redis-key-file=/nowhere/keys"}},
	{"--redis-key-file: "
	 "needs redis-host, which is not set\n",
	    "--redis-key-file: "
	    "/nowhere/keys: No such file or directory\n"}},
    {{.flags = {"--redis-key-file=/dev/null", "--redis-host=r"}},
	{"--redis-key-file: /dev/null: every user may access it (mode 0666)"}},
    {{.file = "token a { redis-key = k }\ntoken b { redis-key = k }\n"},
	{"/f.conf:2: redis-key: tokens 'a' and 'b' have the same redis-key "
	 "'k'; each needs its own"}},
    {{.file = "token a { }\ntoken b { redis-key = a }\n"},
	{"/f.conf:2: redis-key: tokens 'a' and 'b' have the same redis-key"}},
    {{.file = "token a { redis-key = b }\ntoken b { }\n"},
	{"/f.conf:2: tokens 'a' and 'b' have the same redis-key"}},
    {{.flags = {"--redis-key=k"}, .file = "token a { }\ntoken b { }\n"},
	{"--redis-key: tokens 'a' and 'b' have the same redis-key"}},
    /* Flags. */
    {{.flags = {"--bogus", "--workrs=1", "-x", "--test=1"}},
	{"--bogus: unknown flag\n", "--workrs: unknown flag\n",
	    "-x: unknown flag\n", "--test: takes no value\n"}},
    {{.flags = {"--workers=1", "--redis-db"}}, {"--redis-db: needs a value\n"}},
    {{.flags = {"-c"}}, {"--config: needs a value\n"}},
    {{.flags = {"x", "--workers=1", "--", "y"}},
	{"command line: argument 1 is not a flag, and nothing else is "
	 "expected\n",
	    "command line: argument 4 is not a flag"}},
    {{.flags = {"--api-key=a"}},
	{"--api-key: a secret cannot be given on "
	 "the command line, where others can read it; use "
	 "--api-key-file=FILE or the variable BEARERD_API_KEY\n"}},
    {{.flags = {"--redis-password", "a"}},
	{"--redis-password: a secret "
	 "cannot be given on the command line, where others can read it; "
	 "use --redis-password-file=FILE or the variable "
	 "BEARERD_REDIS_PASSWORD\n"}},
    /* All at once. */
    {{.file = "workers = x\nredis-db = y\n",
	 .env = {"REDIS_HOST=:"},
	 .flags = {"--listen=1.1.1.1:1"}},
	{"/f.conf:1: workers: ", "/f.conf:2: redis-db: ", "REDIS_HOST: ",
	    "--listen: "}},
};

START_TEST(options_that_do_not_fit_are_refused_with_the_reason)
{
	size_t i, j;

	for (i = 0; i < COUNT(bad); i++) {
		struct try t = bad[i].in;

		try_load(&t);
		ck_assert_msg(t.conf == NULL, "row %zu: accepted", i);
		for (j = 0; j < 4 && bad[i].errors[j] != NULL; j++)
			ck_assert_msg(strstr(t.errors, bad[i].errors[j]) !=
				NULL,
			    "row %zu: no %s in:\n%s", i, bad[i].errors[j],
			    t.errors);
		ck_assert_msg(try_lines(t.errors) == j, "row %zu:\n%s", i,
		    t.errors);
	}
}
END_TEST

/* Input that is no error though it looks like one. */
static const struct try fine[] = {
    {.flags = {"--redis-cluster=c:1", "--redis-key=a{b}c"}},
    {.flags = {"--listen=0.0.0.0:80", "--allow-unauthenticated=yes"}},
    {.env = {"BEARERD_LISTEN=*:80", "BEARERD_ALLOW_UNAUTHENTICATED=yes"}},
    {.flags = {"--admin-listen=0.0.0.0:80 [::]:80"}},
    {.flags = {"--listen=127.255.0.1:1,[::1]:1,LOCALHOST:1,unix:/x"}},
    {.flags = {"--listen=127.0.0.1:0 127.0.0.1:0"}},
    {.flags = {"--wait-limit=1s", "--timeout=9s"}},
    {.flags = {"--wait-limit=20s"}},
    {.flags = {"--max-ttl=30m"}},
    {.flags = {"--outage-budget=300d"}},
    {.file = "token a { }\ntoken A { }\n"},
    {.flags = {"--redis-tls=yes", "--redis-host=r"}},
    {.flags = {"--redis-tls=yes", "--redis-host=r", "--redis-read-host=/s"}},
    {.flags = {"--redis-ca-file=", "--redis-client-key-file="}},
    {.flags = {"--client-cert-file=/etc/passwd",
	 "--client-key-file=/etc/passwd", "--ca-file=/etc/passwd"}},
};

START_TEST(options_that_fit_are_accepted)
{
	size_t i;

	for (i = 0; i < COUNT(fine); i++) {
		struct try t = fine[i];

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "row %zu: %s", i, t.errors);
		try_done(&t);
	}
}
END_TEST

#define KEY "BEARERD_API_KEY=k"
#define UNKNOWN ": no option has this name; the variable is ignored"

/* The input, and the warnings: "" for none. */
static const struct {
	struct try in;
	const char *warning;
} warnings[] = {
    {{.env = {KEY}}, ""},
    {{.env = {KEY, "HOME=/x", "BEARERD=x", "WORKERS=x", "BEARERDX=1"}}, ""},
    {{.env = {KEY, "BEARERD_WORKRS=1"}}, "BEARERD_WORKRS" UNKNOWN "\n"},
    {{.env = {KEY, "BEARERD_SOMETHING="}}, "BEARERD_SOMETHING" UNKNOWN "\n"},
    {{.env = {KEY, "BEARERD_workers=1"}}, "BEARERD_workers" UNKNOWN "\n"},
    {{.env = {KEY, "BEARERD_=1"}}, "BEARERD_" UNKNOWN "\n"},
    /* Variables that Kubernetes injects for Services called bearerd,
     * bearerd-redis. */
    {{.env = {KEY, "BEARERD_SERVICE_HOST=10.0.0.1", "BEARERD_SERVICE_PORT=8000",
	  "BEARERD_SERVICE_PORT_HTTP=8000", "BEARERD_PORT=tcp://10.0.0.1:8000",
	  "BEARERD_PORT_8000_TCP=tcp://10.0.0.1:8000",
	  "BEARERD_PORT_8000_TCP_PROTO=tcp"}},
	""},
    {{.env = {KEY, "BEARERD_PORT_53_UDP_PORT=53",
	  "BEARERD_PORT_53_UDP_ADDR=10.0.0.1",
	  "BEARERD_PORT_53_UDP=udp://10.0.0.1:53",
	  "BEARERD_X_PORT=sctp://10.0.0.1:53"}},
	""},
    {{.env = {KEY, "BEARERD_REDIS_PORT=tcp://10.0.0.1:6379",
	  "BEARERD_REDIS_SERVICE_HOST=10.0.0.1"}},
	""},
    {{.env = {KEY, "BEARERD_REDIS_PORT=6379"}}, ""},
    {{.env = {KEY}, .flags = {"--tls-verify=no"}},
	"--tls-verify: the "
	"backend's certificate is not verified: whoever is in between can "
	"read the key and make up tokens\n"},
    {{.env = {KEY}, .file = "tls-verify = no\ntoken a { }\ntoken b { }\n"},
	"f.conf:1: tls-verify: the backend's certificate is not verified: "
	"whoever is in between can read the key and make up tokens\n"},
    {{.flags = {"--api-key-file=/nowhere/key"}},
	"--api-key-file: "
	"/nowhere/key: No such file or directory; it is read again when it is "
	"needed\n"},
    {{.env = {KEY}, .flags = {"--redis-password-file=/dev/null"}},
	"--redis-password-file: /dev/null: must hold exactly one line; it is "
	"read again when it is needed\n"},
    {{.file = "\ntoken a { }\n"},
	"f.conf:2: token 'a' has neither api-key, "
	"api-key-file nor client-cert-file: the backend is asked without "
	"credentials\n"},
    {{.env = {KEY}, .file = "token-file-group = no-such-group\n"}, ""},
    {{.env = {KEY}, .flags = {"--token-file=/tmp/t"}}, ""},
    {{.env = {KEY}, .flags = {"--token-file=t"}}, ""},
    {{.env = {KEY}, .flags = {"--token-file=/no/where/t"}},
	"--token-file: "
	"'/no/where': No such file or directory; the token is written there "
	"once that is mended\n"},
    {{.env = {KEY}, .flags = {"--token-file=/etc/passwd/t"}},
	"--token-file: "
	"'/etc/passwd' must be a directory in which this user can make "
	"files\n"},
    {{.env = {KEY},
	 .file = "token-file = /tmp/t\n"
		 "token-file-group = no-such-group\n"},
	"f.conf:2: token-file-group: "
	"there is no group 'no-such-group': token-file cannot be written\n"},
    {{.file = "\ntoken a { client-cert-file = /etc/passwd\n"
	      "client-key-file = /etc/passwd }\n"},
	""},
};

START_TEST(what_is_odd_is_warned_of_and_nothing_else)
{
	size_t i;

	for (i = 0; i < COUNT(warnings); i++) {
		struct try t = warnings[i].in;
		const char *at;

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "row %zu: %s", i, t.errors);
		ck_assert_int_eq(t.conf->redis_port, 6379);
		at = strstr(t.warnings, warnings[i].warning);
		ck_assert_msg(at != NULL &&
			strcmp(at,
			    *warnings[i].warning == '\0'
				? t.warnings
				: warnings[i].warning) == 0 &&
			try_lines(t.warnings) == (*warnings[i].warning != '\0'),
		    "row %zu: %s", i, t.warnings);
		try_done(&t);
	}
}
END_TEST

UNIT_MAIN("conf_check", options_that_do_not_fit_are_refused_with_the_reason,
    options_that_fit_are_accepted, what_is_odd_is_warned_of_and_nothing_else)
