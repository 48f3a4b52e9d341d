/* SPDX-License-Identifier: MIT */
/*
 * The life that is left of a token: for a new one by its answer, for a repeated
 * one also by its past.
 */
#include "config.h"

#include "token/private.h"

#include <stdio.h>
#include <string.h>

/*
 * The past of the token that the answer repeats; NULL: it is new.  A token from
 * Redis or from an earlier process, which no answer to this process had, counts
 * as new after its end.  So no token is refused for ever without a reason.
 */
static const struct token_past *
repeated(const struct token_past *past, const struct token_asked *asked,
    const struct token_answer *a)
{
	char print[FINGERPRINT_LEN + 1];
	size_t i;

	if (past == NULL)
		return NULL;
	fingerprint(a->text, a->len, print);
	for (i = 0; i < TOKEN_PASTS; i++)
		if (strcmp(print, past[i].fingerprint) == 0)
			return past[i].answered ||
				asked->at < past[i].expires_at
			    ? &past[i]
			    : NULL;
	return NULL;
}

/* True: an answer that repeats a token ends it.  A life of 0 or less does not,
 * if the first answer gave that already. */
static bool
ends(const struct token_past *past, const struct token_rules *rules,
    const struct token_answer *a)
{
	bool meant_nothing = past->answered
	    ? past->zero && !past->stated
	    : past->life_ms == rules->default_ttl_ms;

	return a->past || (a->zero && !meant_nothing);
}

/* The life assumed when none is stated: default-ttl less Age. */
static int64_t
assumed_ms(const struct token_rules *rules, const struct token_asked *asked)
{
	return rules->default_ttl_ms > asked->age_ms
	    ? rules->default_ttl_ms - asked->age_ms
	    : 0;
}

/* Word why the token cannot be used; name a cache, since that may be why. */
static int
refuse(struct err *err, const struct token_asked *asked, const char *what,
    const char *from)
{
	if (asked->age_ms > 0)
		return err_set(err,
		    "%s (%s); the answer is from a cache and %lld s old", what,
		    from, (long long)asked->age_ms / 1000);
	return err_set(err, "%s (%s)", what, from);
}

/* Use a stated or assumed life, shortened to max-ttl. */
static int
take(const struct token_rules *rules, const struct token_asked *asked,
    int64_t longest_ms, struct token_answer *a, struct err *err)
{
	char what[64];

	if (a->life_ms > rules->max_ttl_ms)
		a->life_ms = rules->max_ttl_ms;
	a->whole_ms = a->life_ms > longest_ms ? a->life_ms : longest_ms;
	if (a->life_ms > token_reserve_ms(a->whole_ms))
		return 0;
	snprintf(what, sizeof(what), "the token lives only %lld ms",
	    (long long)a->life_ms);
	return refuse(err, asked, what, a->expiry);
}

static int
judge_new(const struct token_rules *rules, const struct token_asked *asked,
    struct token_answer *a, struct err *err)
{
	if (a->past)
		return refuse(err, asked, "the token has expired already",
		    a->expiry);
	if (!a->stated)
		a->life_ms = assumed_ms(rules, asked);
	return take(rules, asked, 0, a, err);
}

/*
 * The answer states no life of a repeated token: its end stays.  If that end
 * was only assumed, another life is assumed once it is reached.
 */
static int
judge_silent(const struct token_past *past, const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *a, struct err *err)
{
	bool assumed = !past->ended &&
	    (past->answered
		    ? !past->stated
		    : past->life_ms == rules->default_ttl_ms && !a->zero);

	a->life_ms = past->expires_at - asked->at;
	if (!past->ended && a->life_ms > token_reserve_ms(past->life_ms)) {
		strcpy(a->expiry, "as before");
		a->whole_ms = past->life_ms;
		a->kept = true;
		return 0;
	}
	if (!assumed)
		return err_set(err,
		    "the answer repeats a token that has expired");
	a->life_ms = assumed_ms(rules, asked);
	return take(rules, asked, 0, a, err);
}

static int
judge_again(const struct token_past *past, const struct token_rules *rules,
    const struct token_asked *asked, struct token_answer *a, struct err *err)
{
	int64_t longest = past->answered && !past->stated ? 0 : past->life_ms;

	if (ends(past, rules, a)) {
		a->ends = true;
		return err_set(err,
		    "the answer repeats the token and says that it has expired");
	}
	if (!a->stated)
		return judge_silent(past, rules, asked, a, err);
	if (take(rules, asked, longest, a, err) == 0)
		return 0;
	a->ends = true;
	return -1;
}

int
token_judge(const struct token_rules *rules, const struct token_asked *asked,
    struct token_answer *out, struct err *err)
{
	const struct token_past *past = repeated(rules->past, asked, out);

	out->ends = out->kept = false;
	if (out->lacking && !(past != NULL && ends(past, rules, out)))
		return rules->expiry_field != NULL
		    ? err_set(err,
			  "expiry-field %.80s is not in the answer, or states no life",
			  rules->expiry_field)
		    : err_set(err,
			  "what expiry-from %.80s names is not in the answer, or states no life",
			  rules->expiry_from);
	return past != NULL ? judge_again(past, rules, asked, out, err)
			    : judge_new(rules, asked, out, err);
}
