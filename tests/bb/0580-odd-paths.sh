#!/bin/bash
# SPDX-License-Identifier: MIT
# Odd paths: each request gets its answer, and no
# worker dies of it.  With a build of sanitizers, they find nothing either.
# needs: python3
. "$(dirname "$0")/lib.sh"

odd_paths() {
  /usr/bin/python3 "$BB_SOURCE/odd_paths.py" "$1" 2>&1
}

start_stub -l 600
start_bearerd --workers=1

it "GET //auth is 404, and the worker lives"
expect_status 404 "$URL//auth" --path-as-is
expect_status 404 "$URL//" --path-as-is
expect_status 404 "$ADMIN//auth" --path-as-is
expect_status 200 "$URL/auth"

it "some thousand odd paths are each answered, for callers"
assert_match '^[0-9]{4} answered: 200 .*404' "$(odd_paths "${URL##*:}")" "answers"

it "and for administrators"
assert_match '^[0-9]{4} answered: 200 .*404' "$(odd_paths "${ADMIN##*:}")" "answers"

it "no process died of it"
assert_eq 0 "$(metric 'bearerd_process_restarts_total{role="worker"}')" "restarts"

it "a slash at the end means nothing"
expect_status 200 "$URL/token/"
assert_eq "$(token_now)" "$(json token)" "token"
expect_status 200 "$URL/tokens/token/"
expect_status 200 "$URL/openapi.json/"
expect_status 200 "$ADMIN/readyz/"
expect_status 404 "$URL/token//" --path-as-is

it "OPTIONS is answered, and stands in Allow"
for path in /token /tokens/token /openapi.json /docs /healthz /; do
  expect_status 204 "$URL$path" -X OPTIONS
  assert_match '(^|, )OPTIONS(,|$)' "$(header Allow)" "Allow of $path"
  expect_status 405 "$URL$path" -X POST
  assert_match '(^|, )OPTIONS(,|$)' "$(header Allow)" "Allow of $path"
done
expect_status 204 "$ADMIN/metrics" -X OPTIONS
expect_status 405 "$ADMIN/metrics" -X POST
assert_eq "GET, HEAD, OPTIONS" "$(header Allow)" "Allow of /metrics"

it "/healthz of the callers' address is ok whatever Host is, and has no token"
for host in localhost evil.example 192.0.2.1:80; do
  expect_status 200 "$URL/healthz" -H "Host: $host"
  assert_eq ok "$BODY" "body with Host: $host"
done
start_bearerd -n empty -l --workers=1 BASE_URL=http://127.0.0.1:1
expect_status 200 "$URL/healthz"
assert_eq ok "$BODY" "body without a token"

it "/ leads a browser to the page for it"
for path in "$URL/ /docs" "$ADMIN/ /status"; do
  expect_status 302 "${path% *}"
  assert_eq "${path#* }" "$(header Location)" "Location"
  expect_status 200 "${path% *}" -L
  expect_status 405 "${path% *}" -X PUT
done

finish
