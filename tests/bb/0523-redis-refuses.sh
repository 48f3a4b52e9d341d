#!/bin/bash
# SPDX-License-Identifier: MIT
# A Redis that lets us in but runs no script for us shares nothing: it counts as
# down, the log says what to set, and tokens are served all the same.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

# is_told NAME REGEX: nothing is shared, tokens are served, and the log says why.
is_told() {
  await "[ \"\$(metric bearerd_redis_up)\" = 0 ]"
  assert_log "$1" "$2"
  expect_status 200 "$URL/token"
  assert_match '^stub-' "$(json token)" "token"
}

start_redis
start_stub -l 600

it "keys outside the user's prefix: the log says how the companions get it"
redis ACL SETUSER svc on '>pw' '~svc:*' '&*' +@all >/dev/null
start_bearerd "$PATIENT" -n prefix REDIS_PW=pw --redis-user=svc --redis-key=svc:token
is_told prefix 'err .*NOPERM.*redis-key = "svc:\{token\}"'
stop prefix

it "with the key that it names all is well"
start_bearerd "$PATIENT" -n braces REDIS_PW=pw --redis-user=svc \
  --redis-key='svc:{token}'
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]"
await_redis 'svc:{token}' "$(token_now)"
stop braces

it "a user without scripts"
redis ACL SETUSER noeval on '>pw' '~*' '&*' +@all -@scripting >/dev/null
start_bearerd "$PATIENT" -n noeval REDIS_PW=pw --redis-user=noeval
is_told noeval "err .*NOPERM.*evalsha.*nothing is shared.*RIGHTS"

it "when it is allowed what it needs, it is up, and has the token"
redis ACL SETUSER noeval +@scripting >/dev/null
await "[ \"\$(metric bearerd_redis_up)\" = 1 ]" 40
await "[ \"\$(redis GET token)\" = \"\$(token_now)\" ]" 20
stop noeval

it "a user that may read but not write"
redis FLUSHALL >/dev/null
redis ACL SETUSER reader on '>pw' '~*' '&*' +@all -set >/dev/null
start_bearerd "$PATIENT" -n reader REDIS_PW=pw --redis-user=reader
is_told reader 'err .*nothing is shared'
stop reader

it "a server whose EVALSHA has another name"
start_redis -n renamed --rename-command EVALSHA "" --rename-command EVAL x
start_bearerd "$PATIENT" -n renamed-eval
is_told renamed-eval 'err .*unknown command .*EVALSHA.*nothing is shared'
stop renamed-eval

it "of two tokens one is enough to tell"
start_redis -n two
redis ACL SETUSER svc on '>pw' '~{one}:*' '~one' '&*' +@all >/dev/null
for name in one two; do
  echo "token $name { base-url = \"$STUB_URL\" api-key = \"$STUB_KEY\" }"
done >"$BB_DIR/tokens.conf"
start_bearerd "$PATIENT" -n half REDIS_PW=pw --redis-user=svc \
  --config="$BB_DIR/tokens.conf"
await "[ \"\$(metric bearerd_redis_up)\" = 0 ]"
expect_status 200 "$URL/tokens/one"
await_redis one "$(json token)"
expect_status 200 "$URL/tokens/two"
assert_log half 'err .* of two: NOPERM.*~two and ~\{two\}:\*'
assert_no_match ' of one: ' "$(cat "$BB_DIR/half.log")" "log"

finish
