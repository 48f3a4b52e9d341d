/* SPDX-License-Identifier: MIT */
/*
 * fuzz_http.c - any bytes to the HTTP parser, for libFuzzer:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -iquote BUILD \
 *       -iquote src tests/fuzz/fuzz_http.c src/http/*.c -o fuzz_http
 *   ./fuzz_http -max_total_time=60 tests/fuzz/corpus_http
 *
 * The promises of http.h are asserted.  Every piece of input is in memory of
 * exactly its size, so that AddressSanitizer sees a read behind it.
 */
#include "config.h"

#include "http/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
copy_of(const void *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert(copy != NULL);
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

static void
check_inside(struct slice s, const char *buf, size_t len)
{
	assert(s.ptr != NULL || s.len == 0);
	if (s.ptr == NULL)
		return;
	assert(s.ptr >= buf && s.ptr <= buf + len);
	assert(s.len <= (size_t)(buf + len - s.ptr));
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* A kept value is inside the head, trimmed, and without control characters. */
static void
check_value(struct slice s, const char *buf, size_t len)
{
	size_t i;

	check_inside(s, buf, len);
	if (s.len > 0)
		assert(!is_space(s.ptr[0]) && !is_space(s.ptr[s.len - 1]));
	for (i = 0; i < s.len; i++)
		assert(s.ptr[i] == '\t' ||
		    ((unsigned char)s.ptr[i] >= ' ' && s.ptr[i] != 0x7f));
}

static void
check_request(const struct http_request *r, const char *buf, size_t len)
{
	assert(r->head.len >= 4 && r->head.len <= len);
	assert(r->head.len <= HTTP_HEAD_MAX);
	assert(memcmp(buf + r->head.len - 2, "\r\n", 2) == 0);
	assert(r->method >= HTTP_GET && r->method <= HTTP_UNKNOWN);
	assert(r->minor == 0 || r->minor == 1);
	assert(!r->chunked || (r->content_length == 0 && r->minor == 1));
	assert(r->content_length <= INT64_MAX);
	check_inside(r->path, buf, r->head.len);
	assert(
	    r->path.len > 0 && memchr(r->path.ptr, ' ', r->path.len) == NULL);
	assert(r->path.ptr[0] == '/' || r->method == HTTP_OPTIONS ||
	    r->method == HTTP_CONNECT);
	check_value(r->if_match, buf, r->head.len);
	check_value(r->if_none_match, buf, r->head.len);
	check_value(r->authorization, buf, r->head.len);
	check_value(r->cache_control, buf, r->head.len);
}

/* The readers of values, on a copy of just the value. */
static void
check_readers(struct slice value)
{
	struct slice s = {.ptr = copy_of(value.ptr, value.len),
			 .len = value.len},
		     bearer;
	int64_t seconds = http_min_fresh(s);

	assert(seconds >= 0 && seconds <= (int64_t)1 << 31);
	assert(http_etag_listed(s, "\"1-a\"", true) ||
	    !http_etag_listed(s, "\"1-a\"", false));
	bearer = http_bearer(s);
	check_inside(bearer, s.ptr, s.len);
	assert((bearer.ptr == NULL) == (bearer.len == 0));
	free((char *)s.ptr);
}

static int
parse_prefix(const uint8_t *data, size_t len, size_t *head_len)
{
	char *buf = copy_of(data, len);
	struct http_request r;
	int status = http_parse(buf, len, &r);

	*head_len = 0;
	if (status == 200) {
		check_request(&r, buf, len);
		*head_len = r.head.len;
	}
	free(buf);
	return status;
}

static int
body_prefix(const uint8_t *data, size_t len, const struct http_request *r,
    size_t *used)
{
	char *buf = copy_of(data, len);
	int status = http_body(buf, len, r, used);

	assert(status != 200 || *used <= len);
	free(buf);
	return status;
}

/* No prefix contradicts the whole: first 0, from some byte on the verdict. */
static void
check_head_prefixes(const uint8_t *data, size_t size, int verdict,
    size_t head_len)
{
	size_t n, prefix_head_len, step = size / 256 + 1;
	bool decided = false;
	int status;

	for (n = 0; n <= size; n += step) {
		status = parse_prefix(data, n, &prefix_head_len);
		assert(status == verdict || (status == 0 && !decided));
		decided = decided || status != 0;
		if (status == 200)
			assert(prefix_head_len == head_len);
		if (verdict == 200)
			assert((n >= head_len) == (status == 200));
	}
}

static void
check_body(const uint8_t *data, size_t size, const struct http_request *r)
{
	size_t n, whole = 0, used = 0, step = size / 256 + 1;
	int verdict = body_prefix(data, size, r, &whole), status;
	bool decided = false;

	for (n = 0; n <= size; n += step) {
		status = body_prefix(data, n, r, &used);
		assert(status == verdict || (status == 0 && !decided));
		decided = decided || status != 0;
		if (status == 200)
			assert(used == whole);
		if (verdict == 200)
			assert((n >= whole) == (status == 200));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_request chunks = {.chunked = true};
	char *buf = copy_of(data, size);
	struct http_request r;
	int verdict = http_parse(buf, size, &r);

	if (verdict == 200) {
		check_request(&r, buf, size);
		check_readers(r.if_match);
		check_readers(r.if_none_match);
		check_readers(r.authorization);
		check_readers(r.cache_control);
		check_body(data + r.head.len, size - r.head.len, &r);
	}
	check_head_prefixes(data, size, verdict,
	    verdict == 200 ? r.head.len : 0);
	check_body(data, size, &chunks);
	check_readers((struct slice){.ptr = (const char *)data, .len = size});
	free(buf);
	return 0;
}
