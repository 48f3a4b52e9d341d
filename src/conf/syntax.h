/* SPDX-License-Identifier: MIT */
/*
 * conf/syntax.h - whether a text is an address, a URL, a header field ...
 *
 * Pure functions: they return NULL, or a phrase that says what the text must
 * be or must not have ("must ...") and never repeats it.  Called by
 * conf/value.c for each value and by conf/check.c.
 */
#ifndef BEARERD_CONF_SYNTAX_H
#define BEARERD_CONF_SYNTAX_H

#include <stdbool.h>

const char *conf_problem_address(const char *text);
const char *conf_problem_server(const char *text);
const char *conf_problem_host(const char *text);
const char *conf_problem_url(const char *text);
const char *conf_problem_proxy(const char *text);
const char *conf_problem_user(const char *text);
const char *conf_problem_url_path(const char *text);
const char *conf_problem_field_name(const char *text);
const char *conf_problem_field(const char *text);
const char *conf_problem_allowed_host(const char *text);
const char *conf_problem_header(const char *text);
const char *conf_problem_template(const char *text);
const char *conf_problem_member(const char *text);
const char *conf_problem_key(const char *text);
const char *conf_problem_name(const char *text);
const char *conf_problem_file_name(const char *text);
const char *conf_problem_shm_name(const char *text);
const char *conf_problem_username(const char *text);
const char *conf_problem_request_field(const char *text);
const char *conf_problem_request_body(const char *text);
const char *conf_problem_named_file(const char *text);
const char *conf_problem_status(const char *text);
const char *conf_problem_condition(const char *text);
const char *conf_problem_token_from(const char *text);
const char *conf_problem_expiry_from(const char *text);
const char *conf_problem_extra(const char *text);
const char *conf_problem_text(const char *text);
const char *conf_problem_object(const char *text);
const char *conf_problem_subject(const char *text);
const char *conf_problem_resource(const char *text);
const char *conf_problem_parameter(const char *text);
const char *conf_problem_secret(const char *text);
const char *conf_problem_token_name(const char *text);

/* Whether a text has a control character: one below space, or DEL. */
bool conf_has_control(const char *text);

/* Whether only this host can reach an address that has no problem. */
bool conf_address_is_local(const char *address);

#endif
