/* SPDX-License-Identifier: MIT */
/* Requests of templates and secrets, and those that cannot be sent. */
#include "config.h"

#include "unit.h"

#include "refresher/request.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UE "\xc3\xbc"

static struct secrets secrets;
static struct request made;
static struct err err;

static char *
text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct conf_token
usual(void)
{
	return (struct conf_token){
	    .base_url = text("http://h//"),
	    .path = text("/token"),
	    .api_key_header = text("X-Key"),
	};
}

/* Make a request with up to two fields. */
static int
make(struct conf_token *t, const char *field, const char *other)
{
	char *fields[] = {text(field), text(other)};
	int status;

	t->request_fields = (struct conf_list){.item = fields,
	    .count = (field != NULL) + (size_t)(other != NULL)};
	status = request_make(t, &secrets, NULL, &made, &err);
	t->request_fields = (struct conf_list){0};
	return status;
}

/* A value that no file and no variable could bring. */
static void
know(const char *name, const char *value)
{
	struct secret *s = &secrets.item[secrets.count++];

	snprintf(s->name, sizeof(s->name), "%s", name);
	s->text = strdup(value);
}

/* The fields, a line each. */
static const char *
fields(void)
{
	static char all[65536];
	size_t i;

	all[0] = '\0';
	for (i = 0; i < made.field_count; i++) {
		strcat(all, made.field[i]);
		strcat(all, "\n");
	}
	return all;
}

START_TEST(the_usual_request_is_a_get_with_the_key_in_its_field)
{
	struct conf_token t = usual();

	know("api-key", "k@{x}");
	ck_assert_int_eq(make(&t, NULL, NULL), 0);
	ck_assert_str_eq(made.method, "GET");
	ck_assert_str_eq(made.url, "http://h/token");
	ck_assert_str_eq(fields(),
	    "X-Key: k@{x}\nAccept: application/json\nCache-Control: no-cache\n");
	ck_assert_ptr_null(made.body);
	request_wipe(&made);
	ck_assert_uint_eq(made.field_count, 0);
	secrets_wipe(&secrets);
}
END_TEST

START_TEST(each_way_to_say_who_asks_is_one_field_or_none)
{
	static const struct {
		enum conf_auth auth;
		const char *field;
	} rows[] = {
	    {CONF_AUTH_HEADER, "X-Key: k\n"},
	    {CONF_AUTH_BASIC, "Authorization: Basic Ym9iOiJcJiUrw7w=\n"},
	    {CONF_AUTH_BEARER, "Authorization: Bearer k\n"},
	    {CONF_AUTH_NONE, ""},
	};
	struct conf_token t = usual();
	size_t i;

	know("api-key", "k");
	know("username", "bob");
	know("password", "\"\\&%+" UE);
	for (i = 0; i < COUNT(rows); i++) {
		t.auth = rows[i].auth;
		ck_assert_int_eq(make(&t, NULL, NULL), 0);
		ck_assert_ptr_eq(strstr(fields(), rows[i].field), fields());
		ck_assert_ptr_eq(strstr(fields(), "Accept"),
		    fields() + strlen(rows[i].field));
		request_wipe(&made);
	}
	secrets_wipe(&secrets);
}
END_TEST

START_TEST(a_body_is_written_in_the_language_that_it_begins_with)
{
	static const struct {
		const char *field, *body, *made, *type;
	} rows[] = {
	    {NULL, "{\"p\":\"@{p}\"}", "{\"p\":\"\\\"&<\"}",
		"Content-Type: application/json\n"},
	    {NULL, " \n\t[\"@{p}\"]", " \n\t[\"\\\"&<\"]",
		"Content-Type: application/json\n"},
	    {NULL, "<p>@{p}</p>", "<p>&quot;&amp;&lt;</p>",
		"Content-Type: application/xml\n"},
	    {NULL, "p=@{p}", "p=%22%26%3C",
		"Content-Type: application/x-www-form-urlencoded\n"},
	    {NULL, "", "", "Content-Type: application/x-www-form-urlencoded\n"},
	    {NULL, "{@{p:form}@{p:base64}@{p:raw}", "{%22%26%3CIiY8\"&<",
		"Content-Type: application/json\n"},
	    /* unless a field says otherwise */
	    {"Content-Type: application/vnd.api+json", "\"@{p}\"", "\"\\\"&<\"",
		"Content-Type: application/vnd.api+json\n"},
	    {"content-type: text/xml", "@{p}", "&quot;&amp;&lt;",
		"content-type: text/xml\n"},
	    {"Content-Type: application/x-www-form-urlencoded", "{=@{p}",
		"{=%22%26%3C",
		"Content-Type: application/x-www-form-urlencoded\n"},
	    {"Content-Type: text/plain", "@{p}", "\"&<",
		"Content-Type: text/plain\n"},
	    {"Content-Type: text/plain", "{@{p}", "{\\\"&<",
		"Content-Type: text/plain\n"},
	};
	struct conf_token t = usual();
	size_t i;

	know("p", "\"&<");
	t.method = CONF_POST;
	for (i = 0; i < COUNT(rows); i++) {
		t.request_body = text(rows[i].body);
		ck_assert_int_eq(make(&t, rows[i].field, NULL), 0);
		ck_assert_str_eq(made.method, "POST");
		ck_assert_str_eq(made.body, rows[i].made);
		ck_assert_msg(strcasestr(fields(), "Content-Type") ==
			strstr(fields(), rows[i].type),
		    "%s: %s", rows[i].body, fields());
		request_wipe(&made);
	}
	secrets_wipe(&secrets);
}
END_TEST

START_TEST(our_own_fields_give_way)
{
	struct conf_token t = usual();

	ck_assert_int_eq(make(&t, "ACCEPT: text/xml", "X-Accept: y"), 0);
	ck_assert_str_eq(fields(),
	    "Cache-Control: no-cache\nACCEPT: text/xml\nX-Accept: y\n");
	request_wipe(&made);
}
END_TEST

START_TEST(a_url_has_percent_encoded_secrets_and_nothing_that_ends_it)
{
	static const struct {
		const char *path, *url;
	} rows[] = {
	    {"/@{odd}", "http://h/%2F%3F%23%20%25"},
	    {"/?a=@{odd}&b=@{p:raw}", "http://h/?a=%2F%3F%23%20%25&b=x"},
	    {"/@{odd:raw}", NULL},
	    {"/@{line:raw}", NULL},
	};
	struct conf_token t = usual();
	size_t i;

	know("odd", "/?# %");
	know("line", "a\r\nb");
	know("p", "x");
	for (i = 0; i < COUNT(rows); i++) {
		t.path = text(rows[i].path);
		ck_assert_int_eq(make(&t, NULL, NULL),
		    rows[i].url == NULL ? -1 : 0);
		if (rows[i].url == NULL) {
			ck_assert_ptr_nonnull(
			    strstr(err.text, "path: a value has a character"));
			continue;
		}
		ck_assert_str_eq(made.url, rows[i].url);
		request_wipe(&made);
	}
	secrets_wipe(&secrets);
}
END_TEST

START_TEST(a_line_end_is_never_sent_in_a_field)
{
	static const char *const values[] = {"a\r\nX-Injected: yes", "a\nb",
	    "a\rb", "\x01", "\x7f"};
	struct conf_token t = usual();
	size_t i;

	for (i = 0; i < COUNT(values); i++) {
		know("api-key", values[i]);
		ck_assert_int_eq(make(&t, NULL, NULL), -1);
		ck_assert_str_eq(err.text,
		    "field X-Key: a value has a control character, such as a line end, which cannot be sent");
		t.auth = CONF_AUTH_NONE;
		ck_assert_int_eq(make(&t, "X-A: b @{api-key}", NULL), -1);
		ck_assert_ptr_nonnull(strstr(err.text, "field X-A: "));
		ck_assert_ptr_null(strstr(err.text, "Injected"));
		/* where it is encoded it does no harm */
		ck_assert_int_eq(make(&t, "X-A: @{api-key:base64}", NULL), 0);
		request_wipe(&made);
		t.auth = CONF_AUTH_HEADER;
		secrets_wipe(&secrets);
	}
}
END_TEST

START_TEST(an_empty_field_is_refused_and_not_left_out)
{
	struct conf_token t = usual();

	know("api-key", "");
	t.auth = CONF_AUTH_NONE;
	ck_assert_int_eq(make(&t, "X-A: @{api-key} ", NULL), -1);
	ck_assert_str_eq(err.text, "field X-A: a value is empty");
	secrets_wipe(&secrets);
}
END_TEST

START_TEST(what_is_too_long_is_refused_and_not_cut)
{
	char body[4 * 4096 + 1] = "", secret[4096 + 1], path[1025] = "/";
	struct conf_token t = usual();
	size_t i;

	memset(secret, '"', 4096);
	secret[4096] = '\0';
	know("p", secret);
	t.method = CONF_POST;
	for (i = 0; i < 40; i++)
		strcat(body, "@{p}");
	t.request_body = body;
	ck_assert_int_eq(make(&t, NULL, NULL), -1);
	ck_assert_str_eq(err.text,
	    "request-body: longer than 131072 bytes with its secrets");
	t.request_body = NULL;
	ck_assert_int_eq(make(&t, "X: @{p}@{p}@{p}@{p}", NULL), -1);
	ck_assert_str_eq(err.text,
	    "request-header: longer than 16384 bytes with its secrets");
	strcat(path, "@{p}@{p}@{p}");
	t.path = path;
	ck_assert_int_eq(make(&t, NULL, NULL), -1);
	ck_assert_str_eq(err.text,
	    "path: longer than 16384 bytes with its secrets");
	ck_assert_int_eq(make(&t, "X: @{none}", NULL), -1);
	secrets_wipe(&secrets);
}
END_TEST

START_TEST(people_see_the_request_without_secrets)
{
	char *files[] = {text("session=/none")};
	char *lines[] = {text("X-A: @{session:base64}")};
	struct conf_token t = usual();
	struct conf conf = {.token = &t, .token_count = 1};
	char shown[4096];
	struct buf b;

	t.name = text("t");
	t.method = CONF_PUT;
	t.auth = CONF_AUTH_BASIC;
	t.username = text("bob\"");
	t.password = text("SECRET");
	t.path = text("/a?s=@{session}");
	t.secret_files = (struct conf_list){.item = files, .count = 1};
	t.request_fields = (struct conf_list){.item = lines, .count = 1};
	t.request_body =
	    text("{\"u\":\"@{username}\",\n\"p\":\"@{password}\"}");
	buf_init(&b, shown, sizeof(shown));
	request_show(&conf, &b);
	ck_assert_str_eq(buf_text(&b),
	    "\n# The request for token t:\n"
	    "#   PUT http://h/a?s=********\n"
	    "#   Authorization: Basic ********\n"
	    "#   Accept: application/json\n"
	    "#   Cache-Control: no-cache\n"
	    "#   X-A: ********\n"
	    "#   Content-Type: application/json\n"
	    "#\n"
	    "#   {\"u\":\"bob\\\"\",\n"
	    "#   \"p\":\"********\"}\n");
}
END_TEST

UNIT_MAIN("request", the_usual_request_is_a_get_with_the_key_in_its_field,
    each_way_to_say_who_asks_is_one_field_or_none,
    a_body_is_written_in_the_language_that_it_begins_with,
    our_own_fields_give_way,
    a_url_has_percent_encoded_secrets_and_nothing_that_ends_it,
    a_line_end_is_never_sent_in_a_field,
    an_empty_field_is_refused_and_not_left_out,
    what_is_too_long_is_refused_and_not_cut,
    people_see_the_request_without_secrets)
