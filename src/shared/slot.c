/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shared/slot.h"

#include <stdio.h>
#include <string.h>

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must be lock-free");

/* The words of a copy, in order; the text follows them. */
enum {
	W_CHECKSUM,
	W_LEN, /* 0: no token */
	W_GENERATION,
	W_OBTAINED,
	W_EXPIRES,
	W_RENEW,
	W_OBTAINED_WALL,
	W_EXPIRES_WALL,
	W_SOURCE,
	W_PLACE,
	W_CREDENTIALS,
	W_EXTRA_LEN,
	W_FINGERPRINT,
	W_FINGERPRINT_END = W_FINGERPRINT + FINGERPRINT_LEN / 8,
	W_TEXT = W_FINGERPRINT_END,
};
#define WORDS_MAX (W_TEXT + TOKEN_ROOM_MAX / 8)
#define TIME_MAX (INT64_MAX / 2)

static size_t
words_of_text(size_t len)
{
	return (len + 7) / 8;
}

size_t
slot_size(size_t text_max)
{
	size_t words = W_TEXT + words_of_text(text_max);

	return (sizeof(struct slot_memory) + 2 * words * 8 + 63) / 64 * 64;
}

void
slot_init(struct slot *s, struct slot_memory *memory, const char *name,
    size_t text_max)
{
	*s = (struct slot){.memory = memory,
	    .words = (uint32_t)(W_TEXT + words_of_text(text_max))};
	snprintf(s->name, sizeof(s->name), "%s", name);
	memcpy(memory->name, s->name, sizeof(s->name));
	atomic_store_explicit(&memory->words, s->words, memory_order_relaxed);
	atomic_store_explicit(&memory->seq, 0, memory_order_release);
}

/* Names go into logs and pages as they are. */
static bool
is_name(const char *name)
{
	size_t len = strnlen(name, SLOT_NAME_MAX + 1);

	return len <= SLOT_NAME_MAX &&
	    token_text_problem(name, len, SLOT_NAME_MAX) == NULL &&
	    strpbrk(name, "\"\\") == NULL;
}

int
slot_attach(struct slot *s, struct slot_memory *memory, size_t room)
{
	*s = (struct slot){.memory = memory};
	if (room < sizeof(*memory))
		return -1;
	s->words = atomic_load_explicit(&memory->words, memory_order_relaxed);
	memcpy(s->name, memory->name, sizeof(s->name));
	atomic_signal_fence(memory_order_seq_cst); /* looked at once */
	if (s->words < W_TEXT || s->words > WORDS_MAX ||
	    sizeof(*memory) + 2 * 8 * (size_t)s->words > room)
		return -1;
	return is_name(s->name) ? 0 : -1;
}

/* A fold over the words but the first: finds stray writes, not attackers. */
static uint64_t
checksum(const uint64_t *w, size_t n)
{
	uint64_t sum = 0x9e3779b97f4a7c15u;
	size_t i;

	for (i = 1; i < n; i++)
		sum = (sum ^ w[i]) * 0xff51afd7ed558ccdu + (sum >> 29);
	return sum;
}

/* Lay a token out in words; returns how many. */
static size_t
pack(const struct token *t, uint64_t *w)
{
	size_t extra = W_TEXT + words_of_text(t->len);
	size_t n = extra + words_of_text(t->extra_len);

	w[extra - 1] = w[n - 1] = 0; /* words that may be used in part */
	w[W_LEN] = t->len;
	w[W_EXTRA_LEN] = t->extra_len;
	w[W_GENERATION] = t->generation;
	w[W_OBTAINED] = (uint64_t)t->obtained_at;
	w[W_EXPIRES] = (uint64_t)t->expires_at;
	w[W_RENEW] = (uint64_t)t->renew_at;
	w[W_OBTAINED_WALL] = (uint64_t)t->obtained_wall_at;
	w[W_EXPIRES_WALL] = (uint64_t)t->expires_wall_at;
	w[W_SOURCE] = (uint64_t)t->source;
	w[W_PLACE] = t->origin.place;
	w[W_CREDENTIALS] = t->origin.credentials;
	memcpy(&w[W_FINGERPRINT], t->fingerprint, FINGERPRINT_LEN);
	memcpy(&w[W_TEXT], t->text, t->len);
	memcpy(&w[extra], t->extra, t->extra_len);
	w[W_CHECKSUM] = checksum(w, n);
	return n;
}

static void
unpack(const uint64_t *w, struct token *t)
{
	t->len = w[W_LEN];
	t->generation = w[W_GENERATION];
	t->obtained_at = (int64_t)w[W_OBTAINED];
	t->expires_at = (int64_t)w[W_EXPIRES];
	t->renew_at = (int64_t)w[W_RENEW];
	t->obtained_wall_at = (int64_t)w[W_OBTAINED_WALL];
	t->expires_wall_at = (int64_t)w[W_EXPIRES_WALL];
	t->source = (enum token_source)w[W_SOURCE];
	t->origin.place = w[W_PLACE];
	t->origin.credentials = w[W_CREDENTIALS];
	memcpy(t->fingerprint, &w[W_FINGERPRINT], FINGERPRINT_LEN);
	t->fingerprint[FINGERPRINT_LEN] = '\0';
	memcpy(t->text, &w[W_TEXT], t->len);
	t->text[t->len] = '\0';
	token_set_extra(t, (const char *)&w[W_TEXT + words_of_text(t->len)],
	    w[W_EXTRA_LEN]);
}

/* The writer's half of the latch (shared memory model: see doc/design.md). */
static void
store_copy(struct slot *s, const uint64_t *w, size_t n)
{
	uint64_t q = slot_seq(s);
	_Atomic uint64_t *to = s->memory->copy + ((q + 1) & 1) * s->words;
	size_t i;

	atomic_thread_fence(memory_order_release);
	for (i = 0; i < n; i++)
		atomic_store_explicit(&to[i], w[i], memory_order_relaxed);
	atomic_store_explicit(&s->memory->seq, q + 1, memory_order_release);
}

/*
 * The reader's half: copy the head, then as much text as the head claims, and
 * believe nothing before the second look at seq.  Returns the words copied,
 * 0 when the copy was written over meanwhile.
 */
static size_t
load_copy(const struct slot *s, uint64_t q, uint64_t *w)
{
	const _Atomic uint64_t *from = s->memory->copy + (q & 1) * s->words;
	size_t i, n;

	for (i = 0; i < W_TEXT; i++)
		w[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
	n = W_TEXT + words_of_text(w[W_LEN] & 0xffff) +
	    words_of_text(w[W_EXTRA_LEN] & 0xffff);
	if (n > s->words)
		n = s->words;
	for (; i < n; i++)
		w[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&s->memory->seq, memory_order_relaxed) != q)
		return 0;
	return n;
}

/* Sums and differences of two such times do not overflow. */
static bool
is_time(uint64_t w)
{
	int64_t t = (int64_t)w;

	return t >= -TIME_MAX && t <= TIME_MAX;
}

static bool
is_fingerprint(const uint64_t *w)
{
	char digits[FINGERPRINT_LEN + 1];

	memcpy(digits, w, FINGERPRINT_LEN);
	digits[FINGERPRINT_LEN] = '\0';
	return strspn(digits, "0123456789abcdef") == FINGERPRINT_LEN;
}

/* Whether a text can be part of a header field. */
static bool
is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

/* Whether words that were copied are a token: who wrote them may be in other
 * hands by now, and knows how to make a checksum. */
static bool
is_token(const uint64_t *w, size_t n)
{
	size_t len = w[W_LEN], extra = w[W_EXTRA_LEN];

	return n == W_TEXT + words_of_text(len) + words_of_text(extra) &&
	    len <= TOKEN_MAX && extra <= TOKEN_EXTRA_MAX &&
	    is_plain((const char *)&w[W_TEXT + words_of_text(len)], extra) &&
	    is_time(w[W_OBTAINED]) && is_time(w[W_EXPIRES]) &&
	    is_time(w[W_RENEW]) && is_time(w[W_OBTAINED_WALL]) &&
	    is_time(w[W_EXPIRES_WALL]) && w[W_SOURCE] <= TOKEN_FROM_BACKEND &&
	    is_fingerprint(&w[W_FINGERPRINT]) &&
	    token_text_problem((const char *)&w[W_TEXT], len, TOKEN_MAX) ==
	    NULL;
}

enum slot_status
slot_read(const struct slot *s, struct token *out, uint64_t *seq)
{
	uint64_t w[WORDS_MAX];
	size_t n = 0;
	int try;

	for (try = 0; try < SLOT_TRIES && n == 0; try++) {
		*seq = slot_seq(s);
		if (*seq == 0) {
			out->generation = 0;
			return SLOT_EMPTY;
		}
		n = load_copy(s, *seq, w);
	}
	if (n == 0)
		return SLOT_BUSY;
	if (w[W_CHECKSUM] != checksum(w, n) ||
	    w[W_LEN] > (s->words - W_TEXT) * 8u ||
	    w[W_EXTRA_LEN] > (s->words - W_TEXT) * 8u)
		return SLOT_CORRUPT;
	out->generation = w[W_GENERATION];
	if (w[W_LEN] == 0 || !is_token(w, n))
		return SLOT_EMPTY;
	unpack(w, out);
	return SLOT_OK;
}

int
slot_publish(struct slot *s, const struct token *t)
{
	uint64_t w[WORDS_MAX];

	if (t->len > TOKEN_MAX || t->extra_len > TOKEN_EXTRA_MAX ||
	    words_of_text(t->len) + words_of_text(t->extra_len) >
		s->words - W_TEXT)
		return -1;
	store_copy(s, w, pack(t, w));
	return 0;
}

void
slot_clear(struct slot *s, uint64_t generation)
{
	uint64_t w[WORDS_MAX];
	int i;

	memset(w, 0, s->words * sizeof(w[0]));
	w[W_GENERATION] = generation;
	w[W_CHECKSUM] = checksum(w, W_TEXT);
	for (i = 0; i < 2; i++)
		store_copy(s, w, s->words);
}
