#!/bin/bash
# SPDX-License-Identifier: MIT
# Backends that must not be asked at will: tokens that are exclusive, and a
# limit of calls in an hour.
. "$(dirname "$0")/lib.sh"

# On a slow machine Redis is not to be stepped over.
PATIENT=--redis-timeout=30s

# renewals RESULT [ADMIN]: how many ended so.
renewals() {
  metric "bearerd_renewals_total{token=\"token\",result=\"$1\"}" "${2:-$ADMIN}"
}

# calls_left [ADMIN]
calls_left() {
  metric 'bearerd_backend_calls_left{token="token"}' "${1:-$ADMIN}"
}

# gone: the last instance has no token, and says when to ask again.
# shellcheck disable=SC2317 # await calls it
gone() {
  http "$URL/token" && [ "$STATUS" = 503 ]
}

start_stub -l 600
it "an exclusive token needs a Redis: without one there is no start"
start_bearerd -x -n lonely --exclusive=yes
reap "$(pid_of lonely)" 10
assert_eq 2 "$EXIT_STATUS" "exit status"
assert_log lonely 'exclusive.* needs redis-host'

start_redis -n redis
it "an exclusive token is not called for while another has the lock"
redis SET '{token}:lock' somebody PX 600000 >/dev/null
start_bearerd "$PATIENT" -n locked -l --exclusive=yes --timeout=1s \
  --connect-timeout=500ms --wait-limit=1s
await "[ \"\$(renewals withheld)\" -ge 1 ]" 30
expect_status 503 "$URL/token"
assert_match '^[1-9]' "$(header Retry-After)" "Retry-After"
assert_eq 0 "$(stub_calls)" "backend calls"

it "but with it, once"
redis DEL '{token}:lock' >/dev/null
await "[ -n \"\$(token_now)\" ]" 30
assert_eq 1 "$(stub_calls)" "backend calls"
stop locked

it "while Redis is away an exclusive token is served, not renewed"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=8&count=reset"
start_bearerd "$PATIENT" -n exclusive --exclusive=yes --renew-at=20%-30% --wait-limit=1s
token=$(token_now)
stop redis
await "[ \"\$(renewals withheld)\" -ge 1 ]"
assert_eq "$token" "$(token_now)" "token"
assert_eq 1 "$(stub_calls)" "backend calls"

it "and when it dies, callers are asked to wait"
await gone
assert_between 1 30 "$(header Retry-After)" "Retry-After"
assert_eq 1 "$(stub_calls)" "backend calls"

it "when Redis is back there is one call, and a token again"
start_redis -n back --port "$REDIS_PORT"
await "[ -n \"\$(token_now)\" ]"
assert_eq 2 "$(stub_calls)" "backend calls"
await_redis token "$(token_now)"
stop exclusive

it "two replicas make no more calls together than are allowed in an hour"
redis FLUSHALL >/dev/null
stub_set "mode=ok&life=6&count=reset"
start_bearerd "$PATIENT" -n one --max-calls-per-hour=3 --renew-at=30%-40% --wait-limit=1s
one=$URL one_admin=$ADMIN
assert_eq 2 "$(calls_left)" "calls left"
start_bearerd "$PATIENT" -n two --max-calls-per-hour=3 --renew-at=30%-40% --wait-limit=1s
await "[ \$(stub_calls) -eq 3 ]" 15
await "[ \$((\$(renewals exhausted) + \$(renewals exhausted $one_admin))) -gt 0 ]"
assert_eq 3 "$(stub_calls)" "backend calls"
assert_eq 3 "$(redis LLEN '{token}:calls')" "calls noted"

it "then the old token is served as long as it lives"
expect_status 200 "$URL/token"
expect_status 200 "$one/token"
assert_eq "$(token_now)" "$(URL=$one token_now)" "token"

it "and then callers are told when the next call may be"
await gone
assert_between 3500 3600 "$(header Retry-After)" "Retry-After"
await "URL=$one gone"
assert_eq 3 "$(stub_calls)" "backend calls"
assert_eq "0 0" "$(calls_left) $(calls_left "$one_admin")" "calls left"

it "the log warns before the last call, and tells of the limit"
grep -q -h -E 'token token: 0 of 3 backend calls are left' \
  "$BB_DIR/one.log" "$BB_DIR/two.log" || fail "no log has a warning"
assert_log two 'all 3 backend calls of max-calls-per-hour were made'
stop one
stop two

it "without Redis each host counts by itself, whatever dies"
stub_set "mode=ok&life=6&count=reset"
start_bearerd "$PATIENT" -n alone -u REDIS_HOST --max-calls-per-hour=3 \
  --renew-at=50%-60% --wait-limit=1s
refresher=$(children_of "$(pid_of alone)" refresher)
kill -s KILL "$refresher"
await "[ -n \"\$(children_of $(pid_of alone) refresher | grep -v '^$refresher\$')\" ]"
await "[ \$(calls_left) = $((3 - $(stub_calls))) ]" 3
await "[ \"\$(renewals exhausted)\" -ge 1 ]" 20
assert_eq 3 "$(stub_calls)" "backend calls"
kill -s KILL "$(children_of "$(pid_of alone)" refresher)"
await gone
await "[ \"\$(renewals exhausted)\" -ge 2 ]" 20
assert_eq 0 "$(calls_left)" "calls left"
assert_eq 3 "$(stub_calls)" "backend calls"
stop alone

it "a backend that cannot be reached costs no call"
redis FLUSHALL >/dev/null
port=$(free_port)
start_bearerd "$PATIENT" -n away -l BASE_URL="http://127.0.0.1:$port" \
  --max-calls-per-hour=3
await "[ \"\$(renewals unreachable)\" -ge 5 ]"
assert_eq 0 "$(renewals exhausted)" "exhausted"
assert_between 2 3 "$(calls_left)" "calls left" # one may be under way
start_stub -n late -p "$port" -l 600
await "[ -n \"\$(token_now)\" ]"
assert_eq 2 "$(calls_left)" "calls left"
assert_eq 1 "$(redis LLEN '{token}:calls')" "calls noted"
stop away

it "nor does a key that cannot be read"
redis FLUSHALL >/dev/null
start_bearerd "$PATIENT" -n keyless -l -u API_KEY --api-key-file="$BB_DIR/missing" \
  --max-calls-per-hour=3 --wait-limit=1s
await "[ \"\$(renewals credentials)\" -ge 1 ]"
assert_eq 3 "$(calls_left)" "calls left"
assert_eq 0 "$(redis LLEN '{token}:calls')" "calls noted"

finish
