#!/bin/bash
# SPDX-License-Identifier: MIT
# Answers of real backends: other statuses, packed, from a cache, moved.
. "$(dirname "$0")/lib.sh"

# serve BODY QUERY [OPTION...]: the stand-in answers so, and a bearerd asks it.
serve() {
  local body=$1 query=$2
  shift 2
  stub_set "mode=ok&count=reset&$query" --data-binary "$body"
  rm -f "$BB_DIR/one.log"
  start_bearerd -n one -l --wait-limit=1500ms "$@"
}

# hex COMMAND...: its output, as the stand-in takes bytes.
hex() {
  "$@" | od -An -v -tx1 | tr -d ' \n'
}

# shellcheck disable=SC2119 # no options
start_stub
good='{"access_token":"tok-1","expires_in":600}'

for code in 200 201 202 203 206 299; do
  it "status $code with a token is an answer"
  serve "$good" "code=$code"
  expect_status 200 "$URL/token"
  assert_eq tok-1 "$(json token)" "token"
  stop one
done

it "204 without a body is none, and said so"
serve "" "mode=empty&code=204"
expect_status 503 "$URL/token"
assert_log one 'token token: the answer is empty'
stop one

it "the backend is asked past every cache"
serve "$good" ""
expect_status 200 "$URL/token"
assert_match 'Cache-Control: no-cache' \
  "$(curl -s --noproxy '*' "$STUB_URL/control")" "request"
stop one

it "the time that a cache has had the answer is no part of the life"
serve "$good" "header=Age:%20400"
expect_status 200 "$URL/token"
assert_between 170 180 "$(json expires_in)" "expires_in"
stop one

it "the Date of a cache's answer is not taken for the backend's clock"
serve "$good" "skew=-400&header=Age:%20400"
expect_status 200 "$URL/token"
assert_no_match "clock is" "$(cat "$BB_DIR/one.log")" "log"
stop one

it "a cache's answer that is too old is refused, and the cache is named"
serve "$good" "header=Age:%20599.5"
expect_status 503 "$URL/token"
assert_log one 'expired already \(expires_in\); the answer is from a cache and 600 s old'
stop one

# deflate is with and without the frame of zlib (RFC 9110, 8.4.1.2).
while read -r name bits; do
  it "an answer packed unasked is read: $name, $bits"
  serve "$(hex python3 -c "import sys, zlib
c = zlib.compressobj(9, 8, $bits)
sys.stdout.buffer.write(c.compress(b'$good') + c.flush())")" \
    "hex=1&header=Content-Encoding:%20$name"
  expect_status 200 "$URL/token"
  assert_eq tok-1 "$(json token)" "token"
  stop one
done <<'LINES'
gzip 31
x-gzip 31
deflate 15
deflate -15
LINES

it "an answer that would unpack to more than 64 KiB is refused"
serve "$(hex sh -c 'head -c 20000000 /dev/zero | tr "\0" " " | gzip -9')" \
  "hex=1&header=Content-Encoding:%20gzip"
expect_status 503 "$URL/token"
assert_log one 'the answer is larger than 64 KiB'
stop one

it "an answer that is packed without saying so is told from others"
serve "$(hex sh -c "printf '%s' '$good' | gzip")" "hex=1"
expect_status 503 "$URL/token"
assert_log one 'the answer is packed with gzip, but has no Content-Encoding'
stop one

it "a redirect says which address was asked and where it points, no secret"
serve "" "mode=empty&code=301&header=Location:%20https://u:SECRET@a.example/b/token?k=SECRET"
expect_status 503 "$URL/token"
assert_log one "the backend answered status 301 to $STUB_URL/token, which points to https://a.example/b/token\?\.\.\.; redirects are not followed"
assert_no_match SECRET "$(cat "$BB_DIR/one.log")" "log"
stop one

it "404 names the address"
serve "" "mode=empty&code=404" --path="/v1/token?key=SECRET"
expect_status 503 "$URL/token"
assert_log one "status 404 to $STUB_URL/v1/token\?\.\.\.; check base-url and path"
assert_no_match SECRET "$(cat "$BB_DIR/one.log")" "log"
stop one

it "the scheme of base-url may be of any case"
serve "$good" "" --base-url="${STUB_URL/http/HTTP}"
expect_status 200 "$URL/token"
stop one

finish
