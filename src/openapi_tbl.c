/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "openapi_own.h"

#include <stddef.h>
#include <string.h>

#define TEXT_ETAG "7-0123456789abcdef"
#define EXAMPLE_ETAG "\"\\\"" TEXT_ETAG "\\\"\""

const char openapi_about[] =
    "Hands out a backend's token to callers that need to know neither the "
    "backend's key nor how long a token lives: as JSON, or as a header field "
    "for gateways.";

const struct openapi_tag openapi_tags[] = {
    {"tokens", "The token as JSON, and the report that it is dead."},
    {"gateways", "The token as a header field that a gateway copies "
	"(`auth_request` of nginx, forward authentication, external "
	"authorization)."},
    {"description", "What you are reading."},
    {NULL, NULL}
};

const struct openapi_field openapi_fields[FIELD_COUNT] = {
    [FIELD_CACHE] = {"Cache-Control", "string", "\"no-store\"",
	"Not to be kept by any cache."},
    [FIELD_NO_CACHE] = {"Cache-Control", "string", "\"no-cache\"",
	"May be kept, but is to be asked for again with `If-None-Match`."},
    [FIELD_ETAG] = {"ETag", "string", EXAMPLE_ETAG,
	"Names what was answered, for `If-None-Match` and `If-Match`. Of a "
	"token: how many times it was published, and the beginning of its "
	"SHA-256."},
    [FIELD_RETRY] = {"Retry-After", "integer", "5",
	"Seconds until it makes sense to ask again."},
    [FIELD_ALLOW] = {"Allow", "string", "\"GET, HEAD, DELETE\"",
	"The methods that this path takes."},
    [FIELD_SNIFF] = {"X-Content-Type-Options", "string", "\"nosniff\"",
	"The type is what it says."},
    [FIELD_POLICY] = {"Content-Security-Policy", "string",
	"\"default-src 'none'\"", "What the page may load: nothing of another "
	"host."},
};

/* An example is what Swagger UI sends unless told otherwise: only where it can
 * do no harm. */
const struct openapi_param openapi_params[PARAM_COUNT] = {
    [PARAM_IF_NONE_MATCH] = {"IfNoneMatch", "If-None-Match", "header", NULL,
	"Entity tags that the caller has, as `\"" TEXT_ETAG "\"`, or `*`; when "
	"the current one is among them, the answer is 304."},
    [PARAM_MIN_FRESH] = {"MinFresh", "Cache-Control", "header", NULL,
	"`min-fresh=60` asks for a token that lives for at least 60 seconds "
	"more; a newer one is obtained if need be. More than half of a life is "
	"never asked for."},
    [PARAM_IF_MATCH] = {"IfMatch", "If-Match", "header", NULL,
	"The entity tag of the token that was refused, as `\"" TEXT_ETAG
	"\"`. Its text in `Authorization: Bearer` will do as well."},
    [PARAM_REST] = {"Rest", "rest", "path", "\"orders/17\"",
	"Anything, further slashes as well; it is ignored."},
    [PARAM_NAME] = {"Name", "name", "path", NULL,
	"Name of a token of the configuration."},
};

#define PROBLEM "application/problem+json", "Problem", NULL
#define NOTHING NULL, NULL, NULL
#define F(name) (1u << FIELD_##name)

const struct openapi_answer openapi_answers[ANSWER_COUNT] = {
    [ANSWER_TOKEN] = {"Token", 200, F(CACHE) | F(ETAG), "application/json",
	"Token", "{\"token\":\"" OPENAPI_TOKEN "\",\"token_type\":\"Bearer\","
	"\"expires_in\":1723,\"refresh_in\":1211}",
	"The token, with at least a second to live.", NULL},
    [ANSWER_HEADER] = {NULL, 200, F(CACHE), NOTHING,
	"The token, in a header field; there is no body.", NULL},
    [ANSWER_DOCUMENT] = {"Document", 200, F(NO_CACHE) | F(ETAG) | F(SNIFF),
	"application/json", "Document", "{\"info\":{\"title\":\"bearerd\"}}",
	"This description.", NULL},
    [ANSWER_PAGE] = {"Page", 200, F(NO_CACHE) | F(ETAG) | F(SNIFF) |
	F(POLICY), "text/html", "Page", "\"<!DOCTYPE html>\"", "The page.",
	NULL},
    [ANSWER_REPORTED] = {"Reported", 202, F(CACHE), NOTHING,
	"The report was taken: a new token is being obtained.", NULL},
    [ANSWER_UNCHANGED] = {"Unchanged", 304, F(CACHE) | F(ETAG), NOTHING,
	"The caller has the token in service already.", NULL},
    [ANSWER_DOCUMENT_UNCHANGED] = {"DocumentUnchanged", 304,
	F(NO_CACHE) | F(ETAG), NOTHING, "The caller has this already.", NULL},
    [ANSWER_MALFORMED] = {"Malformed", 400, F(CACHE), PROBLEM,
	"The request is no well-formed HTTP.",
	"The request is not well-formed or too large."},
    [ANSWER_NO_NAME] = {"NoSuchToken", 404, F(CACHE), PROBLEM,
	"There is no token of this name.", "There is no token of this name."},
    [ANSWER_NO_NAME_HEADER] = {"NoSuchTokenHeader", 404, F(CACHE), NOTHING,
	"There is no token of this name; there is no body.", NULL},
    [ANSWER_METHOD] = {"MethodNotAllowed", 405, F(CACHE) | F(ALLOW), PROBLEM,
	"To other methods: this path does not take them.",
	"This path does not take this method."},
    [ANSWER_LATE] = {"RequestTimeout", 408, F(CACHE), PROBLEM,
	"The head of the request did not come in time.",
	"The request was not sent in time."},
    [ANSWER_REPLACED] = {"Replaced", 412, F(CACHE), PROBLEM,
	"The token in service is another one already: take that.",
	"The token in service is another one already."},
    [ANSWER_LARGE] = {"TooLarge", 413, F(CACHE), PROBLEM,
	"The announced body is larger than any can be.",
	"The request is not well-formed or too large."},
    [ANSWER_URI] = {"UriTooLong", 414, F(CACHE), PROBLEM,
	"The request line is longer than 16 KiB.",
	"The request is not well-formed or too large."},
    [ANSWER_WHICH] = {"WhichToken", 428, F(CACHE), PROBLEM,
	"The report does not say which token was refused.",
	"Say which token was refused: If-Match with its ETag, or "
	"Authorization: Bearer with itself."},
    [ANSWER_LIMITED] = {"JustReported", 429, F(CACHE) | F(RETRY), PROBLEM,
	"This token was reported less than 10 seconds ago.",
	"This token was reported a moment ago; it is being renewed."},
    [ANSWER_HEAD] = {"HeadTooLarge", 431, F(CACHE), PROBLEM,
	"The head of the request is larger than 64 KiB or 256 fields.",
	"The request is not well-formed or too large."},
    [ANSWER_UNKNOWN] = {"NotImplemented", 501, F(CACHE), PROBLEM,
	"A transfer coding other than chunked, or a method that HTTP does not "
	"know.", "This method is not known here."},
    [ANSWER_NO_TOKEN] = {"NoToken", 503, F(CACHE) | F(RETRY), PROBLEM,
	"No token is to be had now, or none in time.",
	"No token is to be had from the backend now."},
    [ANSWER_NO_HEADER] = {"NoTokenHeader", 503, F(CACHE) | F(RETRY), NOTHING,
	"No token is to be had now, or none in time; there is no body.", NULL},
    [ANSWER_VERSION] = {"VersionNotSupported", 505, F(CACHE), PROBLEM,
	"A version of HTTP other than 1.",
	"The request is not well-formed or too large."},
};

#define BAD_REQUESTS ANSWER_LATE, ANSWER_LARGE, ANSWER_URI, ANSWER_HEAD, \
	ANSWER_UNKNOWN, ANSWER_VERSION, ANSWER_END

static const unsigned char give[] = {ANSWER_TOKEN, ANSWER_UNCHANGED,
    ANSWER_MALFORMED, ANSWER_NO_NAME, ANSWER_METHOD, ANSWER_NO_TOKEN,
    BAD_REQUESTS};
static const unsigned char report[] = {ANSWER_REPORTED, ANSWER_MALFORMED,
    ANSWER_NO_NAME, ANSWER_METHOD, ANSWER_REPLACED, ANSWER_WHICH,
    ANSWER_LIMITED, ANSWER_NO_TOKEN, BAD_REQUESTS};
static const unsigned char header[] = {ANSWER_HEADER, ANSWER_MALFORMED,
    ANSWER_NO_NAME_HEADER, ANSWER_NO_HEADER, BAD_REQUESTS};
static const unsigned char document[] = {ANSWER_DOCUMENT,
    ANSWER_DOCUMENT_UNCHANGED, ANSWER_MALFORMED, ANSWER_METHOD, BAD_REQUESTS};
static const unsigned char page[] = {ANSWER_PAGE, ANSWER_DOCUMENT_UNCHANGED,
    ANSWER_MALFORMED, ANSWER_METHOD, BAD_REQUESTS};

#define P(name) (1u << PARAM_##name)

static const struct openapi_operation token_operations[] = {
    {HTTP_GET, "get", "The token as JSON",
	"The token in service, how many seconds it may still be used "
	"(`expires_in`), and in how many to ask again (`refresh_in`).",
	P(IF_NONE_MATCH) | P(MIN_FRESH), give, false, ""},
    {HTTP_HEAD, "head", "Whether there is a token",
	"As GET, without a body.",
	P(IF_NONE_MATCH) | P(MIN_FRESH), give, false, "-I "},
    {HTTP_DELETE, "reject", "Report that the backend refused the token",
	"Say which token is meant: `If-Match` with its entity tag, or the "
	"token itself in `Authorization: Bearer`. A report that is right makes "
	"bearerd obtain a new token at once.",
	P(IF_MATCH), report, true,
	"-X DELETE -H 'If-Match: \"" TEXT_ETAG "\"' "},
    {.verb = NULL}
};

#define HEADER_TEXT "The token in a header field, and nothing else. Every " \
	"method is answered alike, even an unknown one; query, body and the " \
	"other header fields of the request are ignored."
#define HEADER_OPERATION(method, verb, curl) {method, verb, \
	"The token as a header field", HEADER_TEXT, 0, header, false, curl}

static const struct openapi_operation header_operations[] = {
    HEADER_OPERATION(HTTP_GET, "get", "-i "),
    HEADER_OPERATION(HTTP_HEAD, "head", "-I "),
    HEADER_OPERATION(HTTP_POST, "post", "-i -X POST "),
    HEADER_OPERATION(HTTP_PUT, "put", "-i -X PUT "),
    HEADER_OPERATION(HTTP_PATCH, "patch", "-i -X PATCH "),
    HEADER_OPERATION(HTTP_DELETE, "delete", "-i -X DELETE "),
    HEADER_OPERATION(HTTP_OPTIONS, "options", "-i -X OPTIONS "),
    {.verb = NULL}
};

static const struct openapi_operation document_operations[] = {
    {HTTP_GET, "get", NULL, "Depends on the configuration alone.",
	P(IF_NONE_MATCH), document, false, ""},
    {HTTP_HEAD, "head", NULL, "As GET, without a body.",
	P(IF_NONE_MATCH), document, false, "-I "},
    {.verb = NULL}
};

static const struct openapi_operation page_operations[] = {
    {HTTP_GET, "get", NULL, "HTML; works without scripts as well.",
	P(IF_NONE_MATCH), page, false, ""},
    {HTTP_HEAD, "head", NULL, "As GET, without a body.",
	P(IF_NONE_MATCH), page, false, "-I "},
    {.verb = NULL}
};

#define GET (1u << HTTP_GET)
#define ALL (~0u)

const struct openapi_path openapi_paths[] = {
    {"/token", "Token", "tokens", NULL, token_operations, ALL, 0},
    {"/tokens/NAME", "NamedToken", "tokens", NULL, token_operations, ALL, 0},
    {"/auth", "Auth", "gateways", NULL, header_operations, ALL, 0},
    {"/auth/{rest}", "AuthBelow", "gateways", NULL, header_operations, GET,
	P(REST)},
    {"/tokens/NAME/auth", "NamedAuth", "gateways", NULL, header_operations,
	GET, 0},
    {"/tokens/NAME/auth/{rest}", "NamedAuthBelow", "gateways", NULL,
	header_operations, GET, P(REST)},
    {"/openapi.json", "OpenApi", "description", "This as OpenAPI 3.0.1",
	document_operations, ALL, 0},
    {"/openapi-3.1.json", "OpenApi31", "description", "This as OpenAPI 3.1.0",
	document_operations, ALL, 0},
    {"/swagger.json", "Swagger", "description", "This as Swagger 2.0",
	document_operations, ALL, 0},
    {"/docs", "Docs", "description", "This as a page", page_operations, ALL,
	0},
    {.path = NULL}
};

/* What the three forms understand alike. */
const char openapi_schemas[] =
    "\"Token\":{\"type\":\"object\",\"description\":\"A token and its life.\","
    "\"required\":[\"token\",\"token_type\",\"expires_in\",\"refresh_in\"],"
    "\"properties\":{"
    "\"token\":{\"type\":\"string\",\"minLength\":1,\"description\":"
    "\"To be sent to the backend as Authorization: Bearer.\","
    "\"example\":\"" OPENAPI_TOKEN "\"},"
    "\"token_type\":{\"type\":\"string\",\"enum\":[\"Bearer\"],"
    "\"description\":\"How it is to be sent.\",\"example\":\"Bearer\"},"
    "\"expires_in\":{\"type\":\"integer\",\"minimum\":0,\"description\":"
    "\"Seconds that the token may still be used.\",\"example\":1723},"
    "\"refresh_in\":{\"type\":\"integer\",\"minimum\":0,\"description\":"
    "\"Seconds until a newer token can be expected.\",\"example\":1211}}},"
    "\"Problem\":{\"type\":\"object\",\"description\":"
    "\"What went wrong (RFC 9457).\","
    "\"required\":[\"type\",\"title\",\"status\",\"detail\"],"
    "\"properties\":{"
    "\"type\":{\"type\":\"string\",\"description\":"
    "\"about:blank: the status says what kind of problem it is.\","
    "\"example\":\"about:blank\"},"
    "\"title\":{\"type\":\"string\",\"description\":"
    "\"The status in words.\",\"example\":\"Service Unavailable\"},"
    "\"status\":{\"type\":\"integer\",\"minimum\":400,\"maximum\":599,"
    "\"description\":\"The status again.\",\"example\":503},"
    "\"detail\":{\"type\":\"string\",\"description\":"
    "\"This case, for people.\","
    "\"example\":\"No token is to be had from the backend now.\"}}},"
    "\"Document\":{\"type\":\"object\",\"required\":[\"info\"],"
    "\"description\":\"A description of this interface.\","
    "\"properties\":{\"info\":{\"type\":\"object\","
    "\"description\":\"Title and version.\"}}},"
    "\"Page\":{\"type\":\"string\",\"description\":\"A page for people.\"}";

bool
openapi_named(const struct openapi_path *p)
{
	return strstr(p->path, "NAME") != NULL;
}

const char *
openapi_method(enum http_method method)
{
	static const char *const names[] = {
	    [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST",
	    [HTTP_PUT] = "PUT", [HTTP_DELETE] = "DELETE",
	    [HTTP_OPTIONS] = "OPTIONS", [HTTP_PATCH] = "PATCH",
	};

	return names[method];
}

void
openapi_problem(const struct openapi_answer *a, struct buf *out)
{
	buf_str(out, "{\"type\":\"about:blank\",\"title\":");
	buf_json(out, http_reason(a->status), strlen(http_reason(a->status)));
	buf_printf(out, ",\"status\":%d,\"detail\":", a->status);
	buf_json(out, a->detail, strlen(a->detail));
	buf_char(out, '}');
}
