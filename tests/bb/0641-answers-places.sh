#!/bin/bash
# SPDX-License-Identifier: MIT
# A token is where the backend puts it: in a member, in the whole body, in a
# header field, in a cookie, or in XML; and so is its life.
# limit: 180
. "$(dirname "$0")/lib.sh"

# hex TEXT: each byte as %XX.
hex() {
  printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' %
}

# configure LINE...: the file that bearerd reads.
configure() {
  printf 'token token {\nbase-url = %s\napi-key = %s\n' "$STUB_URL" "$STUB_KEY" \
    >"$BB_DIR/a.conf"
  printf '%s\n' "$@" >>"$BB_DIR/a.conf"
  printf '}\n' >>"$BB_DIR/a.conf"
}

# answers BODY CODE [FIELD...]: what the backend answers from now on.
answers() {
  local body=$1 query="mode=body&code=$2" field
  shift 2
  for field in "$@"; do
    query+="&header=$(hex "$field")"
  done
  if [ -n "$body" ]; then
    stub_set "$query" -H 'Content-Type: text/plain' --data-binary "$body"
  else
    stub_set "$query"
  fi
}

# try NAME: bearerd with the file; it need not become ready.
try() {
  start_bearerd -n "$1" -l -u BASE_URL -u API_KEY --config="$BB_DIR/a.conf" \
    --wait-limit=1s
}

# expect_token NAME LEAST MOST: it gets a token of such a life, in seconds.
expect_token() {
  try "$1"
  await "[ -n \"\$(token_now)\" ]" ||
    fail "no token: $(grep -E 'warning|err' "$BB_DIR/$1.log" | tail -1)"
  http "$URL/token"
  assert_match '^stub-[0-9]+-' "$(json token)" "token"
  assert_between "$2" "$3" "$(json expires_in)" "expires_in"
  stop "$1"
}

# expect_refused NAME TEXT: it gets none, and says why.
expect_refused() {
  try "$1"
  await "grep -q -F -- '$2' '$BB_DIR/$1.log'"
  assert_eq "" "$(token_now)" "token"
  assert_no_match 'stub-[0-9]' "$(cat "$BB_DIR/$1.log")" "log"
  stop "$1"
}

start_stub -l 600

it "a member, with a life in milliseconds"
configure "token-field = /data/access_token" "expiry-unit = ms"
answers '{"data":{"access_token":"$TOKEN","expires":900000}}' 200
expect_token member 800 900

it "a whole body, plain or a JSON string, with status 201"
configure "token-from = text" "default-ttl = 4h"
answers '"$TOKEN"' 201
expect_token text 14000 14400
answers $'$TOKEN\n' 201
expect_token plain 14000 14400

it "a header field, with a life in the body"
configure 'token-from = "header:X-Subject-Token"' "expiry-field = /token/ttl" \
  'header = "X-Auth-Token: %s"'
answers '{"token":{"ttl":3600}}' 201 'X-Subject-Token: $TOKEN'
expect_token header 3500 3600

it "a header field of an answer without a body"
configure 'token-from = "header:X-auth-access-token"' "success-status = 204" \
  'expiry-from = "header:X-Life"' "expiry-unit = m"
answers "" 204 'X-Auth-Access-Token: $TOKEN' 'X-Life: 30'
expect_token bodiless 1700 1800

it "a cookie with its own life, and after a redirection"
configure "token-from = \"cookie:session\"" 'success-status = "200, 302"' \
  'header = "Cookie: session=%s"'
answers "" 302 'Location: /home' 'Set-Cookie: other=1' \
  'Set-Cookie: session=$TOKEN; Path=/; Max-Age=1200; HttpOnly'
expect_token cookie 1100 1200

it "a cookie with a date"
answers x 200 "Set-Cookie: session=\$TOKEN; Expires=$(LC_ALL=C date -u -d '+20 minutes' '+%a, %d %b %Y %H:%M:%S GMT')"
expect_token date 1100 1200

it "XML"
configure "token-from = 'match:<key>([^<]+)</key>'" \
  "expiry-from = 'match:<life>([0-9]+)</life>'" "expiry-unit = h"
answers '<response status="success"><life>1</life><key>$TOKEN</key></response>' 200
expect_token xml 3500 3600

it "an answer of 200 that says no is refused"
configure "success-field = \"/success=true\""
answers '{"success":false,"token":"$TOKEN"}' 200
expect_refused no 'the answer says no: success-field /success=true is not so in it'
answers '{"success":true,"token":"$TOKEN"}' 200
expect_token yes 1700 1800

it "a status that is not in success-status is refused"
configure "success-status = 201"
answers '{"token":"$TOKEN"}' 200
expect_refused status 'the backend answered status 200 to'

it "what is not there is said by its place"
configure 'token-from = "header:X-Nothing"'
answers '{"token":"$TOKEN"}' 200
expect_refused field 'the answer has no header field X-Nothing; check token-from'
configure "token-from = 'match:<key>(.*)</key>'"
expect_refused match 'nothing in the answer matches token-from <key>(.*)</key>'

it "another place is another origin: the old token is not served"
configure "default-ttl = 30m"
answers '{"token":"$TOKEN","other":"$TOKEN"}' 200
try bearerd
await "[ -n \"\$(token_now)\" ]"
token=$(token_now)
configure 'token-from = "match:other...([^\"]+)"'
kill -s HUP "$(pid_of bearerd)"
await "[ -n \"\$(token_now)\" ] && [ \"\$(token_now)\" != '$token' ]" 15
stop bearerd

it "--test says what is wrong with a regular expression"
n=0
while IFS='|' read -r from said; do
  configure "token-from = '$from'"
  OUTPUT=$("$BEARERD" --test --config="$BB_DIR/a.conf" 2>&1)
  assert_eq 2 "$?" "status with $from"
  [[ $OUTPUT == *"a.conf:4: token-from: '$from' $said"* ]] ||
    fail "with $from: $OUTPUT"
  n=$((n + 1))
done <<'EOF'
match:(a|must be a POSIX extended regular expression behind match:, and is none (Unmatched ( or \()
match:a[|must be a POSIX extended regular expression behind match:, and is none (
match:abc|must have a group ( ) in its regular expression, around what is wanted
head:X|must be body, text, header:NAME, cookie:NAME or match:REGEX
EOF
assert_eq 4 "$n" "rows"

finish
