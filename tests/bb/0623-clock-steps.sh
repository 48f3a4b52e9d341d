#!/bin/bash
# SPDX-License-Identifier: MIT
# A wall clock that steps: forward as after a pause of the machine, in which the
# boot clock did not run, and back; and a backend that asks for patience.
# needs: faketime
. "$(dirname "$0")/lib.sh"

FAKETIME_LIBRARY=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)

# at OFFSET: how far the wall clock of what start_stepping started is off.
at() {
  echo "$1" >"$BB_DIR/clock.new"
  mv "$BB_DIR/clock.new" "$BB_DIR/clock"
}

# start_stepping NAME [ARGUMENT...]: an instance that goes by `at`.
start_stepping() {
  start_bearerd -n "$1" LD_PRELOAD="$FAKETIME_LIBRARY" \
    FAKETIME_TIMESTAMP_FILE="$BB_DIR/clock" FAKETIME_NO_CACHE=1 \
    FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_RESET=1 --sandbox=off "${@:2}"
}

# quiet NAME: the instance has gone on for some turns; the calls meanwhile.
quiet() {
  local before=$1 end
  end=$(($(now_ms) + 3000))
  await "[ \$(now_ms) -ge $end ]"
  assert_eq "$before" "$(stub_calls)" "backend calls"
}

start_stub -l 7200

it "a backend that asks for an hour is asked each minute while there is no token"
stub_set "status=429&retry_after=3600"
start_bearerd -n patient -l
await "grep -q 'the backend answered status 429' '$BB_DIR/patient.log'"
await '[ "$(curl -sS --noproxy "*" -o /dev/null -w "%{http_code}" "$URL/token")" = 503 ]'
http "$URL/token"
assert_between 30 61 "$(header Retry-After)" "Retry-After"
stop patient
stub_set "mode=ok&count=reset"

if [ -z "$FAKETIME_LIBRARY" ] || [ -n "${ASAN_OPTIONS:-}$BEARERD_WRAP" ]; then
  it "tokens are renewed when the wall clock goes forward"
  skip "there is no libfaketime, or it cannot be loaded before a sanitizer"
  exit
fi

it "a clock that goes forward by hours: the token is renewed at once"
at +0s
start_stepping forward
assert_eq 1 "$(stub_calls)" "backend calls"
# shellcheck disable=SC2034 # await evaluates it
first=$(token_now)
at +3h
await '[ "$(token_now)" != "$first" ]'
assert_ne "" "$(token_now)" "token"
assert_log forward "warning .* the wall clock was set forward by 1[0-9]+ s, or the machine was paused; 1 tokens"

it "once"
quiet 2

it "a clock that goes back by hours, or forward by seconds, is nothing"
at +1h
quiet 2
at +3620s
quiet 2

it "so that a step forward from there is one again"
at +2h
await '[ "$(stub_calls)" = 3 ]'
quiet 3

it "callers are served all the while"
expect_status 200 "$URL/token"
assert_between 6000 7200 "$(json expires_in)" "expires_in"

it "a step while the backend is away is not forgotten"
stub_set "mode=close"
at +9h
await "grep -q 'renewed now' '$BB_DIR/forward.log' && [ \$(stub_calls) -ge 4 ]"
expect_status 200 "$URL/token"
before=$(token_now)
stub_set "mode=ok"
await '[ "$(token_now)" != "$before" ]' 40

it "a step while no refresher looks is found by the next"
before=$(token_now)
refresher=$(children_of "$(pid_of forward)" 'bearerd: refresher')
kill -s STOP "$(pid_of forward)"
kill -s KILL "$refresher"
at +20h
kill -s CONT "$(pid_of forward)"
await '[ -n "$(token_now)" ] && [ "$(token_now)" != "$before" ]' 15
stop forward

it "replicas on one machine that stood still make one call between them"
# shellcheck disable=SC2119 # no options
start_redis
at +0s
stub_set "mode=ok&count=reset"
start_stepping one
# shellcheck disable=SC2034 # await evaluates it
one=$URL
start_stepping two
assert_eq 1 "$(stub_calls)" "backend calls"
# shellcheck disable=SC2034 # await evaluates it
first=$(token_now)
at +3h
await '[ "$(token_now)" != "$first" ] && [ "$(URL=$one token_now)" = "$(token_now)" ]'
quiet 2
stop one
stop two

finish
