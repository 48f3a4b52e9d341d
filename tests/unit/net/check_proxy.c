/* SPDX-License-Identifier: MIT */
/* Which proxy applies: options, variables, and lists of hosts without one. */
#include "config.h"

#include "unit.h"

#include "net/proxy.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *list, *host;
	int port;
	bool listed;
} lists[] = {
    {"*", "any.example", 443, true},
    {"a.example", "a.example", 443, true},
    {"A.Example", "a.eXAMPLE", 443, true},
    {"example", "a.example", 443, true},
    {".example", "a.example", 443, true},
    {"*.example", "a.example", 443, true},
    {".example", "example", 443, true},
    {"example.", "a.example", 443, true},
    {"example", "a.example.", 443, true},
    {"ample", "a.example", 443, false},
    {"b.example", "a.example", 443, false},
    {"a.example.org", "a.example", 443, false},
    {"x,\ty , a.example", "a.example", 443, true},
    {"x y a.example", "a.example", 443, true},
    {"a.example:443", "a.example", 443, true},
    {"a.example:444", "a.example", 443, false},
    {"a.example:x", "a.example", 443, false},
    {"localhost", "localhost", 80, true},
    {"localhost", "127.0.0.1", 80, false},
    {"127.0.0.1", "127.0.0.1", 80, true},
    {"127.0.0.1:80", "127.0.0.1", 80, true},
    {"127.0.0.1:81", "127.0.0.1", 80, false},
    {"127.0.0.10", "127.0.0.1", 80, false},
    {"0.0.1", "127.0.0.1", 80, false},
    {"127.0.0.0/8", "127.1.2.3", 80, true},
    {"127.0.0.0/8", "128.1.2.3", 80, false},
    {"10.0.0.0/9", "10.127.0.1", 80, true},
    {"10.0.0.0/9", "10.128.0.1", 80, false},
    {"0.0.0.0/0", "10.128.0.1", 80, true},
    {"10.0.0.0/33", "10.0.0.0", 80, false},
    {"10.0.0.0/", "10.0.0.0", 80, false},
    {"10.0.0.0/x", "10.0.0.0", 80, false},
    {"::1", "::1", 80, true},
    {"[::1]", "::1", 80, true},
    {"[::1]:80", "::1", 80, true},
    {"[::1]:81", "::1", 80, false},
    {"0:0::1", "::1", 80, true},
    {"fd00::/8", "fd12::1", 80, true},
    {"fd00::/8", "fe12::1", 80, false},
    {"", "a.example", 80, false},
    {",,  ,", "a.example", 80, false},
    {".", "a.example", 80, false},
    {"[", "::1", 80, false},
    {"[]", "a.example", 80, false},
    {":", "a.example", 80, false},
    {"/", "10.0.0.1", 80, false},
};

START_TEST(a_list_has_names_ends_of_names_addresses_networks_and_ports)
{
	size_t i;

	for (i = 0; i < COUNT(lists); i++)
		ck_assert_msg(proxy_lists(lists[i].list, lists[i].host,
				  lists[i].port) == lists[i].listed,
		    "'%s' and %s:%d", lists[i].list, lists[i].host,
		    lists[i].port);
}
END_TEST

static const char *const variables[] = {"http_proxy", "HTTP_PROXY",
    "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy",
    "ALL_PROXY"};

static const struct {
	const char *environment[4]; /* "NAME=VALUE" */
	const char *option, *url;
	const char *found; /* NULL: an error */
	const char *user, *password;
} ways[] = {
    {{0}, "environment", "https://b.example", "", "", ""},
    {{"https_proxy=http://p:3128"}, "environment", "https://b.example/x",
	"http://p:3128", "", ""},
    {{"https_proxy=http://p:3128/"}, "environment", "HTTPS://b.example",
	"http://p:3128", "", ""},
    {{"HTTPS_PROXY=p:3128"}, "environment", "https://b.example",
	"http://p:3128", "", ""},
    {{"HTTPS_PROXY=p"}, "environment", "https://b.example", "http://p:80", "",
	""},
    {{"https_proxy=https://p"}, "environment", "https://b.example",
	"https://p:443", "", ""},
    {{"https_proxy=[::1]:9"}, "environment", "https://b.example",
	"http://[::1]:9", "", ""},
    {{"https_proxy=HTTP://P:1", "HTTPS_PROXY=http://q"}, "environment",
	"https://b.example", "http://P:1", "", ""},
    {{"https_proxy=", "HTTPS_PROXY=http://q:2"}, "environment",
	"https://b.example", "http://q:2", "", ""},
    {{"https_proxy=http://p"}, "environment", "http://b.example", "", "", ""},
    {{"http_proxy=http://p"}, "environment", "http://b.example", "http://p:80",
	"", ""},
    {{"http_proxy=http://p"}, "environment", "https://b.example", "", "", ""},
    {{"HTTP_PROXY=http://p"}, "environment", "http://b.example", "", "", ""},
    {{"https_proxy=http://p", "no_proxy=b.example"}, "environment",
	"https://b.example", "", "", ""},
    {{"https_proxy=http://p", "NO_PROXY=.example"}, "environment",
	"https://b.example", "", "", ""},
    {{"https_proxy=http://p", "no_proxy=b.example:444"}, "environment",
	"https://b.example:444/", "", "", ""},
    {{"http_proxy=http://p", "no_proxy=127.0.0.0/8"}, "environment",
	"http://127.0.0.1:1/", "", "", ""},
    {{"https_proxy=http://u:p%40%3a@p:1"}, "environment", "https://b.example",
	"http://p:1", "u", "p@:"},
    {{"https_proxy=http://a@b:c:d@p:1"}, "environment", "https://b.example",
	"http://p:1", "a@b", "c:d"},
    {{"https_proxy=u%zz@p:1"}, "environment", "https://b.example", "http://p:1",
	"u%zz", ""},
    {{"https_proxy=http://p", "no_proxy=*"}, "http://q:5", "https://b.example",
	"http://q:5", "", ""},
    {{"https_proxy=http://p"}, "none", "https://b.example", "", "", ""},
    {{"https_proxy=socks5://p:1"}, "environment", "https://b.example", NULL, "",
	""},
    {{"https_proxy=socks5://p:1", "no_proxy=*"}, "environment",
	"https://b.example", "", "", ""},
    {{"https_proxy=http://"}, "environment", "https://b.example", NULL, "", ""},
    {{"https_proxy=http://p:0"}, "environment", "https://b.example", NULL, "",
	""},
    {{"https_proxy=http://p:65536"}, "environment", "https://b.example", NULL,
	"", ""},
    {{"https_proxy=http://p q:1"}, "environment", "https://b.example", NULL, "",
	""},
    {{"https_proxy=http://u%0d%0aX:p@p:1"}, "environment", "https://b.example",
	NULL, "", ""},
    {{"https_proxy=http://[::1"}, "environment", "https://b.example", NULL, "",
	""},
};

START_TEST(option_and_variables_say_which_proxy)
{
	char pair[256], *value;
	struct proxy p;
	struct err err;
	size_t i, k;
	int status;

	for (i = 0; i < COUNT(ways); i++) {
		for (k = 0; k < COUNT(variables); k++)
			unsetenv(variables[k]);
		for (k = 0; k < 4 && ways[i].environment[k] != NULL; k++) {
			strcpy(pair, ways[i].environment[k]);
			value = strchr(pair, '=');
			*value++ = '\0';
			setenv(pair, value, 1);
		}
		status = proxy_find(ways[i].option, ways[i].url, &p, &err);
		ck_assert_msg(status == (ways[i].found == NULL ? -1 : 0),
		    "row %zu", i);
		if (status == -1) {
			ck_assert_ptr_nonnull(strstr(err.text, "https_proxy"));
			continue;
		}
		ck_assert_msg(strcmp(p.url, ways[i].found) == 0,
		    "row %zu: '%s'", i, p.url);
		ck_assert_str_eq(p.user, ways[i].user);
		ck_assert_str_eq(p.password, ways[i].password);
	}
}
END_TEST

START_TEST(a_user_that_is_too_long_is_an_error_that_does_not_show_it)
{
	char text[2 * PROXY_SECRET_MAX];
	struct proxy p;
	struct err err;

	memset(text, 's', sizeof(text));
	memcpy(text, "http://u:", 9);
	strcpy(text + sizeof(text) - 5, "@p:1");
	setenv("https_proxy", text, 1);
	unsetenv("no_proxy");
	ck_assert_int_eq(-1, proxy_find("environment", "https://b", &p, &err));
	ck_assert_ptr_null(strstr(err.text, "sss"));
}
END_TEST

UNIT_MAIN("proxy", a_list_has_names_ends_of_names_addresses_networks_and_ports,
    option_and_variables_say_which_proxy,
    a_user_that_is_too_long_is_an_error_that_does_not_show_it)
