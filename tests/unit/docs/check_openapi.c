/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "docs/openapi.h"
#include "http/problem.h"

#include <stdio.h>
#include <string.h>

#define MANY (OPENAPI_NAMES_MAX + 1)

static char names[MANY][16];
static char *bearers[] = {(char *)(uintptr_t) "Authorization: Bearer %s"};
static char listen[] = "127.0.0.1:8000";
static char *addresses[] = {listen};
static struct conf_token tokens[MANY];
static struct conf conf = {
    .listen = {.item = addresses, .count = 1},
    .token = tokens,
};

/* The configuration of that many tokens, t0, t1 and so on. */
static void
configure(size_t count)
{
	size_t i;

	conf.token_count = count;
	for (i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "t%zu", i);
		tokens[i].name = names[i];
		tokens[i].headers =
		    (struct conf_list){.item = bearers, .count = 1};
	}
}

static void
assert_has(const char *text, const char *part, bool expected)
{
	ck_assert_msg((strstr(text, part) != NULL) == expected, "%s: %s", part,
	    expected ? "is not there" : "is there");
}

START_TEST(each_token_has_paths_up_to_the_limit)
{
	char *text;

	configure(MANY - 1);
	text = openapi_document(&conf);
	assert_has(text, "\"/tokens/t0\":{\"get\"", true);
	assert_has(text, "\"/tokens/t63/auth/{rest}\":{\"get\"", true);
	assert_has(text, "\"rejectNamedToken_t63\"", true);
	assert_has(text, "{name}", false);
	assert_has(text, "NoSuchToken", false);
	free(text);

	configure(MANY);
	text = openapi_document(&conf);
	assert_has(text, "\"/tokens/{name}\":{\"get\"", true);
	assert_has(text, "/tokens/t0", false);
	assert_has(text, "NoSuchTokenHeader", true);
	free(text);
}
END_TEST

START_TEST(no_slash_stands_between_address_and_path)
{
	static char url[] = "https://tokens.corp/api//";
	char *text;

	configure(1);
	conf.public_url = url;
	text = openapi_document(&conf);
	assert_has(text, "[{\"url\":\"https://tokens.corp/api\"}]", true);
	free(text);
	text = openapi_page(&conf);
	assert_has(text, "curl https://tokens.corp/api/token\n", true);
	free(text);
	conf.public_url = NULL;
	text = openapi_page(&conf);
	assert_has(text, "curl http://localhost:8000/tokens/t0\n", true);
	free(text);
}
END_TEST

START_TEST(a_header_field_of_a_token_is_described_with_its_format)
{
	static char *header[] = {(char *)(uintptr_t) "X-Key: \"<k>\" %s."};
	char *text;

	configure(2);
	tokens[1].headers.item = header;
	text = openapi_document(&conf);
	assert_has(text, "\"X-Key\":{", true);
	assert_has(text, "\"\\\"<k>\\\" eyJhbGciOiJIUzI1NiJ9.e30.c2ln.\"",
	    true);
	assert_has(text, "\"scheme\":\"bearer\"", true);
	free(text);

	tokens[0].headers.item = header;
	text = openapi_document(&conf);
	assert_has(text, "\"Authorization\"", false);
	assert_has(text, "\"in\":\"header\",\"name\":\"X-Key\"", true);
	assert_has(text, "\"scheme\":", false);
	free(text);
}
END_TEST

START_TEST(a_problem_is_shown_as_it_is_sent)
{
	char *text;
	char memory[512];
	struct buf b;

	configure(1);
	text = openapi_document(&conf);
	buf_init(&b, memory, sizeof(memory));
	problem_write(PROBLEM_NO_TOKEN, &b);
	assert_has(text, buf_text(&b), true);
	assert_has(text, "\"example\":\"no-token\"", false);
	free(text);
}
END_TEST

START_TEST(an_answer_to_head_has_no_body)
{
	char *text, *head;

	configure(1);
	text = openapi_document(&conf);
	head = strstr(text, "\"operationId\":\"headToken\"");
	ck_assert_ptr_nonnull(head);
	*strstr(head, "\"/tokens/") = '\0';
	assert_has(head, "\"503\":{\"description\"", true);
	assert_has(head, "Retry-After", true);
	assert_has(head, "/responses/", false);
	assert_has(head, "\"content\"", false);
	free(text);
}
END_TEST

UNIT_MAIN("openapi", each_token_has_paths_up_to_the_limit,
    no_slash_stands_between_address_and_path,
    a_header_field_of_a_token_is_described_with_its_format,
    a_problem_is_shown_as_it_is_sent, an_answer_to_head_has_no_body)
