/* SPDX-License-Identifier: MIT */
/* How the answer to a request is read, and what is to be checked when it says
 * no.
 */
#include "config.h"

#include "refresher/request.h"

#include "conf/headers.h"

#include <string.h>

const char *
request_oauth_check(const char *error)
{
	static const struct {
		const char *error, *check;
	} ours[] = {
	    {"invalid_client", "client-id, its secret or key, and client-auth"},
	    {"invalid_grant", "the grant's credentials"},
	    {"unauthorized_client", "client-id and grant"},
	    {"unsupported_grant_type", "grant"},
	    {"invalid_scope", "scope"},
	    {"invalid_target", "resource and audience"},
	};
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(ours[i].error, error) == 0)
			return ours[i].check;
	return NULL;
}

const char *
request_credentials(const struct conf_token *t)
{
	if (t->grant != CONF_GRANT_NONE)
		return "client-id, client-auth and grant";
	if (t->auth == CONF_AUTH_BASIC)
		return "username and password";
	if (t->request_body != NULL)
		return "request-body and its secrets";
	return t->auth == CONF_AUTH_NONE ? "the request and its secrets"
					 : "api-key";
}

/* Whether the answer may tell another kind of token than a bearer token: a
 * plain request may be for a header of its own, and an exchange for any type
 * (RFC 8693, 2.2.1). */
static bool
any_type(const struct conf_token *t)
{
	if (t->grant == CONF_GRANT_EXCHANGE)
		return t->requested_token_type != NULL;
	return t->grant == CONF_GRANT_NONE && !headers_are_bearer(t);
}

struct token_rules
request_rules(const struct conf *conf, const struct conf_token *t)
{
	return (struct token_rules){
	    .token_from = t->token_from,
	    .token_field = t->token_field,
	    .expiry_from = t->expiry_from,
	    .expiry_field = t->expiry_field,
	    .success_field = t->success_field,
	    .expiry_unit = (enum token_unit)t->expiry_unit,
	    .oauth = t->grant != CONF_GRANT_NONE,
	    .any_type = any_type(t),
	    .default_ttl_ms = t->default_ttl_ms,
	    .max_ttl_ms = t->max_ttl_ms,
	    .max_len = (size_t)conf->max_token_size,
	    .extra = (const char *const *)t->extras.item,
	    .extra_count = t->extras.count,
	};
}
