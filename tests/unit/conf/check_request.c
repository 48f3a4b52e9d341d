/* SPDX-License-Identifier: MIT */
/* Options of the request: which are errors, and which values count of those
 * that have several. */
#include "config.h"

#include "unit.h"

#include "conf_try.h"

#include "conf/secrets.h"

/* A file, and all the errors that come out, each after "f.conf:". */
static const struct {
	const char *file;
	const char *errors[3];
} bad[] = {
    {"method = get\n", {"1: method: 'get' must be one of: GET POST PUT PATCH"}},
    {"auth = digest\n",
	{"1: auth: 'digest' must be one of: header basic bearer none"}},
    {"auth = basic\n", {"1: auth: basic needs username, which is not set"}},
    {"auth = basic\nusername = \"a:b\"\n",
	{"2: username: must not have a colon, which would end it with auth = basic"}},
    {"auth = bearer\n",
	{"1: auth: bearer needs api-key or api-key-file, of which none is set"}},
    {"username = \"a\\nb\"\n",
	{"1: username: 'a?b' must not have control characters, such as a line end"}},
    {"request-body = x\n",
	{"1: request-body: needs method = POST, PUT or PATCH; GET has no body"}},
    {"request-header = \"SECRET\"\n",
	{"1: request-header: must be \"Name: value\", such as \"Accept: application/xml\""}},
    {"request-header = \"X-A:\"\n",
	{"1: request-header: must have a value behind the colon"}},
    {"request-header = \"Host: h\"\n",
	{"1: request-header: must not be a field that HTTP itself needs"}},
    {"request-header = \"X: SECRET\\rb\"\n",
	{"1: request-header: must not have control characters, such as a line end"}},
    {"auth = bearer\napi-key = k\nrequest-header = \"X: y\"\n"
     "request-header = \"authorization: Basic SECRET\"\n",
	{"4: request-header: must not be Authorization, which auth sends; set auth = none"}},
    {"api-key = k\nrequest-header = \"Backend-apikey: x\"\n",
	{"2: request-header: must not be backend-APIKey, which auth sends; set auth = none"}},
    {"secret-file = s\n",
	{"1: secret-file: 's' must be NAME=FILE, such as \"session=/etc/bearerd/session\""}},
    {"secret-file = \"a b=/x\"\n",
	{"1: secret-file: 'a b=/x' must have a name of 1 to 64 letters, digits, points, underscores and hyphens"}},
    {"secret-file = \"password=/x\"\n",
	{"1: secret-file: must have another name than password, which is that of an option"}},
    {"secret-file = \"s=/x\"\nsecret-file = \"s=/y\"\n",
	{"2: secret-file: is given twice for the name s"}},
    {"path = \"/a?b=@{nothing}\"\n",
	{"1: path: has a place @{nothing}, but there is nothing of this name; there is none (secret-file adds one)"}},
    {"secret-file = \"s=/x\"\nusername = u\nrequest-header = \"A: b\"\n"
     "request-header = \"C: @{t}\"\nrequest-header = \"D: @{password}\"\n",
	{"4: request-header: has a place @{t}, but there is nothing of this name; there is @{username}, @{s} (secret-file adds one)",
	    "5: request-header: has a place @{password}, but password is not set"}},
    {"method = POST\nrequest-body = \"@{a\"\n",
	{"2: request-body: a place must be @{NAME} or @{NAME:ENCODING}, with a name of 1 to 64 letters, digits, points, underscores and hyphens"}},
    {"method = POST\nusername = u\nrequest-body = \"@{username:url}\"\n",
	{"3: request-body: a place has an encoding that is not known; there are json, form, base64, xml and raw"}},
    /* the answer */
    {"success-status = 401\n",
	{"1: success-status: '401' must be a status from 200 to 399, or a range such as 200-299"}},
    {"success-status = \"200, 299-201\"\n",
	{"1: success-status: '299-201' must be a status"}},
    {"success-status = \"\"\n",
	{"1: success-status: must have at least one status"}},
    {"success-field = success\n",
	{"1: success-field: 'success' must be FIELD=VALUE, such as \"/success=true\""}},
    {"token-from = Body\n",
	{"1: token-from: 'Body' must be body, text, header:NAME, cookie:NAME or match:REGEX"}},
    {"token-from = 'match:(a'\n",
	{"1: token-from: 'match:(a' must be a POSIX extended regular expression behind match:, and is none (Unmatched ( or \\()"}},
    {"token-from = 'match:(a)b\\\\1'\n",
	{"1: token-from: 'match:(a)b\\1' must not have a back-reference such as \\1, which takes any time"}},
    {"token-from = 'match:a'\n",
	{"1: token-from: 'match:a' must have a group ( ) in its regular expression, around what is wanted"}},
    {"expiry-from = text\n",
	{"1: expiry-from: 'text' must be body, header:NAME, cookie:NAME or match:REGEX"}},
    {"token-from = text\ntoken-field = a\n",
	{"2: token-field: needs token-from = body"}},
    {"expiry-from = header:X\nexpiry-field = a\n",
	{"2: expiry-field: needs expiry-from = body"}},
    {"expiry-unit = d\n", {"1: expiry-unit: 'd' must be one of: s ms m h"}},
    {"password = a\npassword-file = b\n",
	{
	    "1: password: password and password-file (",
	}},
};

START_TEST(requests_that_cannot_be_made_are_errors)
{
	size_t i, k, lines;

	for (i = 0; i < COUNT(bad); i++) {
		struct try t = {.file = bad[i].file};

		try_load(&t);
		ck_assert_msg(t.conf == NULL, "no error: %s", bad[i].file);
		for (k = 0, lines = 0; k < COUNT(bad[i].errors); k++) {
			if (bad[i].errors[k] == NULL)
				continue;
			lines++;
			ck_assert_msg(strstr(t.errors, bad[i].errors[k]) !=
				NULL,
			    "%s: %s", bad[i].file, t.errors);
		}
		ck_assert_msg(try_lines(t.errors) == lines, "%s: %s",
		    bad[i].file, t.errors);
		ck_assert_ptr_null(strstr(t.errors, "SECRET"));
		ck_assert_ptr_null(strstr(t.warnings, "SECRET"));
	}
}
END_TEST

START_TEST(the_strongest_source_gives_all_values_of_an_option)
{
	static const struct {
		struct try in;
		const char *first, *second; /* of the first token */
	} rows[] = {
	    {{.file = "request-header = \"A: 1\"\nrequest-header = 'B: 2'\n"},
		"A: 1", "B: 2"},
	    {{.file = "request-header = \"A: 1\"\n",
		 .env = {"BEARERD_REQUEST_HEADER=C: 3\n  D: 4\n"}},
		"C: 3", "D: 4"},
	    {{.env = {"BEARERD_REQUEST_HEADER=C: 3\nD: 4"},
		 .flags = {"--request-header=E: 5", "--request-header=F: 6"}},
		"E: 5", "F: 6"},
	    {{.file = "request-header = 'A: 1'\ntoken a {\n"
		      "request-header = 'G: 7'\nrequest-header = 'H: 8'\n}\n",
		 .flags = {"--request-header=E: 5"}},
		"G: 7", "H: 8"},
	    {{.file = "request-header = 'A: 1'\ntoken a {\n"
		      "request-header = \"\"\n}\n"},
		NULL, NULL},
	};
	const char *const *expected;
	size_t i, k;

	for (i = 0; i < COUNT(rows); i++) {
		struct try t = rows[i].in;
		const struct conf_list *is;

		try_load(&t);
		ck_assert_msg(t.conf != NULL, "%s", t.errors);
		is = &t.conf->token[0].request_fields;
		ck_assert_uint_eq(is->count, rows[i].first == NULL ? 0 : 2);
		expected = &rows[i].first;
		for (k = 0; k < is->count; k++)
			ck_assert_str_eq(is->item[k], expected[k]);
		try_done(&t);
	}
}
END_TEST

START_TEST(more_values_than_there_is_room_for_are_an_error)
{
	struct try t = {
	    .env = {"BEARERD_REQUEST_HEADER="
		    "A: 1\nA: 2\nA: 3\nA: 4\nA: 5\nA: 6\nA: 7\nA: 8\n"
		    "A: 9\nA: a\nA: b\nA: c\nA: d\nA: e\nA: f\nA: g"}};

	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	ck_assert_uint_eq(t.conf->token[0].request_fields.count, 16);
	try_done(&t);
	t.flags[0] = "--request-header=B: 1";
	t.env[1] =
	    "BEARERD_SECRET_FILE=a=1\nb=1\nc=1\nd=1\ne=1\nf=1\ng=1\nh=1\n"
	    "i=1\nj=1\nk=1\nl=1\nm=1\nn=1\no=1\np=1\nq=1";
	try_load(&t);
	ck_assert_ptr_null(t.conf);
	ck_assert_str_eq(t.errors,
	    "BEARERD_SECRET_FILE: must not be given more than 16 times\n");
}
END_TEST

START_TEST(a_request_is_printed_so_that_it_can_be_read_again)
{
	struct try t = {.file = "method = PUT\nauth = none\nusername = 'a\"b'\n"
				"password = SECRET\nsecret-file = 's=/x y'\n"
				"secret-file = 't=/z'\n"
				"request-header = 'X: @{s}'\n"
				"request-header = 'Y: $\\\\{t}'\n"
				"request-body = \"{\\n\\t@{t}\\n}\"\n"};
	const char *text;

	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	text = try_print(t.conf);
	ck_assert_ptr_nonnull(strstr(text, "\tmethod = PUT\n\tauth = none\n"));
	ck_assert_ptr_nonnull(strstr(text,
	    "\tusername = \"a\\\"b\"\n\tpassword = \"********\"\n"
	    "\tpassword-file = \"\"\n\tsecret-file = \"s=/x y\"\n"
	    "\tsecret-file = \"t=/z\"\n\trequest-header = \"X: @{s}\"\n"
	    "\trequest-header = \"Y: \\$\\\\{t}\"\n"
	    "\trequest-body = \"{\\n\t@{t}\\n}\"\n"));
	ck_assert_ptr_null(strstr(text, "SECRET"));
	try_done(&t);
}
END_TEST

START_TEST(who_must_not_know_secrets_forgets_the_password)
{
	struct try t = {.file = "username = u\npassword = SECRET\n"};

	try_load(&t);
	ck_assert_str_eq(t.conf->token[0].password, "SECRET");
	conf_forget_secrets(t.conf);
	ck_assert_ptr_null(t.conf->token[0].password);
	ck_assert_str_eq(t.conf->token[0].username, "u");
	try_done(&t);
}
END_TEST

static void
count_file(void *arg, const char *path)
{
	size_t *found = arg;

	*found += strcmp(path, "/pw") == 0 || strcmp(path, "/s=1") == 0 ||
	    strcmp(path, "/t") == 0;
}

START_TEST(files_of_secrets_are_among_the_files_of_the_configuration)
{
	struct try t = {.file = "password-file = /pw\nsecret-file = 's=/s=1'\n"
				"secret-file = 't=/t'\n"};
	size_t found = 0;

	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	ck_assert_uint_eq(try_lines(t.warnings), 4); /* and no credentials */
	conf_each_file(t.conf, count_file, &found);
	ck_assert_uint_eq(found, 3);
	try_done(&t);
}
END_TEST

START_TEST(statuses_of_success_are_numbers_and_ranges)
{
	struct try t = {.file = "success-status = \"201, 204-205 302\"\n"};
	const struct conf_token *token;

	try_load(&t);
	ck_assert_msg(t.conf != NULL, "%s", t.errors);
	token = &t.conf->token[0];
	ck_assert(conf_is_success(token, 201));
	ck_assert(conf_is_success(token, 204));
	ck_assert(conf_is_success(token, 205));
	ck_assert(conf_is_success(token, 302));
	ck_assert(!conf_is_success(token, 200));
	ck_assert(!conf_is_success(token, 206));
	try_done(&t);
	t.file = NULL;
	try_load(&t);
	token = &t.conf->token[0];
	ck_assert(conf_is_success(token, 200));
	ck_assert(conf_is_success(token, 299));
	ck_assert(!conf_is_success(token, 300));
	ck_assert(!conf_is_success(token, 199));
	try_done(&t);
}
END_TEST

START_TEST(a_request_with_places_is_not_without_credentials)
{
	struct try t = {.file = "method = POST\npassword = p\n"
				"request-body = '@{password}'\n"};

	try_load(&t);
	ck_assert_str_eq(t.warnings, "");
	try_done(&t);
	t.file = "auth = none\n";
	try_load(&t);
	ck_assert_str_eq(t.warnings, "");
	try_done(&t);
}
END_TEST

START_TEST(secrets_are_read_from_their_files_each_time)
{
	struct try t = {0};
	char file[512];
	struct secrets s;
	struct err err;

	try_write("pw", "one\n");
	try_write("s", "two");
	snprintf(file, sizeof(file),
	    "username = u\npassword-file = %s\nsecret-file = 's=%s'\n",
	    try_path("pw"), try_path("s"));
	t.file = file;
	try_load(&t);
	ck_assert_int_eq(secrets_read(&t.conf->token[0], &s, &err), 0);
	ck_assert_uint_eq(s.count, 3);
	ck_assert_str_eq(secrets_find(&s, "username").text, "u");
	ck_assert_str_eq(secrets_find(&s, "password").text, "one");
	ck_assert_str_eq(secrets_find(&s, "s").text, "two");
	ck_assert_ptr_null(secrets_find(&s, "api-key").text);
	secrets_wipe(&s);
	try_write("pw", "three\n");
	ck_assert_int_eq(secrets_read(&t.conf->token[0], &s, &err), 0);
	ck_assert_str_eq(secrets_find(&s, "password").text, "three");
	secrets_wipe(&s);
	try_write("pw", "a\nb\n");
	ck_assert_int_eq(secrets_read(&t.conf->token[0], &s, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "must hold exactly one line"));
	ck_assert_uint_eq(s.count, 0);
	ck_assert(secrets_in_files(&t.conf->token[0]));
	try_done(&t);
	try_remove("pw");
	try_remove("s");
}
END_TEST

UNIT_MAIN("request options", requests_that_cannot_be_made_are_errors,
    the_strongest_source_gives_all_values_of_an_option,
    more_values_than_there_is_room_for_are_an_error,
    a_request_is_printed_so_that_it_can_be_read_again,
    who_must_not_know_secrets_forgets_the_password,
    files_of_secrets_are_among_the_files_of_the_configuration,
    statuses_of_success_are_numbers_and_ranges,
    a_request_with_places_is_not_without_credentials,
    secrets_are_read_from_their_files_each_time)
