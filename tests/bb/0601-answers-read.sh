#!/bin/bash
# SPDX-License-Identifier: MIT
# Answers that tell a life in their own way, that repeat a token, that say no
# without meaning it, or that hold no bearer token.
. "$(dirname "$0")/lib.sh"

# serve BODY [OPTION...]: the stand-in answers so, and a bearerd asks it.
serve() {
  local body=$1
  shift
  stub_set "mode=ok&count=reset" --data-binary "$body"
  rm -f "$BB_DIR/one.log"
  start_bearerd -n one -l --wait-limit=1500ms "$@"
}

# in_an_hour FORMAT: a point in time, as date(1) writes it.
in_an_hour() {
  LC_ALL=C date -u -d '+1 hour' "$1"
}

# shellcheck disable=SC2119 # no options
start_stub

now=$(date +%s) begun=$SECONDS
while IFS='~' read -r members left; do
  it "a life is read: $members"
  serve "{\"access_token\":\"t-1\",$members}"
  expect_status 200 "$URL/token"
  assert_between $((left - 35 - (SECONDS - begun))) "$left" \
    "$(json expires_in)" "expires_in"
  assert_no_match 'cannot read' "$(cat "$BB_DIR/one.log")" "log"
  stop one
done <<LINES
"expires_in":" 300 "~270
"expires_in":"300s"~270
"expires_in":"PT5M"~270
"expires_in":"0:05:00"~270
"expiresIn":300~270
"expires_in":$((now + 3600))~3570
"expires_at":$((now + 3600))000~3570
"expires_at":$((now + 3600))000000~3570
"expires_at":$((now + 3600))000000000~3570
"expires_at":"$(in_an_hour +%Y-%m-%dT%H:%M:%S)"~3570
"expires_at":"$(in_an_hour +%Y-%m-%dT%H:%M:%S+0000)"~3570
"expiration":"$(in_an_hour '+%Y-%m-%d %H:%M:%S.123Z')"~3570
"expires":"$(in_an_hour '+%a, %d %b %Y %H:%M:%S GMT')"~3570
"ttl":300~270
LINES

it "a life that cannot be read is warned of by its member, not its value"
serve '{"access_token":"t-1","expires_in":"SECRET"}'
expect_status 200 "$URL/token"
assert_between 1765 1770 "$(json expires_in)" "expires_in"
assert_log one 'warning .*token token: the answer gives the life in expires_in, in a form that cannot be read'
assert_no_match SECRET "$(cat "$BB_DIR/one.log")" "log"
stop one

it "an expiry-field that tells nothing is a malformed answer"
serve '{"access_token":"t-1","expires_in":300}' --expiry-field=/life
expect_status 503 "$URL/token"
assert_log one 'expiry-field /life is not in the answer, or states no life'
stop one

for error in '""' null 0 '"0"' false '[]' '{}' '{"code":0}' '"none"'; do
  it "an error that says success is none: $error"
  serve "{\"access_token\":\"t-1\",\"expires_in\":300,\"error\":$error}"
  expect_status 200 "$URL/token"
  stop one
done

while IFS='~' read -r body says; do
  it "refused, and said why: $body"
  serve "$body"
  expect_status 503 "$URL/token"
  assert_log one "token token: .*$says"
  stop one
done <<'LINES'
{"access_token":"t-1","token_type":"DPoP"}~token_type is DPoP, not Bearer
{"token":"t-1","token_type":"mac"}~token_type is not Bearer
{"token":"null"}~a word for no value
{"error":"","jwt":"t-1","expires_in":300}~no member token or access_token; set token-field; it has error, jwt, expires_in
{"error":{"code":7},"token":"t-1"}~has a member "error"
LINES

while IFS='~' read -r body; do
  it "the token is found: $body"
  serve "$body"
  expect_status 200 "$URL/token"
  assert_eq t-1 "$(json token)" "token"
  stop one
done <<'LINES'
{"token":"Bearer t-1"}
{"token":"t-1\n"}
{"token":"","access_token":"t-1"}
{"token":{"id":7},"access_token":"t-1","token_type":"bearer"}
LINES

finish
