/* SPDX-License-Identifier: MIT */
/* Shows what came back, and judges it. */
#include "config.h"

#include "refresher/try_private.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret_file.h"
#include "net/proxy.h"
#include "refresher/request.h"
#include "token/guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 4096 /* bytes of fields or body */
#define SKEW_MS 30000  /* then the backend's clock counts */

static char room[TRY_TEXT_MAX];

void
try_say(struct buf *out)
{
	if (out->len > 0)
		fwrite(out->data, 1, out->len, stdout);
	fflush(stdout);
	buf_init(out, room, sizeof(room));
}

/* ---- what must not be shown ---- */

static void
cover_both(struct mask *m, const char *user, const char *password)
{
	size_t size = strlen(user) + strlen(password) + 2;
	char *both = mem_alloc(size, 1);

	snprintf(both, size, "%s:%s", user, password);
	mask_add(m, password);
	mask_add(m, both);
	mem_free_secret(both);
}

static void
cover_proxy(struct mask *m, const struct conf_token *t)
{
	char secret[CONF_SECRET_MAX + 1] = "";
	struct proxy p;
	struct err err;

	if (conf_backend_url(t) != NULL &&
	    proxy_find(t->proxy, conf_backend_url(t), &p, &err) == 0 &&
	    p.password[0] != '\0')
		cover_both(m, p.user, p.password);
	explicit_bzero(&p, sizeof(p));
	if (t->proxy_password_file != NULL &&
	    secret_file_read(t->proxy_password_file, secret, sizeof(secret),
		&err) == 0)
		mask_add(m, secret);
	if (t->proxy_password != NULL)
		mask_add(m, t->proxy_password);
	explicit_bzero(secret, sizeof(secret));
}

int
try_cover(struct trial *t, struct err *err)
{
	struct secrets s;
	struct place_value user, password;
	size_t i;

	if (secrets_read(t->token, &s, err) == -1)
		return -1;
	for (i = 0; i < s.count; i++)
		if (!s.item[i].open)
			mask_add(&t->mask, s.item[i].text);
	user = secrets_find(&s, "username");
	password = secrets_find(&s, "password");
	if (password.text != NULL && password.text[0] != '\0')
		cover_both(&t->mask, user.text == NULL ? "" : user.text,
		    password.text);
	secrets_wipe(&s);
	if (t->subject != NULL)
		mask_add(&t->mask, t->subject);
	if (t->actor != NULL)
		mask_add(&t->mask, t->actor);
	cover_proxy(&t->mask, t->token);
	return 0;
}

/* ---- the answer ---- */

/* Append a text as comments, a line each; more: it goes on. */
static void
show_lines(char *lines, bool more, struct buf *out)
{
	char *line;

	while ((line = strsep(&lines, "\n")) != NULL) {
		if (*line == '\0' && lines == NULL)
			break;
		buf_str(out, "#   ");
		buf_plain(out, line);
		buf_char(out, '\n');
	}
	if (more)
		buf_str(out, "#   ...\n");
}

static void
show_part(void (*show)(const struct token_reply *reply, const struct mask *m,
	      struct buf *out),
    const struct trial *t, struct buf *out)
{
	static char shown[SHOWN_MAX + 1];
	struct buf b;

	buf_init(&b, shown, SHOWN_MAX);
	show(&t->reply, &t->mask, &b);
	shown[b.len] = '\0';
	show_lines(shown, b.overflow, out);
	explicit_bzero(shown, sizeof(shown));
}

static void
show_answer(const struct trial *t, const struct backend_result *r,
    struct buf *out)
{
	if (r->status == 0)
		return;
	buf_printf(out, "\n# The answer, after %lld ms:\n#   status %d\n",
	    (long long)r->took_ms, r->status);
	show_part(token_show_fields, t, out);
	if (r->len == 0)
		return;
	buf_str(out, "#\n");
	show_part(token_show_body, t, out);
}

/* ---- the token ---- */

/* Where it was found, as the options say it. */
static void
show_place(const struct trial *t, const struct token_answer *a, struct buf *out)
{
	char place[TOKEN_PLACE_MAX];
	const char *from = t->rules.token_from;

	if (from != NULL && strcmp(from, "body") != 0)
		buf_plain(out, from);
	else if (token_locate(&t->reply, a->text, place))
		buf_plain(out, place);
	else
		buf_str(out, "body");
}

static void
show_token(const struct trial *t, const struct token_answer *a, struct buf *out)
{
	char print[FINGERPRINT_LEN + 1];

	fingerprint(a->text, a->len, print);
	buf_str(out, "\ntoken: ");
	show_place(t, a, out);
	buf_printf(out, ", %zu bytes, fingerprint %s\n", a->len, print);
	buf_printf(out, "life: %lld s by %s\n", (long long)a->life_ms / 1000,
	    a->expiry);
	if (a->unread[0] != '\0')
		buf_printf(out,
		    "  remark: the answer gives the life in %s, in a form that cannot be read; see expiry-field and expiry-unit\n",
		    a->unread);
	if (a->len > TOKEN_LARGE)
		buf_printf(out,
		    "  remark: %zu bytes are more than nginx and others take by default\n",
		    a->len);
	buf_str(out, "\n# With this life:\n");
	conf_timeline_of(t->conf, t->token, a->life_ms, out);
	buf_printf(out, "\n%s: works\n", t->token->name);
}

/* As the refresher does it: the backend's clock counts when ours is wrong. */
static struct token_asked
asked(const struct trial *t, const struct backend_result *r)
{
	int64_t date = r->date_wall_at == 0 ? 0 : r->date_wall_at + r->age_ms;
	int64_t apart = date - clock_wall_ms();

	return (struct token_asked){
	    .at = clock_boot_ms() - r->took_ms,
	    .wall_at = date != 0 && (apart > SKEW_MS || apart < -SKEW_MS)
		? date - r->took_ms
		: t->wall_at,
	    .age_ms = r->age_ms,
	};
}

bool
try_judge(struct trial *t, const struct backend_result *r, struct buf *out)
{
	static struct token_answer a;
	struct token_asked when = asked(t, r);
	bool good = false;
	struct err err;

	t->reply = (struct token_reply){.body = r->body,
	    .len = r->len,
	    .fields = r->fields};
	if (r->outcome == BACKEND_ANSWERED &&
	    conf_is_success(t->token, r->status)) {
		good = token_decode(&t->reply, &t->rules, &when, &a, &err) == 0;
		if (good) {
			mask_add(&t->mask, a.text);
			t->text = mem_strdup(a.text);
		}
		show_answer(t, r, out);
		if (good)
			show_token(t, &a, out);
		else
			try_explain_answer(t, err.text, out);
	} else {
		show_answer(t, r, out);
		try_explain_call(t, r, out);
	}
	explicit_bzero(&a, sizeof(a));
	try_explain_clock(r, out);
	return good;
}
