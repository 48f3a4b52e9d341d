#!/bin/bash
# SPDX-License-Identifier: MIT
# Values that other clients write to the key in a way of their own never go out
# as tokens; the bare ones of the original service still do.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

# shellcheck disable=SC2119 # no options
start_redis
start_stub -l 600

it "what is quoted, JSON or nothing is not handed out"
number=0
{
  while IFS= read -r value; do
    number=$((number + 1))
    redis SETEX "k$number" 300 "$value" >/dev/null
    echo "token k$number { base-url = \"$STUB_URL\" api-key = \"$STUB_KEY\" }"
  done <<'EOF'
"tok-q"
'tok-q'
{"access_token":"tok-q","expires_in":300}
["tok-q"]
null
None
nil
undefined
NaN
b'tok-q'
u"tok-q"
true
<nil>
(nil)
s:5:"tok-q";
EOF
} >"$BB_DIR/tokens.conf"
count=$(grep -c '^token' "$BB_DIR/tokens.conf")
start_bearerd "$PATIENT" --config="$BB_DIR/tokens.conf"
for number in $(seq "$count"); do
  expect_status 200 "$URL/tokens/k$number"
  assert_match '^stub-' "$(json token)" "token $number"
  expect_status 200 "$URL/tokens/k$number/auth"
  assert_match '^Bearer stub-' "$(header Authorization)" "header $number"
  assert_eq "$(json token "$(curl -s "$URL/tokens/k$number")")" \
    "$(redis GET "k$number")" "value $number in Redis"
  assert_eq 1 "$(grep -c "warning .*value of k$number " "$BB_DIR/bearerd.log")" \
    "warnings of k$number"
done
assert_eq "$count" "$(stub_calls)" "backend calls"
assert_no_match 'tok-q' "$(cat "$BB_DIR/bearerd.log")" "log"
stop bearerd

it "one that comes later is warned of once, and the token stays"
redis DEL token >/dev/null
start_bearerd "$PATIENT" -n later
assert_match '^stub-' "$(token_now)" "token"
for _ in 1 2 3; do
  redis SETEX token 300 '"tok-q"' >/dev/null
  before=$(token_now)
  kill -s USR1 "$(pid_of later)"
  await "[ \"\$(token_now)\" != '$before' ]"
done
assert_match '^stub-' "$(token_now)" "token"
assert_eq 1 "$(grep -c 'warning .*value of token is in quotes' "$BB_DIR/later.log")" "warnings"
stop later

it "a bare token of the original service is adopted as it is"
bare=0
for value in tok-1 eyJhbGciOiJub25lIn0.e30. 'x"y'; do
  redis FLUSHALL >/dev/null
  redis SETEX token 300 "$value" >/dev/null
  stub_set count=reset
  start_bearerd "$PATIENT" -n "bare$((++bare))"
  if [ "$value" = 'x"y' ]; then
    assert_match '^stub-' "$(token_now)" "token"
  else
    assert_eq "$value" "$(token_now)" "token"
    assert_eq 0 "$(stub_calls)" "backend calls"
  fi
  stop "bare$bare"
done

finish
