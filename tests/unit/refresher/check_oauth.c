/* SPDX-License-Identifier: MIT */
/* Forms of each grant and each way to authenticate, and where metadata are. */
#include "config.h"

#include "unit.h"

#include "base/mem.h"
#include "refresher/discovery.h"
#include "refresher/oauth.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define JWT "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
#define EXCHANGE "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
#define ACCESS "urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
#define TYPE                     \
	"client_assertion_type=" \
	"urn%3Aietf%3Aparams%3A" \
	"oauth%3Aclient-assertion-type%3Ajwt-bearer"

static struct err err;
static char *form, *authorization;

static char *
text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct conf_token
client(enum conf_grant grant, enum conf_client_auth auth)
{
	return (struct conf_token){
	    .grant = grant,
	    .client_auth = auth,
	    .base_url = text("http://h/"),
	    .path = text("/token"),
	    .client_id = text("1P/Q 1"),
	    .assertion_typ = text("JWT"),
	};
}

static void
forget(void)
{
	free(form);
	free(authorization);
	form = authorization = NULL;
}

/* Compose a form with a secret and a user, masked or not; "": an error. */
static const char *
compose(const struct conf_token *t, const struct request_given *given,
    bool masked)
{
	struct secrets s = {.masked = masked};

	forget();
	secrets_add(&s, "client-secret", "z/:+=");
	secrets_add(&s, "username", "robot");
	secrets_add(&s, "password", "\"\\&%+\xc3\xbc");
	if (oauth_form(t, &s, given, &form, &authorization, &err) == -1)
		form = mem_strdup("");
	secrets_wipe(&s);
	return form;
}

START_TEST(a_client_authenticates_in_the_way_that_is_configured)
{
	static const struct {
		enum conf_client_auth auth;
		const char *form, *authorization;
	} rows[] = {
	    {CONF_CLIENT_BASIC, "grant_type=client_credentials",
		"Basic MVAlMkZRKzE6eiUyRiUzQSUyQiUzRA=="},
	    {CONF_CLIENT_BASIC_RAW, "grant_type=client_credentials",
		"Basic MVAvUSAxOnovOis9"},
	    {CONF_CLIENT_POST,
		"grant_type=client_credentials&client_id=1P%2FQ+1&client_secret=z%2F%3A%2B%3D",
		NULL},
	    {CONF_CLIENT_TLS,
		"grant_type=client_credentials&client_id=1P%2FQ+1", NULL},
	};
	struct conf_token t;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		t = client(CONF_GRANT_CLIENT, rows[i].auth);
		ck_assert_str_eq(compose(&t, NULL, false), rows[i].form);
		if (rows[i].authorization == NULL)
			ck_assert_ptr_null(authorization);
		else
			ck_assert_str_eq(authorization, rows[i].authorization);
	}
}
END_TEST

START_TEST(each_grant_has_its_members)
{
	const struct request_given given = {.subject = "s&1",
	    .actor = "a",
	    .refresh_token = "r/1"};
	struct conf_token t = client(CONF_GRANT_PASSWORD, CONF_CLIENT_TLS);

	ck_assert_str_eq(compose(&t, &given, false),
	    "grant_type=password&username=robot&password=%22%5C%26%25%2B%C3%BC&client_id=1P%2FQ+1");
	t.grant = CONF_GRANT_REFRESH;
	ck_assert_str_eq(compose(&t, &given, false),
	    "grant_type=refresh_token&refresh_token=r%2F1&client_id=1P%2FQ+1");
	t.grant = CONF_GRANT_JWT_BEARER;
	t.subject_token = text("token:other");
	ck_assert_str_eq(compose(&t, &given, false),
	    "grant_type=" JWT "&assertion=s%261&client_id=1P%2FQ+1");
	t.grant = CONF_GRANT_EXCHANGE;
	t.actor_token = text("token:third");
	t.actor_token_type = text("x:y");
	t.requested_token_type = text("w");
	ck_assert_str_eq(compose(&t, &given, false),
	    "grant_type=" EXCHANGE "&subject_token_type=" ACCESS
	    "&requested_token_type=w&subject_token=s%261&actor_token_type=x%3Ay&actor_token=a&client_id=1P%2FQ+1");
}
END_TEST

START_TEST(wishes_stand_in_the_form_encoded)
{
	char *uris[] = {text("https://a/?b=c"), text("urn:d")};
	char *more[] = {text("x y=z=&"), text("e=")};
	struct conf_token t = client(CONF_GRANT_CLIENT, CONF_CLIENT_TLS);

	t.scope = text("a:b c");
	t.audience = text("https://api/");
	t.resources = (struct conf_list){.item = uris, .count = 2};
	t.parameters = (struct conf_list){.item = more, .count = 2};
	ck_assert_str_eq(compose(&t, NULL, false),
	    "grant_type=client_credentials&client_id=1P%2FQ+1&scope=a%3Ab+c&audience=https%3A%2F%2Fapi%2F&resource=https%3A%2F%2Fa%2F%3Fb%3Dc&resource=urn%3Ad&x+y=z%3D%26&e=");
}
END_TEST

START_TEST(a_client_without_a_secret_tells_its_name)
{
	struct conf_token t = client(CONF_GRANT_REFRESH, CONF_CLIENT_BASIC);
	const struct request_given given = {.refresh_token = "r"};
	struct secrets none = {0};

	forget();
	ck_assert_int_eq(oauth_form(&t, &none, &given, &form, &authorization,
			     &err),
	    0);
	ck_assert_str_eq(form,
	    "grant_type=refresh_token&refresh_token=r&client_id=1P%2FQ+1");
	ck_assert_ptr_null(authorization);
}
END_TEST

START_TEST(masked_nothing_is_read_or_signed)
{
	struct conf_token t =
	    client(CONF_GRANT_JWT_BEARER, CONF_CLIENT_KEY_JWT);

	t.signing_key_file = text("/nowhere");
	ck_assert_str_eq(compose(&t, NULL, true),
	    "grant_type=" JWT "&assertion=********&client_id=1P%2FQ+1&" TYPE
	    "&client_assertion=********");
	t = client(CONF_GRANT_REFRESH, CONF_CLIENT_BASIC);
	t.refresh_token_file = text("/nowhere");
	ck_assert_str_eq(compose(&t, NULL, true),
	    "grant_type=refresh_token&refresh_token=********");
	ck_assert_str_eq(authorization, "Basic ********");
}
END_TEST

START_TEST(a_token_or_file_that_is_not_there_is_an_error)
{
	struct conf_token t = client(CONF_GRANT_EXCHANGE, CONF_CLIENT_TLS);

	t.subject_token = text("token:other");
	ck_assert_str_eq(compose(&t, NULL, false), "");
	ck_assert_str_eq(err.text, "the token other is not there yet");
	t.subject_token = text("file:/nowhere/at/all");
	ck_assert_str_eq(compose(&t, NULL, false), "");
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/at/all"));
	t = client(CONF_GRANT_CLIENT, CONF_CLIENT_ASSERTION_FILE);
	t.client_assertion_file = text("/nowhere/else");
	ck_assert_str_eq(compose(&t, NULL, false), "");
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/else"));
}
END_TEST

/* ---- discovery ---- */

START_TEST(metadata_are_where_two_standards_put_them)
{
	static const struct {
		const char *issuer, *oauth, *openid;
	} rows[] = {
	    {"https://h", "https://h/.well-known/oauth-authorization-server",
		"https://h/.well-known/openid-configuration"},
	    {"https://h/", "https://h/.well-known/oauth-authorization-server",
		"https://h/.well-known/openid-configuration"},
	    {"https://h:8/realms/x",
		"https://h:8/.well-known/oauth-authorization-server/realms/x",
		"https://h:8/realms/x/.well-known/openid-configuration"},
	};
	char *url;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		url = discovery_url(rows[i].issuer, DISCOVERY_OAUTH);
		ck_assert_str_eq(url, rows[i].oauth);
		free(url);
		url = discovery_url(rows[i].issuer, DISCOVERY_OPENID);
		ck_assert_str_eq(url, rows[i].openid);
		free(url);
	}
}
END_TEST

/* The token endpoint in a document; or the error. */
static const char *
endpoint(const char *document, enum conf_client_auth auth)
{
	struct conf_token t = client(CONF_GRANT_CLIENT, auth);
	struct token_reply reply = {.body = document, .len = strlen(document)};
	static char *url;

	free(url);
	t.issuer = text("https://h/x");
	url = discovery_read(&t, &reply, &err);
	return url != NULL ? url : err.text;
}

START_TEST(the_token_endpoint_is_read_of_the_right_issuer_only)
{
	static const struct {
		const char *document, *tls, *others;
	} rows[] = {
	    {"{\"issuer\":\"https://h/x\",\"token_endpoint\":\"https://i/t\"}",
		"https://i/t", "https://i/t"},
	    {"{\"issuer\":\"https://h/x\",\"token_endpoint\":\"https://i/t?p=1\",\"mtls_endpoint_aliases\":{\"token_endpoint\":\"https://m/t\"}}",
		"https://m/t", "https://i/t?p=1"},
	    {"{\"issuer\":\"https://h/x/\",\"token_endpoint\":\"https://i/t\"}",
		"the metadata are of another issuer, \"https://h/x/\"; issuer must be the same to the letter",
		NULL},
	    {"{\"issuer\":\"https://h/x\",\"token_endpoint\":\"http://i/t\"}",
		"the token_endpoint in the metadata is no URL with the issuer's scheme",
		NULL},
	    {"{\"issuer\":\"https://h/x\",\"token_endpoint\":\"https://i/ t\"}",
		"the token_endpoint in the metadata is no URL with the issuer's scheme",
		NULL},
	    {"{\"issuer\":\"https://h/x\"}",
		"the metadata have no member token_endpoint", NULL},
	    {"<html>", "the metadata have no member issuer", NULL},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ck_assert_str_eq(endpoint(rows[i].document, CONF_CLIENT_TLS),
		    rows[i].tls);
		ck_assert_str_eq(endpoint(rows[i].document, CONF_CLIENT_POST),
		    rows[i].others != NULL ? rows[i].others : rows[i].tls);
	}
}
END_TEST

UNIT_MAIN("oauth", a_client_authenticates_in_the_way_that_is_configured,
    each_grant_has_its_members, wishes_stand_in_the_form_encoded,
    a_client_without_a_secret_tells_its_name, masked_nothing_is_read_or_signed,
    a_token_or_file_that_is_not_there_is_an_error,
    metadata_are_where_two_standards_put_them,
    the_token_endpoint_is_read_of_the_right_issuer_only)
