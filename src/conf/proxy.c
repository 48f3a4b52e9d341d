/* SPDX-License-Identifier: MIT */
/* The proxy on the way to a backend: options, variables, and what results. */
#include "config.h"

#include "conf/private.h"
#include "net/proxy.h"

#include <string.h>

/* A password is for somebody; two halves of nothing would be sent. */
static void
check_user(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	const struct conf_setting *s = conf_made_by(d, token,
	    t->proxy_password != NULL ? CONF_ID_proxy_password
				      : CONF_ID_proxy_password_file);

	if (t->proxy_user == NULL &&
	    (t->proxy_password != NULL || t->proxy_password_file != NULL))
		conf_blame(d, s, "proxy-password",
		    "needs proxy-user, which is not set");
}

void
conf_check_proxy(struct conf_draft *d, size_t token)
{
	const struct conf_token *t = &d->conf->token[token - 1];
	struct proxy proxy;
	struct err err;

	conf_check_secret_file(d, token, CONF_ID_proxy_password_file,
	    t->proxy_password_file);
	check_user(d, token);
	if (conf_backend_url(t) != NULL && t->proxy != NULL &&
	    proxy_find(t->proxy, conf_backend_url(t), &proxy, &err) == -1)
		conf_error(d, proxy.from, NULL, "%s",
		    err.text + strlen(proxy.from) + 1);
	explicit_bzero(&proxy, sizeof(proxy));
}

static void
print_proxy(const struct conf_token *t, struct buf *out)
{
	struct proxy p = {0};
	const char *scheme_end, *user;
	struct err err;

	buf_printf(out, "# Token %s is asked for ", t->name);
	if (proxy_find(t->proxy, conf_backend_url(t), &p, &err) == -1)
		buf_str(out, "in no way");
	else if (p.url[0] == '\0')
		buf_str(out, "without a proxy");
	else {
		scheme_end = strstr(p.url, "://") + 3;
		user = t->proxy_user != NULL ? t->proxy_user : p.user;
		buf_printf(out, "through the proxy %.*s%s%s%s",
		    (int)(scheme_end - p.url), p.url,
		    user[0] != '\0' ? conf_show(user).text : "",
		    user[0] != '\0' ? ":********@" : "", scheme_end);
	}
	if (strcmp(p.from, "proxy") != 0 && p.url[0] != '\0')
		buf_printf(out, " (%s)", p.from);
	buf_str(out, ".\n");
	explicit_bzero(&p, sizeof(p));
}

void
conf_print_proxies(const struct conf *conf, struct buf *out)
{
	size_t t;

	buf_char(out, '\n');
	for (t = 0; t < conf->token_count; t++)
		if (conf->token[t].grant != CONF_GRANT_SELF_SIGNED)
			print_proxy(&conf->token[t], out);
}
