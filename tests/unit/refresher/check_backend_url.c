/* SPDX-License-Identifier: MIT */
/* A URL in the log, and an answer that points elsewhere. */
#include "config.h"

#include "unit.h"

#include "refresher/backend_private.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONG "0123456789012345678901234567890123456789"

START_TEST(nothing_that_could_be_a_secret_is_shown)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
	    {"http://a/token", "http://a/token"},
	    {"https://a.example:8443/x/token",
		"https://a.example:8443/x/token"},
	    {"http://[::1]:80/token", "http://[::1]:80/token"},
	    {"http://a", "http://a"},
	    {"http://a/", "http://a/"},
	    {"http://user:pw@a/token", "http://a/token"},
	    {"http://user:p@w@a/token", "http://a/token"},
	    {"http://user:pw@a", "http://a"},
	    {"//user:pw@a/token", "//a/token"},
	    {"http:user:pw@a/token", "a/token"},
	    {"http://a/token?key=secret", "http://a/token?..."},
	    {"http://a?key=secret@b/", "http://a?..."},
	    {"http://a/token#access_token=secret", "http://a/token#..."},
	    {"http://a/token;session=secret/b", "http://a/token;..."},
	    {"http://a\\@b/token", "http://a\\..."},
	    {"?key=http://secret@b", "?..."},
	    {"/elsewhere", "/elsewhere"},
	    {"elsewhere", "elsewhere"},
	    {"/at@sign", "/at@sign"},
	    {"/a//b/", "/a//b/"},
	    {"/a/" LONG "/b", "/a/.../b"},
	    {"/a/" LONG, "/a/..."},
	    {"http://a/b\r\nc\x9b\x7f", "http://a/b??c??"},
	    {"", ""},
	};
	char out[BACKEND_SHOWN_MAX];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		backend_show_url(rows[i].url, out, sizeof(out));
		ck_assert_str_eq(out, rows[i].shown);
	}
}
END_TEST

START_TEST(a_long_url_is_cut)
{
	char url[3000], out[BACKEND_SHOWN_MAX];

	memset(url, 'a', sizeof(url));
	url[sizeof(url) - 1] = '\0';
	backend_show_url(url, out, sizeof(out));
	ck_assert_uint_lt(strlen(out), sizeof(out));
	memcpy(url, "http://a", 8);
	memset(url + 8, '/', sizeof(url) - 9);
	backend_show_url(url, out, sizeof(out));
	ck_assert_uint_lt(strlen(out), sizeof(out));
}
END_TEST

START_TEST(a_status_names_the_address_and_where_it_points)
{
	static const struct {
		int status;
		const char *location, *said;
	} rows[] = {
	    {500, "", " to http://a/t"},
	    {500, "/b", " to http://a/t"},
	    {301, "https://a/t",
		" to http://a/t, which points to https://a/t; "
		"redirects are not followed: check base-url and path"},
	    {307, "",
		" to http://a/t; redirects are not followed: "
		"check base-url and path"},
	    {404, "", " to http://a/t; check base-url and path"},
	};
	static struct backend_call c;
	char out[BACKEND_DETAIL_MAX];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		strcpy(c.location, rows[i].location);
		backend_tell_status(&c, rows[i].status, "http://a/t", out,
		    sizeof(out));
		ck_assert_str_eq(out, rows[i].said);
	}
}
END_TEST

UNIT_MAIN("backend_url", nothing_that_could_be_a_secret_is_shown,
    a_long_url_is_cut, a_status_names_the_address_and_where_it_points)
