/* SPDX-License-Identifier: MIT */
/* Input of requests that the configuration does not have: tokens that others
 * are made of, the backend's clock, and tokens that we sign ourselves. */
#include "config.h"

#include "refresher/renewal_call_private.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/headers.h"
#include "conf/secrets.h"
#include "refresher/discovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISCOVER_EVERY_MS 3600000

/* ---- other tokens ---- */

static struct renewal *
named(const struct renewal *n, const char *source)
{
	int number = conf_token_named(n->all->args.conf, source);

	return number == -1 ? NULL : &n->all->list[number];
}

const struct renewal *
renewal_lacking(const struct renewal *n)
{
	const struct renewal *of[] = {named(n, n->conf->subject_token),
	    named(n, n->conf->actor_token)};
	int64_t now = clock_boot_ms();
	size_t i;

	for (i = 0; i < 2; i++)
		if (of[i] != NULL && !renewal_usable(of[i], now))
			return of[i];
	return NULL;
}

void
renewal_wake(struct renewal *n)
{
	struct renewal *other;
	int64_t now = clock_boot_ms();
	size_t i;

	for (i = 0; i < n->all->count; i++) {
		other = &n->all->list[i];
		if ((other->conf->subject_token != NULL ||
			other->conf->actor_token != NULL) &&
		    other->phase == RENEWAL_IDLE &&
		    !renewal_usable(other, now) &&
		    (named(other, other->conf->subject_token) == n ||
			named(other, other->conf->actor_token) == n))
			other->due_at = now;
	}
}

/* A copy of the token in service, to be wiped and freed; NULL: it is not there.
 */
static struct token *
in_service(const struct renewal *n)
{
	struct token *t = mem_alloc(1, sizeof(*t));
	uint64_t seq;

	if (slot_read(n->slot, t, &seq) == SLOT_OK)
		return t;
	free(t);
	return NULL;
}

static void
forget(struct token *t)
{
	if (t != NULL)
		explicit_bzero(t, sizeof(*t));
	free(t);
}

void
renewal_log_out(struct renewal *n)
{
	int64_t now = clock_boot_ms();
	struct token *t;

	if (n->conf->logout_method == CONF_LOGOUT_NONE ||
	    !renewal_usable(n, now))
		return;
	t = in_service(n);
	if (t != NULL && strcmp(t->text, n->all->token.text) != 0)
		logouts_add(n->all->logouts, n->number, t, now);
	forget(t);
}

/* The text of another token; NULL: there is none. */
static char *
text_of(const struct renewal *other)
{
	struct token *t = other == NULL ? NULL : in_service(other);
	char *text = t == NULL ? NULL : mem_strdup(t->text);

	forget(t);
	return text;
}

void
renewal_note_seed(struct renewal *n)
{
	struct err err;
	char *seed = n->conf->grant != CONF_GRANT_REFRESH
	    ? NULL
	    : assertion_read(n->conf->refresh_token_file, false, &err);

	if (seed != NULL)
		fingerprint(seed, strlen(seed), n->refresh_seed);
	mem_free_secret(seed);
}

/* ---- answers ---- */

struct token_reply
renewal_reply(const struct backend_result *b)
{
	return (struct token_reply){.body = b->body,
	    .len = b->len,
	    .fields = b->fields};
}

/* Cut a text, and take out all that no log should have. */
static void
copy_plain(const char *text, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	buf_plain(&b, text);
	buf_text(&b);
}

/* Whether a text has a secret of this token in it. */
static bool
tells_secret(const struct renewal *n, const char *text)
{
	struct secrets s;
	struct err err;
	bool found = false;
	size_t i;

	if (secrets_read(n->conf, &s, &err) == -1)
		return true;
	for (i = 0; i < s.count; i++)
		found |= !s.item[i].open && s.item[i].text[0] != '\0' &&
		    strstr(text, s.item[i].text) != NULL;
	secrets_wipe(&s);
	return found;
}

bool
renewal_error_read(const struct renewal *n, const struct backend_result *b,
    struct renewal_error *out)
{
	struct token_reply reply = renewal_reply(b);
	char words[1024];

	if (!token_reply_text(&reply, "error", words, sizeof(words)) ||
	    tells_secret(n, words))
		return false;
	copy_plain(words, out->code, sizeof(out->code));
	out->words[0] = '\0';
	if (token_reply_text(&reply, "error_description", words,
		sizeof(words)) &&
	    !tells_secret(n, words))
		copy_plain(words, out->words, sizeof(out->words));
	explicit_bzero(words, sizeof(words));
	return out->code[0] != '\0';
}

/* Whether a list of words, with spaces between them, has one. */
static bool
has_word(const char *words, const char *word, size_t len)
{
	size_t n;

	for (words += strspn(words, " "); *words != '\0';
	     words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		if (n == len && memcmp(words, word, len) == 0)
			return true;
	}
	return false;
}

void
renewal_compare_scope(struct renewal *n, const struct backend_result *b)
{
	struct token_reply reply = renewal_reply(b);
	const char *word = n->conf->scope;
	char granted[2048];
	size_t len;

	if (word == NULL || n->scope_told ||
	    n->conf->grant == CONF_GRANT_NONE ||
	    !token_reply_text(&reply, "scope", granted, sizeof(granted)))
		return;
	for (word += strspn(word, " "); *word != '\0';
	     word += len + strspn(word + len, " ")) {
		len = strcspn(word, " ");
		if (has_word(granted, word, len))
			continue;
		n->scope_told = true;
		log_warning(
		    "token %s: the authorization server does not grant the scope %.*s",
		    n->conf->name, (int)(len < 128 ? len : 128), word);
	}
}

/* ---- the token endpoint ---- */

bool
renewal_needs_discovery(const struct renewal *n)
{
	return n->conf->issuer != NULL && n->conf->token_url == NULL &&
	    n->conf->grant != CONF_GRANT_SELF_SIGNED &&
	    (n->token_url == NULL || clock_boot_ms() >= n->discover_at);
}

int
renewal_ask_metadata(struct renewal *n, struct err *err)
{
	char *url = discovery_url(n->conf->issuer, n->metadata);
	struct request_given given = {.document = url};
	int status =
	    backend_ask(n->all->args.backend, n->number, n->conf, &given, err);

	free(url);
	return status;
}

int
renewal_take_metadata(struct renewal *n, const struct backend_result *b,
    struct err *err)
{
	struct token_reply reply = renewal_reply(b);
	char *url;

	if (b->outcome != BACKEND_ANSWERED)
		return err_set(err, "%s", b->problem);
	if (b->status != 200)
		return err_set(err, "status %d%s", b->status, b->detail);
	url = discovery_read(n->conf, &reply, err);
	if (url == NULL)
		return -1;
	free(n->token_url);
	n->token_url = url;
	n->discover_at = clock_boot_ms() + DISCOVER_EVERY_MS;
	return 0;
}

/* ---- requests ---- */

/* Now by the backend's clock, ms since the epoch. */
static int64_t
backend_wall_ms(const struct renewal *n)
{
	return clock_wall_ms() + n->backend_ahead_ms;
}

int
renewal_ask(struct renewal *n, struct err *err)
{
	char *subject = text_of(named(n, n->conf->subject_token));
	char *actor = text_of(named(n, n->conf->actor_token));
	struct request_given given = {.token_url = n->token_url,
	    .refresh_token = n->refresh == NULL ? NULL : n->refresh->token,
	    .subject = subject,
	    .actor = actor,
	    .wall_at = backend_wall_ms(n)};
	int status =
	    backend_ask(n->all->args.backend, n->number, n->conf, &given, err);

	mem_free_secret(subject);
	mem_free_secret(actor);
	return status;
}

char *
renewal_sign(struct renewal *n, struct err *err)
{
	struct secrets secrets;
	char *token, *body;
	size_t size;

	if (secrets_read(n->conf, &secrets, err) == -1)
		return NULL;
	token = assertion_sign_token(n->conf, &secrets, clock_wall_ms(), err);
	secrets_wipe(&secrets);
	if (token == NULL)
		return NULL;
	size = strlen(token) + 64;
	body = mem_alloc(size, 1);
	snprintf(body, size, "{\"token\":\"%s\",\"expires_in\":%lld}", token,
	    (long long)n->conf->default_ttl_ms / 1000);
	mem_free_secret(token);
	return body;
}
